"""Which notebook of each student counts: the last one with answers to the topic. All others are set aside, and named.

Students hand in more than their answers: the starter as it was, a copy of the solution, another topic, two attempts.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from rnncourse import notebooks
from rnncourse.grading.exercise import Sheet, is_answer
from rnncourse.grading.judge.cells import code_cells
from rnncourse.grading.judge.light import LARGEST
from rnncourse.grading.judge.owners import Owner
from rnncourse.grading.judge.submissions import PassedOver, Submission
from rnncourse.grading.release import starter

# What may be in a notebook; of a student's notebooks, those of the last kind that there is may count.
SOLUTION, FOREIGN, UNTOUCHED, ANSWERS = range(4)
REASONS = {
    SOLUTION: "a copy of solution.ipynb",
    FOREIGN: "nothing of this topic, or no notebook; the same student has another one",
    UNTOUCHED: "the starter as it was; the same student has another one",
    ANSWERS: "an earlier one of the same student",
}


def select(
    sheet: Sheet, submissions: Sequence[Submission], is_named: bool = False
) -> tuple[list[Submission], list[PassedOver]]:
    """Return the submission that counts of each student, and the others.

    A copy of the solution never counts. An untouched starter counts, for no points, if its student has handed in
    nothing else; so does what cannot be read.

    Args:
        is_named: whether an instructor has named the file itself, which then counts whatever it is.
    """
    topic = _Topic.of(sheet)
    kinds = {submission.file: topic.kind(submission.content) for submission in submissions}
    by_student: dict[tuple[str, str, str], list[Submission]] = {}
    for submission in submissions:
        by_student.setdefault(_owner(submission).key, []).append(submission)
    counting: set[str] = set()
    for several in by_student.values():
        last = max(several, key=lambda submission: (kinds[submission.file], *submission.order))
        if kinds[last.file] != SOLUTION or is_named:
            counting.add(last.file)
    set_aside = [
        PassedOver(submission.file, REASONS[kinds[submission.file]], _owner(submission))
        for submission in submissions
        if submission.file not in counting
    ]
    return [submission for submission in submissions if submission.file in counting], set_aside


def absent(passed_over: Sequence[PassedOver], submissions: Sequence[Submission]) -> list[PassedOver]:
    """Return a file of each student who has handed in something, but nothing that is graded."""
    present = {_owner(submission).key for submission in submissions}
    first: dict[tuple[str, str, str], PassedOver] = {}
    for file in passed_over:
        if file.owner and file.owner.key not in present:
            first.setdefault(file.owner.key, file)
    return list(first.values())


def _owner(submission: Submission) -> Owner:
    return Owner(submission.student, submission.id, submission.system, submission.late)


class _Topic(NamedTuple):
    """By what a notebook on the topic is known: its code cells, those with the solutions, and the names in them."""

    handed_out: set[str]
    solutions: set[str]
    names: re.Pattern[str]

    @classmethod
    def of(cls, sheet: Sheet) -> "_Topic":
        source = notebooks.read(sheet.path)
        names = "|".join(map(re.escape, sheet.functions))
        exercises = "|".join(re.escape(exercise.name) for exercise in sheet.exercises)
        written = rf"^[ \t]*(async +)?(def|class) +({names})\b|^({names}) *=|\bcheck\(.({exercises}).\)"
        return cls(
            {cell.source.strip() for cell in starter(source).cells if cell.cell_type == "code"},
            {cell.source.strip() for cell in source.cells if is_answer(cell)},
            re.compile(written, re.MULTILINE),
        )

    def kind(self, content: bytes) -> int:
        if len(content) > LARGEST:
            return FOREIGN
        try:
            sources = {source.strip() for source in code_cells(content)} - {""}
        except ValueError:
            return FOREIGN
        if self.solutions <= sources:
            return SOLUTION
        if not any(map(self.names.search, sources)):
            return FOREIGN
        return UNTOUCHED if sources <= self.handed_out else ANSWERS
