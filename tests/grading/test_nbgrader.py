"""The source for nbgrader: its own preprocessors take out what students must not see, and its autograder grades it.

nbgrader is not among the course's packages. Where it is installed, here or in the environment whose Python the variable
NBGRADER_PYTHON names (as for benchmarks/grading.py, the course has to be importable there), it is really run.
"""

import csv
import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import nbformat
import pytest
from typer.testing import CliRunner

from rnncourse import notebooks
from rnncourse.cli import app
from rnncourse.grading.exercise import is_check, read_sheet, tags
from rnncourse.grading.release import nbgrader_source

ROOT = Path(__file__).parents[2]
PYTHON = os.environ.get("NBGRADER_PYTHON") or (sys.executable if find_spec("nbgrader") else "")
SECRET = "this is hidden"


@pytest.fixture
def exercises(tmp_path, solution) -> Path:
    """The exercises on the topic rnn with a hidden check: one that the loop fails if it is given no steps."""
    folder = tmp_path / "exercises" / "rnn"
    folder.mkdir(parents=True)
    notebook = notebooks.read(solution)
    place, check = next((i, cell) for i, cell in enumerate(notebook.cells) if is_check(cell))
    hidden = nbformat.v4.new_code_cell(f"# {SECRET}\n{check.source}", id="rnn-step-hidden")
    hidden.metadata.update(tags=["hidden"], nbgrader={**check.metadata.nbgrader, "grade_id": hidden.id})
    notebook.cells.insert(place + 1, hidden)
    notebooks.write(notebook, folder / "solution.ipynb")
    return folder.parent


def as_nbgrader_strips(source: str) -> str:
    """The released source of a cell, after nbgrader/preprocessors/clearsolutions.py and clearhiddentests.py."""
    kept, inside = [], ""
    for line in source.split("\n"):
        if found := re.search("(BEGIN|END) (SOLUTION|HIDDEN TESTS)", line):
            assert (found[1] == "END") == (inside == found[2]), "regions do not nest"
            inside = found[2] if found[1] == "BEGIN" else ""
        elif not inside:
            kept.append(line)
    assert not inside
    return "\n".join(kept)


@pytest.mark.parametrize("topic", sorted(ROOT.glob("exercises/*/solution.ipynb")), ids=lambda path: path.parent.name)
def test_what_is_left_of_the_source_says_nothing_of_the_solution(topic):
    sheet = read_sheet(topic)
    source = nbgrader_source(notebooks.read(topic))
    everything = "\n".join(cell.source for cell in source.cells)
    released = "\n".join(as_nbgrader_strips(cell.source) for cell in source.cells)
    without_checks = "\n".join(as_nbgrader_strips(cell.source) for cell in source.cells if not is_check(cell))
    for exercise in sheet.exercises:
        for text in (*exercise.hints, exercise.explanation):
            for line in map(str.strip, text.splitlines()):
                assert line in everything
                assert len(line) < 20 or line not in released  # a formula begins and ends like any other
        for line in map(str.strip, exercise.solution.splitlines()[1:]):
            assert len(line) < 20 or line.startswith("def ") or line not in without_checks
    assert [cell.id for cell in source.cells if is_check(cell)] == [check.name for check in sheet.checks]
    # Comments change nothing: it is the same program.
    for cell in source.cells:
        if cell.cell_type == "code":
            compile(cell.source, cell.id, "exec")
    assert nbgrader_source(source) == source


def test_a_hidden_check_is_a_region_of_hidden_tests(exercises):
    source = nbgrader_source(notebooks.read(exercises / "rnn" / "solution.ipynb"))
    (hidden,) = (cell for cell in source.cells if "hidden" in tags(cell))
    assert SECRET in hidden.source
    assert as_nbgrader_strips(hidden.source) == ""
    hidden.source = "### BEGIN HIDDEN TESTS\n### END HIDDEN TESTS"
    with pytest.raises(ValueError, match="'rnn-step-hidden': it is hidden as a whole, and has markers"):
        nbgrader_source(source)


def test_a_solution_without_a_region_is_refused(solution):
    notebook = notebooks.read(solution)
    for cell in notebook.cells:
        cell.source = re.sub("### (BEGIN|END) SOLUTION", "#", cell.source)
    with pytest.raises(ValueError, match="cell 'rnn-step': no ### BEGIN SOLUTION and ### END SOLUTION"):
        nbgrader_source(notebook)


def test_the_command_says_what_it_writes_and_cannot_write(exercises, tmp_path, flat):
    for word in ("written", "unchanged"):
        result = CliRunner().invoke(app, ["release", str(exercises), "--nbgrader", str(tmp_path / "course [1]")])
        assert result.exit_code == 0
        assert f"source/rnn/rnn.ipynb: {word}" in flat(result.stderr).replace("/ ", "/")
    assert not (exercises / "rnn" / "starter.ipynb").exists()
    (tmp_path / "file").write_text("")
    result = CliRunner().invoke(app, ["release", str(exercises), "--nbgrader", str(tmp_path / "file")])
    assert result.exit_code == 1
    assert "cannot be written" in flat(result.stderr)


@pytest.mark.slow
@pytest.mark.skipif(not PYTHON, reason="nbgrader is not installed, and NBGRADER_PYTHON is not set")
def test_nbgrader_itself_releases_and_grades(exercises, tmp_path, make):
    course = tmp_path / "course"
    assert CliRunner().invoke(app, ["release", str(exercises), "--nbgrader", str(course)]).exit_code == 0
    # It starts programs of its environment by their names.
    environment = {**os.environ, "PATH": os.pathsep.join([str(Path(PYTHON).parent), os.environ["PATH"]])}

    def nbgrader(*arguments: str) -> None:
        command = [PYTHON, "-m", "nbgrader", *arguments, f"--CourseDirectory.root={course}"]
        process = subprocess.run(command, cwd=course, env=environment, capture_output=True, text=True)
        assert process.returncode == 0, process.stderr

    nbgrader("generate_assignment", "rnn")
    released = notebooks.read(course / "release" / "rnn" / "rnn.ipynb")
    text = "\n".join(cell.source for cell in released.cells)
    sheet = read_sheet(exercises / "rnn" / "solution.ipynb")
    for secret in [SECRET, *(hint for exercise in sheet.exercises for hint in exercise.hints), "BEGIN"]:
        assert secret not in text
    assert text.count("raise NotImplementedError()") == len(sheet.exercises)
    wrong = {**make.ANSWERS, "rnn-step": make.STEP.replace("torch.tanh", "torch.sigmoid")}
    for student, answers in {"ada": make.ANSWERS, "bob": wrong, "eve": {}}.items():
        target = course / "submitted" / student / "rnn" / "rnn.ipynb"
        target.parent.mkdir(parents=True)
        shutil.copy(course / "release" / "rnn" / "rnn.ipynb", target)
        notebook = notebooks.read(target)
        for cell in notebook.cells:
            cell.source = answers.get(cell.id, cell.source)
        nbformat.write(notebook, target)
    nbgrader("autograde", "rnn")
    nbgrader("export")
    with (course / "grades.csv").open() as file:
        scores = {row["student_id"]: float(row["raw_score"]) for row in csv.DictReader(file)}
    hidden = sheet.exercises[0].checks[1]
    assert hidden.hidden
    assert scores == {"ada": sheet.points, "bob": sheet.points - sheet.exercises[0].points, "eve": 0}
