"""The judge: the checks of an exercise, run on a student's functions, which live in another process.

Only the check cells of the course's own notebook are run; whatever a student's notebook holds, its functions are called
and what they return is looked at. The random inputs are others than the published ones, so that answers to those cannot
be written down; a class gets the same each time it is graded.

Run as ``python -P -m rnncourse.grading.judge ORDER`` it is what :mod:`rnncourse.grading.fast_judge` starts.
"""

import contextlib
import functools
import io
import json
import multiprocessing
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from types import CodeType
from typing import Any

from rnncourse.grading import confine, student
from rnncourse.grading.checks import CheckFailed, NotAttempted
from rnncourse.grading.sandbox import Sandbox, remote
from rnncourse.grading.sheet import SEED, UNFIT, Check, Result, sheet
from rnncourse.grading.submissions import Submission
from rnncourse.grading.zygote import SandboxBroken, Zygote

ATTEMPTS = 5  # a rare seed draws inputs at which even the solutions fail, by rounding


def outcome(check: Check, namespace: dict[str, Any]) -> tuple[str, str]:
    """Run ``check``; return passed, failed or not attempted, and the message."""
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            exec(_compiled(check.source), namespace)
    except NotAttempted as failure:
        return "not attempted", str(failure)
    except CheckFailed as failure:
        return "failed", str(failure)
    except Exception as error:  # what came back was nothing that the check could work with
        return "failed", f"{UNFIT}{type(error).__name__}: {error}"
    return "passed", ""


@functools.cache
def _compiled(source: str) -> CodeType:
    return compile(source, "<check>", "exec")  # once for all submissions


class Bench:
    """Where submissions are judged one after the other: a zygote, and the namespace in which the checks run.

    Args:
        path: a ``solution.ipynb``.
        address: where zygotes are forked, from :func:`rnncourse.grading.zygote.serve`.
        seed: of the checks' random inputs; if the solutions do not pass with it, the next one that they pass with.

    Raises:
        SandboxBroken: if the course's own solutions do not get all points here: nobody's marks would mean anything.
    """

    def __init__(self, path: Path, address: str, seed: int) -> None:
        self.sheet, self._seed = sheet(path), seed
        self._grading = contextlib.ExitStack()
        self._grading.enter_context(student.grading(self.sheet.path))
        self._zygote = Zygote(address)
        self._sandbox: Sandbox | None = None
        while not self._passes() and self._seed < seed + ATTEMPTS:
            self._seed += 1
        namespace = {**self.start(), **self.open(Submission("solution.ipynb", "", "", path.read_bytes()))}
        found = {check.name: outcome(check, namespace) for check in self.sheet.checks}
        wrong = [
            f"{name}: {message.partition(chr(10))[0]}" for name, (state, message) in found.items() if state != "passed"
        ]
        if wrong:
            self.close()
            raise SandboxBroken(f"the solutions in {path} do not pass their own checks here: {'; '.join(wrong)}")

    def _passes(self) -> bool:
        namespace = self.start()
        for source in self.sheet.solutions:
            exec(source, namespace)
        return all(outcome(check, namespace)[0] == "passed" for check in self.sheet.checks)

    def start(self) -> dict[str, Any]:
        """Return a fresh namespace for checks."""
        namespace: dict[str, Any] = {"__name__": "__main__", SEED: self._seeded}
        exec(_compiled(self.sheet.setup), namespace)
        return namespace

    def _seeded(self, published: int) -> int:
        return self._seed

    def open(self, submission: Submission) -> dict[str, Callable[..., Any]]:
        """Return the functions of ``submission``, by their names, in place of those of the one before."""
        self.close_submission()
        try:
            sandbox = self._sandbox = Sandbox(self._zygote, submission.cells())
        except ValueError as error:
            return {name: _absent(name, f"nothing can be graded: {error}") for name in self.sheet.functions}
        return {name: remote(sandbox, name, parameters) for name, parameters in self.sheet.functions.items()}

    def judge(self, submission: Submission) -> list[Result]:
        """Return what each check finds in ``submission``."""
        namespace = {**self.start(), **self.open(submission)}
        found = []
        for check in self.sheet.checks:
            found.append(Result(submission.file, check.name, *outcome(check, namespace)))
            if check.hidden:  # in a new process nobody can tell what this one was given
                namespace.update(self.open(submission))
        self.close_submission()
        return found

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
        raise CheckFailed(why)

    function.__name__ = name
    return function


@functools.cache
def _bench(path: Path, address: str, seed: int) -> Bench:
    return Bench(path, address, seed)  # one for each process


def _judge(path: str, address: str, seed: int, file: str, content: str) -> list[Result]:
    return _bench(Path(path), address, seed).judge(Submission(file, "", "", Path(content).read_bytes()))


def main(order: dict[str, Any]) -> None:
    """Judge what ``order`` lists, and print each result as a line of JSON."""
    common = order["path"], order["address"], order["seed"]
    # Forked now, when torch is imported and has no threads yet.
    fork = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(order["jobs"], fork, initializer=confine.die_with_parent) as pool:
        for done in as_completed([pool.submit(_judge, *common, *file) for file in order["files"]]):
            for result in done.result():
                print(json.dumps(result), flush=True)


if __name__ == "__main__":
    confine.die_with_parent()
    main(json.loads(Path(sys.argv[1]).read_text()))
