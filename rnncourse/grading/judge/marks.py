"""The marks: a row for each student, what the checks bring, and what an instructor has decided otherwise."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from rnncourse.grading.exercise import Sheet
from rnncourse.grading.judge.gradebook import points
from rnncourse.grading.judge.results import Results
from rnncourse.grading.judge.submissions import PassedOver, Submission

if TYPE_CHECKING:
    from rnncourse.grading.judge.overrides import Override


@dataclass(frozen=True)
class Mark:
    """A student's row.

    Attributes:
        file: what was graded; empty if the student has handed in nothing that is graded.
        points: of each exercise; none if nothing is graded and nothing was decided.
        note: why there are other points than the checks bring, or none.
        system: which has named the file, and counts its students with ``id``.
    """

    student: str
    id: str = ""
    file: str = ""
    late: bool = False
    note: str = ""
    system: str = ""
    points: dict[str, float] = field(default_factory=dict)

    @property
    def total(self) -> float | None:
        """The points of all exercises."""
        return sum(self.points.values()) if self.points else None


def rows(submissions: Iterable[Submission], absent: Iterable[PassedOver] = ()) -> list[Mark]:
    """Return a row for each of the ``submissions``, and for those students whose file is not graded."""
    graded = [Mark(each.student, each.id, each.file, each.late, "", each.system) for each in submissions]
    ungraded = [
        Mark(each.owner.student, each.owner.id, "", each.owner.late, f"{each.file}: {each.reason}", each.owner.system)
        for each in absent
        if each.owner
    ]
    return [*graded, *ungraded]


def decide(sheet: Sheet, marks: Sequence[Mark], results: Results, overrides: Iterable["Override"] = ()) -> list[Mark]:
    """Return the ``marks`` with the points that ``results`` bring, and with ``overrides`` in their place."""
    decided = []
    by_row: dict[int, list[Override]] = {}
    for override in overrides:
        by_row.setdefault(override.mark, []).append(override)
    for i, mark in enumerate(marks):
        verdicts = results.get(mark.file)
        each = (
            {exercise.name: float(points(exercise.checks, verdicts)) for exercise in sheet.exercises}
            if verdicts
            else {}
        )
        notes = [mark.note] if mark.note else []
        for override in by_row.get(i, ()):
            before = f" in place of {each[override.exercise]:g}" if override.exercise in each else ""
            notes.append(f"{override.exercise}: {override.points:g}{before}, by hand ({override.reason})")
            each = {
                **(each or {exercise.name: 0.0 for exercise in sheet.exercises}),
                override.exercise: override.points,
            }
        decided.append(replace(mark, points=each, note="; ".join(notes)))
    return decided


def changes(before: Sequence[Mark], after: Sequence[Mark]) -> list[str]:
    """Return what is different ``after`` a regrade, a line a student; the names of files do not matter.

    Students of one name and number are told apart by their files.
    """
    counts = Counter((mark.student, mark.id) for mark in before) | Counter((mark.student, mark.id) for mark in after)

    def key(mark: Mark) -> tuple[str, str, str]:
        return mark.student, mark.id, mark.file if counts[mark.student, mark.id] > 1 else ""

    old, new = ({key(mark): mark for mark in marks} for marks in (before, after))
    lines = [f"{_name(old[gone])}: no longer there" for gone in old.keys() - new.keys()]
    for who, mark in new.items():
        if who not in old:
            lines.append(f"{_name(mark)}: new, {_total(mark)}")
        elif old[who].points != mark.points:
            earlier = old[who].points
            parts = [
                f"{name} {_number(earlier.get(name))} -> {_number(mark.points.get(name))}"
                for name in {**earlier, **mark.points}
                if earlier.get(name) != mark.points.get(name)
            ]
            lines.append(f"{_name(mark)}: {', '.join(parts)}; total {_total(old[who])} -> {_total(mark)}")
    return sorted(lines)


def _name(mark: Mark) -> str:
    return f"{mark.student} ({mark.id})" if mark.id else mark.student


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:g}"


def _total(mark: Mark) -> str:
    return _number(mark.total)
