"""A run that is interrupted keeps its work, leaves nothing else, and goes on when it is called again."""

import csv
import functools
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from rnncourse import notebooks
from rnncourse.grading import children
from rnncourse.grading.judge.gradebook import Gradebook
from rnncourse.grading.judge.submissions import Submission

pytestmark = pytest.mark.slow


@pytest.fixture
def handed_in(tmp_path, make):
    """A right notebook, and a second one whose step never ends."""
    endless = "def rnn_step(*arguments):\n    while True:\n        pass"
    folder = tmp_path / "handed-in"
    folder.mkdir()
    for name, step in (("right", make.STEP), ("the-second", endless)):
        notebooks.write(make.filled({**make.ANSWERS, "rnn-step": step}), folder / f"{name}.ipynb")
    return folder


@pytest.fixture
def temporary(tmp_path_factory):
    """The folder for temporary files; its path is short enough for sockets."""
    return tmp_path_factory.mktemp("t")


@pytest.fixture
def grading(protected, tmp_path, temporary, handed_in, program, solution, sheet, wait_until):
    """Start the command on these with one judge and much time; it has graded the first one when it is returned."""
    command = [program, "grade", "handed-in", "--topic", "rnn", "--jobs", "1", "--folder", str(solution.parents[1])]
    environment = {**os.environ, "TMPDIR": str(temporary), "RNNCOURSE_CALL_SECONDS": "100"}
    listening = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # a shell's background jobs do not
    gradebook = tmp_path / "grades.csv.done"

    def start(*options: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [*command, *options],
            cwd=tmp_path,
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=listening,
        )
        wait_until(lambda: gradebook.exists() and len(gradebook.read_text().splitlines()) > len(sheet.checks))
        return process

    return start


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
@pytest.mark.parametrize("options", [["--fast"], []])
def test_grade_that_is_interrupted_keeps_its_work_and_leaves_nothing_else(
    grading, handed_in, tmp_path, temporary, options, sent, flat, processes, wait_until
):
    process = grading(*options)
    assert list(temporary.iterdir()) != []
    process.send_signal(sent)
    message = process.communicate(timeout=60)[1]
    if sent != signal.SIGKILL:
        assert process.returncode == 130, message
        assert "interrupted; what is graded is kept: the same command goes on from there" in flat(message)
        assert list(temporary.iterdir()) == []
    assert "Traceback" not in message
    wait_until(lambda: not processes(tmp_path))
    assert not (tmp_path / "grades.csv").exists()
    if sent not in (signal.SIGINT, signal.SIGKILL):  # the rest is the same as after SIGINT
        return
    (handed_in / "the-second.ipynb").unlink()
    resumed = grading(*options)
    message = resumed.communicate(timeout=60)[1]
    assert resumed.returncode == 0, message
    with open(tmp_path / "grades.csv", encoding="utf-8") as file:
        assert [row["Total [10]"] for row in csv.DictReader(file)] == ["10"]
    assert list(temporary.iterdir()) == []  # also what a killed grader had left


@pytest.mark.parametrize("options", [["--fast"], []])
def test_grade_stops_when_the_first_process_ends(grading, tmp_path, options, flat, processes):
    """As when memory runs out: that is no student's fault, and is said at once."""
    process = grading(*options)
    (first,) = (pid for pid, parent in processes("sandbox.zygote").items() if parent == process.pid)
    os.kill(first, signal.SIGKILL)
    message = process.communicate(timeout=60)[1]
    assert process.returncode == 1
    assert "the process from which students' processes are forked has ended" in flat(message)
    assert "what is graded is kept: the same command goes on from there" in flat(message)
    assert "Traceback" not in message
    assert not (tmp_path / "grades.csv").exists()


def test_a_run_that_goes_on_keeps_its_seed_whatever_has_changed(tmp_path, sheet):
    ada, bob = (Submission(f"{name}.ipynb", name, "", name.encode()) for name in ("ada", "bob"))
    done = tmp_path / "done"
    assert Gradebook(done, sheet, [ada, bob]).keep_seed(7) == 7
    changed = bob._replace(content=b"another answer")
    assert Gradebook(done, sheet, [ada, changed]).keep_seed(8) == 7
    other_sheet = sheet._replace(path=Path(__file__))
    assert Gradebook(done, other_sheet, [ada, bob]).keep_seed(8) == 8
    done.write_text('{"sheet": 3}\n[]\n{"sheet"')
    assert Gradebook(done, sheet, [ada, bob]).keep_seed(9) == 9


def test_only_folders_of_graders_that_ended_are_removed(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(children, "_LONGEST", 1000)
    leave = "import os\nfrom rnncourse.grading.children import private_folder\nwith private_folder() as folder:\n"
    leave += "    (folder / 'submission').write_text('')\n    os.kill(os.getpid(), 9)"
    bystander = tmp_path / "rnn-grader-link"
    bystander.symlink_to(tmp_path)
    with children.private_folder() as mine:
        environment = {**os.environ, "TMPDIR": str(tmp_path)}
        subprocess.run(
            [sys.executable, "-c", f"import rnncourse.grading.children as c\nc._LONGEST = 1000\n{leave}"],
            env=environment,
        )
        (left,) = {*tmp_path.iterdir()} - {mine, bystander}
        assert (left / "submission").exists()
        with children.private_folder() as next_one:
            assert {*tmp_path.iterdir()} == {mine, next_one, bystander}
    assert {*tmp_path.iterdir()} == {bystander}
