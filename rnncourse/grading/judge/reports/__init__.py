"""What grading leaves: grades, feedback, and what other programs read."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rnncourse.grading.exercise import Sheet
from rnncourse.grading.judge.marks import Mark, decide, rows
from rnncourse.grading.judge.reports.class_report import write_class_report
from rnncourse.grading.judge.reports.feedback import write_feedback
from rnncourse.grading.judge.reports.grades_csv import write_csv
from rnncourse.grading.judge.reports.gradescope import write_gradescope
from rnncourse.grading.judge.reports.junit import write_junit
from rnncourse.grading.judge.results import Results
from rnncourse.grading.judge.submissions import PassedOver, Submission


@dataclass(frozen=True)
class Reports:
    """Where the reports go: the grades always, the rest if wanted."""

    csv: Path
    junit: Path | None = None
    feedback: Path | None = None
    gradescope: Path | None = None
    report: Path | None = None

    def prepare(self, handed_in: Path) -> None:
        """Make missing folders.

        Raises:
            ValueError: if a report cannot be written, or would replace what was ``handed_in``.
        """
        for path in filter(None, (self.csv, self.junit, self.gradescope, self.report)):
            _make_folder(path, path.parent)
            if path.exists() and (not path.is_file() or (handed_in.exists() and path.samefile(handed_in))):
                raise ValueError(f"{path} cannot be written: it is a folder, a device, or the submission itself")
        if self.feedback:
            _make_folder(self.feedback, self.feedback)

    def write(
        self,
        sheet: Sheet,
        submissions: Sequence[Submission],
        results: Results,
        marks: Sequence[Mark] | None = None,
        passed_over: Sequence[PassedOver] = (),
    ) -> None:
        """Write all reports; without ``marks``, those that the ``results`` bring.

        Raises:
            RuntimeError: if one of them cannot be written.
        """
        marks = decide(sheet, rows(submissions), results) if marks is None else marks
        try:
            if self.junit:
                write_junit(self.junit, sheet, submissions, results)
            if self.feedback:
                write_feedback(self.feedback, sheet, submissions, results, marks)
            if self.gradescope:
                write_gradescope(self.gradescope, sheet, marks[0], results)
            if self.report:
                write_class_report(self.report, sheet, submissions, results, marks, passed_over)
            write_csv(self.csv, sheet, marks)  # last: it is with what the next run compares
        except OSError as error:
            raise RuntimeError(f"{error.filename} cannot be written: {error.strerror}") from None


def _make_folder(path: Path, folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ValueError(f"{path} cannot be written: {error.strerror}") from None
    if not os.access(folder, os.W_OK):
        raise ValueError(f"{path} cannot be written: permission denied")
