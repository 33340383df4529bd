"""A class from its LMS and back, by the command: rows, late ones, missing ones, decisions, a regrade, Gradescope."""

import csv
import json
import zipfile

import nbformat
import pytest

pytestmark = pytest.mark.slow

ROSTER = """\
Student,ID,SIS Login ID,Section,RNN (12)
Points Possible,,,,10
"Doe, Jane",1,jdoe,A,
"Roe, Jo",2,jroe,A,
"Lovelace, Ada",3,ada,A,
"Smith, Al",4,al,A,
"""


@pytest.fixture
def course(tmp_path, make, solution):
    """A zip file as Canvas makes it, and the gradebook."""
    right = nbformat.writes(make.filled(make.ANSWERS)).encode()
    half = nbformat.writes(make.filled({"rnn-step": make.STEP, "rnn-loop": make.LOOP})).encode()
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("doejane_LATE_1_99_rnn.ipynb", right)
        archive.writestr("doejane_1_98_rnn.ipynb", half)
        archive.writestr("roejo_2_97_rnn.ipynb", half)
        archive.writestr("lovelaceada_3_96_rnn.pdf", b"")
        archive.writestr("\x1b[2Jeve_5_95_rnn.ipynb", right)
        archive.writestr("smithal_4_94_solution.ipynb", solution.read_bytes())
    (tmp_path / "roster.csv").write_text(ROSTER)
    return tmp_path


def grades(path) -> dict[str, list[str]]:
    with (path / "grades.csv").open(encoding="utf-8") as file:
        return {row["Student"]: [row["Late"], row["Note"], row["Total [10]"]] for row in csv.DictReader(file)}


def test_marks_arrive(course, grade, flat):
    files = ["--csv", course / "grades.csv", "--report", course / "class.html", "--feedback", course / "pages"]
    first = grade(course / "all.zip", "--fast", "--roster", course / "roster.csv", *files)
    assert first.exit_code == 0, first.stderr
    assert grades(course) == {
        "doejane": ["late", "", "10"],
        "roejo": ["", "", "5"],
        "\ufffd[2Jeve": ["", "", "10"],
        "lovelaceada": ["", "lovelaceada_3_96_rnn.pdf: not a notebook", ""],
        "smithal": ["", "smithal_4_94_solution.ipynb: a copy of solution.ipynb", ""],
    }
    assert (course / "grades-import.csv").read_text() == ROSTER.replace("1,jdoe,A,", "1,jdoe,A,10").replace(
        "2,jroe,A,", "2,jroe,A,5"
    )
    said = flat(first.stderr)
    assert "not graded (an earlier one of the same student): doejane_1_98_rnn.ipynb" in said
    assert "not graded (not a notebook): lovelaceada_3_96_rnn.pdf" in said
    assert "roster: \ufffd[2Jeve (5): the roster has no such number" in said
    assert "Changed since" not in said
    assert "\x1b[2J" not in first.stderr
    assert "smithal_4_94_solution.ipynb" in (course / "class.html").read_text()

    (course / "overrides.csv").write_text(
        "who,exercise,points,reason\n2,perplexity,3,oral exam\nada,rnn-step,1,on paper\n"
    )
    wrong = grade(course / "all.zip", "--fast", *files)
    assert wrong.exit_code == 1
    assert "line 3: nobody is called 'ada'" in flat(wrong.stderr)
    (course / "overrides.csv").write_text(
        "who,exercise,points,reason\n2,perplexity,3,oral exam\n3,rnn-step,1,on paper\n"
    )
    for again in range(2):
        second = grade(course / "all.zip", "--fast", "--roster", course / "roster.csv", *files)
        assert second.exit_code == 0, second.stderr
        assert grades(course)["roejo"] == ["", "perplexity: 3 in place of 0, by hand (oral exam)", "8"]
        assert grades(course)["lovelaceada"][2] == "1"
        said = flat(second.stderr)
        assert ("roejo (2): perplexity 0 -> 3; total 5 -> 8" in said) == (again == 0)
        assert "points given by hand: " in said
    lines = (course / "grades-import.csv").read_text().splitlines()
    assert lines[3].endswith(",8")
    assert lines[4].endswith(",1")
    page = (course / "pages" / "roejo_2_97_rnn.html").read_text()
    assert "8 of 10 points" in page
    assert "by hand (oral exam)" in page


def test_wrong_files_around_a_class_are_said_before_grading(course, grade, flat):
    for options, message in (
        (["--roster", course / "none.csv"], "none.csv cannot be read"),
        (["--roster", course / "roster.csv", "--column", "MLP"], "has no column 'MLP'"),
        (["--overrides", course / "roster.csv"], "its first line has to be who,exercise,points,reason"),
        (["--student", "("], "is not a regular expression"),
        (["--student", "x"], "has no group"),
        (["--student", "(?P<name>nobody)"], "there is no notebook"),
    ):
        result = grade(course / "all.zip", "--csv", course / "g.csv", *options)
        assert result.exit_code == 1
        assert message in flat(result.stderr)
        assert isinstance(result.exception, SystemExit)
        assert not (course / "g.csv").exists()


def test_gradescope_gets_its_file_whatever_was_handed_in(course, grade, solution, make, tmp_path):
    folder = tmp_path / "submission"
    folder.mkdir()
    (folder / "overrides.csv").write_text("who,exercise,points,reason\nmine.ipynb,rnn-step,99,please\n")
    (tmp_path / "overrides.csv").write_text("who,exercise,points,reason\nmine.ipynb,rnn-step,99,please\n")
    results = tmp_path / "results" / "results.json"
    files = ["--fast", "--csv", tmp_path / "g.csv", "--gradescope", results]
    nothing = grade(folder, *files)
    assert nothing.exit_code == 1
    assert json.loads(results.read_text())["score"] == 0
    assert "there is no notebook (*.ipynb)" in json.loads(results.read_text())["output"]
    (folder / "solution.ipynb").write_bytes(solution.read_bytes())
    assert grade(folder, *files).exit_code == 0
    copied = json.loads(results.read_text())
    assert (copied["score"], copied["output"]) == (0, "solution.ipynb: a copy of solution.ipynb")
    (folder / "mine.ipynb").write_text(nbformat.writes(make.filled(make.ANSWERS)))
    assert grade(folder, *files).exit_code == 0
    result = json.loads(results.read_text())
    assert result["score"] == 10
    assert {test["status"] for test in result["tests"]} == {"passed"}
