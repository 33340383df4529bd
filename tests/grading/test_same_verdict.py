"""The same code gets the same verdict wherever it is judged: in Jupyter's kernel, under nbval, by both judges."""

import copy
import json
import os
import re
import runpy
import subprocess
import sys
from itertools import zip_longest
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from traitlets.config import Config

from rnncourse import notebooks
from rnncourse.grading.exercise import is_check, read_sheet
from rnncourse.grading.judge.gradebook import Gradebook
from rnncourse.grading.judge.run import grade, open_judge
from rnncourse.grading.judge.submissions import Submission
from rnncourse.kernels import address

pytestmark = pytest.mark.slow

SOLUTIONS = sorted((Path(__file__).parents[2] / "exercises").glob("*/solution.ipynb"))
EXPERIMENT = """
# After everything: names that answers above use, or that are answers above, are given other values.
def rnn_step(*arguments):
    raise ValueError("this is an experiment")

rnn_loop = perplexity = softmax = clip = recall = sigma = GAIN = tanh = rnn_step
"""


def handed_in(path: Path, sources: dict[str, str], more: list[str]) -> nbformat.NotebookNode:
    """The starter beside ``path`` with ``sources`` in the cells that it names, and ``more`` cells at its end."""
    notebook = notebooks.read(path.with_name("starter.ipynb"))
    for cell in notebook.cells:
        cell.source = sources.get(cell.id, cell.source)
    notebook.cells += [nbformat.v4.new_code_cell(source) for source in more]
    return notebook


def right_notebooks(path: Path) -> list[nbformat.NotebookNode]:
    """As many notebooks as there are right answers to one exercise, so that each right answer stands in one."""
    answers = runpy.run_path(str(path.with_name("mutants.py")))["ANSWERS"]
    rows = zip_longest(*(block.right.values() for block in answers))
    names = [(block.exercise, block.right["the solution"]) for block in answers]
    filled = [
        {exercise: source or solution for (exercise, solution), source in zip(names, row, strict=True)} for row in rows
    ]
    return [handed_in(path, sources, [EXPERIMENT]) for sources in filled]


def in_one(parts: list[nbformat.NotebookNode]) -> nbformat.NotebookNode:
    """All in one notebook, whose kernel forgets everything in between: starting a kernel is what takes the time."""
    cells = []
    for part in parts:
        cells += [nbformat.v4.new_code_cell("%reset -f"), *copy.deepcopy(part.cells)]
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"
    return nbformat.v4.new_notebook(cells=cells, metadata=notebooks.METADATA)


def by_kernel(parts: list[nbformat.NotebookNode], folder: Path) -> list[bool]:
    """Whether each check passes in a plain kernel, as from JupyterLab."""
    notebook = in_one(parts)
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(
        notebook, allow_errors=True, timeout=600, resources=resources, config=Config(KernelManager=address())
    ).execute()
    checks = [cell for cell in notebook.cells if is_check(cell)]
    assert not any(output.output_type == "error" for cell in checks for output in cell.outputs if passed(cell))
    return [passed(cell) for cell in checks]


def passed(cell: nbformat.NotebookNode) -> bool:
    return "this check has passed" in json.dumps(cell.outputs)


def by_nbval(parts: list[nbformat.NotebookNode], folder: Path) -> list[bool]:
    """Whether each check passes under ``pytest --nbval``."""
    path, notebook = folder / "all.ipynb", in_one(parts)
    notebooks.write(notebook, path)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    options = ["--nbval", "-q", "-n=0", "-p", "no:cacheprovider", "-c", os.devnull, "-rA", str(path)]
    command = [sys.executable, "-m", "pytest", *options]
    result = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment)
    ending = {int(number): ending for ending, number in re.findall(r"(?m)^([A-Z]+) .*::Cell (\d+)", result.stdout)}
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [ending[i] == "PASSED" for i, cell in enumerate(code) if is_check(cell)]


def by_judge(path: Path, contents: list[bytes], folder: Path, fast: bool) -> list[bool]:
    """Whether each check passes in a judge."""
    sheet = read_sheet(path)
    submissions = [Submission(f"{i}.ipynb", str(i), "", content) for i, content in enumerate(contents)]
    gradebook = Gradebook(folder / f"fast-{fast}", sheet, submissions)
    with open_judge(sheet, 11, [], 1, fast) as judge:
        grade(judge, gradebook, submissions)
    return [
        gradebook.results[submission.file][check.name].outcome == "passed"
        for submission in submissions
        for check in sheet.checks
    ]


def both_judges(path: Path, parts: list[nbformat.NotebookNode], folder: Path) -> list[list[bool]]:
    contents = [nbformat.writes(part).encode() for part in parts]
    return [by_judge(path, contents, folder, fast) for fast in (False, True)]


@pytest.fixture(scope="module")
def right() -> dict[Path, list[nbformat.NotebookNode]]:
    """The notebooks with right answers to each topic."""
    return {path: right_notebooks(path) for path in SOLUTIONS}


@pytest.mark.parametrize("way", [by_kernel, by_nbval])
def test_each_right_answer_is_right_in_a_kernel(right, way, tmp_path):
    parts = [part for notebooks_of in right.values() for part in notebooks_of]
    count = sum(len(right[path]) * len(read_sheet(path).checks) for path in SOLUTIONS)
    assert way(parts, tmp_path) == [True] * count


@pytest.mark.parametrize("path", SOLUTIONS, ids=[path.parent.name for path in SOLUTIONS])
def test_each_right_answer_is_right_in_both_judges(right, path, tmp_path):
    all_pass = [True] * (len(right[path]) * len(read_sheet(path).checks))
    assert both_judges(path, right[path], tmp_path) == [all_pass, all_pass]


def test_names_mean_the_same_in_all_four_ways(tmp_path):
    """Constants in check cells, names of the checks as helpers, later cells that give them other values."""
    path = next(path for path in SOLUTIONS if path.parent.name == "rnn")
    starter = {cell.id: cell.source for cell in notebooks.read(path.with_name("starter.ipynb")).cells}
    right = {exercise.name: exercise.solution for exercise in read_sheet(path).exercises}
    helped = {
        "rnn-step": "def same(a, b):\n    return a @ b\n\ndef check(x):\n    return torch.tanh(x)\n\n"
        "def rnn_step(X_t, H, W_xh, W_hh, b_h):\n"
        "    %time call = same(X_t, W_xh)\n    call = same(X_t, W_xh)\n"
        "    return check(call + same(H, W_hh) + b_h)",
        "rnn-step-sum": f"GAIN = 1.0\n{starter['rnn-step-sum']}",
        "rnn-loop": "def sigma(x):\n    return torch.tanh(x)\n\n"
        "def rnn_loop(X, H, W_xh, W_hh, b_h):\n    outputs = []\n"
        "    for X_t in X:\n        H = GAIN * sigma(X_t @ W_xh + H @ W_hh + b_h)\n        outputs.append(H)\n"
        "    return torch.stack(outputs), H",
    }
    steps = [right["rnn-step"], right["rnn-step"].replace("+ b_h", "- b_h")]
    merged = {
        "rnn-step": "# below",
        "rnn-step-terms": f"{steps[0]}\n\n{starter['rnn-step-terms']}".replace("\n", "\r\n"),
    }
    wrong_here = {**right, "rnn-step": steps[1], "temperature": f"{right['temperature']}\n\n{steps[0]}"}
    parts = [
        handed_in(path, {**right, **helped}, [EXPERIMENT]),
        handed_in(path, {**right, **merged}, []),
        handed_in(path, wrong_here, []),  # the answer to a later exercise does not mend an earlier one
    ]
    names = [check.name for check in read_sheet(path).checks]
    expected = [True] * 2 * len(names) + [not name.startswith("rnn-step") for name in names]
    assert by_kernel(parts, tmp_path) == expected
    assert by_nbval(parts, tmp_path) == expected
    assert both_judges(path, parts, tmp_path) == [expected, expected]
