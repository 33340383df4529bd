"""Rosters come from an LMS and go back to it: what is written obeys the rules of its importer."""

import csv
import io
import re
from pathlib import Path

import pytest

from rnncourse.grading.judge.columns import grade_column
from rnncourse.grading.judge.marks import Mark
from rnncourse.grading.judge.matching import match, with_roster
from rnncourse.grading.judge.reports.roster_csv import write_roster
from rnncourse.grading.judge.roster import read_roster

CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Essay (11),Exercise RNN (12),Deep RNN (13),Current Score,Final Score
,,,,,Manual Posting,,,,
    Points Possible,,,,,5,10,10,(read only),(read only)
"Doe, Jane",123,s1,jdoe,A,4,,,80,80
"Müller-Lüdenscheidt, Jürgen",124,s2,jml,A,5,3,7,90,90
"Roe, Jo",125,123,jroe,A,,,,,
"Student, Test",126,,x,A,,,,,
"""
MOODLE = """\
Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,Last modified (submission),\
Last modified (grade),Feedback comments
Participant 901,Jane Doe,jane@x.edu,Submitted for grading - 2 hours late,,100.00,Yes,"Friday, 2 October 2026",-,
Participant 902,Jürgen Müller,jm@x.edu,Submitted for grading,,100.00,Yes,"Friday, 2 October 2026",-,well done
Participant 903,Jo Roe,jo@x.edu,No submission,-,100.00,Yes,-,-,
Participant 904,Ada L,ada@x.edu,Submitted for grading,50.00,100.00,No,-,-,
"""
PARTICIPANTS = "\ufeffFirst name,Last name,Username,Email address\nJane,Doe,jdoe,jane@x.edu\nJo,Roe,jroe,jo@x.edu\n"


def canvas_reads(path: Path) -> tuple[list[str], dict[str, list[str]]]:
    """What Canvas takes from a file: the titles of the assignments, and their grades by number of the student.

    After lib/gradebook_importer.rb: header?, update_column_count, check_for_non_student_row, process_student.
    """
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
    header = rows[0]
    assert len(header) > 3
    assert "Student" in header[0]
    assert "ID" in header[1]
    about = 3
    if re.search(r"SIS\s+Login\s+ID", header[2]):
        about += 1
    elif re.search(r"SIS\s+User\s+ID", header[2]) and re.search(r"SIS\s+Login\s+ID", header[3]):
        about += 2 + bool(re.search(r"Integration\s+ID", header[4]))
        about += bool(re.search(r"Root\s+Account", header[about]))
    assert "Section" in header[about - 1], "the last column about the student"
    computed = "Current Score|Current Points|Current Grade|Final Score|Final Points|Final Grade|Override"
    assignments = [title for title in header[about:] if not re.search(computed, title)]
    grades = {}
    for row in rows[1:]:
        no_student = "Points Possible" in row[0] or all(
            re.fullmatch(r"\s*(Muted|Manual Posting.*)?\s*", cell, re.IGNORECASE) for cell in row
        )
        if not no_student:
            grades[row[1]] = [row[header.index(title)] for title in assignments]
    return assignments, grades


def moodle_reads(path: Path) -> dict[int, str]:
    """What Moodle takes from a grading worksheet: the grades by number of the participant.

    After mod/assign/feedback/offline/importgradeslib.php: UTF-8 and commas; three columns are known by their names.
    """
    rows = list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8")), delimiter=","))
    places = [rows[0].index(title) for title in ("Identifier", "Grade", "Last modified (grade)")]
    return {int(row[places[0]].removeprefix("Participant ")): row[places[1]] for row in rows[1:]}


@pytest.fixture
def enter(tmp_path, sheet):
    """Write a roster, enter marks, and return what is read again, what was said, and the doubts."""

    def enter(text: str, *marks: Mark, column: str | None = None, encoding: str = "utf-8"):
        path = tmp_path / "roster.csv"
        path.write_bytes(text.encode(encoding))
        roster = read_roster(path)
        matches = match(roster, marks)
        rows = with_roster(roster, marks, matches)
        mark_of = {row: rows[number] for row, number in matches.mark_of.items()}
        place = grade_column(roster, sheet.topic, column, ["rnn", "deep_rnn", "mlp"])
        said = write_roster(tmp_path / "import.csv", roster, place, sheet, mark_of)
        return tmp_path / "import.csv", said, matches.doubts, rows

    return enter


def mark(student: str, id: str = "", system: str = "file", points: float = 7.0, late: bool = False) -> Mark:
    return Mark(student, id, "a.ipynb", late, system=system, points={"rnn-step": points})


def test_canvas_takes_its_gradebook_back(enter):
    path, said, doubts, rows = enter(
        CANVAS,
        mark("doejane", "123", "canvas", 8.5),
        mark("müllerlüdenscheidtjürgen", "124", "canvas", 10),
    )
    assignments, grades = canvas_reads(path)
    assert assignments == ["Exercise RNN (12)"], "no grade of anything else may be set back to what it was"
    assert grades == {"123": ["8.5"], "124": ["10"], "125": [""], "126": [""]}
    assert said == doubts == []
    assert [row.note for row in rows] == ["", "", "no submission"]  # none for Canvas's own test student


def test_a_canvas_gradebook_without_the_topic_gets_a_column(enter):
    without = "\n".join(
        ",".join(line.split(",")[:3]) for line in ["Student,ID,Section", "Points Possible,,", "J Doe,123,A"]
    )
    path, said, _, _ = enter(without, mark("doej", "123", "canvas"))
    assert canvas_reads(path) == (["rnn"], {"123": ["7"]})
    assert path.read_text().splitlines()[1] == "Points Possible,,,10"
    assert said == ["there is no column for rnn: it is new, and the LMS asks what it is"]


def test_which_column_is_said_if_more_than_one_may_be_meant(enter, tmp_path):
    several = CANVAS.replace("Exercise RNN", "RNN at home").replace("Essay", "RNN at school")
    with pytest.raises(ValueError, match=r"say one with --column: RNN at school \(11\), RNN at home \(12\)$"):
        enter(several, mark("doejane", "123", "canvas"))
    path, *_ = enter(several, mark("doejane", "123", "canvas"), column="at home")
    assert canvas_reads(path)[0] == ["RNN at home (12)"]
    with pytest.raises(ValueError, match=r"has no column 'RNM'; there is: Student, ID"):
        enter(several, column="RNM")
    with pytest.raises(ValueError, match="Canvas lets nobody change the column 'Current Score'"):
        enter(CANVAS, mark("doejane", "123", "canvas"), column="Current Score")
    path, *_ = enter(CANVAS.replace("Exercise RNN", "RNN"), mark("doejane", "123", "canvas"))
    assert canvas_reads(path)[0] == ["RNN (12)"]


def test_moodle_takes_its_worksheet_back(enter):
    path, said, doubts, rows = enter(
        MOODLE,
        mark("Jane Doe", "901", "moodle", 7),
        mark("Ju\u0308rgen Mu\u0308ller", "902", "moodle", 6.66),
        mark("Ada L", "904", "moodle"),
    )
    assert moodle_reads(path) == {901: "70", 902: "66.6", 903: "-", 904: "50.00"}
    before, after = (list(csv.reader(io.StringIO(text))) for text in (MOODLE, path.read_text(encoding="utf-8")))
    assert [row[:4] + row[5:] for row in before] == [row[:4] + row[5:] for row in after]
    assert said == [
        "Ada L: Moodle does not let this grade be changed",
        "marks are scaled from 10 points to 100, as the roster says",
    ]
    assert doubts == []
    assert [(row.late, row.note) for row in rows] == [(True, ""), (False, ""), (False, ""), (False, "no submission")]


@pytest.mark.parametrize(
    ("name", "in_file"),
    [
        ("Cleo O'Neil", "Cleo ONeil"),
        ("Li/Wei Xu", "LiWei Xu"),
        ("Jo Roe", "Group A-Jo Roe"),
        ("Ana Ça", "Ana C\u0327a"),
    ],
)
def test_signs_that_a_file_cannot_have_do_no_harm(enter, name, in_file):
    path, _, doubts, _ = enter(MOODLE.replace("Jo Roe", name), mark(in_file, "903", "moodle"))
    assert moodle_reads(path)[903] == "70"
    assert doubts == []
    path, _, doubts, _ = enter(f"Name,Email\n{name},x@y.z\n", mark(in_file.removeprefix("Group A-")))
    assert (",7," in path.read_text()) == ("/" not in name)


def test_moodles_number_is_nobody_elses(enter):
    """It is of the assignment: in another table, and for a group, the same number is somebody else's."""
    _, _, doubts, _ = enter(MOODLE, mark("Group A", "901", "moodle"))
    assert doubts == ["Group A (901): the number is that of Jane Doe; is this a group?"]
    path, _, _, _ = enter("Name,ID number\nJane Doe,902\nJo Roe,901\n", mark("Jane Doe", "901", "moodle"))
    assert path.read_text() == "Name,ID number,rnn,Late\nJane Doe,902,7,\nJo Roe,901,,\n"
    anonymous = MOODLE.replace("Jane Doe", "").replace("Jo Roe", "")
    assert moodle_reads(enter(anonymous, mark("Participant", "901", "moodle"))[0])[901] == "70"


def test_a_group_of_moodle_is_all_its_students(enter):
    text = (
        MOODLE.replace("Status,", "Status,Group,").replace("grading,", "grading,Group A,").replace("late,", "late,B,")
    )
    text = text.replace("No submission,", "No submission,Group A,").replace("Ada L,", "Ada L,")
    path, _, doubts, _ = enter(text, mark("Group A", "5", "moodle", 9))
    assert moodle_reads(path) == {901: "", 902: "90", 903: "90", 904: "50.00"}
    assert doubts == []


def test_any_table_with_names_gets_columns(enter):
    path, _, doubts, _ = enter(PARTICIPANTS, mark("Doe, Jane", late=True), mark("jroe", points=3))
    assert path.read_text(encoding="utf-8-sig").splitlines() == [
        "First name,Last name,Username,Email address,rnn,Late",
        "Jane,Doe,jdoe,jane@x.edu,7,late",
        "Jo,Roe,jroe,jo@x.edu,3,",
    ]
    assert doubts == []
    path, *_ = enter("Vorname;Nachname;Matrikelnummer\nJörg;Groß;77\n", mark("Gross Jorg"), encoding="cp1252")
    assert path.read_bytes().decode("cp1252").splitlines()[1] == "Jörg;Groß;77;7;"


def test_columns_of_brightspace_and_blackboard_stay_as_they_must(enter):
    head = "OrgDefinedId,Last Name,First Name,Exercise RNN Points Grade <Numeric MaxPoints:20>,End-of-Line Indicator"
    path, *_ = enter(f"{head}\n#7,Doe,Jane,,#\n", mark("Jane Doe", "397063-1", "brightspace"))
    assert path.read_text() == f"{head}\n#7,Doe,Jane,14,#\n"
    head = "Last Name,First Name,End-of-Line Indicator"
    path, *_ = enter(f"{head}\nDoe,Jane,#\n", mark("Jane Doe", "397063-1", "brightspace"))
    assert path.read_text().splitlines()[0].endswith(",End-of-Line Indicator")
    head = '"Last Name"\t"First Name"\t"Username"\t"RNN [Total Pts: 5 Score] |12"'
    path, *_ = enter(f"{head}\nDoe\tJane\tjdoe\t\n", mark("jdoe", "jdoe", "blackboard"), encoding="utf-16")
    assert path.read_bytes().decode("utf-16").splitlines()[1] == "Doe\tJane\tjdoe\t3.5"


TWO = "Student,ID,Section\nJane Doe,1,A\nJane Doe,2,B\nJo Roe,3,A\nJo A. Roe,4,A\n"


@pytest.mark.parametrize(
    ("marks", "doubt"),
    [
        ([mark("Jane Doe")], "Jane Doe: more than one student has this name"),
        ([mark("Mallory")], "Mallory: the roster has nobody with this name"),
        ([mark("doejane", "99", "canvas")], "doejane (99): the roster has no such number"),
        ([mark("Jo Roe"), mark("roe jo", "", "folder")], "a.ipynb, a.ipynb: all fit Jo Roe; none is entered"),
    ],
)
def test_nothing_is_guessed(enter, marks, doubt):
    path, _, doubts, _ = enter(TWO, *marks)
    assert doubts == [doubt]
    assert all(grades == [""] for grades in canvas_reads(path)[1].values())


def test_a_canvas_group_goes_to_the_number_and_is_said(enter):
    path, _, doubts, _ = enter(TWO, mark("teamrocket", "3", "canvas"))
    assert canvas_reads(path)[1]["3"] == ["7"]
    assert doubts == ["teamrocket (3): entered for Jo Roe, who has this number"]


def test_canvass_numbers_are_not_those_of_the_university(enter):
    """In the gradebook, somebody's ``SIS User ID`` is somebody else's ``ID``."""
    path, *_ = enter(CANVAS, mark("doejane", "123", "canvas"))
    assert canvas_reads(path)[1]["125"] == [""]


def test_those_who_handed_in_together_have_the_same_mark(enter):
    together = mark("Jane Doe & Nobody", "jdoe & x", "gradescope")
    path, _, doubts, _ = enter(PARTICIPANTS, together)
    assert ",7," in path.read_text().splitlines()[1]
    assert doubts == ["Nobody (x): the roster has nobody with this name"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has no students"),
        ("Student,ID,Section\n", "has no students"),
        ("PK\x03\x04", "is a file of a spreadsheet: export it as CSV"),
        ("a,b\n" + "x" * 200_000 + "\n", "cannot be read: field larger than field limit"),
        ("Size,Color\n1,2\n", "has no column with names or numbers of students; there is: Size, Color"),
        (
            "ID,Nazwisko,Ocena,Zmiana (ocena)\nUczestnik 1,Jo,,\n",
            "say with --column which column has the grades; there is",
        ),
    ],
)
def test_a_table_of_something_else_is_refused(enter, text, message):
    with pytest.raises(ValueError, match=message):
        enter(text)


def test_a_roster_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"x\.csv cannot be read: No such file"):
        read_roster(tmp_path / "x.csv")
