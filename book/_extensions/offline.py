"""Sphinx extension: pages that ask the network for nothing."""

from sphinx.application import Sphinx


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
    return {"parallel_read_safe": True, "parallel_write_safe": True}
