"""The one reader of the exercise format: what it finds in a notebook, and what it refuses."""

import json
import os

import nbformat
import pytest

from rnncourse import notebooks
from rnncourse.grading.exercise import SEED, STUB, read_sheet, released_source

ANSWER = "def f(x, y):\n    ### BEGIN SOLUTION\n    return x\n    ### END SOLUTION\n\ndef g():\n    pass"


def code(name: str, source: str, tags: tuple[str, ...] = (), **nbgrader: object) -> nbformat.NotebookNode:
    metadata = {"tags": list(tags), **({"nbgrader": nbgrader} if nbgrader else {})}
    return nbformat.v4.new_code_cell(source, id=name, metadata=metadata)


def text(name: str, source: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_markdown_cell(source, id=name)


@pytest.fixture
def write(tmp_path):
    """Write a notebook of the given cells."""
    path = tmp_path / "topic" / "solution.ipynb"
    path.parent.mkdir()

    def write(*cells: nbformat.NotebookNode):
        notebooks.write(nbformat.v4.new_notebook(cells=list(cells)), path)
        return path

    return write


def test_all_that_is_said_of_an_exercise_is_read(write):
    hints = "\n".join(f"{i}. hint\n   {i}, not 1. but\n" for i in range(1, 13))
    path = write(
        code("setup", "import torch"),
        text("one-task", "## 1. Which one? (3 points)\n\nWrite `f`."),
        code("one", ANSWER, solution=True),
        text("one-hints", hints),
        code("first", "torch.manual_seed(5)", grade=True, points=1),
        code("second", "x", ("hidden",), grade=True, points=2),
        text("one-why", "because"),
        code("notes", "1 + 1"),
        code("two", "h = 1", solution=True),
    )
    sheet = read_sheet(path)
    assert (sheet.topic, sheet.path, sheet.setup) == ("topic", path, "import torch")
    first, second = sheet.exercises
    assert (first.name, first.title, first.statement.strip(), first.explanation) == (
        "one",
        "Which one?",
        "Write `f`.",
        "because",
    )
    assert first.solution == "def f(x, y):\n    return x\n\ndef g():\n    pass"
    assert first.functions == sheet.functions == {"f": ("x", "y"), "g": ()}
    assert first.hints[9:] == tuple(f"hint\n   {i}, not 1. but" for i in (10, 11, 12))
    assert [(check.name, check.points, check.hidden) for check in sheet.checks] == [
        ("first", 1, False), ("second", 2, True),
    ]  # fmt: skip
    assert sheet.checks[0].source == f"torch.default_generator.manual_seed({SEED}(5))"
    assert (first.points, second.points, sheet.points) == (3, 0, 3)
    assert (second.name, second.title, second.hints, second.checks) == ("two", "", (), ())


def test_a_notebook_that_has_changed_is_read_again(write):
    path = write(code("one", "x = 1", solution=True))
    assert read_sheet(path) is read_sheet(path)
    write(code("two", "x = 2", solution=True))
    os.utime(path, (1e9, 1e9))
    assert [exercise.name for exercise in read_sheet(path).exercises] == ["two"]


def test_a_check_of_no_exercise_is_refused(write):
    path = write(code("lost", "x", grade=True, points=1), code("one", "x = 1", solution=True))
    with pytest.raises(ValueError, match="the check lost comes before the first exercise"):
        read_sheet(path)


def test_what_is_released_has_stubs_and_no_hidden_tests():
    hidden = "f(1)\n### BEGIN HIDDEN TESTS\nf(2)\n### END HIDDEN TESTS\nf(3)\n"
    assert released_source(ANSWER) == f"def f(x, y):\n    {STUB}\n\ndef g():\n    pass"
    assert released_source(hidden) == "f(1)\nf(3)"


@pytest.mark.parametrize("topic", ["rnn", "gated"])
def test_a_notebook_whose_ids_were_lost_is_read_as_before(solution, tmp_path, topic):
    path = solution.parents[1] / topic / "solution.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        del cell["id"]
    notebook["nbformat_minor"] = 0
    lost = tmp_path / topic / "solution.ipynb"
    lost.parent.mkdir()
    lost.write_text(json.dumps(notebook), encoding="utf-8")
    assert read_sheet(lost)._replace(path=path) == read_sheet(path)
