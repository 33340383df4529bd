"""The format of an exercise: the one place that knows how a topic's ``solution.ipynb`` is laid out.

An exercise NAME is a run of cells, told apart by their ids, by nbgrader's metadata and by tags::

    NAME-task     a heading with the points, and the statement
    NAME          tagged "solution" by nbgrader: what the student writes
    NAME-hints    with the tag "hints": a numbered list
    any           tagged "grade" by nbgrader: a check, with its points
    NAME-why      with the tag "solution": why the solution is right

Students never see a check with the tag "hidden". In the cell NAME, markers enclose the solution.
The cell ``setup`` is run before everything else. A program that loses ids leaves nbgrader's names, tags and places.
"""

import ast
import functools
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

STUB = "raise NotImplementedError  # your code goes here, in place of this line"
SEED = "_seed"  # in a check's namespace: the function from the published seed to the one that is used

# nbgrader's markers, so that an instructor can use the same file there.
MARKER = re.compile(r"### (BEGIN|END) (SOLUTION|HIDDEN TESTS)")
_SOLUTION = re.compile(r"^([ \t]*)### BEGIN SOLUTION\n.*?^[ \t]*### END SOLUTION$", re.DOTALL | re.MULTILINE)
_HIDDEN = re.compile(r"^[ \t]*### BEGIN HIDDEN TESTS\n.*?^[ \t]*### END HIDDEN TESTS\n?", re.DOTALL | re.MULTILINE)
_SOLUTION_MARKER = re.compile(r"^[ \t]*### (BEGIN|END) SOLUTION\n?", re.MULTILINE)
_HEADING = re.compile(r"## (?:\d+\. )?(?P<title>.*?)(?: \(\d+ points?\))?")
_ITEM = re.compile(r"^\d+\. ", re.MULTILINE)
_PUBLISHED_SEED = re.compile(r"\b(torch\.manual_seed|np\.random\.default_rng)\((\d+)\)")
# The same numbers on the processor; the other would also seed devices that are not there, which takes milliseconds.
_SEEDED = {"torch.manual_seed": "torch.default_generator.manual_seed"}


class Check(NamedTuple):
    """A check cell. Of a hidden one, the student gets to see the name and a hint, not what it says.

    The seeds in ``source`` are what the function ``SEED`` makes of the published ones.
    """

    name: str
    exercise: str
    points: int
    hidden: bool
    source: str


class Exercise(NamedTuple):
    """Functions to write, with everything that is said about them."""

    name: str
    title: str
    statement: str
    solution: str
    hints: tuple[str, ...]
    explanation: str
    checks: tuple[Check, ...]

    @property
    def points(self) -> int:
        """What a right solution gets."""
        return sum(check.points for check in self.checks)

    @property
    def functions(self) -> dict[str, tuple[str, ...]]:
        """The functions to write, and the names of the parameters of each."""
        return _functions(self.solution)


class Sheet(NamedTuple):
    """A topic's exercises in order; ``setup`` is run first."""

    topic: str
    path: Path
    setup: str
    exercises: tuple[Exercise, ...]

    @property
    def checks(self) -> tuple[Check, ...]:
        """The checks of all exercises."""
        return tuple(check for exercise in self.exercises for check in exercise.checks)

    @property
    def solutions(self) -> tuple[str, ...]:
        """The solutions of all exercises."""
        return tuple(exercise.solution for exercise in self.exercises)

    @property
    def functions(self) -> dict[str, tuple[str, ...]]:
        """The functions of all exercises."""
        return {name: parameters for exercise in self.exercises for name, parameters in exercise.functions.items()}

    @property
    def points(self) -> int:
        """What a right notebook gets."""
        return sum(exercise.points for exercise in self.exercises)


def read_sheet(path: Path) -> Sheet:
    """Return the exercises of the notebook at ``path``, a ``solution.ipynb``; it is read again only if it has changed.

    Raises:
        ValueError: if it is not a notebook, or a check comes before the first exercise.
    """
    return _read(path.resolve(), path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=4)
def _read(path: Path, changed: int) -> Sheet:
    from rnncourse import notebooks  # here, since nbformat takes a while, and a student's first failure is early enough

    cells = _named(notebooks.read(path).cells)
    sources = {name: cell.source for name, cell in cells.items()}
    checks: dict[str, list[Check]] = {}
    exercise = ""
    for name, cell in cells.items():
        if is_answer(cell):
            exercise, checks[name] = name, []
        elif is_check(cell):
            if not exercise:
                raise ValueError(f"{path}: the check {name} comes before the first exercise")
            points, hidden = cell.metadata.nbgrader.points, "hidden" in tags(cell)
            checks[exercise].append(Check(name, exercise, points, hidden, _seeded(cell.source)))
    exercises = tuple(_exercise(name, sources, tuple(checks[name])) for name in checks)
    return Sheet(path.parent.name, path, sources.get("setup", ""), exercises)


def _named(cells: list[Any]) -> dict[str, Any]:
    """Return ``cells`` by their ids; where these were lost, tags and places tell what belongs to an exercise."""
    named, exercise = {cell["id"]: cell for cell in cells}, ""
    for above, cell in zip([None, *cells], cells, strict=False):
        if is_answer(cell):
            exercise = cell["id"]
            if above is not None and above["cell_type"] == "markdown":
                named.setdefault(f"{exercise}-task", above)
        for tag, ending in (("hints", "hints"), ("solution", "why")):
            if exercise and tag in tags(cell):
                named.setdefault(f"{exercise}-{ending}", cell)
        if cell["cell_type"] == "code" and not exercise and not is_check(cell):
            named.setdefault("setup", cell)
    return named


def _exercise(name: str, sources: dict[str, str], checks: tuple[Check, ...]) -> Exercise:
    heading, _, statement = sources.get(f"{name}-task", "").partition("\n")
    title = _HEADING.fullmatch(heading)
    return Exercise(
        name=name,
        title=title["title"] if title else heading,
        statement=statement,
        solution=_SOLUTION_MARKER.sub("", sources[name]).rstrip(),
        hints=tuple(hint.strip() for hint in _ITEM.split(sources.get(f"{name}-hints", ""))[1:]),
        explanation=sources.get(f"{name}-why", ""),
        checks=checks,
    )


def is_answer(cell: Mapping[str, Any]) -> bool:
    """Return whether the student writes in ``cell``."""
    return bool(cell["metadata"].get("nbgrader", {}).get("solution"))


def is_check(cell: Mapping[str, Any]) -> bool:
    """Return whether ``cell`` is a check."""
    return bool(cell["metadata"].get("nbgrader", {}).get("grade"))


def tags(cell: Mapping[str, Any]) -> list[str]:
    """Return the tags of ``cell``."""
    return cell["metadata"].get("tags", [])


def is_released(cell: Mapping[str, Any]) -> bool:
    """Return whether a student gets ``cell`` with the starter; the rest comes by asking for it, or never."""
    return not {"hints", "solution", "hidden"} & set(tags(cell))


def released_source(source: str) -> str:
    """Return ``source`` with a stub in place of each solution, and without hidden tests."""
    return _HIDDEN.sub("", _SOLUTION.sub(lambda solution: solution[1] + STUB, source)).rstrip()


def _seeded(source: str) -> str:
    return _PUBLISHED_SEED.sub(lambda call: f"{_SEEDED.get(call[1], call[1])}({SEED}({call[2]}))", source)


@functools.cache
def _functions(source: str) -> dict[str, tuple[str, ...]]:
    functions = [part for part in ast.parse(source).body if isinstance(part, ast.FunctionDef)]
    return {function.name: tuple(argument.arg for argument in function.args.args) for function in functions}
