"""Points that an instructor gives in place of those that the checks bring: they hold whenever a class is regraded."""

import csv
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from rnncourse.grading.exercise import Sheet
from rnncourse.grading.judge.marks import Mark
from rnncourse.grading.judge.names import plain

HEADER = ("who", "exercise", "points", "reason")


class Override(NamedTuple):
    """Points that an instructor gives, whatever the checks say; ``mark`` is the number of the row."""

    mark: int
    exercise: str
    points: float
    reason: str


def read_overrides(path: Path, sheet: Sheet, marks: Sequence[Mark]) -> list[Override]:
    """Return what the CSV file at ``path`` says, with the columns who, exercise, points and reason.

    ``who`` is a student's number, name, or file. Points may be more than an exercise has.

    Raises:
        ValueError: if it cannot be read, or a line is wrong: it says which, and what was expected.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8'}") from None
    reader = csv.reader(text.splitlines(), delimiter=";" if ";" in text.partition("\n")[0] else ",")
    try:
        lines = [(reader.line_num, [cell.strip() for cell in line]) for line in reader if any(map(str.strip, line))]
    except csv.Error as error:
        raise ValueError(f"{path} cannot be read: {error}") from None
    if not lines or tuple(map(str.lower, lines[0][1])) != HEADER:
        raise ValueError(f"{path}: its first line has to be {','.join(HEADER)}")
    names = [exercise.name for exercise in sheet.exercises]
    overrides: list[Override] = []
    for number, cells in lines[1:]:
        where = f"{path}, line {number}"
        if len(cells) != len(HEADER):
            raise ValueError(f"{where}: {len(cells)} columns in place of {len(HEADER)} ({', '.join(HEADER)})")
        who, exercise, value, reason = cells
        if exercise not in names:
            raise ValueError(f"{where}: there is no exercise {exercise!r}; there is: {', '.join(names)}")
        if not re.fullmatch(r"\d+([.,]\d+)?", value):
            raise ValueError(f"{where}: {value!r} are no points; expected is a number that is not negative")
        override = Override(_row(where, who, marks), exercise, float(value.replace(",", ".")), reason)
        if any((each.mark, each.exercise) == (override.mark, exercise) for each in overrides):
            raise ValueError(f"{where}: {who} has points for {exercise} already, from a line above")
        overrides.append(override)
    return overrides


def _row(where: str, who: str, marks: Sequence[Mark]) -> int:
    """Return which of the ``marks`` is meant: by number or file, and by name if there is none."""
    exact = [i for i, mark in enumerate(marks) if who and who in (mark.id, mark.file)]
    fitting = exact or [i for i, mark in enumerate(marks) if plain(who) and plain(mark.student) == plain(who)]
    if not fitting:
        raise ValueError(f"{where}: nobody is called {who!r}, by number, name or file")
    if len(fitting) > 1:
        raise ValueError(f"{where}: {len(fitting)} rows are called {who!r}; say a number or a file")
    return fitting[0]
