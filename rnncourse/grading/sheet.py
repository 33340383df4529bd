"""A topic's exercises as the judge needs them, read from its ``solution.ipynb``; nothing here imports torch."""

import ast
import hashlib
import re
from pathlib import Path
from typing import NamedTuple

from rnncourse import notebooks
from rnncourse.grading.submissions import Submission


class Check(NamedTuple):
    """A check cell of an exercise. The student is told the name of a hidden one, not what it found.

    The seeds in ``source`` are what the function ``SEED`` makes of the published ones.
    """

    name: str
    exercise: str
    points: int
    hidden: bool
    source: str


class Result(NamedTuple):
    """What a check found in a submission: ``outcome`` is passed, failed or not attempted."""

    file: str
    check: str
    outcome: str
    message: str


REACHED = "the end of the check"  # what a check in the judge's notebook prints last
STOPPED = "was stopped:"  # said of code that other processes may have slowed down
UNFIT = "the check cannot work with what was returned: "
SEED = "_seed"  # in a check's namespace: from the published seed to the one that is used


class Sheet(NamedTuple):
    """A topic's exercises: what is run first, the solutions, the functions to write, and the checks in order.

    ``functions`` has the names of the parameters of each.
    """

    topic: str
    path: Path
    setup: str
    solutions: tuple[str, ...]
    functions: dict[str, tuple[str, ...]]
    checks: tuple[Check, ...]


_PUBLISHED = re.compile(r"\b(torch\.manual_seed|np\.random\.default_rng)\((\d+)\)")
# The same numbers on the processor; the other would also seed devices that are not there, which takes milliseconds.
_SEEDED = {"torch.manual_seed": "torch.default_generator.manual_seed"}


def sheet(path: Path) -> Sheet:
    """Return the exercises of the notebook at ``path``, a ``solution.ipynb``.

    Raises:
        ValueError: if it is no notebook, or has no exercises with checks.
    """
    setup, solutions, checks, exercise = "", [], [], ""
    functions: dict[str, tuple[str, ...]] = {}
    for cell in notebooks.read(path).cells:
        data = cell.metadata.get("nbgrader", {})
        if cell.id == "setup":
            setup = cell.source
        elif data.get("solution"):
            exercise = cell.id
            solutions.append(cell.source)
            for part in ast.parse(cell.source).body:
                if isinstance(part, ast.FunctionDef):
                    functions[part.name] = tuple(argument.arg for argument in part.args.args)
        elif data.get("grade"):
            hidden = "hidden" in cell.metadata.get("tags", [])
            source = _PUBLISHED.sub(lambda found: f"{_SEEDED.get(found[1], found[1])}({SEED}({found[2]}))", cell.source)
            checks.append(Check(cell.id, exercise, data["points"], hidden, source))
    if not checks:
        raise ValueError(f"{path} has no exercises with checks")
    return Sheet(path.resolve().parent.name, path.resolve(), setup, tuple(solutions), functions, tuple(checks))


def seed_of(sheet: Sheet, submissions: list[Submission]) -> int:
    """Return a seed that no student can know beforehand: it depends on what all hand in, and on hidden checks."""
    files = sorted(hashlib.sha256(submission.content).digest() for submission in submissions)
    files.append(hashlib.sha256(sheet.path.read_bytes()).digest())
    return int.from_bytes(hashlib.sha256(b"".join(files)).digest()[:4], "big") >> 1
