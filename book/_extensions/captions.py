"""Sphinx extension: captions of the figures that cells draw.

In a notebook a caption is text with formulas between dollar signs. On the
page it begins with the figure's number, and its formulas are typeset.
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


def formula(match: re.Match[str]) -> str:
    """Return a formula as the page's other formulas are written."""
    tex = rf"\({match[1]}\)"
    shown = replaced(tex) if find_spec("py_mini_racer") else tex
    return f'<span class="math notranslate nohighlight">{shown}</span>'


class Captions(SphinxPostTransform):
    """Number the figures of a page and typeset what their captions say."""

    default_priority = 200
    formats = ("html",)

    def run(self) -> None:
        """Rewrite the captions, which are in the outputs of cells."""
        sections = self.env.toc_secnumbers.get(self.env.docname, {})
        chapter = "".join(f"{n}." for n in sections.get("", ()))
        numbers = count(1)
        for output in self.document.findall(nodes.raw):
            if output.get("format") == "html" and "<figcap" in output.astext():
                numbered = self.numbered(output.astext(), chapter, numbers)
                output.children = [nodes.Text(numbered)]

    @staticmethod
    def numbered(source: str, chapter: str, numbers: Iterator[int]) -> str:
        """Return HTML whose captions have the next ``numbers``."""

        def caption(match: re.Match[str]) -> str:
            text = FORMULA.sub(formula, match[2])
            return f"{match[1]}<b>Figure {chapter}{next(numbers)}.</b> {text}"

        return CAPTION.sub(caption, source)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the transform."""
    app.add_post_transform(Captions)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
