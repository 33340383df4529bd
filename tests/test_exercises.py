"""Exercises: the starter is made from the solution, says what was not attempted, and passes once it is filled in."""

import json
import re
import runpy
import subprocess
import sys
from functools import cache, wraps
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
import torch
from typer.testing import CliRunner

from rnncourse import notebooks
from rnncourse.cli import app
from rnncourse.grading import exercise as sheets
from rnncourse.grading.checks import CheckFailed, NotAttempted, call, same
from rnncourse.grading.judge.bench import run_check as outcome
from rnncourse.grading.release import STUB, starter

ROOT = Path(__file__).parents[1]
SOLUTIONS = sorted((ROOT / "exercises").glob("*/solution.ipynb"))
IDS = [path.parent.name for path in SOLUTIONS]
NBGRADER = {"cell_type", "grade", "grade_id", "locked", "points", "schema_version", "solution", "task"}


@cache
def cells_of(path: Path) -> list[nbformat.NotebookNode]:
    """The cells of a notebook, read once; no test changes them."""
    return notebooks.read(path).cells


def is_check(cell) -> bool:
    return cell.metadata.get("nbgrader", {}).get("grade", False)


def run_nbval(path: Path) -> dict[str, int]:
    """Run the notebook under nbval as a student would, and return how many cells ended how."""
    command = [sys.executable, "-m", "pytest", "--nbval", "-q", "-n=0", "-p", "no:cacheprovider", "-c", "/dev/null"]
    result = subprocess.run([*command, "-rA", str(path)], capture_output=True, text=True, cwd=path.parent)
    return {word: result.stdout.count(f"\n{word} ") for word in ("PASSED", "FAILED", "XFAIL", "ERROR")}


def filled_in(path: Path, source_of: dict[str, str]) -> nbformat.NotebookNode:
    notebook = notebooks.read(path)
    for cell in notebook.cells:
        cell.source = source_of.get(cell.id, cell.source)
    return notebook


def given_to_solutions(own: sheets.Sheet, seed: int) -> dict[str, list[str]]:
    """What the checks of each exercise give to its functions, if their inputs are drawn with ``seed``."""
    given: dict[str, list[str]] = {check.exercise: [] for check in own.checks}
    now = ""

    def recorded(function):
        @wraps(function)
        def record(*arguments):
            given[now].append(repr(arguments))
            return function(*arguments)

        return record

    namespace: dict = {sheets.SEED: lambda published: seed}
    for source in (own.setup, *own.solutions):
        exec(source, namespace)
    namespace.update({name: recorded(namespace[name]) for name in own.functions})
    for check in own.checks:
        now = check.exercise
        exec(check.source, namespace)
    return given


@pytest.mark.parametrize("path", SOLUTIONS, ids=IDS)
def test_written_down_answers_pass_no_exercise(path):
    own = sheets.read_sheet(path)
    one, other = given_to_solutions(own, 12345), given_to_solutions(own, 54321)
    assert [exercise for exercise in one if set(other[exercise]) <= set(one[exercise])] == []


@pytest.mark.parametrize("path", SOLUTIONS, ids=IDS)
def test_what_needs_no_thought_passes_no_check(path):
    own = sheets.read_sheet(path)
    passed = []
    for name, parameters in own.functions.items():
        checks = [check for check in own.checks if f"call({name}," in check.source]
        assert checks
        for result in (*parameters, "0", "0.0", "1", "1.0", "2.0", "[]", "{}", "()"):
            namespace: dict = {sheets.SEED: int}
            for source in (own.setup, *own.solutions, f"def {name}({', '.join(parameters)}):\n    return {result}"):
                exec(source, namespace)
            # All of them, since a later one may use names of an earlier one.
            found = {check.name: outcome(check, namespace)[0] for check in own.checks}
            passed += [(result, check.name) for check in checks if found[check.name] == "passed"]
    assert passed == []


@pytest.mark.parametrize("path", SOLUTIONS, ids=IDS)
def test_starter_has_not_drifted(path):
    expected = notebooks.dumps(starter(notebooks.read(path)))
    assert path.with_name("starter.ipynb").read_text(encoding="utf-8") == expected, "run: rnncourse release"


@pytest.mark.parametrize("path", SOLUTIONS, ids=IDS)
def test_starter_gives_nothing_away(path):
    solution, handed_out = notebooks.read(path), notebooks.read(path.with_name("starter.ipynb"))
    text = "\n".join(cell.source for cell in handed_out.cells)
    assert "SOLUTION" not in text
    assert "HIDDEN" not in text
    answers = [cell for cell in solution.cells if cell.metadata.get("nbgrader", {}).get("solution")]
    assert answers
    assert text.count(STUB) == sum(cell.source.count("### BEGIN SOLUTION") for cell in answers) == len(answers)
    assert not any(cell.outputs for cell in handed_out.cells if cell.cell_type == "code")


@pytest.mark.parametrize("path", SOLUTIONS, ids=IDS)
def test_metadata_is_nbgraders(path):
    grade_ids = []
    for cell in notebooks.read(path).cells:
        data = cell.metadata.get("nbgrader")
        if data:
            assert set(data) <= NBGRADER
            assert data["schema_version"] == 3
            assert data["locked"] == data["grade"] == ("points" in data)
            grade_ids.append(data["grade_id"])
    assert grade_ids
    assert len(set(grade_ids)) == len(grade_ids)


@pytest.mark.parametrize("path", SOLUTIONS, ids=IDS)
def test_untouched_starter_is_not_attempted_and_filled_in_it_passes(path, tmp_path):
    handed_out = path.with_name("starter.ipynb")
    cells = notebooks.read(handed_out).cells
    checks, code = sum(map(is_check, cells)), sum(cell.cell_type == "code" for cell in cells)
    untouched = tmp_path / "untouched.ipynb"
    untouched.write_bytes(handed_out.read_bytes())
    assert run_nbval(untouched) == {"PASSED": code - checks, "FAILED": 0, "XFAIL": checks, "ERROR": 0}

    filled = filled_in(handed_out, {cell.id: cell.source for cell in notebooks.read(path).cells})
    notebooks.write(filled, tmp_path / "filled.ipynb")
    assert run_nbval(tmp_path / "filled.ipynb") == {"PASSED": code, "FAILED": 0, "XFAIL": 0, "ERROR": 0}


def mutants_of(path: Path) -> SimpleNamespace:
    return SimpleNamespace(**runpy.run_path(str(path.with_name("mutants.py"))))


def attempt(path: Path, exercise: str, code: str) -> dict[str, str]:
    """Run the checks of ``exercise`` on ``code``; return the message of each one that failed."""
    student: dict[str, object] = {}
    failed = {}
    for cell in cells_of(path.with_name("starter.ipynb")):
        if cell.id == "setup":
            exec(cell.source, student)
        elif cell.id == exercise:
            exec(code or cell.source, student)
        elif is_check(cell) and exercise_of(cell.id, path) == exercise:
            try:
                exec(cell.source, student)
            except CheckFailed as failure:
                failed[cell.id] = f"{type(failure).__name__}: {failure}"
    return failed


def exercise_of(check: str, path: Path) -> str:
    """The exercise that a check belongs to: the answer cell before it."""
    answer = ""
    for cell in cells_of(path):
        answer = cell.id if cell.metadata.get("nbgrader", {}).get("solution") else answer
        if cell.id == check:
            return answer
    raise KeyError(check)


MUTANTS = [(path, mutant) for path in SOLUTIONS for mutant in mutants_of(path).MUTANTS]
VARIANTS = [(path, variant) for path in SOLUTIONS for variant in mutants_of(path).VARIANTS]


def name_of(value: object) -> str:
    return value.parent.name if isinstance(value, Path) else f"{value[0]}: {value[1]}"  # type: ignore[index]


@pytest.mark.parametrize(("path", "mutant"), MUTANTS, ids=name_of)
def test_a_mistake_gets_its_message(path, mutant):
    failed = attempt(path, mutant.exercise, mutant.code)
    assert re.search(mutant.message, failed.get(mutant.check, "")), failed


@pytest.mark.parametrize(("path", "variant"), VARIANTS, ids=name_of)
def test_another_right_solution_passes(path, variant):
    assert attempt(path, variant.exercise, variant.code) == {}


@pytest.mark.parametrize("path", SOLUTIONS, ids=IDS)
def test_there_are_enough_mistakes_and_right_solutions(path):
    own = mutants_of(path)
    assert len(own.MUTANTS) >= 8
    assert len(own.VARIANTS) >= 2
    assert len({(mutant.exercise, mutant.fault) for mutant in own.MUTANTS}) == len(own.MUTANTS)
    exercises = {cell.id for cell in notebooks.read(path).cells if cell.metadata.get("nbgrader", {}).get("solution")}
    assert {mutant.exercise for mutant in own.MUTANTS} == exercises


@pytest.mark.parametrize("path", SOLUTIONS, ids=IDS)
def test_every_exercise_is_complete(path):
    """A task, an answer, three hints, checks with points, and why the solution is right."""
    cells = {cell.id: cell for cell in cells_of(path)}
    answers = [name for name, cell in cells.items() if cell.metadata.get("nbgrader", {}).get("solution")]
    for name in answers:
        checks = [cell for cell in cells.values() if is_check(cell) and exercise_of(cell.id, path) == name]
        points = sum(cell.metadata.nbgrader.points for cell in checks)
        assert checks
        assert f"({points} point" in cells[f"{name}-task"].source
        hints = re.findall(r"^\d\. ", cells[f"{name}-hints"].source, re.MULTILINE)
        assert hints == ["1. ", "2. ", "3. "]
        assert len(cells[f"{name}-why"].source.split()) > 10
        assert set(attempt(path, name, "")) == {cell.id for cell in checks}
        assert all("NotAttempted" in message for message in attempt(path, name, "").values())


def test_messages_of_the_checks():
    def untouched(x):
        raise NotImplementedError

    with pytest.raises(NotAttempted, match="not attempted: write untouched in the cell above"):
        call(untouched, 1)
    with pytest.raises(CheckFailed, match="expected 1, 2\n but got 1, 3"):
        same(torch.tensor([1.0, 3.0]), torch.tensor([1.0, 2.0]), "wrong")
    with pytest.raises(CheckFailed, match="but got nan"):
        same(torch.tensor([torch.nan]), torch.tensor([1.0]), "wrong")
    # In Jupyter only the message is shown, not the way there.
    assert CheckFailed("why")._render_traceback_() == ["CheckFailed: why"]


@pytest.mark.parametrize("source", ["### BEGIN SOLUTION\nx = 1", "x = 1\n### END SOLUTION", "### END HIDDEN TESTS"])
def test_release_refuses_half_a_pair_of_markers(source, tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source, id="half")])
    notebooks.write(notebook, _folder(tmp_path) / "solution.ipynb")
    result = CliRunner().invoke(app, ["release", str(tmp_path)])
    assert result.exit_code == 1
    assert "cell 'half'" in result.stderr
    assert "has no partner" in " ".join(result.stderr.split())


def test_release_removes_hidden_tests_and_explanations(tmp_path):
    cells = [
        nbformat.v4.new_code_cell("def f():\n    ### BEGIN SOLUTION\n    x = 1\n    return x\n    ### END SOLUTION"),
        nbformat.v4.new_code_cell("assert f()\n### BEGIN HIDDEN TESTS\nassert f() == 1\n### END HIDDEN TESTS"),
        nbformat.v4.new_markdown_cell("because", metadata={"tags": ["solution"]}),
        nbformat.v4.new_code_cell("assert f() > 0", metadata={"tags": ["hidden"]}),
    ]
    notebooks.write(nbformat.v4.new_notebook(cells=cells), _folder(tmp_path) / "solution.ipynb")
    result = CliRunner().invoke(app, ["release", str(tmp_path)])
    assert result.exit_code == 0
    f, check = notebooks.read(tmp_path / "topic" / "starter.ipynb").cells
    assert f.source == f"def f():\n    {STUB}"
    assert check.source == "assert f()"
    assert "unchanged" in CliRunner().invoke(app, ["release", str(tmp_path)]).stderr


@pytest.mark.parametrize("work", ["answered", "cell added"])
def test_release_leaves_answers_alone(tmp_path, work):
    (tmp_path / "rnn").mkdir()
    target = tmp_path / "rnn" / "starter.ipynb"
    solution = next(path for path in SOLUTIONS if path.parent.name == "rnn")
    target.with_name("solution.ipynb").write_bytes(solution.read_bytes())
    fresh = solution.with_name("starter.ipynb").read_bytes()
    notebook = filled_in(solution.with_name("starter.ipynb"), {"rnn-step": "def rnn_step():\n    return 1"})
    if work == "cell added":
        notebook = notebooks.read(solution.with_name("starter.ipynb"))
        notebook.cells.append(nbformat.v4.new_code_cell("notes = 1"))
    notebooks.write(notebook, target)
    kept = target.read_bytes()
    assert kept != fresh
    result = CliRunner().invoke(app, ["release", str(tmp_path)])
    assert result.exit_code == 0
    assert "left alone, since there are answers in it" in " ".join(result.stderr.split())
    assert target.read_bytes() == kept
    assert CliRunner().invoke(app, ["release", str(tmp_path), "--overwrite"]).exit_code == 0
    assert target.read_bytes() == fresh


def test_release_says_what_it_did_not_find(tmp_path):
    result = CliRunner().invoke(app, ["release", str(tmp_path)])
    assert result.exit_code == 1
    assert "no */solution.ipynb in" in result.stderr
    (_folder(tmp_path) / "solution.ipynb").write_text("no notebook")
    result = CliRunner().invoke(app, ["release", str(tmp_path)])
    assert result.exit_code == 1
    assert "is not a Jupyter notebook" in " ".join(result.stderr.split())


def test_json_of_starters_is_valid():
    for path in SOLUTIONS:
        nbformat.validate(json.loads(path.with_name("starter.ipynb").read_text(encoding="utf-8")))


def _folder(tmp_path: Path) -> Path:
    folder = tmp_path / "topic"
    folder.mkdir()
    return folder
