"""Sphinx extension: what a term, symbol, equation or citation means.

Each page gets the definitions of what it refers to, in boxes which the
browser opens in place (the platform's popovers); ``about.js`` shows them, and
copies the equations of the page itself. A term of the glossary becomes a link
where a chapter first uses it.
"""

import posixpath
import re
from collections.abc import Iterator
from functools import partial

from docutils import nodes
from quiz import make
from sphinx.application import Sphinx

GLOSSARY, NOTATION = "book/glossary", "book/notation"
REFERENCES = "book/references"
COMMON = {"memory", "reach", "trace", "spread"}  # often mean something else
ALL = "all"  # chapters, in the table of symbols


def cleared(node: nodes.Element) -> nodes.Element:
    """Return a copy of ``node`` without anchors and links."""
    copy = node.deepcopy()
    for link in list(copy.findall(nodes.reference)):
        link.replace_self(link.children)
    for element in copy.findall(nodes.Element):
        element["ids"], element["names"] = [], []
    return copy


class Meanings:
    """What the pages of a book define."""

    def __init__(self, app: Sphinx) -> None:
        self.app = app
        self.pages: dict[str, nodes.document] = {}

    def page(self, name: str) -> nodes.document:
        """Return the page ``name`` as it is written."""
        if name not in self.pages:
            env, builder = self.app.env, self.app.builder
            self.pages[name] = env.get_doctree(name)  # while it is resolved
            self.pages[name] = env.get_and_resolve_doctree(name, builder)
        return self.pages[name]

    def terms(self) -> Iterator[tuple[str, str]]:
        """Yield the glossary's terms and their anchors, the longest first."""
        terms = list(self.page(GLOSSARY).findall(nodes.term))
        for term in sorted(terms, key=lambda term: -len(term.astext())):
            yield term.astext(), term["ids"][0]

    def symbols(self, page: str) -> Iterator[tuple[str, nodes.Element]]:
        """Yield the formulas that ``page`` explains as symbols, and how."""
        own = page.rpartition("/")[2] + ".html"
        for row in self.page(NOTATION).findall(nodes.row):
            cells = list(row.findall(nodes.entry))
            symbol = cells[0].next_node(nodes.math)
            head = row.parent.parent.next_node(nodes.thead)
            names = [cell.astext() for cell in head.findall(nodes.entry)]
            if symbol is None or "meaning" not in names:
                continue
            if "chapter" in names:
                where = cells[names.index("chapter")]
                links = [
                    a.get("refuri") for a in where.findall(nodes.reference)
                ]
                if own not in links and where.astext() != ALL:
                    continue
            line = make("p", *cleared(cells[0].children[0]).children)
            if "shape" in names:
                shape = cells[names.index("shape")].children[0]
                line += [nodes.Text(", "), *cleared(shape).children]
            meaning = cells[names.index("meaning")].children[0]
            line += [nodes.Text(": "), *cleared(meaning).children]
            yield symbol.astext(), line

    def at(self, page: str, anchor: str) -> list[nodes.Node]:
        """Return what ``anchor`` defines; nothing if it leads elsewhere."""
        if page == GLOSSARY:
            for term in self.page(GLOSSARY).findall(nodes.term):
                if anchor in term["ids"]:
                    definition = term.parent.next_node(nodes.definition)
                    name = make("strong", nodes.Text(term.astext()))
                    return [make("p", name), *cleared(definition).children]
        elif page == REFERENCES:
            for citation in self.page(REFERENCES).findall(nodes.citation):
                if anchor in citation["ids"]:
                    source = citation.next_node(nodes.paragraph)
                    return [cleared(source)]
        elif anchor.startswith("equation-"):
            label = anchor.removeprefix("equation-")
            doctree = self.app.env.get_doctree(page)
            for formula in doctree.findall(nodes.math_block):
                if formula.get("label") == label:
                    text = formula.astext()
                    alone = {"nowrap": False, "number": None, "label": None}
                    return [nodes.math_block(text, text, **alone)]
        return []


def link_terms(
    meanings: Meanings, doctree: nodes.document, glossary: str
) -> None:
    """Make a term a link where the page uses it first in its text."""
    waiting = {t: a for t, a in meanings.terms() if t not in COMMON}
    for strong in doctree.findall(nodes.strong):  # it is explained here
        waiting.pop(strong.astext().lower(), None)
    for text in list(doctree.findall(nodes.Text)):
        if not isinstance(text.parent, nodes.paragraph):
            continue  # what is a link, bold, code or a title stays so
        for term, anchor in waiting.items():
            word = rf"(?<![\w-]){re.escape(term)}s?(?![\w-])"
            match = re.search(word, text, re.IGNORECASE)
            if match:
                link = nodes.reference(
                    "",
                    match[0],
                    internal=True,
                    refuri=f"{glossary}#{anchor}",
                )
                link["classes"].append("term")
                before, after = text[: match.start()], text[match.end() :]
                line = text.parent
                at = line.index(text)
                line[at : at + 1] = [
                    nodes.Text(before),
                    link,
                    nodes.Text(after),
                ]
                del waiting[term]
                break


def explain(
    meanings: Meanings, app: Sphinx, doctree: nodes.document, page: str
) -> None:
    """Add to ``page`` the boxes for what it refers to."""
    if app.builder.format != "html" or page in (
        GLOSSARY,
        NOTATION,
        REFERENCES,
    ):
        return
    if doctree.next_node(nodes.container):  # a chapter, or the exercises
        glossary = app.builder.get_relative_uri(page, GLOSSARY)
        link_terms(meanings, doctree, glossary)
    boxes: dict[str, nodes.Element] = {}

    def box(key: str, content: list[nodes.Node]) -> None:
        attributes = {"popover": "auto", "data-about": key}
        boxes[key] = make("div", *content, class_="about", **attributes)

    for link in doctree.findall(nodes.reference):
        address = link.get("refuri", "")
        target, _, anchor = address.partition("#")
        if "://" in target or not (target and anchor) or address in boxes:
            continue
        there = posixpath.join(posixpath.dirname(page), target)
        name = posixpath.normpath(there).removesuffix(".html")
        content = meanings.at(name, anchor)
        if content:
            box(address, content)
    symbols = dict(reversed(list(meanings.symbols(page))))
    for formula in list(doctree.findall(nodes.math)):
        text = formula.astext()
        if text in symbols and isinstance(formula.parent, nodes.inline):
            key = f"symbol {text}"
            if key not in boxes:
                box(key, [symbols[text]])
            span = make("span", class_="symbol", **{"data-about": key})
            formula.replace_self(span)
            span += formula
    if boxes:
        doctree.next_node(nodes.section).extend(boxes.values())


def setup(app: Sphinx) -> dict[str, bool]:
    """Run after the other extensions have changed the page."""
    app.connect(
        "doctree-resolved", partial(explain, Meanings(app)), priority=600
    )
    return {"parallel_read_safe": True, "parallel_write_safe": True}
