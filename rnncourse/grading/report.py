"""What grading leaves: the grades for an LMS, the results for other programs, a page for each student."""

import csv
import hashlib
import html
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree

from rnncourse.grading.gradebook import Results, exercises, points
from rnncourse.grading.sheet import Result, Sheet
from rnncourse.grading.submissions import Submission


def write_csv(path: Path, sheet: Sheet, submissions: Iterable[Submission], results: Results) -> None:
    """Write one line a submission; Canvas and Moodle find the student by name or number, and a column for the grade."""
    own = exercises(sheet)
    columns = [
        "Student",
        "ID",
        "File",
        *(f"{name} ({most})" for name, most in own.items()),
        f"Total ({sum(own.values())})",
    ]
    aside = path.with_name(path.name + ".part")
    with aside.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for submission in submissions:
            found = results[submission.file]
            names = [_harmless(text) for text in (submission.student, submission.id, submission.file)]
            writer.writerow([*names, *(points(sheet, found, name) for name in own), points(sheet, found)])
    aside.replace(path)


def _harmless(text: str) -> str:
    """A cell that begins like a formula would be computed by a spreadsheet, some of which also end cells at ``;``."""
    return re.sub(r"(^|[;\t\r\n])(?=\s*[=+\-@＝＋－＠])", r"\1'", text)


def write_junit(path: Path, sheet: Sheet, submissions: Iterable[Submission], results: Results) -> None:
    """Write one test suite a submission and one test case a check, with exercise and points as properties."""
    root = ElementTree.Element("testsuites", name=sheet.topic)
    for submission in submissions:
        outcomes = Counter(result.outcome for result in results[submission.file].values())
        suite = ElementTree.SubElement(
            root,
            "testsuite",
            name=_printable(submission.file),
            tests=str(len(sheet.checks)),
            failures=str(outcomes["failed"]),
            errors="0",
            skipped=str(outcomes["not attempted"]),
        )
        for check in sheet.checks:
            result = results[submission.file][check.name]
            case = ElementTree.SubElement(suite, "testcase", classname=check.exercise, name=check.name)
            properties = ElementTree.SubElement(case, "properties")
            ElementTree.SubElement(properties, "property", name="points", value=str(check.points))
            if result.outcome != "passed":
                kind = "failure" if result.outcome == "failed" else "skipped"
                ElementTree.SubElement(case, kind, message=_printable(told(sheet, result)))
    ElementTree.indent(root)
    ElementTree.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def _printable(text: str) -> str:
    return "".join(character for character in text if character.isprintable() or character in "\n\t")


def told(sheet: Sheet, result: Result) -> str:
    """Return what a student is told of ``result``: of a hidden check, the hint only."""
    check = next(check for check in sheet.checks if check.name == result.check)
    if not check.hidden or result.outcome != "failed":
        return result.message
    return result.message[result.message.rfind("Hint ") :] if "Hint " in result.message else "a hidden check failed"


MARKS = {"passed": "\u2713 passed", "failed": "\u2717 failed", "not attempted": "\u2013 not attempted"}
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ font: 16px/1.5 sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem; color-scheme: light dark; }}
table {{ border-collapse: collapse; width: 100%; }}
th, td {{ text-align: left; vertical-align: top; padding: .4rem; border-bottom: 1px solid #8888; }}
pre {{ margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }}
</style>
</head>
<body>
<h1>{title}</h1>
<p>{total}</p>
<table>
<thead><tr><th>Check</th><th>Points</th><th>Result</th></tr></thead>
<tbody>
{rows}
</tbody>
</table>
</body>
</html>
"""


def write_feedback(folder: Path, sheet: Sheet, submissions: Iterable[Submission], results: Results) -> None:
    """Write a page for each submission, under the name of its file."""
    taken: set[Path] = set()
    for submission in submissions:
        found = results[submission.file]
        rows = []
        heading = ""
        for check in sheet.checks:
            if check.exercise != heading:
                heading = check.exercise
                most = sum(one.points for one in sheet.checks if one.exercise == heading)
                cells = (html.escape(heading), f"{points(sheet, found, heading)} of {most}", "")
                rows.append("<tr>" + "".join(f"<th>{cell}</th>" for cell in cells) + "</tr>")
            result = found[check.name]
            got = check.points if result.outcome == "passed" else 0
            message = f"<pre>{html.escape(told(sheet, result))}</pre>" if result.outcome == "failed" else ""
            cells = (html.escape(check.name), f"{got} of {check.points}", MARKS[result.outcome] + message)
            rows.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
        most = sum(check.points for check in sheet.checks)
        page = PAGE.format(
            title=html.escape(f"{sheet.topic}: {submission.student}"),
            total=f"{points(sheet, found)} of {most} points",
            rows="\n".join(rows),
        )
        path = _page(folder, submission.file, taken)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page, encoding="utf-8")


def _page(folder: Path, file: str, taken: set[Path]) -> Path:
    """Return a path of its own in ``folder``; a name that leads elsewhere, or that a file cannot have, is replaced."""
    parts = file.split("/")
    plain = all(part.strip(". ") and part.isprintable() and len(part.encode()) < 200 for part in parts)
    path = folder.joinpath(*parts[:-1], parts[-1].removesuffix(".ipynb") + ".html")
    in_the_way = {path, *path.parents} & taken or any(path in other.parents for other in taken)
    if not plain or "\\" in file or len(file) > 2000 or in_the_way:
        path = folder / f"{hashlib.sha256(file.encode()).hexdigest()[:16]}.html"
    taken.add(path)
    return path
