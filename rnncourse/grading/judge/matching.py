"""Which row of a roster a mark belongs to: by number, then by name. Nothing is guessed: what is not certain is said."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from rnncourse.grading.judge.marks import Mark
from rnncourse.grading.judge.names import joined, plain, words
from rnncourse.grading.judge.roster import PARTICIPANT, Roster, Student


class Matches(NamedTuple):
    """What belongs together.

    Attributes:
        mark_of: the number of a mark by the row of the student in the roster.
        doubts: what could not be matched, and why, a line each.
    """

    mark_of: dict[int, int]
    doubts: list[str]


def match(roster: Roster, marks: Sequence[Mark]) -> Matches:
    """Return which of the ``marks`` belongs to which student of the ``roster``."""
    claims: dict[int, list[int]] = {}
    doubts: list[str] = []
    for number, mark in enumerate(marks):
        for student, doubt in _students(roster, mark):
            if student:
                claims.setdefault(student.row, []).append(number)
            if doubt:
                doubts.append(doubt)
    mark_of = {}
    for row, numbers in claims.items():
        if len(numbers) == 1:
            mark_of[row] = numbers[0]
        else:
            names = ", ".join(marks[number].file or marks[number].student for number in numbers)
            who = next(student.name for student in roster.students if student.row == row)
            doubts.append(f"{names}: all fit {who}; none is entered")
    return Matches(mark_of, doubts)


def with_roster(roster: Roster, marks: Sequence[Mark], matches: Matches) -> list[Mark]:
    """Return the ``marks``, late if the roster says so, and a row for each student who has none."""
    late = {
        matches.mark_of[student.row] for student in roster.students if student.late and student.row in matches.mark_of
    }
    known = [replace(mark, late=mark.late or number in late) for number, mark in enumerate(marks)]
    missing = [
        Mark(student.name or shown_id(student), shown_id(student), note="no submission", system="roster")
        for student in roster.students
        if student.row not in matches.mark_of
    ]
    return known + missing


def shown_id(student: Student) -> str:
    """Return the number by which a student is known best."""
    return student.ids.get("participant") or next(iter(student.ids.values()), "")


def _students(roster: Roster, mark: Mark) -> list[tuple[Student | None, str]]:
    """Return the students of ``mark``, more than one if they have handed in together, and what is not certain."""
    group = [student for student in roster.students if student.group and plain(student.group) == plain(mark.student)]
    if group:
        return [(student, "") for student in group]
    if mark.system == "gradescope" and " & " in mark.student:
        people = zip(mark.student.split(" & "), mark.id.split(" & "), strict=True)
        return [_student(roster, replace(mark, student=name, id=number)) for name, number in people]
    return [_student(roster, mark)]


def _student(roster: Roster, mark: Mark) -> tuple[Student | None, str]:
    who = f"{mark.student} ({mark.id})" if mark.id else mark.student
    by_id = [student for student in roster.students if _has_id(student, mark, roster.kind)]
    if len(by_id) > 1:
        return None, f"{who}: more than one student has this number"
    if by_id:
        student = by_id[0]
        if not _may_be(student, mark, roster):
            return None, f"{who}: the number is that of {student.name}; is this a group?"
        differ = student.name and mark.student and not _has_name(student, mark) and mark.system == "canvas"
        return student, f"{who}: entered for {student.name}, who has this number" if differ else ""
    if mark.id and mark.system == roster.kind:  # the number would be there; another student may have the same name
        return None, f"{who}: the roster has no such number"
    by_name = [student for student in roster.students if _has_name(student, mark)]
    if len(by_name) == 1:
        return by_name[0], ""
    return None, f"{who}: {'more than one student has' if by_name else 'the roster has nobody with'} this name"


def _has_id(student: Student, mark: Mark, kind: str) -> bool:
    """Return whether the numbers are of one kind and equal.

    What Canvas and Moodle write into names of files is known to their own tables alone: elsewhere, the same number is
    somebody else's.
    """
    if mark.system == "canvas":
        return kind == "canvas" and bool(mark.id) and student.ids.get("id") == mark.id
    if mark.system == "moodle":
        return kind == "moodle" and bool(mark.id) and student.ids.get("participant") == mark.id
    if mark.system == "brightspace":
        return False  # its numbers are of the submission
    number = (mark.id or mark.student).strip().lower()
    return number in {value for title, value in student.ids.items() if title != "participant"}


def _may_be(student: Student, mark: Mark, roster: Roster) -> bool:
    """Return whether Moodle's number is that of a student, not of a group, whose numbers are others."""
    if mark.system != "moodle" or not student.name:
        return True
    identifier = roster.table[student.row][0]
    anonymous = PARTICIPANT.fullmatch(identifier.strip())
    is_anonymous = anonymous is not None and plain(mark.student) == plain(anonymous[1])
    # Moodle leaves out some signs, and may put a group before the name.
    return is_anonymous or "".join(words(student.name)) in "".join(words(mark.student))


def _has_name(student: Student, mark: Mark) -> bool:
    if not words(student.name):
        return False
    in_a_word = mark.system == "canvas" and "".join(words(mark.student)) in joined(student.name)
    return in_a_word or plain(student.name) == plain(mark.student)
