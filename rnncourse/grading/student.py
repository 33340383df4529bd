"""What a student types in an exercise's notebook: ``hint``, ``solution`` and ``progress``.

Hints and solutions are read from ``solution.ipynb`` beside the notebook, and the progress is kept in a file there;
nothing is sent anywhere.
"""

import contextlib
import functools
import hashlib
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from nbformat import NotebookNode

from rnncourse import notebooks

if TYPE_CHECKING:
    from IPython.display import Markdown

SOURCE, PROGRESS = Path("solution.ipynb"), Path(".progress.json")
TEST = "RNNCOURSE_TEST"  # set in the environment: this is no student at work


class UnknownExercise(ValueError):
    """No exercise of this folder has that name; the message is all that Jupyter shows."""

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]


def hint(exercise: str) -> "Markdown":
    """Show the next hint of ``exercise``; after the last one, all of them.

    Raises:
        UnknownExercise: if there is no such exercise.
    """
    from IPython.display import Markdown

    hints = _hints(exercise)
    shown = min(_read(exercise).get("hints", 0) + 1, len(hints))
    keep(exercise, hints=shown)
    return Markdown("\n\n".join(f"**Hint {i + 1} of {len(hints)}.** {hints[i]}" for i in range(shown)))


def solution(exercise: str) -> "Markdown":
    """Show the solution of ``exercise``, and why it is right.

    Raises:
        UnknownExercise: if there is no such exercise.
    """
    from IPython.display import Markdown

    code = re.sub(r"^[ \t]*### (BEGIN|END) SOLUTION\n?", "", _cell(exercise, exercise), flags=re.MULTILINE)
    return Markdown(f"```python\n{code.rstrip()}\n```\n\n{_cell(exercise, f'{exercise}-why')}")


def progress() -> None:
    """Print how many checks of each exercise of this folder passed when last run, and how many hints were shown."""
    if not SOURCE.exists():
        print(f"nothing is kept, since there is no {SOURCE} here")
    for exercise in _exercises():
        state, total = _read(exercise), _check_count(exercise)
        passed = min(sum(state.get("checks", {}).values()), total)
        print(f"{exercise:<24} {f'{passed} of {total} checks passed':<24} hints: {state.get('hints', 0)}")


@contextlib.contextmanager
def grading(path: Path) -> Iterator[None]:
    """Take the hints from the notebook at ``path`` and keep no progress, until the block ends."""
    global SOURCE
    before = SOURCE, os.environ.get(TEST)
    SOURCE, os.environ[TEST] = path, "1"
    try:
        yield
    finally:
        SOURCE = before[0]
        os.environ.pop(TEST)
        if before[1] is not None:
            os.environ[TEST] = before[1]


def hint_after_failure(exercise: str, found: str) -> str:
    """Return the hint that a check adds to what it ``found``: the last one shown, or one further.

    One further is for a check that has found something else before: the student has tried something since.
    """
    if not SOURCE.exists():
        return ""
    hints = _hints(exercise)
    before, cell = _read(exercise), _running_cell()
    shown, earlier = before.get("hints", 0), before.get("found")
    earlier = earlier if isinstance(earlier, dict) else {}
    if shown == 0 or earlier.get(cell, found) != found:
        shown = min(shown + 1, len(hints))
    keep(exercise, hints=shown, found={**earlier, cell: found})
    return f"Hint {shown} of {len(hints)}: {hints[shown - 1]}"


def keep_check(exercise: str, passed: bool) -> None:
    """Keep whether the check cell that is running has passed."""
    if cell := _running_cell():
        keep(exercise, checks={**_read(exercise).get("checks", {}), cell: passed})


def _running_cell() -> str:
    """Return what tells the cell that is running apart from others; nothing where no student is at work in Jupyter."""
    if TEST in os.environ:
        return ""
    from IPython.core.getipython import get_ipython  # here, since a judge needs nothing of IPython

    shell = get_ipython()
    return "" if shell is None else hashlib.sha256(shell.user_ns["In"][-1].encode()).hexdigest()[:8]


def keep(exercise: str, **state: object) -> None:
    """Add ``state`` to what is kept of ``exercise``, unless this is a test run, which leaves the student's progress."""
    if TEST in os.environ or not SOURCE.exists():
        return
    everything = _all()
    everything[exercise] = {**everything.get(exercise, {}), **state}
    aside = PROGRESS.with_suffix(".part")
    aside.write_text(json.dumps(everything, indent=1))
    aside.replace(PROGRESS)


def _all() -> dict[str, dict]:
    if TEST in os.environ:
        return {}
    try:
        found = json.loads(PROGRESS.read_text())
    except (OSError, ValueError):
        return {}
    return {name: kept for name, kept in found.items() if isinstance(kept, dict)} if isinstance(found, dict) else {}


def _read(exercise: str) -> dict:
    return _all().get(exercise, {})


def _exercises() -> list[str]:
    cells = _cells() if SOURCE.exists() else []
    return [cell.id for cell in cells if cell.metadata.get("nbgrader", {}).get("solution")]


def _check_count(exercise: str) -> int:
    """The number of check cells between the solution of ``exercise`` and the next one."""
    current, count = "", 0
    for cell in _cells():
        data = cell.metadata.get("nbgrader", {})
        current = cell.id if data.get("solution") else current
        count += bool(data.get("grade")) and current == exercise and "hidden" not in cell.metadata.get("tags", [])
    return count


def _cells() -> list[NotebookNode]:
    return _read_cells(SOURCE.resolve(), SOURCE.stat().st_mtime_ns)


@functools.lru_cache(maxsize=4)
def _read_cells(path: Path, changed: int) -> list[NotebookNode]:
    return notebooks.read(path).cells  # a judge asks for a hint after each failure, and reading takes milliseconds


def _cell(exercise: str, cell_id: str) -> str:
    if exercise not in _exercises():
        known = ", ".join(_exercises()) or f"none, since there is no {SOURCE} here"
        raise UnknownExercise(f"there is no exercise {exercise!r}; there is: {known}")
    return next(cell.source for cell in _cells() if cell.id == cell_id)


def _hints(exercise: str) -> list[str]:
    """The items of the numbered list in the cell ``EXERCISE-hints``."""
    items = re.split(r"^\d+\. ", _cell(exercise, f"{exercise}-hints"), flags=re.MULTILINE)[1:]
    return [" ".join(item.split()) for item in items]
