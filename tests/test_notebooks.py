"""Notebooks as files: their stored outputs are compared, and executing them again changes no byte."""

import re
from pathlib import Path

import nbformat
import pytest
from typer.testing import CliRunner

from rnncourse import notebooks
from rnncourse.cli import app

ROOT = Path(__file__).parents[1]
STORED = sorted([*(ROOT / "book").glob("*.ipynb"), *(ROOT / "exercises").glob("*/solution.ipynb")])
UNCOMPARED = {"nbval-ignore-output", "nbval-skip"}


def code_cells(path: Path) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebooks.read(path).cells if cell.cell_type == "code"]


def texts(cell: nbformat.NotebookNode) -> list[str]:
    """The texts a cell put out; a picture is not one."""
    streams = [output.text for output in cell.outputs if output.output_type == "stream"]
    data = [output.data for output in cell.outputs if "data" in output]
    return streams + [bundle["text/plain"] for bundle in data if "<svg" not in bundle.get("text/html", "")]


def test_text_outputs_are_compared():
    cells = [cell for path in STORED for cell in code_cells(path) if texts(cell)]
    uncompared = [cell.id for cell in cells if UNCOMPARED & set(cell.metadata.get("tags", []))]
    assert len(uncompared) <= 0.1 * len(cells), uncompared


@pytest.mark.parametrize("path", STORED, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_stored_as_written_and_executed(path):
    notebook = notebooks.read(path)
    assert path.read_text(encoding="utf-8") == notebooks.dumps(notebook)
    counts = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1)), "run: make notebooks"
    assert "widgets" not in notebook.metadata


@pytest.mark.parametrize("path", STORED, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_measured_number_is_asserted_in_its_cell(path):
    for cell in code_cells(path):
        if any("≈" in text for text in texts(cell)):
            assert re.search(r"^\s*assert ", cell.source, re.MULTILINE), cell.id


@pytest.mark.parametrize("path", STORED, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_warning_and_no_error_is_stored(path):
    for cell in code_cells(path):
        for output in cell.outputs:
            assert output.output_type != "error", cell.id
            assert output.get("name") != "stderr", cell.id


def write(path: Path, *sources: str) -> Path:
    cells = [nbformat.v4.new_code_cell(source, id=f"cell-{i}") for i, source in enumerate(sources)]
    notebooks.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


@pytest.mark.slow
def test_executing_again_changes_nothing(tmp_path):
    path = write(tmp_path / "a.ipynb", "import sys\nprint(1)\nsys.stdout.flush()\nprint(2)", "{'a': 1}")
    first = CliRunner().invoke(app, ["execute", str(path)])
    assert first.exit_code == 0
    assert "outputs changed" in " ".join(first.stderr.split())
    stored = path.read_bytes()
    assert b"1\\n" in stored
    assert b"execution" not in stored.replace(b"execution_count", b"")
    second = CliRunner().invoke(app, ["execute", str(path)])
    assert second.exit_code == 0
    assert "unchanged" in second.stderr
    assert path.read_bytes() == stored


@pytest.mark.slow
def test_a_failing_notebook_is_left_alone(tmp_path):
    path = write(tmp_path / "a.ipynb", "print('new')", "assert 1 == 2, 'because'")
    before = path.read_bytes()
    result = CliRunner().invoke(app, ["execute", str(path)])
    assert result.exit_code == 1
    assert "is left as it was" in " ".join(result.stderr.split())
    assert "because" in result.stderr
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.slow
def test_a_cell_that_takes_too_long_is_stopped(tmp_path):
    path = write(tmp_path / "a.ipynb", "import time\ntime.sleep(60)")
    result = CliRunner().invoke(app, ["execute", "--timeout", "1", str(path)])
    assert result.exit_code == 1
    assert "1 seconds" in " ".join(result.stderr.split())


def test_missing_notebooks_are_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    messages = {"nowhere.ipynb": "no notebook: nowhere.ipynb", "": "no notebooks in book/ or exercises/"}
    for argument, message in messages.items():
        result = CliRunner().invoke(app, ["execute", *argument.split()])
        assert result.exit_code == 1
        assert message in " ".join(result.stderr.split())


@pytest.mark.slow
def test_a_kernel_that_ends_is_reported(tmp_path):
    path = tmp_path / "a.ipynb"
    cells = [nbformat.v4.new_code_cell(source, id=str(i)) for i, source in enumerate(["import os\nos._exit(1)", "1"])]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=notebooks.METADATA), path)
    before = path.read_bytes()
    result = CliRunner().invoke(app, ["execute", str(path)])
    assert result.exit_code == 1
    assert "is left as it was: its kernel has ended" in " ".join(result.stderr.split())
    assert path.read_bytes() == before
