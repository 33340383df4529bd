"""The bench: the checks of an exercise, run on a student's functions, which live in another process.

Only the check cells of the course's own notebook are run; whatever a student's notebook holds, its functions are called
and what they return is looked at. The checks draw other inputs than the published ones, so that answers to those cannot
be written down; a class gets the same each time it is graded.
"""

import contextlib
import functools
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType
from typing import Any

from rnncourse.grading import student
from rnncourse.grading.checks import CheckFailed, NotAttempted
from rnncourse.grading.exercise import SEED, Check, read_sheet
from rnncourse.grading.judge.judge import NOT_JUDGED
from rnncourse.grading.judge.results import Outcome, Result, Verdict
from rnncourse.grading.judge.submissions import Submission
from rnncourse.grading.remote import RemoteError, RemoteFunction
from rnncourse.grading.sandbox.client import Sandbox
from rnncourse.grading.sandbox.launcher import SandboxBroken, Zygote

LONGEST_MESSAGE = 10_000  # characters
UNFIT = "the check cannot work with what was returned: "
ATTEMPTS = 5  # a rare seed draws inputs at which even the solutions fail, by rounding


def run_check(check: Check, namespace: dict[str, Any]) -> Verdict:
    """Run ``check`` in ``namespace``; only one that reaches its end has passed."""
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            exec(_compiled(check.source), namespace)
    except CheckFailed as failure:
        outcome: Outcome = "not attempted" if isinstance(failure, NotAttempted) else "failed"
        message = failure.message[:LONGEST_MESSAGE]
        return Verdict(outcome, message, failure.hint, failure.stopped, failure.undefined)
    except RemoteError as error:  # the check has called the function by itself
        return Verdict("failed", f"{UNFIT}{error.kind}: {error}"[:LONGEST_MESSAGE], stopped=error.stopped)
    except Exception as error:
        return Verdict("failed", f"{UNFIT}{type(error).__name__}: {error}"[:LONGEST_MESSAGE])
    return Verdict("passed")


@functools.cache
def _compiled(source: str) -> CodeType:
    return compile(source, "<check>", "exec")  # once for all submissions


class Bench:
    """Where submissions are judged one after the other: a zygote, and the namespace in which the checks run.

    Args:
        path: a ``solution.ipynb``.
        address: where zygotes are forked, from :func:`rnncourse.grading.sandbox.launcher.serve`.
        seed: of the checks' random inputs; if the solutions do not pass with it, the next one that they pass with.
        trust: also where a worker is not confined.

    Raises:
        SandboxBroken: if the course's own solutions do not get all points here: nobody's marks would mean anything.
    """

    def __init__(self, path: Path, address: str, seed: int, trust: bool = False) -> None:
        self.sheet, self.seed, self._trust = read_sheet(path), seed, trust
        self._grading = contextlib.ExitStack()
        self._grading.enter_context(student.grading(self.sheet.path))
        self._zygote = Zygote(address)
        self._sandbox: Sandbox | None = None
        while not self._solutions_pass() and self.seed < seed + ATTEMPTS:
            self.seed += 1
        try:
            self._prove()
        except SandboxBroken:
            self.close()
            raise

    def _prove(self) -> None:
        """Judge the course's own solutions.

        Raises:
            SandboxBroken: if they do not get all points.
        """
        path = self.sheet.path
        self.open(Submission("solution.ipynb", "", "", path.read_bytes()))
        verdicts = {check.name: run_check(check, self._namespace) for check in self.sheet.checks}
        self._end_sandbox()
        wrong = [
            f"{name}: {verdict.message.partition(chr(10))[0]}"
            for name, verdict in verdicts.items()
            if verdict.outcome != "passed"
        ]
        if wrong:
            raise SandboxBroken(f"the solutions in {path} do not pass their own checks here: {'; '.join(wrong)}")

    def _solutions_pass(self) -> bool:
        namespace = self._start()
        for source in self.sheet.solutions:
            exec(source, namespace)
        return all(run_check(check, namespace).outcome == "passed" for check in self.sheet.checks)

    def _start(self) -> dict[str, Any]:
        namespace: dict[str, Any] = {"__name__": "__main__", SEED: lambda published: self.seed}
        exec(_compiled(self.sheet.setup), namespace)
        return namespace

    def judge(self, submission: Submission) -> Iterator[Result]:
        """Yield the result of each check on ``submission``."""
        self.open(submission)
        for check in self.sheet.checks:
            yield Result(submission.file, check.name, self.run(check))
        self._end_sandbox()

    def open(self, submission: Submission) -> None:
        """Take up ``submission``, in place of the one before."""
        self._end_sandbox()
        self._seconds_spent = 0.0
        self._submission, self._namespace = submission, {**self._start(), **self._functions(submission)}

    def run(self, check: Check) -> Verdict:
        """Return what ``check`` says of the submission taken up.

        Raises:
            SandboxBroken: if there is no worker for it, and none for the course's own solutions either.
        """
        try:
            verdict = run_check(check, self._namespace)
        except SandboxBroken as error:
            self._prove()
            self._namespace.update(self._refusing(f"{NOT_JUDGED}{error}", stopped=True))
            return run_check(check, self._namespace)
        if check.hidden and self._sandbox is not None:  # in a new process nobody can tell what this one was given
            self._namespace.update(self._functions(self._submission))
        return verdict

    def _functions(self, submission: Submission) -> dict[str, RemoteFunction]:
        """Return the functions of ``submission``, in a new process, for which there is only the time that is left."""
        self._end_sandbox()
        try:
            cells = submission.cells()
        except ValueError as error:
            return self._refusing(f"nothing can be graded: {error}")
        except MemoryError:
            return self._refusing("nothing can be graded: it needs too much memory to be read")
        self._sandbox = Sandbox(self._zygote, cells, spent=self._seconds_spent, trust=self._trust)
        return self._remote(self._sandbox.call)

    def _remote(self, call: Callable[..., Any]) -> dict[str, RemoteFunction]:
        return {
            name: RemoteFunction(name, parameters, functools.partial(call, exercise=exercise.name))
            for exercise in self.sheet.exercises
            for name, parameters in exercise.functions.items()
        }

    def _refusing(self, message: str, stopped: bool = False) -> dict[str, RemoteFunction]:
        def refuse(*_: Any, **__: Any) -> Any:
            raise CheckFailed(message, stopped=stopped)

        return self._remote(refuse)

    def _end_sandbox(self) -> None:
        if self._sandbox is not None:
            self._seconds_spent = self._sandbox.spent
            self._sandbox.close()
            self._sandbox = None

    def close(self) -> None:
        """End all processes."""
        self._end_sandbox()
        self._zygote.close()
        self._grading.close()
