"""Feedback: a page for each student, with each check, its points and its message."""

import hashlib
import html
from collections.abc import Iterable
from pathlib import Path

from rnncourse.grading.exercise import Check, Sheet
from rnncourse.grading.judge.gradebook import points
from rnncourse.grading.judge.marks import Mark
from rnncourse.grading.judge.reports.page import page
from rnncourse.grading.judge.results import Results, Verdict
from rnncourse.grading.judge.submissions import Submission

MARKS = {"passed": "\u2713 passed", "failed": "\u2717 failed", "not attempted": "\u2013 not attempted"}
BODY = """<p>{total}</p>
{note}<table>
<thead><tr><th>Check</th><th>Points</th><th>Result</th></tr></thead>
<tbody>
{rows}
</tbody>
</table>"""


def text_for_student(check: Check, verdict: Verdict) -> str:
    """Return what a student gets to read: of a hidden check that failed, the hint only."""
    if check.hidden and verdict.outcome == "failed":
        return verdict.hint or "a hidden check failed"
    return verdict.text


def write_feedback(
    folder: Path, sheet: Sheet, submissions: Iterable[Submission], results: Results, marks: Iterable[Mark] = ()
) -> None:
    """Write a page for each submission, under the name of its file; ``marks`` hold what an instructor has decided."""
    mark_of = {mark.file: mark for mark in marks}
    taken: set[Path] = set()
    for submission in submissions:
        verdicts = results[submission.file]
        rows = []
        for exercise in sheet.exercises:
            score = f"{points(exercise.checks, verdicts)} of {exercise.points}"
            rows.append(_row("th", html.escape(exercise.name), score, ""))
            rows += [_row("td", *_cells(check, verdicts[check.name])) for check in exercise.checks]
        mark = mark_of.get(submission.file)
        total = points(sheet.checks, verdicts) if mark is None or mark.total is None else mark.total
        body = BODY.format(
            note=f"<p>{html.escape(mark.note)}</p>\n" if mark and mark.note else "",
            total=f"{total:g} of {sheet.points} points",
            rows="\n".join(rows),
        )
        path = _page(folder, submission.file, taken)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page(f"{sheet.topic}: {submission.student}", body), encoding="utf-8")


def _cells(check: Check, verdict: Verdict) -> tuple[str, str, str]:
    score = f"{check.points if verdict.outcome == 'passed' else 0} of {check.points}"
    failed = verdict.outcome == "failed"
    message = f"<pre>{html.escape(text_for_student(check, verdict))}</pre>" if failed else ""
    return html.escape(check.name), score, MARKS[verdict.outcome] + message


def _row(tag: str, *cells: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{cell}</{tag}>" for cell in cells) + "</tr>"


def _page(folder: Path, file: str, taken: set[Path]) -> Path:
    """Return a path in ``folder`` that is not ``taken``; a name that leads elsewhere, or that no file can have, is
    replaced.
    """
    parts = file.split("/")
    plain = all(part.strip(". ") and part.isprintable() and len(part.encode()) < 200 for part in parts)
    path = folder.joinpath(*parts[:-1], parts[-1].removesuffix(".ipynb") + ".html")
    in_the_way = {path, *path.parents} & taken or any(path in other.parents for other in taken)
    if not plain or "\\" in file or len(file) > 2000 or in_the_way:
        path = folder / f"{hashlib.sha256(file.encode()).hexdigest()[:16]}.html"
    taken.add(path)
    return path
