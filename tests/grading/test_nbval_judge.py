"""Under nbval each check of a submission is a cell, and one that has not passed is a cell that fails."""

import subprocess
import sys

import nbformat
import pytest

from rnncourse.grading.judge.nbval_judge import NbvalJudge
from rnncourse.grading.judge.submissions import Submission

pytestmark = pytest.mark.slow


def test_checks_that_have_not_passed_are_cells_that_fail(tmp_path, sheet, address, make):
    wrong = {"rnn-step": make.STEP.replace("tanh", "sigmoid"), "rnn-loop": make.LOOP}
    content = nbformat.writes(make.filled(wrong)).encode()
    notebook, results = tmp_path / "judge.ipynb", tmp_path / "results.jsonl"
    judge = NbvalJudge(sheet, 7, address, 1)
    nbformat.write(judge.notebook(tmp_path, [Submission("a.ipynb", "a", "", content)], results), notebook)
    command = [sys.executable, "-m", "rnncourse.grading.judge.nbval_run", str(notebook)]
    process = subprocess.run(command, capture_output=True, text=True)
    # Two more cells open the bench and the submission; of the checks, two fail and four were not attempted.
    assert "6 failed, 4 passed" in process.stdout, process.stdout
    assert results.read_text().count('"outcome"') == len(sheet.checks) == 8
