"""Sphinx extension: pages without scripts that do nothing for them."""

import re

from sphinx.application import Sphinx

# sphinx-thebe asks a server for scripts of its own; no page has tabs; and
# the search marks the words in its own results.
SUPERFLUOUS = re.compile("thebe|design-tabs|sphinx_highlight", re.IGNORECASE)


def drop(
    app: Sphinx, page: str, template: str, context: dict, doctree: object
) -> None:
    """Leave out scripts that Jupyter Book and Sphinx always load."""
    context["script_files"] = [
        file
        for file in context.get("script_files", [])
        if not SUPERFLUOUS.search(repr(vars(file)))
    ]


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("html-page-context", drop, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
