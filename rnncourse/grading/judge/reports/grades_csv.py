"""The grades: a CSV file with a line for each student."""

import csv
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from rnncourse.files import replacing
from rnncourse.grading.exercise import Sheet
from rnncourse.grading.judge.marks import Mark

WHO = ["Student", "ID", "Section", "File", "Late", "Note"]
POINTS = re.compile(r"(?P<exercise>.+) \[\d+\]")  # round brackets are Canvas's: it would take what is in them for an id


def write_csv(path: Path, sheet: Sheet, marks: Iterable[Mark]) -> None:
    """Write one line a student; where nothing is graded there are no points."""
    columns = [f"{exercise.name} [{exercise.points}]" for exercise in sheet.exercises]
    with replacing(path) as draft, draft.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*WHO, *columns, f"Total [{sheet.points}]"])
        for mark in marks:
            late = "late" if mark.late else ""
            names = [harmless(text) for text in (mark.student, mark.id, "", mark.file, late, mark.note)]
            each = [f"{mark.points[exercise.name]:g}" if mark.points else "" for exercise in sheet.exercises]
            writer.writerow([*names, *each, "" if mark.total is None else f"{mark.total:g}"])


def read_csv(path: Path, marks: Sequence[Mark]) -> list[Mark] | None:
    """Return the marks in the grades at ``path``, with names as in ``marks``; None if there are none to be read."""
    spelled = {harmless(text): text for mark in marks for text in (mark.student, mark.id, mark.file)}
    try:
        with path.open(newline="", encoding="utf-8") as file:
            lines = list(csv.DictReader(file))
        return [
            Mark(
                student=spelled.get(line["Student"], line["Student"]),
                id=spelled.get(line["ID"], line["ID"]),
                file=spelled.get(line["File"], line["File"]),
                points={
                    match["exercise"]: float(value)
                    for title, value in line.items()
                    if (match := POINTS.fullmatch(title)) and match["exercise"] != "Total" and value
                },
            )
            for line in lines
        ]
    except (OSError, ValueError, KeyError, TypeError, csv.Error):
        return None


def harmless(text: str) -> str:
    """Return ``text`` so that no spreadsheet computes it: a cell could begin like a formula, also after a ``;``."""
    return re.sub(r"(^|[;\t\r\n])(?=\s*[=+\-@＝＋－＠])", r"\1'", text)
