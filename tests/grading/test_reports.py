"""What grading leaves: harmless in a spreadsheet, in a browser and in XML; hidden checks stay hidden."""

import csv
import html
import json
import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnncourse.grading.exercise import Sheet
from rnncourse.grading.judge.analysis import distribution, items
from rnncourse.grading.judge.marks import decide, rows
from rnncourse.grading.judge.reports import Reports
from rnncourse.grading.judge.reports.class_report import write_class_report
from rnncourse.grading.judge.reports.feedback import text_for_student, write_feedback
from rnncourse.grading.judge.reports.grades_csv import harmless, write_csv
from rnncourse.grading.judge.reports.gradescope import write_gradescope
from rnncourse.grading.judge.reports.junit import write_junit
from rnncourse.grading.judge.results import Verdict
from rnncourse.grading.judge.submissions import PassedOver, Submission


def test_csv_holds_no_formulas(tmp_path, sheet, verdicts):
    names = ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "＝1+1", " =1", 'a"b,c\nd; e']
    handed_in = [Submission(f"{i}.ipynb", name, name, b"") for i, name in enumerate(names)]
    marks = decide(sheet, rows(handed_in), {submission.file: verdicts() for submission in handed_in})
    write_csv(tmp_path / "g.csv", sheet, marks)
    with (tmp_path / "g.csv").open(newline="") as file:
        lines = list(csv.reader(file))[1:]
    assert [line[0].replace("'", "") for line in lines] == names
    assert [line[0][:1] == "'" for line in lines] == [True] * (len(names) - 1) + [False]
    assert harmless("x;=HYPERLINK(1)") == "x;'=HYPERLINK(1)"
    assert all(line[-1] == "10" for line in lines)


def hiding(sheet: Sheet, end: str) -> Sheet:
    """The same exercises with some checks hidden."""
    return sheet._replace(
        exercises=tuple(
            exercise._replace(
                checks=tuple(check._replace(hidden=check.name.endswith(end)) for check in exercise.checks)
            )
            for exercise in sheet.exercises
        )
    )


def test_feedback_stays_in_its_folder_and_hides_hidden_checks(tmp_path, sheet, verdicts):
    files = [
        *("a.ipynb", "x/../a.ipynb", "../a.ipynb", "/a.ipynb", "a.html/b.ipynb", "c.html/d.ipynb", "c.ipynb"),
        *("..ipynb", ".ipynb", "x" * 300 + ".ipynb", "\x1b.ipynb"),
    ]
    handed_in = [Submission(file, "<b>Ada</b>", "", b"") for file in files]
    failed = verdicts("failed", "expected 42 but got <i>7</i>", hint="Hint 1 of 3: think & try")
    write_feedback(tmp_path / "pages", hiding(sheet, "-sum"), handed_in, dict.fromkeys(files, failed))
    pages = [path for path in (tmp_path / "pages").rglob("*") if path.is_file()]
    assert len(pages) == len(files)
    assert [path.name for path in tmp_path.iterdir()] == ["pages"]
    page = (tmp_path / "pages" / "a.html").read_text(encoding="utf-8")
    assert "<i>" not in page
    assert "<b>" not in page
    lines = {line.split("</td>")[0].rpartition("<td>")[2]: html.unescape(line) for line in page.split("<tr>")}
    assert "42" not in lines["rnn-step-sum"]
    assert "Hint 1 of 3: think & try" in lines["rnn-step-sum"]
    assert "42" in lines["rnn-step-terms"]


def test_what_a_student_returns_is_no_hint_of_a_hidden_check(sheet):
    hidden = hiding(sheet, "").checks[0]
    forged = Verdict("failed", "could not convert: 'Hint 9 of 9: the inputs are 1, 2'")
    assert text_for_student(hidden, forged) == "a hidden check failed"
    assert text_for_student(hidden, forged._replace(hint="Hint 1 of 3: look")) == "Hint 1 of 3: look"
    assert text_for_student(sheet.checks[0], forged) == forged.message


def test_junit_is_xml_whatever_the_names(tmp_path, sheet, verdicts):
    submission = Submission("\x00\x1b<&>\ufffe.ipynb", "", "", b"")
    write_junit(tmp_path / "j.xml", sheet, [submission], {submission.file: verdicts("failed", "\x00<&>\x1b[31m")})
    case = ElementTree.parse(tmp_path / "j.xml").getroot()[0][0]
    assert case.find("failure").attrib["message"] == "<&>[31m"  # type: ignore[union-attr]


def test_missing_folders_are_made_and_nothing_handed_in_is_replaced(tmp_path):
    handed_in = tmp_path / "a.ipynb"
    handed_in.write_text("{}")
    Reports(tmp_path / "new" / "g.csv", tmp_path / "new" / "j.xml", tmp_path / "pages").prepare(handed_in)
    assert (tmp_path / "new").is_dir()
    assert (tmp_path / "pages").is_dir()
    for reports in (Reports(handed_in), Reports(tmp_path), Reports(tmp_path / "g.csv", feedback=handed_in)):
        with pytest.raises(ValueError, match="cannot be written"):
            reports.prepare(handed_in)


def test_gradescope_reads_each_check_and_the_total(tmp_path, sheet, verdicts):
    hidden = hiding(sheet, "-sum")
    failed = verdicts("failed", "expected 42", hint="Hint 1 of 3: think")
    first = next(iter(failed))
    results = {"a.ipynb": {**failed, first: Verdict("passed")}}
    (mark,) = decide(hidden, rows([Submission("a.ipynb", "a", "", b"")]), results)
    write_gradescope(tmp_path / "results.json", hidden, mark, results)
    result = json.loads((tmp_path / "results.json").read_text())
    assert result["score"] == mark.total == hidden.checks[0].points
    assert sum(test["max_score"] for test in result["tests"]) == hidden.points
    tests = {test["name"].partition(": ")[2]: test for test in result["tests"]}
    assert tests[first] == {
        "name": f"{hidden.checks[0].exercise}: {first}",
        "score": hidden.checks[0].points,
        "max_score": hidden.checks[0].points,
        "status": "passed",
        "output": "",
        "output_format": "text",
        "visibility": "visible",
    }
    assert tests["rnn-step-sum"]["output"] == "Hint 1 of 3: think"
    assert "42" in tests["rnn-step-terms"]["output"] + tests[hidden.checks[-1].name]["output"]


def test_the_page_of_the_class_counts_and_escapes(tmp_path, sheet, verdicts):
    files = ["a.ipynb", "b.ipynb", "<i>c.ipynb"]
    handed_in = [Submission(file, f"<b>{file[0]}</b>", "", b'{"cells": []}') for file in files]
    failed = verdicts("failed", "<script>42</script> is wrong\nmore")
    some = {name: verdict if i else Verdict("passed") for i, (name, verdict) in enumerate(failed.items())}
    results = dict(zip(files, (verdicts(), some, verdicts("failed", "<script>43</script> is wrong")), strict=True))
    marks = decide(sheet, rows(handed_in), results)
    passed_over = [PassedOver("<u>x", "not a <notebook>", None)]
    write_class_report(tmp_path / "class.html", sheet, handed_in, results, marks, passed_over)
    page = (tmp_path / "class.html").read_text(encoding="utf-8")
    for tag in ("<script", "<b>", "<i>", "<u>", "<notebook"):
        assert tag not in page
    first, *_ = sheet.checks
    text = " ".join(html.unescape(re.sub("<[^>]*>", " ", page)).split())
    assert "3 students, 3 with points, 0 late. Of 10 points: mean " in text
    assert f"{first.exercise} {first.name} {first.points} 67% " in text
    assert f"{first.name} 1 <script>43</script> is wrong" in text
    assert f"{sheet.checks[1].name} 2 <script>42</script> is wrong more <b>b</b>" in text
    assert "<u>x not a <notebook>" in text


def test_items_tell_what_a_check_is_worth(sheet, verdicts):
    first, second, *rest = (check.name for check in sheet.checks)

    def student(*passed: str) -> dict[str, Verdict]:
        return {name: Verdict("passed" if name in passed else "failed", "x") for name in verdicts()}

    results = {"a": student(first, *rest), "b": student(first, *rest), "c": student(second), "d": student(second)}
    easy, odd, *_ = items(sheet, results)
    assert (easy.share, odd.share) == (0.5, 0.5)
    assert easy.discrimination == pytest.approx(1)
    assert odd.discrimination == pytest.approx(-1)
    assert items(sheet, {"a": student()})[0].discrimination is None
    assert items(sheet, {})[0].share == 0


@given(st.lists(st.floats(0, 50), max_size=30), st.integers(1, 40))
def test_everybody_is_in_the_distribution(totals, highest):
    ranges = distribution(totals, highest)
    assert sum(count for _, count in ranges) == len(totals)
    assert ranges[-1][0].split()[-1] == str(highest)
    assert len(ranges) <= 11
