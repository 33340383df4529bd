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
from rnncourse.grading.judge.results import Outcome, Result, Verdict
from rnncourse.grading.judge.submissions import Submission
from rnncourse.grading.remote import RemoteError, RemoteFunction
from rnncourse.grading.sandbox.client import Sandbox
from rnncourse.grading.sandbox.launcher import SandboxBroken, Zygote

UNFIT = "the check cannot work with what was returned: "
ATTEMPTS = 5  # a rare seed draws inputs at which even the solutions fail, by rounding


def run_check(check: Check, namespace: dict[str, Any]) -> Verdict:
    """Run ``check`` in ``namespace``; only one that reaches its end has passed."""
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            exec(_compiled(check.source), namespace)
    except CheckFailed as failure:
        outcome: Outcome = "not attempted" if isinstance(failure, NotAttempted) else "failed"
        return Verdict(outcome, failure.message, failure.hint, failure.stopped, failure.undefined)
    except RemoteError as error:  # the check has called the function by itself
        return Verdict("failed", f"{UNFIT}{error.kind}: {error}", stopped=error.stopped)
    except Exception as error:
        return Verdict("failed", f"{UNFIT}{type(error).__name__}: {error}")
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

    Raises:
        SandboxBroken: if the course's own solutions do not get all points here: nobody's marks would mean anything.
    """

    def __init__(self, path: Path, address: str, seed: int) -> None:
        self.sheet, self.seed = read_sheet(path), seed
        self._grading = contextlib.ExitStack()
        self._grading.enter_context(student.grading(self.sheet.path))
        self._zygote = Zygote(address)
        self._sandbox: Sandbox | None = None
        while not self._solutions_pass() and self.seed < seed + ATTEMPTS:
            self.seed += 1
        solution = Submission("solution.ipynb", "", "", path.read_bytes())
        wrong = [
            f"{result.check}: {result.verdict.message.partition(chr(10))[0]}"
            for result in self.judge(solution)
            if result.verdict.outcome != "passed"
        ]
        if wrong:
            self.close()
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
        self._submission, self._namespace = submission, {**self._start(), **self._functions(submission)}

    def run(self, check: Check) -> Verdict:
        """Return what ``check`` says of the submission taken up."""
        verdict = run_check(check, self._namespace)
        if check.hidden:  # in a new process nobody can tell what this one was given
            self._namespace.update(self._functions(self._submission))
        return verdict

    def _functions(self, submission: Submission) -> dict[str, RemoteFunction]:
        """Return the functions of ``submission``, in a new process."""
        self._end_sandbox()
        call: Callable[..., Any]
        try:
            self._sandbox = Sandbox(self._zygote, submission.cells())
            call = self._sandbox.call
        except ValueError as error:
            call = functools.partial(_refuse, f"nothing can be graded: {error}")
        return {
            name: RemoteFunction(name, parameters, functools.partial(call, exercise=exercise.name))
            for exercise in self.sheet.exercises
            for name, parameters in exercise.functions.items()
        }

    def _end_sandbox(self) -> None:
        if self._sandbox is not None:
            self._sandbox.close()
            self._sandbox = None

    def close(self) -> None:
        """End all processes."""
        self._end_sandbox()
        self._zygote.close()
        self._grading.close()


def _refuse(message: str, *_: Any, **__: Any) -> Any:
    raise CheckFailed(message)
