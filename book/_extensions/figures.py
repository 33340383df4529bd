"""Sphinx extension: the figures that cells draw.

In a notebook each figure stands for itself: its caption has no number, and
formulas between dollar signs; one that moves brings its style sheet and its
script along. On the page captions are numbered, their formulas are typeset,
and all figures share one style sheet and one script.
"""

import re
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import count

from docutils import nodes
from formulas import replaced
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

CAPTION = re.compile(r"(<figcaption[^>]*>)(.*?)(?=</figcaption>)", re.DOTALL)
FORMULA = re.compile(r"\$([^$]+)\$")
STYLE = re.compile(r"<style>.*?</style>\n", re.DOTALL)
ID = re.compile(r"\b[pe][0-9a-f]{8}-\w+")  # as rnncourse.figures makes them
SCRIPT = re.compile(r"<script>.*?</script>", re.DOTALL)


def formula(match: re.Match[str]) -> str:
    """Return a formula as the page's other formulas are written."""
    tex = rf"\({match[1]}\)"
    shown = replaced(tex) if find_spec("py_mini_racer") else tex
    return f'<span class="math notranslate nohighlight">{shown}</span>'


def numbered(source: str, chapter: str, numbers: Iterator[int]) -> str:
    """Return HTML whose captions have the next ``numbers``."""

    def caption(match: re.Match[str]) -> str:
        text = FORMULA.sub(formula, match[2])
        return f"{match[1]}<b>Figure {chapter}{next(numbers)}.</b> {text}"

    return CAPTION.sub(caption, source)


def shared(sources: list[str]) -> list[str]:
    """Return figures without the style sheet that an earlier one has.

    The same holds for the script that a later one has: it runs when all
    figures are there.
    """
    for pattern, order in ((STYLE, 1), (SCRIPT, -1)):
        seen: set[str] = set()
        kept = []
        for source in sources[::order]:
            for part in pattern.findall(source):
                if part in seen:
                    source = source.replace(part, "")
                seen.add(part)
            kept.append(source)
        sources = kept[::order]
    return sources


def shortened(sources: list[str]) -> list[str]:
    """Return figures whose ids, a tenth of their bytes, are short."""
    names: dict[str, str] = {}

    def short(match: re.Match[str]) -> str:
        return names.setdefault(match[0], f"f{len(names):x}")

    return [ID.sub(short, source) for source in sources]


class Figures(SphinxPostTransform):
    """Number the figures of a page, and let them share what they can."""

    default_priority = 200
    formats = ("html",)

    def run(self) -> None:
        """Rewrite the outputs of cells that hold figures."""
        sections = self.env.toc_secnumbers.get(self.env.docname, {})
        chapter = "".join(f"{n}." for n in sections.get("", ()))
        numbers = count(1)
        figures = [
            node
            for node in self.document.findall(nodes.raw)
            if node.get("format") == "html" and "<fig" in node.astext()
        ]
        sources = [numbered(f.astext(), chapter, numbers) for f in figures]
        for figure, source in zip(
            figures, shortened(shared(sources)), strict=True
        ):
            figure.children = [nodes.Text(source)]


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the transform."""
    app.add_post_transform(Figures)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
