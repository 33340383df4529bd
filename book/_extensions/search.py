"""Sphinx extension: a search that finds sections and shows where.

Sphinx's own search fetches each page to show an excerpt, which browsers
refuse for pages on disk. Here a script holds the text of all sections.
"""

import json
import re
from functools import partial
from itertools import chain
from pathlib import Path

from docutils import nodes
from pages import plain_formula
from sphinx import addnodes
from sphinx.application import Sphinx

Entry = dict[str, str]
TEXT = (nodes.paragraph, nodes.term, nodes.caption, nodes.entry)


def titled(node: nodes.Node) -> tuple[str, str] | None:
    """Return the title and the anchor of what a result may lead to.

    These are sections, functions and classes, and terms of the glossary.
    """
    if isinstance(node, nodes.section):
        title = node.next_node(nodes.title)
        return (title.astext(), node["ids"][0]) if title else None
    if isinstance(node, addnodes.desc):
        signature = node.next_node(addnodes.desc_signature)
        if signature["ids"]:
            return signature["ids"][0], signature["ids"][0]
    if isinstance(node, nodes.definition_list_item):
        term = node.next_node(nodes.term)
        if term["ids"] and isinstance(node.parent.parent, addnodes.glossary):
            return term.astext(), term["ids"][0]
    return None


def entries(doctree: nodes.document, numbers: dict) -> list[Entry]:
    """Return each section of a page with the text that is its own."""
    listed: list[Entry] = []

    def walk(node: nodes.Node, entry: Entry | None) -> None:
        heading = titled(node)
        if heading:
            title, anchor = heading
            first = not listed
            number = numbers.get("" if first else f"#{anchor}", ())
            label = ".".join(map(str, number))
            entry = {
                "title": f"{label}. {title}" if label else title,
                "anchor": "" if first else f"#{anchor}",
                "text": "",
            }
            listed.append(entry)
        if isinstance(node, nodes.Element) and "about" in node["classes"]:
            return  # it stands elsewhere, too
        if entry and isinstance(node, TEXT):
            entry["text"] += " " + node.astext()
        elif not isinstance(node, (nodes.title, addnodes.desc_signature)):
            for child in node.children:
                walk(child, entry)

    walk(doctree, None)
    return listed


def collect(
    searched: dict[str, list[Entry]],
    app: Sphinx,
    page: str,
    template: str,
    context: dict,
    doctree: nodes.document | None,
) -> None:
    """Keep the text of a page until all are written."""
    if doctree is None:
        return
    doctree = doctree.deepcopy()
    for formula in list(doctree.findall(nodes.math)):
        formula.replace_self(nodes.Text(plain_formula(formula.astext())))
    numbers = app.env.toc_secnumbers.get(page, {})
    sections = entries(doctree, numbers)
    for entry in sections:
        entry["text"] = re.sub(r"\s+", " ", entry["text"]).strip()
        entry["url"] = page + app.builder.link_suffix + entry.pop("anchor")
        entry["page"] = sections[0]["title"]
    searched[page] = sections


def write(
    searched: dict[str, list[Entry]], app: Sphinx, error: Exception | None
) -> None:
    """Write the script with all texts."""
    if error or app.builder.format != "html":
        return
    entries_of_all = [*chain.from_iterable(searched.values())]
    text = json.dumps(
        entries_of_all, ensure_ascii=False, separators=(",", ":")
    )
    file = Path(app.outdir, "_static", "search", "sections.js")
    file.write_text(f"const SECTIONS = {text};\n", encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Collect while the pages are written."""
    searched: dict[str, list[Entry]] = {}
    app.connect("html-page-context", partial(collect, searched))
    app.connect("build-finished", partial(write, searched))
    return {"parallel_read_safe": True, "parallel_write_safe": False}
