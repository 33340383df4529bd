"""What the judges find, and how it crosses from their processes to the command: as lines of JSON."""

import json
from typing import Literal, NamedTuple

Outcome = Literal["passed", "failed", "not attempted"]


class Verdict(NamedTuple):
    """What a check says of a submission.

    Attributes:
        message: what is wrong; it may hold text that the student has chosen.
        hint: what to do about it, from the exercise.
        stopped: whether code was stopped, or denied what other processes may have used up.
        undefined: whether the notebook has no such function.
    """

    outcome: Outcome
    message: str = ""
    hint: str = ""
    stopped: bool = False
    undefined: bool = False

    @property
    def text(self) -> str:
        """Message and hint, as a student sees them in Jupyter."""
        return f"{self.message}\n{self.hint}".rstrip()


class Result(NamedTuple):
    """The verdict of ``check`` on the submission ``file``."""

    file: str
    check: str
    verdict: Verdict

    def line(self, **details: object) -> str:
        """Return the result as a line, with ``details``."""
        return json.dumps({**details, "file": self.file, "check": self.check, **self.verdict._asdict()}) + "\n"


Results = dict[str, dict[str, Verdict]]  # by file, then by check


class JudgeBroken(RuntimeError):
    """A judge does not work, and no student is to blame for it."""


def broken_line(error: BaseException) -> str:
    """Return the line that a judge writes last if it does not work."""
    return json.dumps({"broken": f"{type(error).__name__}: {error}"}) + "\n"


def result_of(record: dict) -> Result:
    """Return the result in ``record``, a line that was read.

    Raises:
        JudgeBroken: if the judge says so.
        KeyError: if this is not a line of a result.
    """
    if "broken" in record:
        raise JudgeBroken(f"the judge does not work: {record['broken']}")
    return Result(record["file"], record["check"], Verdict(*(record[name] for name in Verdict._fields)))
