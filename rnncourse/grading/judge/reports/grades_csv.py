"""The grades for a learning management system: a CSV file with a line for each submission."""

import csv
import re
from collections.abc import Iterable
from pathlib import Path

from rnncourse.files import replacing
from rnncourse.grading.exercise import Sheet
from rnncourse.grading.judge.gradebook import points
from rnncourse.grading.judge.results import Results
from rnncourse.grading.judge.submissions import Submission


def write_csv(path: Path, sheet: Sheet, submissions: Iterable[Submission], results: Results) -> None:
    """Write one line a submission; Canvas and Moodle find the student by name or number, and ask what a column is.

    Canvas refuses a file without a column ``Section``, which has to come before all that is a grade.
    """
    columns = [f"{exercise.name} ({exercise.points})" for exercise in sheet.exercises]
    with replacing(path) as draft, draft.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["Student", "ID", "Section", "File", *columns, f"Total ({sheet.points})"])
        for submission in submissions:
            verdicts = results[submission.file]
            names = [harmless(text) for text in (submission.student, submission.id, "", submission.file)]
            each = [points(exercise.checks, verdicts) for exercise in sheet.exercises]
            writer.writerow([*names, *each, sum(each)])


def harmless(text: str) -> str:
    """Return ``text`` so that no spreadsheet computes it: a cell could begin like a formula, also after a ``;``."""
    return re.sub(r"(^|[;\t\r\n])(?=\s*[=+\-@＝＋－＠])", r"\1'", text)
