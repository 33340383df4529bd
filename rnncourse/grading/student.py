"""What a student types in an exercise's notebook: ``hint``, ``solution`` and ``progress``.

Hints and solutions are read from ``solution.ipynb`` beside the notebook, and the progress is kept in a file there;
nothing is sent anywhere.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from rnncourse.files import replacing
from rnncourse.grading import kernel
from rnncourse.grading.exercise import Exercise, read_sheet

if TYPE_CHECKING:
    from IPython.display import Markdown

SOURCE, PROGRESS = Path("solution.ipynb"), Path(".progress.json")
TEST = "RNNCOURSE_TEST"  # set in the environment: this is no student at work


kernel.watch()


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

    answer = _exercise(exercise)
    return Markdown(f"```python\n{answer.solution}\n```\n\n{answer.explanation}")


def progress() -> None:
    """Print how many checks of each exercise of this folder passed when last run, and how many hints were shown."""
    if not SOURCE.exists():
        print(f"nothing is kept, since there is no {SOURCE} here")
    for exercise in _exercises():
        state, total = _read(exercise.name), sum(not check.hidden for check in exercise.checks)
        passed = min(sum(state.get("checks", {}).values()), total)
        print(f"{exercise.name:<24} {f'{passed} of {total} checks passed':<24} hints: {state.get('hints', 0)}")


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


def hint_after_failure(exercise: str, message: str, number: int = 0) -> str:
    """Return the hint that a check adds to its ``message``: hint ``number``; with 0 the last one shown, or one further.

    One further is for a check that has said something else before: the student has tried something since.
    """
    if not SOURCE.exists():
        return ""
    hints = _hints(exercise)
    state, cell = _read(exercise), _running_cell()
    shown, earlier = state.get("hints", 0), state.get("found")
    earlier = earlier if isinstance(earlier, dict) else {}
    if number == 0 and (shown == 0 or earlier.get(cell, message) != message):
        shown = min(shown + 1, len(hints))
    keep(exercise, hints=max(shown, number), found={**earlier, cell: message})
    shown = number or shown
    return f"Hint {shown} of {len(hints)}: {hints[shown - 1]}" if hints else ""


def keep_check(exercise: str, passed: bool) -> None:
    """Keep whether the check cell that is running has passed."""
    if cell := _running_cell():
        keep(exercise, checks={**_read(exercise).get("checks", {}), cell: passed})


def _running_cell() -> str:
    """Return what tells the cell that is running apart from others; nothing where no student is at work in Jupyter."""
    if TEST in os.environ or kernel.shell() is None:
        return ""
    return hashlib.sha256(kernel.source().encode()).hexdigest()[:8]


def _progress() -> Path:
    """Return the file of the progress: each notebook has its own, if its name is known."""
    notebook = kernel.notebook()
    return PROGRESS.with_name(f".{notebook.stem}{PROGRESS.name}") if notebook else PROGRESS


def keep(exercise: str, **state: object) -> None:
    """Add ``state`` to what is kept of ``exercise``, unless this is a test run, which leaves the student's progress."""
    if TEST in os.environ or not SOURCE.exists():
        return
    everything = _all()
    everything[exercise] = {**everything.get(exercise, {}), **state}
    with replacing(_progress()) as draft:
        draft.write_text(json.dumps(everything, indent=1))


def _all() -> dict[str, dict]:
    if TEST in os.environ:
        return {}
    try:
        states = json.loads(_progress().read_text())
    except (OSError, ValueError):
        return {}
    return (
        {name: state for name, state in states.items() if isinstance(state, dict)} if isinstance(states, dict) else {}
    )


def _read(exercise: str) -> dict:
    return _all().get(exercise, {})


def _exercises() -> tuple[Exercise, ...]:
    return read_sheet(SOURCE).exercises if SOURCE.exists() else ()


def _exercise(name: str) -> Exercise:
    exercises = {exercise.name: exercise for exercise in _exercises()}
    if name not in exercises:
        known = ", ".join(exercises) or f"none, since there is no {SOURCE} here"
        raise UnknownExercise(f"there is no exercise {name!r}; there is: {known}")
    return exercises[name]


def _hints(exercise: str) -> list[str]:
    return [" ".join(hint.split()) for hint in _exercise(exercise).hints]
