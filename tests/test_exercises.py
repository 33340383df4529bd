"""Exercises: the starter is made from the solution, says what was not attempted, and passes once it is filled in."""

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import torch
from typer.testing import CliRunner

from rnncourse import notebooks
from rnncourse.cli import app
from rnncourse.grading.checks import CheckFailed, NotAttempted, call, same
from rnncourse.grading.release import STUB, starter

ROOT = Path(__file__).parents[1]
SOLUTIONS = sorted((ROOT / "exercises").glob("*/solution.ipynb"))
IDS = [path.parent.name for path in SOLUTIONS]
NBGRADER = {"cell_type", "grade", "grade_id", "locked", "points", "schema_version", "solution", "task"}


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


WRONG = [
    ("rnn-step", "return torch.tanh(X_t @ W_xh + H @ W_hh)", "all terms but b_h are zero"),
    ("rnn-step", "return torch.tanh(X_t @ W_xh + H @ W_hh.T + b_h)", "all terms but H W_hh are zero"),
    ("rnn-step", "return X_t @ W_xh + H @ W_hh + b_h", "all terms but X_t W_xh are zero"),
    ("rnn-step", "return torch.tanh((H @ W_hh).add_(H) + b_h)", "all terms but X_t W_xh are zero"),
    ("rnn-step", "H += X_t @ W_xh\n    return torch.tanh(H)", "changes its argument number 2"),
    ("rnn-step", "torch.tanh(X_t @ W_xh + H @ W_hh + b_h)", r"got nothing \(is there a return\?\)"),
    ("rnn-step", "return torch.tanh(X_t @ W_xh + H @ W_hh + b_h)[0]", r"\(5, 4\) \(n, h\), but got \(4,\)"),
    ("rnn-step", "return torch.tanh(X_t @ W_xh + H @ W_hh + b_h).float()", "expected the inputs' dtype torch.float64"),
    ("rnn-step", "return W_xh @ X_t", "rnn_step raised RuntimeError"),
    (
        "perplexity",
        "return torch.softmax(O, 1)[torch.arange(len(y)), y].mean() ** -1",
        "mean of -ln P, and exp of that",
    ),
    ("perplexity", "return torch.exp(torch.nn.functional.cross_entropy(O, y)).item()", "got a float"),
    (
        "perplexity",
        "P = O.exp() / O.exp().sum(1, keepdim=True)\n    return (-P[torch.arange(len(y)), y].log().mean()).exp()",
        r"1000 more on every logit",
    ),
]


@pytest.mark.parametrize(("exercise", "body", "message"), WRONG)
def test_mistakes_in_rnn_get_their_message(exercise, body, message):
    cells = {cell.id: cell.source for cell in notebooks.read(ROOT / "exercises/rnn/starter.ipynb").cells}
    student: dict[str, object] = {}
    exec(cells["setup"], student)
    assert STUB in cells[exercise]
    exec(cells[exercise].replace(STUB, body), student)
    with pytest.raises(CheckFailed, match=message):
        exec(cells[f"{exercise}-check"], student)


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
    ]
    notebooks.write(nbformat.v4.new_notebook(cells=cells), _folder(tmp_path) / "solution.ipynb")
    result = CliRunner().invoke(app, ["release", str(tmp_path)])
    assert result.exit_code == 0
    f, check = notebooks.read(tmp_path / "topic" / "starter.ipynb").cells
    assert f.source == f"def f():\n    {STUB}"
    assert check.source == "assert f()"
    assert "unchanged" in CliRunner().invoke(app, ["release", str(tmp_path)]).stderr


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
