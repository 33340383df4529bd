"""The gradebook: the verdicts found so far, kept in a file, and the points that they make."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from rnncourse.grading.exercise import Check, Sheet
from rnncourse.grading.judge.results import Result, Results, Verdict, result_of
from rnncourse.grading.judge.submissions import Submission


class Gradebook:
    """Verdicts by submission and check, in a file of lines that only grows; an interrupted run goes on from it.

    Attributes:
        seed: of the checks' inputs; a run that goes on takes the one it began with, though a submission has changed.

    Raises:
        ValueError: if there is a file at ``path`` that cannot be read.
    """

    def __init__(self, path: Path, sheet: Sheet, submissions: Iterable[Submission]) -> None:
        self.path, self.sheet = path, sheet
        self.results: Results = {}
        self._keys = {submission.file: _key(sheet, submission) for submission in submissions}
        self._alone: dict[tuple[str, str], bool] = {}
        self._seed: int | None = None
        self._sheet_key = hashlib.sha256(sheet.path.read_bytes()).hexdigest()
        try:
            text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
        except OSError as error:
            raise ValueError(f"{path} cannot be read: {error.strerror}") from None
        for line in text.splitlines():
            try:
                record = json.loads(line)
                if record.get("sheet") == self._sheet_key:
                    self._seed = int(record["seed"])
                    continue
                if record["key"] == self._keys.get(record["file"]):
                    self._enter(result_of(record), record["alone"])
            except (ValueError, KeyError, TypeError, AttributeError):
                continue  # the line at which a run was interrupted, or of an earlier version
        self._begin = "" if text.endswith("\n") or not text else "\n"  # that line must not swallow the next one

    def keep_seed(self, seed: int) -> int:
        """Return the seed with which these exercises are graded so far; ``seed``, which is kept, if there is none.

        A run that goes on gives everybody the same inputs, though a submission may have changed since it began.
        """
        if self._seed is None:
            self._seed = seed
            self._write(json.dumps({"sheet": self._sheet_key, "seed": seed}) + "\n")
        return self._seed

    def add(self, result: Result, alone: bool) -> None:
        """Keep ``result``, here and in the file, and whether it was found with no other judge at work."""
        self._enter(result, alone)
        self._write(result.line(key=self._keys[result.file], alone=alone))

    def _write(self, line: str) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(self._begin + line)
        self._begin = ""

    def _enter(self, result: Result, alone: bool) -> None:
        self.results.setdefault(result.file, {})[result.check] = result.verdict
        self._alone[result.file, result.check] = alone

    def is_done(self, submission: Submission) -> bool:
        """Return whether every check of ``submission`` has a verdict."""
        return self.results.get(submission.file, {}).keys() >= {check.name for check in self.sheet.checks}

    def was_held_up(self, submission: Submission) -> bool:
        """Return whether ``submission`` was stopped while others were judged, which may have been why."""
        verdicts = self.results.get(submission.file, {})
        return any(verdict.stopped and not self._alone[submission.file, name] for name, verdict in verdicts.items())


def _key(sheet: Sheet, submission: Submission) -> str:
    """Return what a result depends on, as a short text: this submission, and the exercises as they are."""
    parts = (sheet.path.read_bytes(), submission.file.encode(), submission.content)
    return hashlib.sha256(b"\0".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()[:32]


def points(checks: Iterable[Check], verdicts: dict[str, Verdict]) -> int:
    """Return the points that ``verdicts`` bring for ``checks``."""
    return sum(check.points for check in checks if verdicts[check.name].outcome == "passed")


def hardest(sheet: Sheet, results: Results) -> list[tuple[str, int]]:
    """Return the checks and how many submissions passed each, the fewest first."""
    passed = {
        check.name: sum(verdicts[check.name].outcome == "passed" for verdicts in results.values())
        for check in sheet.checks
    }
    return sorted(passed.items(), key=lambda item: item[1])
