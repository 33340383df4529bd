"""Marks: an instructor's decisions hold over the checks, wrong lines are named, and a regrade says what it changed."""

import pytest

from rnncourse.grading.judge.marks import Mark, changes, decide, rows
from rnncourse.grading.judge.overrides import read_overrides
from rnncourse.grading.judge.owners import Owner
from rnncourse.grading.judge.reports.grades_csv import read_csv, write_csv
from rnncourse.grading.judge.submissions import PassedOver, Submission

MARKS = [
    Mark("Ada Lovelace", "1", "a.ipynb"),
    Mark("Bob", "2", "b.ipynb"),
    Mark("Bob", "3", "c.ipynb"),
    Mark("=Eve", "", ""),
]


@pytest.fixture
def read(tmp_path, sheet):
    """Read overrides from a text."""

    def read(text: str):
        (tmp_path / "overrides.csv").write_text(text, encoding="utf-8")
        return read_overrides(tmp_path / "overrides.csv", sheet, MARKS)

    return read


def test_points_by_hand_hold_over_the_checks(read, sheet, verdicts):
    overrides = read(
        "\ufeffWho,exercise,points,reason\nlovelace ADA,rnn-step,0,copied\n2,rnn-loop,4.5,bonus\n\n"
        "c.ipynb,rnn-loop,1,oral\n"
        '"=Eve",perplexity,3,"on paper, late"\n'
    )
    results = {"a.ipynb": verdicts(), "b.ipynb": verdicts(), "c.ipynb": verdicts("failed")}
    ada, bob, other, eve = decide(sheet, MARKS, results, overrides)
    assert (ada.total, bob.total, other.total, eve.total) == (8, 11.5, 1, 3)
    assert ada.note == "rnn-step: 0 in place of 2, by hand (copied)"
    assert eve.points == {"rnn-step": 0, "rnn-loop": 0, "perplexity": 3, "temperature": 0}
    assert eve.note == "perplexity: 3, by hand (on paper, late)"
    assert decide(sheet, MARKS, results)[3].total is None


def test_semicolons_do_as_well(read):
    assert [each.points for each in read("who;exercise;points;reason\n1;rnn-step;1,5;x\n")] == [1.5]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "its first line has to be who,exercise,points,reason"),
        ("name,points\n", "its first line has to be who,exercise,points,reason"),
        ("who,exercise,points,reason\n\n1,rnn-step\n", "line 3: 2 columns in place of 4"),
        ("who,exercise,points,reason\n1,rnn,1,x\n", "line 2: there is no exercise 'rnn'; there is: rnn-step, rnn-loop"),
        ("who,exercise,points,reason\n1,rnn-step,two,x\n", "line 2: 'two' are no points; expected is a number"),
        ("who,exercise,points,reason\n1,rnn-step,-1,x\n", "line 2: '-1' are no points"),
        ("who,exercise,points,reason\n1,rnn-step,nan,x\n", "line 2: 'nan' are no points"),
        ("who,exercise,points,reason\nZoe,rnn-step,1,x\n", "line 2: nobody is called 'Zoe'"),
        ("who,exercise,points,reason\n,rnn-step,1,x\n", "line 2: nobody is called ''"),
        ("who,exercise,points,reason\nbob,rnn-step,1,x\n", "line 2: 2 rows are called 'bob'; say a number or a file"),
        ("who,exercise,points,reason\n1,rnn-step,1,x\n1,rnn-step,2,y\n", "line 3: 1 has points for rnn-step already"),
    ],
)
def test_a_wrong_line_is_named(read, text, message):
    with pytest.raises(ValueError, match=r"overrides\.csv") as error:
        read(text)
    assert message in str(error.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path, sheet):
    (tmp_path / "latin.csv").write_bytes(b"who,exercise,points,reason\nJ\xfcrgen,rnn-step,1,x\n")
    for path, reason in ((tmp_path / "latin.csv", "not UTF-8"), (tmp_path / "none.csv", "No such file")):
        with pytest.raises(ValueError, match=rf"{path.name} cannot be read: .*{reason}"):
            read_overrides(path, sheet, MARKS)


def test_who_handed_in_something_else_has_a_row(sheet, verdicts):
    absent = [PassedOver("x_1_2_rnn.pdf", "not a notebook", Owner("x", "1", "canvas", late=True))]
    _, x = decide(sheet, rows([Submission("a.ipynb", "a", "", b"")], absent), {"a.ipynb": verdicts()})
    assert (x.student, x.id, x.file, x.late, x.note) == ("x", "1", "", True, "x_1_2_rnn.pdf: not a notebook")
    assert x.total is None


def test_a_regrade_says_what_changed(sheet, verdicts, tmp_path):
    results = {"a.ipynb": verdicts(), "b.ipynb": verdicts(), "c.ipynb": verdicts("failed")}
    before = decide(sheet, MARKS, results)
    path = tmp_path / "grades.csv"
    write_csv(path, sheet, before)
    kept = read_csv(path, before)
    assert kept is not None
    assert changes(kept, before) == []
    after = decide(
        sheet,
        [Mark("Ada Lovelace", "1", "d.ipynb"), *MARKS[2:], Mark("Zoe", "", "z.ipynb")],
        {"d.ipynb": verdicts("failed"), "c.ipynb": verdicts("failed"), "z.ipynb": verdicts()},
    )
    assert changes(kept, after) == [
        "Ada Lovelace (1): rnn-step 2 -> 0, rnn-loop 3 -> 0, perplexity 3 -> 0, temperature 2 -> 0; total 10 -> 0",
        "Bob (2): no longer there",
        "Zoe: new, 10",
    ]


@pytest.mark.parametrize("text", ["", "x", "Student,ID\nAda,1\n", "Student,ID,File,a [1]\nAda,1,f,x\n"])
def test_grades_of_another_make_are_compared_with_nothing(tmp_path, text):
    path = tmp_path / "grades.csv"
    path.write_text(text)
    assert not read_csv(path, [])
    assert read_csv(tmp_path / "none.csv", []) is None
