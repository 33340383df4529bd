"""Sphinx extension: pages that ask the network for nothing."""

import shutil
from importlib.util import find_spec
from pathlib import Path

from sphinx.application import Sphinx

# The part of MathJax that tex-svg.js loads; the whole has ten times the size.
MATHJAX = ["tex-svg.js", "input/tex/extensions"]


def copy_mathjax(app: Sphinx, error: Exception | None) -> None:
    """Copy MathJax from its wheel into the book, if the pages need it."""
    if error or app.builder.format != "html":
        return
    if app.config.html_math_renderer == "typeset":
        return
    spec = find_spec("sphinx-mathjax-offline")
    if spec is None or spec.origin is None:
        raise RuntimeError(
            "sphinx-mathjax-offline is not installed: run make book"
        )
    source, target = (
        Path(spec.origin).parent / "static" / "mathjax",
        Path(app.outdir) / "_static" / "mathjax",
    )
    for name in MATHJAX:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        if (source / name).is_dir():
            shutil.copytree(source / name, target / name, dirs_exist_ok=True)
        else:
            shutil.copy(source / name, target / name)


def drop_thebe(
    app: Sphinx, page: str, template: str, context: dict, doctree: object
) -> None:
    """Leave out the scripts of sphinx-thebe, which Jupyter Book always loads.

    They ask a server for theirs.
    """
    context["script_files"] = [
        file
        for file in context.get("script_files", [])
        if "thebe" not in repr(vars(file)).lower()
    ]


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("html-page-context", drop_thebe, priority=900)
    app.connect("build-finished", copy_mathjax)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
