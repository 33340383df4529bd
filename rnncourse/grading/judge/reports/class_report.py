"""A page on the class: marks, checks, messages, answers that are alike, and all that was not graded."""

import contextlib
import html
import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path

from rnncourse.files import replacing
from rnncourse.grading.exercise import Sheet
from rnncourse.grading.judge.analysis import commonest, distribution, items
from rnncourse.grading.judge.cells import code_cells
from rnncourse.grading.judge.marks import Mark
from rnncourse.grading.judge.reports.page import page
from rnncourse.grading.judge.results import Results
from rnncourse.grading.judge.similarity import Pair, similar_pairs
from rnncourse.grading.judge.submissions import PassedOver, Submission

STYLE = """meter { width: 8rem; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; margin: .5rem 0; }
.pair pre { font-size: .8rem; border: 1px solid #8888; padding: .4rem; }
"""


def write_class_report(
    path: Path,
    sheet: Sheet,
    submissions: Sequence[Submission],
    results: Results,
    marks: Sequence[Mark],
    passed_over: Sequence[PassedOver] = (),
) -> None:
    """Write the page; nothing that a student has written is markup in it."""
    name_of = {submission.file: submission.student for submission in submissions}
    cells_of: dict[str, list[str]] = {}
    for submission in submissions:
        with contextlib.suppress(ValueError):
            cells_of[submission.file] = code_cells(submission.content)
    parts = [
        _marks(sheet, marks),
        _checks(sheet, results),
        _messages(sheet, results, name_of),
        _pairs(similar_pairs(sheet, cells_of), name_of),
        _section("Not graded", _table(("File", "Reason"), [(file.file, file.reason) for file in passed_over])),
    ]
    text = page(f"{sheet.topic}: the class", "\n".join(parts), STYLE)
    with replacing(path) as draft:
        draft.write_text(text, encoding="utf-8")


def _marks(sheet: Sheet, marks: Sequence[Mark]) -> str:
    totals = [mark.total for mark in marks if mark.total is not None]
    late = sum(mark.late for mark in marks)
    summary = f"{len(marks)} students, {len(totals)} with points, {late} late."
    if totals:
        mean, median = statistics.fmean(totals), statistics.median(totals)
        summary += f" Of {sheet.points} points: mean {mean:.1f}, median {median:g}."
    ranges = distribution(totals, sheet.points)
    most = max((count for _, count in ranges), default=0) or 1
    rows = [(span, _Markup(f'<meter max="{most}" value="{count}"></meter> {count}')) for span, count in ranges]
    return _section("Marks", f"<p>{summary}</p>" + _table(("Points", "Students"), rows))


def _checks(sheet: Sheet, results: Results) -> str:
    introduction = (
        "<p>Discrimination is the correlation between passing the check and the points for all other checks. "
        "Near 0 or below it, look at the check.</p>"
    )
    rows = []
    for item in items(sheet, results):
        meter = _Markup(f'<meter max="1" value="{item.share:.3f}"></meter> {item.share:.0%}')
        tells = "all alike" if item.discrimination is None else f"{item.discrimination:.2f}"
        rows.append((item.check.exercise, item.check.name, f"{item.check.points}", meter, tells))
    return _section("Checks", introduction + _table(("Exercise", "Check", "Points", "Passed", "Discrimination"), rows))


def _messages(sheet: Sheet, results: Results, name_of: dict[str, str]) -> str:
    rows = [
        (
            told.check,
            f"{told.count}",
            _Markup(f"<pre>{html.escape(told.example)}</pre>"),
            name_of.get(told.file, told.file),
        )
        for told in commonest(sheet, results)
    ]
    return _section("Commonest messages", _table(("Check", "Students", "For example", "To"), rows))


def _pairs(pairs: Sequence[Pair], name_of: dict[str, str]) -> str:
    introduction = (
        "<p>In these pairs, most of what few others have written is the same; names and comments do not count. "
        "That is a reason to look, and no proof.</p>"
    )
    sections = []
    for pair in pairs:
        names = " and ".join(html.escape(f"{name_of[file]} ({file})") for file in (pair.first, pair.second))
        answers = "".join(f"<pre>{html.escape(answer)}</pre>" for answer in pair.answers)
        head = f"<h3>{names}: {pair.share:.0%}, most in {html.escape(pair.exercise)}</h3>"
        sections.append(f'{head}<div class="pair">{answers}</div>')
    return _section("Similar answers", introduction + "\n".join(sections) if sections else "<p>None.</p>")


class _Markup(str):
    """Text that is HTML already."""


def _section(title: str, content: str) -> str:
    return f"<h2>{title}</h2>\n{content}"


def _table(head: Iterable[str], rows: Sequence[Iterable[str]]) -> str:
    if not rows:
        return "<p>None.</p>"
    titles = "".join(f"<th>{title}</th>" for title in head)
    lines = "\n".join(
        "<tr>"
        + "".join(f"<td>{cell if isinstance(cell, _Markup) else html.escape(cell)}</td>" for cell in row)
        + "</tr>"
        for row in rows
    )
    return f"<table>\n<thead><tr>{titles}</tr></thead>\n<tbody>\n{lines}\n</tbody>\n</table>"
