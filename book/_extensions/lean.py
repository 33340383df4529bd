"""Sphinx extension: pages, style sheets and icons without what shows nothing.

Names and punctuation in code have the color of plain text, and yet each an
element of its own. The theme's style sheets hold the whole of Bootstrap and
of Font Awesome, and its font has 1400 icons; the book uses a tenth of the
rules and 15 icons.
"""

import logging
import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

import tinycss2
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from sphinx.application import Sphinx
from tinycss2.ast import Node, QualifiedRule

NAMES = re.compile(r"\b(?:class|id)=\"([^\"]*)\"")
SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script>", re.DOTALL)
SOURCE = re.compile(r"src=\"([^\"?]*)")
WORD = re.compile(r"[\w-]+")
ICON = re.compile("[\ue000-\uf8ff]")  # what Unicode leaves to fonts
PLAIN = re.compile(r"<span class=\"(?:n|nn|p|w)\">([^<]*)</span>")
WOFF2 = re.compile(r"url\([^)]*\.woff2\) format\(\"woff2\"\),\s*")


def used(pages: Iterable[Path]) -> set[str]:
    """Return all names, of a class or an id, that an element may have.

    A script may give an element any name that is a word in it.
    """
    names: set[str] = set()
    files: set[Path] = set()
    for page in pages:
        html = page.read_text(encoding="utf-8")
        for text in NAMES.findall(html):
            names.update(text.split())
        for attributes, text in SCRIPT.findall(html):
            names.update(WORD.findall(text))
            sources = SOURCE.findall(attributes)
            files.update((page.parent / url).resolve() for url in sources)
    for file in [file for file in files if file.name == "network.js"]:
        files.update(file.parent.glob("*.js"))  # it loads them
        files.update(file.parents[1].glob("computed/*.js"))
    for file in files:
        if "mathjax" not in file.parts:  # it brings styles of its own
            names.update(WORD.findall(file.read_text(encoding="utf-8")))
    return names


def selectors(prelude: list[Node]) -> Iterator[list[Node]]:
    """Yield the selectors that a rule has, without the commas."""
    selector: list[Node] = []
    for node in prelude:
        if node == ",":
            yield selector
            selector = []
        else:
            selector.append(node)
    yield selector


def may_match(selector: list[Node], names: set[str], begin: tuple) -> bool:
    """Return whether some element may have the names in ``selector``.

    What is in parentheses counts as met, as in ``:not(.name)``.
    """
    wanted = [b.value for a, b in pairwise(selector) if a == "."]
    wanted += [node.value for node in selector if node.type == "hash"]
    return all(name in names or name.startswith(begin) for name in wanted)


def lean(rules: list[Node], names: set[str], begin: tuple) -> str:
    """Return style sheet's ``rules`` without those that match nothing."""
    kept = []
    for rule in rules:
        if rule.type == "comment" and rule.value.startswith("!"):
            kept.append(rule.serialize())  # a licence
        elif isinstance(rule, QualifiedRule):
            some = selectors(rule.prelude)
            some = [s for s in some if may_match(s, names, begin)]
            if some:
                head = ",".join(tinycss2.serialize(s).strip() for s in some)
                body = tinycss2.serialize(rule.content).strip()
                kept.append(f"{head}{{{body}}}")
        elif rule.type == "at-rule":
            if rule.at_keyword in ("media", "supports"):
                inner = tinycss2.parse_rule_list(rule.content)
                body = lean(inner, names, begin)
                head = tinycss2.serialize(rule.prelude)
                if body:
                    kept.append(f"@{rule.at_keyword}{head}{{\n{body}\n}}")
            else:
                kept.append(rule.serialize())
    return "\n".join(kept)


def subset(font: Path, characters: set[int]) -> None:
    """Leave in a TrueType font only the ``characters``."""
    with TTFont(font) as opened:
        options = Options(hinting=False, layout_features=[])
        subsetter = Subsetter(options)
        subsetter.populate(unicodes=characters)
        subsetter.subset(opened)
        opened.save(font)


def finish(app: Sphinx, error: Exception | None) -> None:
    """Replace the style sheets and the icons' fonts of the built book."""
    if error or app.builder.format != "html":
        return
    out = Path(app.outdir)
    static = out / "_static"
    pages = [p for p in out.rglob("*.html") if static not in p.parents]
    for page in pages:
        html = page.read_text(encoding="utf-8")
        page.write_text(PLAIN.sub(r"\1", html), encoding="utf-8")
    names = used(pages)
    # In a script "bs-tooltip-" is the beginning of several names.
    begin = tuple(name for name in names if re.match(r"\w+.*-$", name))
    icons: set[int] = set()
    for file in static.rglob("*.css"):
        rules = tinycss2.parse_stylesheet(file.read_text(encoding="utf-8"))
        text = WOFF2.sub("", lean(rules, names, begin))
        file.write_text(text, encoding="utf-8")
        icons.update(map(ord, ICON.findall(text)))
    for font in static.glob("vendor/fontawesome/webfonts/*.ttf"):
        subset(font, icons)
        font.with_suffix(".woff2").unlink(missing_ok=True)


def setup(app: Sphinx) -> dict[str, bool]:
    """Run after everything else is written."""
    # It reports every table of every font.
    logging.getLogger("fontTools").setLevel(logging.WARNING)
    app.connect("build-finished", finish, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
