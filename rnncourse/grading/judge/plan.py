"""Whom and what a run grades. What can be wrong with the files around it is found before the first check is run."""

from dataclasses import dataclass, field
from pathlib import Path

from rnncourse.grading.exercise import Sheet
from rnncourse.grading.judge.columns import grade_column
from rnncourse.grading.judge.marks import Mark, decide, rows
from rnncourse.grading.judge.matching import Matches, match, with_roster
from rnncourse.grading.judge.overrides import Override, read_overrides
from rnncourse.grading.judge.owners import compiled
from rnncourse.grading.judge.reports.roster_csv import write_roster
from rnncourse.grading.judge.results import Results
from rnncourse.grading.judge.roster import Roster, read_roster
from rnncourse.grading.judge.selection import absent, select
from rnncourse.grading.judge.submissions import PassedOver, Submission, collect

ANYBODY = "(?P<name>)"  # in a folder of one student, whatever the files are called


@dataclass(frozen=True)
class Plan:
    """What is graded, and what is known of the students.

    Attributes:
        passed_over: the files that are not graded.
        marks: a row for each student, without points.
        column: of the roster, None if it has none for the topic yet.
    """

    sheet: Sheet
    submissions: list[Submission]
    passed_over: list[PassedOver]
    marks: list[Mark]
    overrides: list[Override]
    roster: Roster | None = None
    column: int | None = None
    matches: Matches = field(default_factory=lambda: Matches({}, []))

    def decide(self, results: Results) -> list[Mark]:
        """Return the marks with their points."""
        return decide(self.sheet, self.marks, results, self.overrides)

    def write_roster(self, path: Path, marks: list[Mark]) -> list[str]:
        """Write the roster with ``marks`` to ``path``, and return what is to be said of it.

        Raises:
            RuntimeError: if it cannot be written.
        """
        assert self.roster
        # Who has handed in nothing may have points by hand.
        missing = [student.row for student in self.roster.students if student.row not in self.matches.mark_of]
        numbers = {**self.matches.mark_of, **{row: len(marks) - len(missing) + i for i, row in enumerate(missing)}}
        try:
            mark_of = {row: marks[number] for row, number in numbers.items()}
            return write_roster(path, self.roster, self.column, self.sheet, mark_of)
        except OSError as error:
            raise RuntimeError(f"{path} cannot be written: {error.strerror}") from None


def make_plan(
    sheet: Sheet,
    path: Path,
    pattern: str | None = None,
    overrides: Path | None = None,
    roster: Path | None = None,
    column: str | None = None,
) -> Plan:
    """Return the plan for what was handed in at ``path``.

    Args:
        pattern: which part of a file's name is the student's.
        overrides: what an instructor has decided.
        roster: the students, as the LMS exports them.
        column: name of its column that gets the marks.

    Raises:
        FileNotFoundError: if there is nothing at ``path``.
        ValueError: if one of the files is wrong.
    """
    collection = collect(path, compiled(pattern) if pattern else None)
    submissions, set_aside = select(
        sheet, collection.submissions, is_named=path.is_file() and path.suffix.lower() != ".zip"
    )
    passed_over = [*set_aside, *collection.passed_over]
    marks = rows(submissions, absent(passed_over, submissions))
    students, place, matches = None, None, Matches({}, [])
    if roster:
        students = read_roster(roster)
        topics = [folder.parent.name for folder in sheet.path.parents[1].glob("*/solution.ipynb")]
        place = grade_column(students, sheet.topic, column, topics)
        matches = match(students, marks)
        marks = with_roster(students, marks, matches)
    decided = read_overrides(overrides, sheet, marks) if overrides else []
    return Plan(sheet, submissions, passed_over, marks, decided, students, place, matches)
