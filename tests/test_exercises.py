"""Exercises: the starter is made from the solution, says what was not attempted, and passes once it is filled in."""

import ast
import json
import re
import runpy
import subprocess
import sys
from dataclasses import replace
from functools import cache, wraps
from pathlib import Path

import nbformat
import pytest
import torch
from typer.testing import CliRunner

from rnncourse import notebooks
from rnncourse.cli import app
from rnncourse.grading import kernel
from rnncourse.grading.checks import CheckFailed, NotAttempted, call, same
from rnncourse.grading.exercise import SEED, read_sheet
from rnncourse.grading.judge.bench import run_check
from rnncourse.grading.mutants import Answers, Mutant
from rnncourse.grading.release import STUB, starter

ROOT = Path(__file__).parents[1]
SOLUTIONS = sorted((ROOT / "exercises").glob("*/solution.ipynb"))
TOPICS = [path.parent.name for path in SOLUTIONS]
NBGRADER = {"cell_type", "grade", "grade_id", "locked", "points", "schema_version", "solution", "task"}

each_topic = pytest.mark.parametrize("path", SOLUTIONS, ids=TOPICS)
sheet_of = cache(read_sheet)


@cache
def cells_of(path: Path) -> list[nbformat.NotebookNode]:
    """The cells of a notebook, read once; no test changes them."""
    return notebooks.read(path).cells


@cache
def answers_of(path: Path) -> list[Answers]:
    return runpy.run_path(str(path.with_name("mutants.py")))["ANSWERS"]


def is_check(cell: nbformat.NotebookNode) -> bool:
    return cell.metadata.get("nbgrader", {}).get("grade", False)


def is_answer(cell: nbformat.NotebookNode) -> bool:
    return cell.metadata.get("nbgrader", {}).get("solution", False)


def filled_in(path: Path, sources: dict[str, str]) -> nbformat.NotebookNode:
    """The notebook at ``path`` with other sources in the cells that ``sources`` names."""
    notebook = notebooks.read(path)
    for cell in notebook.cells:
        cell.source = sources.get(cell.id, cell.source)
    return notebook


def arguments_given(path: Path, seed: int) -> dict[str, set[str]]:
    """What the checks of each exercise call its functions with, if their inputs are drawn with ``seed``."""
    exercises = sheet_of(path)
    arguments_of: dict[str, set[str]] = {check.exercise: set() for check in exercises.checks}
    exercise = ""

    def recorded(function):
        @wraps(function)
        def record(*arguments):
            arguments_of[exercise].add(repr(arguments))
            return function(*arguments)

        return record

    namespace: dict = {SEED: lambda published: seed}
    for source in (exercises.setup, *exercises.solutions):
        exec(source, namespace)
    namespace.update({name: recorded(namespace[name]) for name in exercises.functions})
    for check in exercises.checks:
        exercise = check.exercise
        exec(check.source, namespace)
    return arguments_of


@each_topic
def test_written_down_answers_pass_no_exercise(path):
    published, redrawn = arguments_given(path, 12345), arguments_given(path, 54321)
    assert [exercise for exercise in published if redrawn[exercise] <= published[exercise]] == []


@each_topic
def test_what_needs_no_thought_passes_no_check(path):
    exercises = sheet_of(path)
    solved: dict = {SEED: int}
    for source in (exercises.setup, *exercises.solutions, *(check.source for check in exercises.checks)):
        exec(source, solved)
    passed = []
    for name, parameters in exercises.functions.items():
        checks = [check for check in exercises.checks if f"call({name}," in check.source]
        assert checks
        for result in (*parameters, "0", "0.0", "1", "1.0", "2.0", "[]", "{}", "()"):
            namespace = solved.copy()  # a check may use names of an earlier one
            exec(f"def {name}({', '.join(parameters)}):\n    return {result}", namespace)
            passed += [
                (name, result, check.name) for check in checks if run_check(check, namespace).outcome == "passed"
            ]
    assert passed == []


@each_topic
def test_starter_has_not_drifted(path):
    expected = notebooks.dumps(starter(notebooks.read(path)))
    assert path.with_name("starter.ipynb").read_text(encoding="utf-8") == expected, "run: rnncourse release"


@each_topic
def test_starter_gives_nothing_away(path):
    handed_out = cells_of(path.with_name("starter.ipynb"))
    text = "\n".join(cell.source for cell in handed_out)
    assert "SOLUTION" not in text
    assert "HIDDEN" not in text
    answers = [cell for cell in cells_of(path) if is_answer(cell)]
    assert answers
    assert text.count(STUB) == sum(cell.source.count("### BEGIN SOLUTION") for cell in answers) == len(answers)
    assert not any(cell.outputs for cell in handed_out if cell.cell_type == "code")


@each_topic
def test_metadata_is_nbgraders(path):
    grade_ids = []
    for cell in cells_of(path):
        data = cell.metadata.get("nbgrader")
        if data:
            assert set(data) <= NBGRADER
            assert data["schema_version"] == 3
            assert data["locked"] == data["grade"] == ("points" in data)
            grade_ids.append(data["grade_id"])
    assert grade_ids
    assert len(set(grade_ids)) == len(grade_ids)


@pytest.fixture(scope="module")
def nbval_endings(tmp_path_factory) -> dict[str, list[str]]:
    """How the code cells of each topic's starter end under nbval, all of them untouched and then all filled in.

    One kernel runs them all, since starting it is what takes the time; ``%reset`` clears its names in between.
    """
    cells, topics = [], []  # topics: of each code cell, in the order in which nbval counts them
    for path in SOLUTIONS:
        handed_out = path.with_name("starter.ipynb")
        solutions = {cell.id: cell.source for cell in cells_of(path)}
        for notebook in (notebooks.read(handed_out), filled_in(handed_out, solutions)):
            part = [nbformat.v4.new_code_cell("%reset -f"), *notebook.cells]
            cells += part
            topics += [path.parent.name for cell in part if cell.cell_type == "code"]
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"
    target = tmp_path_factory.mktemp("starters") / "all.ipynb"
    notebooks.write(nbformat.v4.new_notebook(cells=cells), target)
    command = [sys.executable, "-m", "pytest", "--nbval", "-q", "-n=0", "-p", "no:cacheprovider", "-c", "/dev/null"]
    result = subprocess.run([*command, "-rA", str(target)], capture_output=True, text=True, cwd=target.parent)
    ending_of = {int(number): ending for ending, number in re.findall(r"(?m)^([A-Z]+) .*::Cell (\d+)", result.stdout)}
    return {name: [ending_of.get(i, "") for i, topic in enumerate(topics) if topic == name] for name in TOPICS}


@pytest.mark.slow
@each_topic
def test_untouched_starter_is_not_attempted_and_filled_in_it_passes(path, nbval_endings):
    cells = [cell for cell in cells_of(path.with_name("starter.ipynb")) if cell.cell_type == "code"]
    untouched = ["XFAIL" if is_check(cell) else "PASSED" for cell in cells]
    filled = ["PASSED" for cell in cells]
    assert nbval_endings[path.parent.name] == ["PASSED", *untouched, "PASSED", *filled]


def attempt(path: Path, exercise: str, source: str = "") -> dict[str, str]:
    """Run the checks of ``exercise`` on ``source``, or on the stub; return the message of each one that failed."""
    exercise_of = {check.name: check.exercise for check in sheet_of(path).checks}
    namespace: dict[str, object] = {}
    failed = {}
    for cell in cells_of(path.with_name("starter.ipynb")):
        if cell.id == "setup":
            exec(cell.source, namespace)
        elif cell.id == exercise:
            exec(source or cell.source, namespace)
        elif is_check(cell) and exercise_of[cell.id] == exercise:
            try:
                exec(cell.source, namespace)
            except CheckFailed as failure:
                failed[cell.id] = f"{type(failure).__name__}: {failure}"
    return failed


def names_of_checks(path: Path) -> set[str]:
    """All names that the checks bind, whether they are hidden from the student or not."""
    bound: set[str] = set()
    for check in sheet_of(path).checks:
        for node in ast.walk(ast.parse(check.source)):
            match node:
                case ast.Name(id=name, ctx=ast.Store()) | ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                    bound.add(name)
                case ast.Import(names=names) | ast.ImportFrom(names=names):
                    bound.update((alias.asname or alias.name).partition(".")[0] for alias in names)
    return bound


@each_topic
def test_checks_take_no_name_from_the_student_and_leave_none(path):
    """Each name that a check binds is a helper of the student's, too, without which no answer is right."""
    exercises = sheet_of(path)
    namespace: dict = {SEED: int}
    exec(exercises.setup, namespace)
    course, taken = set(namespace), names_of_checks(path) - set(exercises.functions)
    mine = {name: object() for name in taken - course}
    assert {"call", "same", "check", "mistakes", "got", "wrong"} <= set(mine)
    for source in exercises.solutions:
        exec(source, namespace)
    lost: list[str] = []

    def helped(function):
        @wraps(function)
        def answer(*arguments):
            lost.extend(name for name, value in mine.items() if namespace.get(name) is not value)
            namespace["calls"] = namespace.get("calls", 0) + 1  # as a student's counter
            return function(*arguments)

        return answer

    namespace.update({name: helped(namespace[name]) for name in exercises.functions})
    for check in exercises.checks:
        # As the hook of the kernel does it: the names before the cell.
        namespace.update(mine)
        kernel._before.update(mine)
        before = {name for name in namespace if name != "__checks__"}
        assert run_check(check, namespace).outcome == "passed", check.name
        assert {name for name in namespace if name != "__checks__"} == before | {"calls"}
        assert [name for name, value in mine.items() if namespace[name] is not value] == []
    kernel._before.clear()
    assert sorted(set(lost)) == []
    assert namespace["calls"] >= len(exercises.checks)


MUTANTS = [
    pytest.param(path, answers.exercise, mutant, source, id=f"{path.parent.name}-{answers.exercise}: {mutant.fault}")
    for path in SOLUTIONS
    for answers in answers_of(path)
    for mutant, source in answers.wrong
]
RIGHT_ANSWERS = [
    pytest.param(path, answers.exercise, source, id=f"{path.parent.name}-{answers.exercise}: {way}")
    for path in SOLUTIONS
    for answers in answers_of(path)
    for way, source in answers.right.items()
]


@pytest.mark.parametrize(("path", "exercise", "mutant", "source"), MUTANTS)
def test_a_mistake_gets_its_message(path, exercise, mutant, source):
    failed = attempt(path, exercise, source)
    assert re.search(mutant.message, failed.get(mutant.check, "")), failed


@pytest.mark.parametrize(("path", "exercise", "source"), RIGHT_ANSWERS)
def test_a_right_answer_passes(path, exercise, source):
    assert attempt(path, exercise, source) == {}


@each_topic
def test_every_exercise_has_mistakes_and_every_topic_enough(path):
    answers = answers_of(path)
    assert [block.exercise for block in answers] == [cell.id for cell in cells_of(path) if is_answer(cell)]
    assert all(block.mutants for block in answers)
    assert sum(len(block.mutants) for block in answers) >= 8
    assert sum(len(block.variants) for block in answers) >= 2
    faults = [(block.exercise, mutant.fault) for block in answers for mutant in block.mutants]
    assert len(set(faults)) == len(faults)


def test_an_edit_has_to_fit_the_solution():
    mutant = Mutant(fault="sign", edits={"x": "-x"}, check="", message="")
    right = Answers(exercise="f", solution="""\n    lambda x: y\n""", mutants=[mutant], variants=[])
    assert right.wrong == [(mutant, "lambda -x: y")]
    for solution in ("lambda y: y", "lambda x: x"):
        with pytest.raises(ValueError, match="f, sign: 'x' is not once in the solution"):
            _ = replace(right, solution=solution).wrong


@each_topic
def test_every_exercise_is_complete(path):
    """A task, an answer, three hints, checks with points, and why the solution is right."""
    cells = {cell.id: cell for cell in cells_of(path)}
    for exercise in [name for name, cell in cells.items() if is_answer(cell)]:
        checks = [check for check in sheet_of(path).checks if check.exercise == exercise]
        assert checks
        assert f"({sum(check.points for check in checks)} point" in cells[f"{exercise}-task"].source
        hints = re.findall(r"^\d\. ", cells[f"{exercise}-hints"].source, re.MULTILINE)
        assert hints == ["1. ", "2. ", "3. "]
        assert len(cells[f"{exercise}-why"].source.split()) > 10
        messages = attempt(path, exercise)
        assert set(messages) == {check.name for check in checks}
        assert all(message.startswith("NotAttempted") for message in messages.values())


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


@pytest.fixture
def topic(tmp_path) -> Path:
    """An empty folder for a topic's exercises."""
    folder = tmp_path / "topic"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("source", ["### BEGIN SOLUTION\nx = 1", "x = 1\n### END SOLUTION", "### END HIDDEN TESTS"])
def test_release_refuses_half_a_pair_of_markers(source, topic):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source, id="half")])
    notebooks.write(notebook, topic / "solution.ipynb")
    result = CliRunner().invoke(app, ["release", str(topic.parent)])
    assert result.exit_code == 1
    assert "cell 'half'" in result.stderr
    assert "has no partner" in " ".join(result.stderr.split())


def test_release_removes_hidden_tests_and_explanations(topic):
    cells = [
        nbformat.v4.new_code_cell("def f():\n    ### BEGIN SOLUTION\n    x = 1\n    return x\n    ### END SOLUTION"),
        nbformat.v4.new_code_cell("assert f()\n### BEGIN HIDDEN TESTS\nassert f() == 1\n### END HIDDEN TESTS"),
        nbformat.v4.new_markdown_cell("because", metadata={"tags": ["solution"]}),
        nbformat.v4.new_code_cell("assert f() > 0", metadata={"tags": ["hidden"]}),
    ]
    notebooks.write(nbformat.v4.new_notebook(cells=cells), topic / "solution.ipynb")
    result = CliRunner().invoke(app, ["release", str(topic.parent)])
    assert result.exit_code == 0
    f, check = notebooks.read(topic / "starter.ipynb").cells
    assert f.source == f"def f():\n    {STUB}"
    assert check.source == "assert f()"
    assert "unchanged" in CliRunner().invoke(app, ["release", str(topic.parent)]).stderr


@pytest.mark.parametrize("work", ["answered", "cell added"])
def test_release_leaves_answers_alone(topic, work):
    exercises = ROOT / "exercises" / "rnn"
    (topic / "solution.ipynb").write_bytes((exercises / "solution.ipynb").read_bytes())
    untouched = (exercises / "starter.ipynb").read_bytes()
    answer = {"rnn-step": "def rnn_step():\n    return 1"} if work == "answered" else {}
    notebook = filled_in(exercises / "starter.ipynb", answer)
    if work == "cell added":
        notebook.cells.append(nbformat.v4.new_code_cell("notes = 1"))
    target = topic / "starter.ipynb"
    notebooks.write(notebook, target)
    answered = target.read_bytes()
    assert answered != untouched
    result = CliRunner().invoke(app, ["release", str(topic.parent)])
    assert result.exit_code == 0
    assert "left alone, since there are answers in it" in " ".join(result.stderr.split())
    assert target.read_bytes() == answered
    assert CliRunner().invoke(app, ["release", str(topic.parent), "--overwrite"]).exit_code == 0
    assert target.read_bytes() == untouched


def test_release_says_what_it_did_not_find(topic):
    result = CliRunner().invoke(app, ["release", str(topic.parent)])
    assert result.exit_code == 1
    assert "no */solution.ipynb in" in result.stderr
    (topic / "solution.ipynb").write_text("no notebook")
    result = CliRunner().invoke(app, ["release", str(topic.parent)])
    assert result.exit_code == 1
    assert "is not a Jupyter notebook" in " ".join(result.stderr.split())


def test_release_names_the_starter_that_is_broken(topic):
    source = topic / "solution.ipynb"
    source.write_bytes(SOLUTIONS[0].read_bytes())
    (topic / "starter.ipynb").write_text("no notebook")
    result = CliRunner().invoke(app, ["release", str(topic.parent)])
    assert result.exit_code == 1
    message = " ".join(result.stderr.split())
    assert "solution.ipynb" not in message
    assert "starter.ipynb is not a Jupyter notebook" in message.replace("/ ", "/")
    assert CliRunner().invoke(app, ["release", str(topic.parent), "--overwrite"]).exit_code == 0


def test_a_starter_that_was_saved_without_ids_is_left_alone(topic):
    """As Colab saves it."""
    (topic / "solution.ipynb").write_bytes(SOLUTIONS[0].read_bytes())
    assert CliRunner().invoke(app, ["release", str(topic.parent)]).exit_code == 0
    target = topic / "starter.ipynb"
    notebook = json.loads(target.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        del cell["id"]
    target.write_text(json.dumps({**notebook, "nbformat_minor": 0}))
    result = CliRunner().invoke(app, ["release", str(topic.parent)])
    assert result.exit_code == 0
    assert "left alone" in " ".join(result.stderr.split())


def test_json_of_starters_is_valid():
    for path in SOLUTIONS:
        nbformat.validate(json.loads(path.with_name("starter.ipynb").read_text(encoding="utf-8")))
