"""The judge: the checks of an exercise, run on a student's functions, which live in another process.

Only the check cells of the course's own notebook are run; whatever a student's notebook holds, its functions are called
and what they return is looked at. The random inputs are others than the published ones, so that answers to those cannot
be written down; a class gets the same each time it is graded.
"""

import contextlib
import functools
import hashlib
import io
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import nbformat

from rnncourse import notebooks
from rnncourse.grading import student
from rnncourse.grading.checks import CheckFailed, NotAttempted
from rnncourse.grading.sandbox import Sandbox, SandboxBroken, Zygote, remote
from rnncourse.grading.submissions import Submission

REACHED = "the end of the check"  # what a check of the judge's notebook prints last
UNFIT = "the check cannot work with what was returned: "


class Check(NamedTuple):
    """A check cell of an exercise. The student is told the name of a hidden one, not what it found."""

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


class Sheet(NamedTuple):
    """A topic's exercises: what is run first, the solutions, the functions to write, and the checks in order."""

    topic: str
    path: Path
    setup: str
    solutions: tuple[str, ...]
    functions: tuple[str, ...]
    checks: tuple[Check, ...]


def sheet(path: Path) -> Sheet:
    """Return the exercises of the notebook at ``path``, a ``solution.ipynb``.

    Raises:
        ValueError: if it is no notebook, or has no exercises with checks.
    """
    setup, solutions, functions, checks, exercise = "", [], [], [], ""
    for cell in notebooks.read(path).cells:
        data = cell.metadata.get("nbgrader", {})
        if cell.id == "setup":
            setup = cell.source
        elif data.get("solution"):
            exercise = cell.id
            solutions.append(cell.source)
            functions += re.findall(r"^def (\w+)", cell.source, re.MULTILINE)
        elif data.get("grade"):
            hidden = "hidden" in cell.metadata.get("tags", [])
            checks.append(Check(cell.id, exercise, data["points"], hidden, cell.source))
    if not checks:
        raise ValueError(f"{path} has no exercises with checks")
    return Sheet(path.resolve().parent.name, path.resolve(), setup, tuple(solutions), tuple(functions), tuple(checks))


def outcome(check: Check, namespace: dict[str, Any]) -> tuple[str, str]:
    """Run ``check``; return passed, failed or not attempted, and the message."""
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            exec(check.source, namespace)
    except NotAttempted as failure:
        return "not attempted", str(failure)
    except CheckFailed as failure:
        return "failed", str(failure)
    except Exception as error:  # what came back was nothing that the check could work with
        return "failed", f"{UNFIT}{type(error).__name__}: {error}"
    return "passed", ""


_LOCK = threading.Lock()  # what the checks print is caught, and there is one standard output only


@functools.cache
def _passes(own: Sheet, seed: int) -> bool:
    """Whether the solutions pass all checks with the random inputs that ``seed`` makes."""
    with student.grading(own.path):
        namespace = _namespace(own)
        for source in own.solutions:
            exec(source, namespace)
        return all(outcome(check, namespace)[0] == "passed" for check in _seeded(own, seed))


def _seeded(own: Sheet, seed: int) -> list[Check]:
    with_seed = functools.partial(re.compile(r"\b(manual_seed|default_rng)\(\d+\)").sub, rf"\1({seed})")
    return [check._replace(source=with_seed(check.source)) for check in own.checks]


def seed_of(submissions: list[Submission]) -> int:
    """Return a seed that no student can know beforehand, since it depends on what all hand in."""
    files = sorted(hashlib.sha256(submission.content).digest() for submission in submissions)
    return int.from_bytes(hashlib.sha256(b"".join(files)).digest()[:4], "big") >> 1


def checks_for(own: Sheet, seed: int) -> list[Check]:
    """Return the checks with the random inputs that ``seed`` makes; the published ones if those do not fit."""
    with _LOCK:
        return _seeded(own, seed) if _passes(own, seed) else list(own.checks)


def _namespace(own: Sheet) -> dict[str, Any]:
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(own.setup, namespace)
    return namespace


class Bench:
    """Where submissions are judged one after the other: a zygote, and the namespace in which the checks run.

    Raises:
        SandboxBroken: if the course's own solutions do not get all points here: nobody's marks would mean anything.
    """

    def __init__(self, path: Path) -> None:
        self.sheet = sheet(path)
        self._grading = contextlib.ExitStack()
        self._grading.enter_context(student.grading(self.sheet.path))
        self._zygote = Zygote([self.sheet.path.parent])
        self._sandbox: Sandbox | None = None
        own = Submission("solution.ipynb", "", "", path.read_bytes())
        namespace = {**self.start(), **self.open(own)}
        found = {check.name: outcome(check, namespace) for check in self.sheet.checks}
        wrong = [
            f"{name}: {message.partition(chr(10))[0]}" for name, (state, message) in found.items() if state != "passed"
        ]
        if wrong:
            self.close()
            raise SandboxBroken(f"the solutions in {path} do not pass their own checks here: {'; '.join(wrong)}")

    def start(self) -> dict[str, Any]:
        """Return a fresh namespace for checks."""
        return _namespace(self.sheet)

    def open(self, submission: Submission) -> dict[str, Callable[..., Any]]:
        """Return the functions of ``submission``, by their names, in place of those of the one before."""
        self.close_submission()
        try:
            sandbox = self._sandbox = Sandbox(self._zygote, submission.cells())
        except ValueError as error:
            return {name: _absent(name, str(error)) for name in self.sheet.functions}
        return {name: remote(sandbox, name) for name in self.sheet.functions}

    def close_submission(self) -> None:
        """End the worker of the submission at hand, if there is one."""
        if self._sandbox is not None:
            self._sandbox.close()
            self._sandbox = None

    def close(self) -> None:
        """End all processes."""
        self.close_submission()
        self._zygote.close()
        self._grading.close()


def _absent(name: str, why: str) -> Callable[..., Any]:
    def function(*arguments: Any) -> Any:
        raise ValueError(why)

    function.__name__ = name
    return function


def judge_fast(path: Path, submissions: list[Submission], seed: int) -> Iterator[Result]:
    """Run the checks of the notebook at ``path`` in this process, without a kernel; the marks are the same."""
    bench = Bench(path)
    try:
        checks = checks_for(bench.sheet, seed)
        for submission in submissions:
            namespace = bench.start()
            namespace.update(bench.open(submission))
            for check in checks:
                yield Result(submission.file, check.name, *outcome(check, namespace))
    finally:
        bench.close()


def judge_notebook(path: Path, folder: Path, submissions: list[Submission], seed: int) -> nbformat.NotebookNode:
    """Return a notebook for nbval: each check of the notebook at ``path`` on each submission, a cell each.

    The contents of the submissions are written into ``folder``, from where the cells read them.
    """
    code = [
        "from pathlib import Path",
        "from rnncourse.grading.judge import Bench",
        "from rnncourse.grading.submissions import Submission",
        f"bench = Bench(Path({str(path)!r}))",
        "names = set(globals()) | {'names'}",
    ]
    tags = ["nbval-ignore-output"]
    ours = {"rnncourse": {}, "tags": tags}  # if one of these fails, the plugin stops: no student is to blame
    cells = [nbformat.v4.new_code_cell("\n".join(code), id="bench", metadata=ours)]
    checks = checks_for(sheet(path), seed)
    for i, submission in enumerate(submissions):
        content = folder / f"{i}.ipynb"
        content.write_bytes(submission.content)
        code = [
            "for name in [name for name in globals() if name not in names and not name.startswith('_')]:",
            "    del globals()[name]",
            f"_content = Path({str(content)!r}).read_bytes()",
            "globals().update(bench.start())",
            f"globals().update(bench.open(Submission({submission.file!r}, '', '', _content)))",
        ]
        cells.append(nbformat.v4.new_code_cell("\n".join(code), id=f"open-{i}", metadata=ours))
        for k, check in enumerate(checks):
            about = {"file": submission.file, "check": check.name, "exercise": check.exercise, "points": check.points}
            data = {"rnncourse": about, "tags": tags}
            # That no error arrived is not enough to have passed: the last line has to be reached.
            source = f"{check.source}\nprint({REACHED!r})"
            cells.append(nbformat.v4.new_code_cell(source, id=f"check-{i}-{k}", metadata=data))
    cells.append(nbformat.v4.new_code_cell("bench.close()", id="close", metadata={"tags": tags}))
    return nbformat.v4.new_notebook(cells=cells, metadata=notebooks.METADATA)
