"""One row a student: the last notebook with answers counts, and what is set aside is named with a reason."""

import json
import os
import zipfile

import nbformat
import pytest

from rnncourse import notebooks
from rnncourse.grading.judge.selection import absent, select
from rnncourse.grading.judge.submissions import collect


@pytest.fixture(scope="session")
def contents(make, solution) -> dict[str, bytes]:
    """What students hand in, by kind."""
    answers = nbformat.writes(make.filled(make.ANSWERS)).encode()
    foreign = (solution.parents[1] / "clipping" / "starter.ipynb").read_bytes()
    return {
        "answers": answers,
        "solution": solution.read_bytes(),
        "starter": solution.with_name("starter.ipynb").read_bytes(),
        "foreign": foreign,
        "broken": b"{",
    }


@pytest.fixture
def handed_in(tmp_path, contents):
    """Write a zip file of the kinds, by name, and select from it."""

    def write(sheet, **kinds: str):
        path = tmp_path / "all.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for name, kind in kinds.items():
                archive.writestr(name, contents[kind])
        collection = collect(path)
        chosen, others = select(sheet, collection.submissions)
        return [each.file for each in chosen], {each.file: each.reason for each in others}, (chosen, others)

    return write


def test_a_whole_course_handed_in_is_one_row(sheet, handed_in):
    chosen, others, _ = handed_in(
        sheet,
        **{
            "ada/exercises/rnn/solution.ipynb": "solution",
            "ada/exercises/rnn/starter.ipynb": "answers",
            "ada/exercises/clipping/starter.ipynb": "foreign",
            "ada/copy/starter.ipynb": "starter",
            "ada/x.ipynb": "broken",
            "bob/rnn.ipynb": "answers",
        },
    )
    assert chosen == ["ada/exercises/rnn/starter.ipynb", "bob/rnn.ipynb"]
    assert others["ada/exercises/rnn/solution.ipynb"] == "a copy of solution.ipynb"
    assert others["ada/copy/starter.ipynb"].startswith("the starter as it was")
    assert others["ada/exercises/clipping/starter.ipynb"].startswith("nothing of this topic")
    assert others["ada/x.ipynb"].startswith("nothing of this topic, or no notebook")


def test_a_copy_of_the_solution_gets_no_marks_but_its_student_a_row(sheet, handed_in):
    chosen, others, (submissions, passed_over) = handed_in(
        sheet, **{"ada/solution.ipynb": "solution", "bob/rnn.ipynb": "answers", "eve/starter.ipynb": "starter"}
    )
    assert chosen == ["bob/rnn.ipynb", "eve/starter.ipynb"]
    assert others == {"ada/solution.ipynb": "a copy of solution.ipynb"}
    assert [each.owner.student for each in absent(passed_over, submissions) if each.owner] == ["ada"]


def test_a_copy_of_the_solution_is_known_with_hidden_checks_in_the_original(sheet, handed_in, tmp_path, solution):
    notebook = notebooks.read(solution)
    hidden = nbformat.v4.new_code_cell("x", id="h", metadata=notebook.cells[-2].metadata)
    hidden.metadata = {"tags": ["hidden"], "nbgrader": {"grade": True, "points": 1}}
    notebook.cells.append(hidden)
    path = tmp_path / "rnn" / "solution.ipynb"
    path.parent.mkdir()
    notebooks.write(notebook, path)
    _, others, _ = handed_in(sheet._replace(path=path), **{"ada/a.ipynb": "solution", "bob/rnn.ipynb": "answers"})
    assert others == {"ada/a.ipynb": "a copy of solution.ipynb"}


def test_a_file_that_is_named_itself_is_graded_whatever_it_is(sheet, handed_in, solution):
    handed = collect(solution).submissions
    assert select(sheet, handed, is_named=True) == (handed, [])
    assert handed_in(sheet, **{"solution.ipynb": "solution"})[0] == []


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("doe_1_99_a.ipynb", "doe_LATE_1_100_a.ipynb"),
        ("E_doe_attempt_2026-10-04-12-30-45_z.ipynb", "E_doe_attempt_2026-10-05-09-00-00_a.ipynb"),
        ("1-2 - Jo - Dec 5, 2026 1100 AM/z.ipynb", "1-2 - Jo - Dec 5, 2026 100 PM/a.ipynb"),
    ],
)
def test_of_two_attempts_the_last_counts(sheet, handed_in, first, last):
    chosen, others, _ = handed_in(sheet, **{first: "answers", last: "answers"})
    assert chosen == [last]
    assert others == {first: "an earlier one of the same student"}


def test_where_no_name_says_it_the_later_file_counts(sheet, tmp_path, contents):
    for name, when in (("ada/z.ipynb", 1e9), ("ada/a.ipynb", 1e9 + 1), ("bob/b.ipynb", 1e9)):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(contents["answers"])
        os.utime(path, (when, when))
    chosen, _ = select(sheet, collect(tmp_path).submissions)
    assert [each.file for each in chosen] == ["ada/a.ipynb", "bob/b.ipynb"]


def test_a_file_called_like_a_folder_is_no_attempt_of_its_student(sheet, handed_in):
    chosen, _, _ = handed_in(sheet, **{"bob.ipynb": "answers", "bob/rnn.ipynb": "answers"})
    assert chosen == ["bob.ipynb", "bob/rnn.ipynb"]


def test_starters_of_other_formats_are_known(sheet, handed_in, contents):
    notebook = json.loads(contents["starter"])
    for cell in notebook["cells"]:
        cell.pop("id")
        cell["metadata"] = {}
    contents["colab"] = json.dumps({**notebook, "nbformat_minor": 0}).encode()
    kinds = {"a/1.ipynb": "colab", "a/2.ipynb": "answers", "b/1.ipynb": "answers"}
    assert handed_in(sheet, **kinds)[1] == {"a/1.ipynb": "the starter as it was; the same student has another one"}
