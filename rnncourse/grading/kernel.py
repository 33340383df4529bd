"""The kernel in which a student works: which cell runs, from which notebook, and what was run before."""

import contextlib
import html
import json
import os
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple


class Run(NamedTuple):
    """What was run last of a cell, and when."""

    source: str
    when: float


_before: dict[str, Any] = {}
_runs: dict[str, Run] = {}


def shell() -> Any:
    """Return IPython's shell; nothing where there is none, as in a judge, which needs nothing of IPython."""
    return sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None


def cell_id() -> str:
    """Return the id of the cell that is running, if a person runs it: JupyterLab and Visual Studio Code tell it.

    What runs notebooks by itself, nbval, nbclient or nbgrader, does not.
    """
    with contextlib.suppress(AttributeError, LookupError, TypeError):
        return str(shell().kernel.get_parent()["metadata"].get("cellId") or "")
    return ""


def source() -> str:
    """Return the source of the cell that is running."""
    return shell().user_ns["In"][-1]


def notebook() -> Path | None:
    """Return the path of the notebook, if the server that has started the kernel tells it."""
    with contextlib.suppress(AttributeError):
        path = shell().user_ns.get("__vsc_ipynb_file__") or os.environ.get("JPY_SESSION_NAME", "")
        return Path(path) if path.endswith(".ipynb") else None
    return None


def plain(names: dict[str, Any]) -> dict[str, Any]:
    """Return those of ``names`` that a student or a check may have bound; the others are IPython's and Python's."""
    return {name: value for name, value in names.items() if name == "_" or not name.startswith("_")}


def watch() -> None:
    """From now on, keep what :func:`names_before` and :func:`has_changed` tell."""
    if shell() is not None and _remember not in shell().events.callbacks["pre_run_cell"]:
        shell().events.register("pre_run_cell", _remember)


def _remember(info: Any) -> None:
    _before.clear()
    _before.update(plain(shell().user_ns))
    if cell := getattr(info, "cell_id", None):
        _runs[cell] = Run(info.raw_cell, time.time())


def names_before() -> dict[str, Any]:
    """Return the names that were there, with their values, before the cell that is running began."""
    return _before


def has_changed(name: str) -> bool:
    """Return whether the saved notebook holds another source in the cell ``name`` than what was run of it last.

    What was changed and not yet saved cannot be known here. JupyterLab saves by itself every two minutes.
    """
    path = notebook()
    try:
        if path is None or name not in _runs or path.stat().st_mtime <= _runs[name].when:
            return False
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        saved = ["".join(cell["source"]) for cell in cells if cell.get("id") == name]
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return bool(saved) and saved[0].strip() != _runs[name].source.strip()


COLORS = {"passed": ("#1a7f37", "#dafbe1"), "open": ("#7d4e00", "#fff8c5")}


def show(text: str, kind: str) -> None:
    """Show ``text``: in a person's notebook as a line in the colors of ``kind``, elsewhere plain."""
    if not cell_id():
        print(text)
        return
    from IPython.display import display

    ink, paper = COLORS[kind]
    sign = "✓" if kind == "passed" else "○"
    style = f"color: {ink}; background: {paper}; border-left: 4px solid {ink}; padding: 4px 10px"
    line = f'<div role="status" style="{style}"><b>{sign}</b> {html.escape(text)}</div>'
    display({"text/plain": text, "text/html": line}, raw=True)
