"""Sphinx extension: formulas are typeset when the book is built.

The MathJax that typesets them in the page otherwise runs here, in V8. A page
then holds each formula as a drawing, as MathML for screen readers, and as TeX
for whoever copies it; it loads no script for them. Where there is no V8, the
pages typeset the formulas themselves.
"""

import html
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.ext.mathjax import html_visit_displaymath, html_visit_math
from sphinx.util import logging

SCRIPTS = [
    "core.js",
    "loader.js",
    "adaptors/liteDOM.js",
    "input/tex-full.js",
    "output/svg.js",
    "output/svg/fonts/tex.js",
]
# The part of MathJax that a page loads; the whole has ten times the size.
IN_PAGE = ["tex-svg.js", "input/tex/extensions"]
TYPESET = Path(__file__).with_suffix(".js")

FORMULA = """<mjx-container{display}>\
<span aria-hidden="true">{drawing}</span>\
<span class="mathml">{mathml}</span>\
<span class="tex" aria-hidden="true">{tex}</span></mjx-container>"""

DELIMITED = re.compile(
    r"\\\((.*?)\\\)|\\\[(.*?)\\\]|(\\begin\{.*\\end\{[^}]*\})", re.DOTALL
)
# A glyph has a long name, and says what all glyphs have in common.
GLYPH = re.compile(r'<path id="MJX-TEX-([^"]+)" d="([^"]*)"></path>')
USED = re.compile(r'href="#glyph-([^"]+)"')
SPACE = re.compile(r">\s+<")
SUPERFLUOUS = re.compile(
    r" (data-[\w-]+|xmlns(:xlink)?|role|focusable|fill|stroke|stroke-width)"
    r'="[^"]*"'
)

glyphs: dict[str, str] = {}


def mathjax() -> Path:
    """Return the folder of MathJax, which a wheel brings."""
    spec = find_spec("sphinx-mathjax-offline")
    if spec is None or spec.origin is None:
        raise RuntimeError(
            "sphinx-mathjax-offline is not installed: run make book"
        )
    return Path(spec.origin).parent / "static" / "mathjax"


def serve() -> None:
    """Answer each formula on standard input with one line of JSON.

    V8 has a process of its own, since its threads keep one from ending.
    """
    from py_mini_racer import MiniRacer

    engine = MiniRacer()
    engine.eval("var MathJax = {loader: {load: []}}")
    for file in (*(mathjax() / name for name in SCRIPTS), TYPESET):
        engine.eval(file.read_text(encoding="utf-8"))
    for line in sys.stdin:
        print(engine.eval(f"JSON.stringify(typeset(...{line}))"), flush=True)
    engine.close()


@cache
def server() -> subprocess.Popen[str]:
    """Start the process that typesets; it ends with this one."""
    return subprocess.Popen(
        [sys.executable, __file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@cache
def typeset(tex: str, display: bool) -> str:
    """Return a formula as HTML; its glyphs stand once on the page.

    Raises:
        ValueError: if MathJax cannot read the formula.
    """
    process = server()
    assert process.stdin is not None
    assert process.stdout is not None
    print(json.dumps([tex, display]), file=process.stdin, flush=True)
    drawing, mathml, known = json.loads(process.stdout.readline())
    if "data-mjx-error" in drawing:
        raise ValueError(f"{tex}: {drawing}")
    glyphs.update(GLYPH.findall(known))
    return FORMULA.format(
        display=' display="true"' if display else "",
        drawing=lean(drawing)
        .replace('xlink:href="#MJX-TEX-', 'href="#glyph-')
        .replace("></use>", "/>"),
        mathml=lean(mathml),
        tex=html.escape(f"\\[{tex}\\]" if display else f"\\({tex}\\)"),
    )


def lean(drawing: str) -> str:
    """Return SVG or MathML without what no page needs."""
    return SUPERFLUOUS.sub("", SPACE.sub("><", drawing))


def replaced(source: str) -> str:
    """Return the HTML with each formula in it typeset."""

    def formula(match: re.Match[str]) -> str:
        inline, display, environment = match.groups()
        tex = html.unescape(inline or display or environment)
        return typeset(tex.strip(), inline is None)

    return DELIMITED.sub(formula, source)


def typesetting(visit: Callable[..., None]) -> Callable[..., None]:
    """Return a visitor that typesets what another leaves to the page."""

    def visit_and_typeset(self: Any, node: nodes.Element) -> None:
        begin = len(self.body)
        try:
            visit(self, node)
        finally:
            source = "".join(self.body[begin:])
            self.body[begin:] = [replaced(source)]

    return visit_and_typeset


def add_glyphs(
    app: Sphinx, page: str, template: str, context: dict, doctree: object
) -> None:
    """Write the glyphs of a page's formulas at its end."""
    names = sorted(set(USED.findall(context.get("body", ""))))
    if names:
        defs = "".join(
            f'<path id="glyph-{name}" d="{glyphs[name]}"/>' for name in names
        )
        context["body"] += (
            '<svg class="glyphs" aria-hidden="true" width="0" height="0">'
            f"<defs>{defs}</defs></svg>"
        )


def copy_mathjax(app: Sphinx, error: Exception | None) -> None:
    """Copy MathJax into the book, whose pages typeset their formulas."""
    if error or app.builder.format != "html":
        return
    target = Path(app.outdir) / "_static" / "mathjax"
    for name in IN_PAGE:
        source = mathjax() / name
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target / name, dirs_exist_ok=True)
        else:
            shutil.copy(source, target / name)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the renderer, which Sphinx then uses, if there is V8."""
    if find_spec("py_mini_racer"):
        app.add_html_math_renderer(
            "typeset",
            (typesetting(html_visit_math), None),
            (typesetting(html_visit_displaymath), None),
        )
        app.connect("html-page-context", add_glyphs)
    else:
        logging.getLogger(__name__).info(
            "mini-racer is not installed: the pages typeset their formulas"
            " themselves, with MathJax"
        )
        app.connect("build-finished", copy_mathjax)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


if __name__ == "__main__":
    serve()
