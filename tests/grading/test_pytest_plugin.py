"""The pytest plugin: it speaks up after exercises, and does nothing unless notebooks are run."""

import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

# Variables of the run of pytest that this test belongs to are not for the one that it starts.
ENVIRONMENT = {
    key: value
    for key, value in os.environ.items()
    if not key.startswith("PYTEST_") and key not in ("TQDM_DISABLE", "RNNCOURSE_TEST", "OMP_NUM_THREADS")
}


def run_pytest(folder, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(command, cwd=folder, env={**ENVIRONMENT, **variables}, capture_output=True, text=True)


@pytest.mark.parametrize(("name", "warns"), [("exercises/rnn/starter.ipynb", True), ("book/notebook.ipynb", False)])
def test_pytest_on_exercises_says_that_it_does_not_protect(tmp_path, solution, name, warns):
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    notebook = json.loads(solution.with_name("starter.ipynb").read_text(encoding="utf-8"))
    if not warns:
        notebook["cells"] = notebook["cells"][:2]
    path.write_text(json.dumps(notebook), encoding="utf-8")
    process = run_pytest(tmp_path, "--nbval", name)
    assert process.returncode == 0, process.stdout
    assert ("ran without protection" in process.stdout) == warns
    assert ("8 xfailed" in process.stdout) == warns


def test_notebooks_from_other_programs_run_here(tmp_path, solution):
    notebook = json.loads(solution.with_name("starter.ipynb").read_text(encoding="utf-8"))
    notebook["metadata"]["kernelspec"] = {"name": "ir", "display_name": "R", "language": "R"}
    for cell in notebook["cells"]:
        del cell["id"]
    (tmp_path / "colab.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n")
    process = run_pytest(tmp_path, "--nbval", "colab.ipynb")
    assert process.returncode == 0, process.stdout
    assert "8 xfailed" in process.stdout


def test_without_nbval_it_does_nothing(tmp_path):
    (tmp_path / "test_nothing.py").write_text(
        "import os, pprint, nbval.kernel\n"
        "def test_nothing():\n"
        "    assert not {'TQDM_DISABLE', 'RNNCOURSE_TEST', 'OMP_NUM_THREADS'} & set(os.environ)\n"
        "    assert nbval.kernel.pformat is pprint.pformat\n"
    )
    process = run_pytest(tmp_path, "test_nothing.py", PYTEST_XDIST_WORKER_COUNT="2")
    assert process.returncode == 0, process.stdout
