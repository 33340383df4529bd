"""Sphinx extension: what the theme leaves out of a page's HTML."""

import html
import re
import textwrap
import unicodedata

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

LENGTH = 160  # characters; search engines show no more
OPENING = r"[(\[“‘–]+$"
CLOSING = r"^[.,:;?!)\]”’\-\u2011]+"
OPERATORS = {"cdot": "·", "times": "×", "le": "≤", "ge": "≥", "dots": "…"}
COMMAND = 20  # characters; code as short as that is not broken in two


def plain_formula(tex: str) -> str:
    r"""Return a formula as text: ``\mathbf{X}_t`` reads ``X_t``."""

    def letter(command: re.Match[str]) -> str:
        name = f"GREEK SMALL LETTER {command[1].upper()}"
        try:
            return unicodedata.lookup(name.replace("LAMBDA", "LAMDA"))
        except KeyError:
            return OPERATORS.get(command[1], command[1])

    tex = re.sub(r"\\(?:math\w+|lvert|rvert|,)", "", tex)
    return re.sub(r"[\\{}]", "", re.sub(r"\\([a-z]+)", letter, tex))


def summary(page: nodes.document) -> str:
    """Return the beginning of the first paragraph of ``page``, as text."""
    for section in page.findall(nodes.section):
        for paragraph in section.children:
            if isinstance(paragraph, nodes.paragraph):
                paragraph = paragraph.deepcopy()
                for formula in list(paragraph.findall(nodes.math)):
                    text = plain_formula(formula.astext())
                    formula.replace_self(nodes.Text(text))
                text = paragraph.astext()
                return textwrap.shorten(text, LENGTH, placeholder=" …")
    return ""


def describe(
    app: Sphinx,
    page: str,
    template: str,
    context: dict,
    doctree: nodes.document | None,
) -> None:
    """Add the page's description, which search engines show."""
    text = summary(doctree) if doctree else ""
    title = html.unescape(re.sub("<.*?>", "", context.get("title", "")))
    text = text or f"{title}: {app.config.project}"
    tag = f'<meta name="description" content="{html.escape(text)}" />'
    context["metatags"] = context.get("metatags", "") + tag


def keep_together(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Keep a line from ending between a formula and its punctuation.

    Browsers may break a line on either side of what MathJax draws.
    """
    for literal in doctree.findall(nodes.literal):
        if len(literal.astext()) <= COMMAND:
            literal["classes"].append("together")
    for formula in list(doctree.findall(nodes.math)):
        line = formula.parent
        at = line.index(formula)
        before, after = line[at - 1 : at], line[at + 1 : at + 2]
        opening = before and re.search(OPENING, before[0].astext())
        closing = after and re.search(CLOSING, after[0].astext())
        line[at] = together = nodes.inline(classes=["together"])
        if opening and isinstance(before[0], nodes.Text):
            line[at - 1] = nodes.Text(before[0][: opening.start()])
            together += nodes.Text(opening[0])
        together += formula
        if closing and isinstance(after[0], nodes.Text):
            line[at + 1] = nodes.Text(after[0][closing.end() :])
            together += nodes.Text(closing[0])


def visit_citation(self: HTML5Translator, node: nodes.citation) -> None:
    """Open an item of a list; docutils' role for it does not belong there."""
    HTML5Translator.visit_citation(self, node)
    self.body[-1] = self.body[-1].replace("doc-biblioentry", "listitem")


def visit_entry(self: HTML5Translator, node: nodes.entry) -> None:
    """Open a table's cell; the empty one in the corner is no header."""
    HTML5Translator.visit_entry(self, node)
    if not node.astext().strip():
        self.body[-1] = self.body[-1].replace("<th", "<td")
        self.context[-1] = self.context[-1].replace("</th", "</td")


def skip_field(
    app: Sphinx, what: str, name: str, value: object, *rest: object
) -> bool | None:
    """Leave out a named tuple's fields, which its signature lists."""
    docstring = getattr(value, "__doc__", None) or ""
    field = docstring.startswith("Alias for field number")
    return True if field or name == "model_config" else None


def plain_shapes(
    app: Sphinx,
    what: str,
    name: str,
    value: object,
    options: object,
    signature: str | None,
    returns: str | None,
) -> tuple[str | None, str | None]:
    """Write the shape ``n {self.h}`` as ``n h``, as the text does."""

    def plain(text: str | None) -> str | None:
        return text and re.sub(r"\{self\.(\w+)\}", r"\1", text)

    return plain(signature), plain(returns)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register what this extension adds and replaces."""
    app.connect("autodoc-skip-member", skip_field)
    app.connect("autodoc-process-signature", plain_shapes)
    html5 = HTML5Translator
    for node, visit, depart in (
        (nodes.citation, visit_citation, html5.depart_citation),
        (nodes.entry, visit_entry, html5.depart_entry),
    ):
        app.add_node(node, override=True, html=(visit, depart))
    app.connect("doctree-resolved", keep_together)
    app.connect("html-page-context", describe)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
