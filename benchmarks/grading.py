"""Seconds that a submission takes to grade: run as ``python benchmarks/grading.py [PYTHON_WITH_NBGRADER]``.

A class hands in right, wrong and half-done notebooks on the topic rnn, in turn. Both judges grade all of it; nbgrader,
which has to be in another environment, grades a few with the same checks.
"""

import argparse
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import nbformat

from rnncourse import notebooks
from rnncourse.grading.exercise import is_answer, read_sheet
from rnncourse.grading.judge import run
from rnncourse.grading.judge.gradebook import Gradebook, points
from rnncourse.grading.judge.submissions import Submission

ROOT = Path(__file__).resolve().parents[1]
SOLUTION = ROOT / "exercises" / "rnn" / "solution.ipynb"


STUBS = {
    2: "def perplexity(O, y):\n    raise NotImplementedError",
    3: "def sampling_probabilities(O, temperature):\n    raise NotImplementedError",
}


def notebook(kind: int) -> nbformat.NotebookNode:
    """A right (0), a wrong (1) or a half-done (2) notebook."""
    content = notebooks.read(SOLUTION)
    answers = [cell for cell in content.cells if is_answer(cell)]
    for i, cell in enumerate(answers):
        if kind == 1:
            cell.source = (
                cell.source.replace("torch.tanh(", "torch.sigmoid(").replace(" - ", " + ").replace(" / ", " * ")
            )
        elif kind == 2 and i in STUBS:
            cell.source = STUBS[i]
    return content


def with_rnncourse(size: int, fast: bool) -> float:
    """Seconds a submission with one of the two judges, its start included."""
    sheet = read_sheet(SOLUTION)
    kinds = [nbformat.writes(notebook(kind)).encode() for kind in range(3)]
    handed_in = [Submission(f"{i}.ipynb", str(i), "", kinds[i % 3] + b" " * i) for i in range(size)]
    with tempfile.TemporaryDirectory() as name:
        gradebook = Gradebook(Path(name) / "done", sheet, handed_in)
        begin = time.perf_counter()
        with run.open_judge(sheet, run.seed_of(sheet, handed_in), [SOLUTION.parent], 2, fast) as judge:
            run.grade(judge, gradebook, handed_in)
        seconds = (time.perf_counter() - begin) / size
    right, wrong, half_done = (points(sheet.checks, gradebook.results[f"{i}.ipynb"]) for i in range(3))
    if not (right == 10 > half_done == 5 > wrong):
        raise RuntimeError(f"the marks are wrong: {right}, {wrong}, {half_done}")
    return seconds


def with_nbgrader(python: str, size: int) -> float:
    """Seconds a submission with nbgrader."""
    with tempfile.TemporaryDirectory() as name:
        course = Path(name)
        source = course / "source" / "rnn" / "rnn.ipynb"
        source.parent.mkdir(parents=True)
        nbformat.write(notebook(0), source)
        for i in range(size):
            target = course / "submitted" / f"student{i}" / "rnn" / "rnn.ipynb"
            target.parent.mkdir(parents=True)
            nbformat.write(notebook(i % 3), target)
        shutil.copy(SOLUTION, course)
        command = [python, "-m", "nbgrader"]
        options = ["--course-dir", name, "--log-level", "ERROR"]
        # It starts programs of its environment by their names.
        environment = {**os.environ, "PATH": os.pathsep.join([str(Path(python).parent), os.environ["PATH"]])}
        subprocess.run([*command, "generate_assignment", "rnn", *options], check=True, cwd=course, env=environment)
        begin = time.perf_counter()
        subprocess.run([*command, "autograde", "rnn", *options], cwd=course, env=environment)
        seconds = (time.perf_counter() - begin) / size
        graded = len(list(course.glob("autograded/*/rnn/rnn.ipynb")))
        if graded != size:
            raise RuntimeError(f"nbgrader graded {graded} of {size}")
        return seconds


def main() -> None:
    """Print the seconds a submission."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("python", nargs="?", help="Python of an environment with nbgrader and this course")
    parser.add_argument("--size", type=int, default=100, help="submissions in the class")
    arguments = parser.parse_args()
    for name, fast in (("fast", True), ("nbval", False)):
        print(f"{name:<10}{with_rnncourse(arguments.size, fast):.3f} s a submission", flush=True)
    if arguments.python:
        few = min(6, arguments.size)
        print(f"{'nbgrader':<10}{with_nbgrader(arguments.python, few):.3f} s a submission")


if __name__ == "__main__":
    main()
