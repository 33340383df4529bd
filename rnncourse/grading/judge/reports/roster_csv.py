"""The marks in the roster's own form, as the LMS takes it back."""

import csv
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from rnncourse.files import replacing
from rnncourse.grading.exercise import Sheet
from rnncourse.grading.judge.marks import Mark
from rnncourse.grading.judge.roster import HIGHEST, LOCKED, Roster

END = "End-of-Line Indicator"  # the last column of Brightspace


def write_roster(
    path: Path, roster: Roster, column: int | None, sheet: Sheet, mark_of: Mapping[int, Mark]
) -> list[str]:
    """Write the ``roster`` with marks in its ``column``, or in a new one, and return what is to be remarks of it.

    A student without a mark keeps what stands there. Marks are scaled if the LMS has another number of points.

    Args:
        mark_of: the marks by row.
    """
    table = [list(row) for row in roster.table]
    remarks, is_new = [], column is None
    if column is None:
        column = table[0].index(END) if END in table[0] else len(table[0])
        for row in table:
            row.insert(column, "")
        table[0][column] = sheet.topic
        if roster.kind == "canvas":
            table = [
                [str(sheet.points) if i == column and _is_points(row) else cell for i, cell in enumerate(row)]
                for row in table
            ]
        remarks.append(f"there is no column for {sheet.topic}: it is new, and the LMS asks what it is")
    highest, locked = roster.column(HIGHEST), roster.column(LOCKED)
    scaled = set()
    for number, mark in mark_of.items():
        row = roster.table[number]
        if mark.total is None:
            continue
        if locked is not None and row[locked].strip().lower() in ("no", "nein"):
            remarks.append(f"{mark.student}: Moodle does not let this grade be changed")
            continue
        most = _number(row[highest]) if highest is not None else _most(table, column)
        if most and most != sheet.points:
            scaled.add(most)
        table[number][column] = f"{mark.total * (most or sheet.points) / sheet.points:.2f}".rstrip("0").rstrip(".")
    remarks += [
        f"marks are scaled from {sheet.points} points to {most:g}, as the roster says" for most in sorted(scaled)
    ]
    if roster.kind == "canvas":  # other columns would be set back to what they were
        kept = [*range(roster.first_grade), column]
        table = [[row[i] for i in kept] for row in table]
    if roster.kind == "other" and is_new:
        _add_late(table, column, mark_of)
    is_fixed = roster.kind == "moodle"  # which takes nothing else
    with replacing(path) as draft:
        encoding = "utf-8" if is_fixed or roster.kind == "canvas" else roster.encoding
        with draft.open("w", newline="", encoding=encoding) as file:
            csv.writer(file, delimiter="," if is_fixed else roster.delimiter).writerows(table)
    return remarks


def _is_points(row: Sequence[str]) -> bool:
    return "Points Possible" in row[0]


def _most(table: Sequence[Sequence[str]], column: int) -> float | None:
    """Return how many points the column has, as Canvas, Blackboard or Brightspace say it."""
    for row in table[1:3]:
        if _is_points(row):
            return _number(row[column])
    match = re.search(r"(?:Total Pts|MaxPoints): ?([\d.,]+)", table[0][column])
    return _number(match[1]) if match else None


def _number(text: str) -> float | None:
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return None


def _add_late(table: Sequence[list[str]], column: int, mark_of: Mapping[int, Mark]) -> None:
    for number, row in enumerate(table):
        late = number in mark_of and mark_of[number].late
        row.insert(column + 1, "Late" if number == 0 else "late" if late else "")
