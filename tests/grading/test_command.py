"""The command: what it says and writes, where it may not write, and what is left when it is interrupted."""

import csv
import functools
import io
import os
import signal
import subprocess

import pytest
from typer.testing import CliRunner

from rnncourse import notebooks
from rnncourse.cli import app
from rnncourse.grading.judge.reports import Reports


def test_grade_says_what_is_wrong(tmp_path, grade, flat):
    missing = grade(tmp_path / "no[/red]where")
    assert missing.exit_code == 1
    assert "does not exist" in flat(missing.stderr)
    topic = grade(tmp_path, topic="rnm")
    assert topic.exit_code == 1
    assert "topics in" in flat(topic.stderr)
    assert "rnn" in topic.stderr
    empty = grade(tmp_path)
    assert empty.exit_code == 1
    assert "there is no notebook" in flat(empty.stderr)


@pytest.mark.parametrize("place", ["g.csv.part", "g.csv.done", "feedback/a.html", "j.xml"])
def test_grade_has_no_traceback_where_it_cannot_write_or_read(tmp_path, place, monkeypatch, grade, flat):
    (tmp_path / place).mkdir(parents=True)
    (tmp_path / "a.ipynb").write_text("{}")
    monkeypatch.setattr(Reports, "prepare", lambda *_: None)  # as if the place had changed since
    files = ["--csv", tmp_path / "g.csv", "--junit", tmp_path / "j.xml", "--feedback", tmp_path / "feedback"]
    result = grade(tmp_path / "a.ipynb", "--fast", *files)
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert f"{place} cannot be" in flat(result.stderr).replace(" ", "").replace("cannotbe", " cannot be")


@pytest.mark.parametrize(("option", "place"), [("--csv", "folder"), ("--junit", "folder"), ("--feedback", "file")])
def test_grade_says_at_once_where_it_cannot_write(tmp_path, option, place, grade, flat):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("")
    handed_in = tmp_path / "a.ipynb"
    handed_in.write_text("{}")
    result = grade(handed_in, "--csv", tmp_path / "g.csv", option, tmp_path / place)
    assert result.exit_code == 1
    assert "cannot be written" in flat(result.stderr)
    assert isinstance(result.exception, SystemExit)
    assert not (tmp_path / "g.csv").exists()
    assert grade(handed_in, "--csv", handed_in).exit_code == 1
    assert handed_in.read_text() == "{}"


def test_grade_writes_the_same_with_two_jobs_and_imports_nothing_of_the_students(
    tmp_path, monkeypatch, grade, flat, make
):
    handed_in = tmp_path / "handed-in"
    handed_in.mkdir()
    for case in make.cases(tmp_path):
        if case.name in ("right", "starter", "half-done", "empty"):
            (handed_in / f"{case.name}.ipynb").write_bytes(case.content)  # type: ignore[arg-type]
    for name in ("torch", "numpy", "json", "sitecustomize", "conftest"):
        (handed_in / f"{name}.py").write_text(f"open({str(tmp_path / 'imported')!r}, 'w')\nraise SystemExit")
    monkeypatch.chdir(handed_in)
    written = []
    for i, options in enumerate((["--jobs", "1", "--fast"], ["--jobs", "2", "--fast"])):
        folder = tmp_path / str(i)
        files = ["--csv", folder / "g.csv", "--junit", folder / "j.xml", "--feedback", folder]
        result = grade(handed_in, *files, *options)
        assert result.exit_code == 0, result.stderr
        assert "4 submissions" in flat(result.stderr)
        written.append({path.name: path.read_bytes() for path in (tmp_path / str(i)).iterdir()})
    assert sorted(written[0]) == ["empty.html", "g.csv", "half-done.html", "j.xml", "right.html", "starter.html"]
    assert written[0] == written[1]
    rows = list(csv.reader(io.StringIO(written[0]["g.csv"].decode())))
    assert {row[0]: row[-1] for row in rows[1:]} == {"right": "10", "starter": "0", "half-done": "5", "empty": "0"}
    assert not (tmp_path / "imported").exists()


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
def grading(protected, tmp_path, handed_in, program, solution, sheet, wait_until):
    """Start the command on these with one judge and much time; it has graded the first one when it is returned."""
    (tmp_path / "temporary").mkdir()
    command = [program, "grade", "handed-in", "--topic", "rnn", "--jobs", "1", "--folder", str(solution.parents[1])]
    environment = {**os.environ, "TMPDIR": str(tmp_path / "temporary"), "RNNCOURSE_CALL_SECONDS": "100"}
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
        wait_until(lambda: gradebook.exists() and len(gradebook.read_text().splitlines()) >= len(sheet.checks))
        return process

    return start


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
@pytest.mark.parametrize("options", [["--fast"], []])
def test_grade_that_is_interrupted_keeps_its_work_and_leaves_nothing_else(
    grading, handed_in, tmp_path, options, sent, flat, processes, wait_until
):
    process = grading(*options)
    process.send_signal(sent)
    message = process.communicate(timeout=60)[1]
    if sent != signal.SIGKILL:
        assert process.returncode == 130, message
        assert "interrupted; what is graded is kept: the same command goes on from there" in flat(message)
        assert list((tmp_path / "temporary").iterdir()) == []
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
        assert [row["Total (10)"] for row in csv.DictReader(file)] == ["10"]


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


def test_doctor(is_protected, flat):
    result = CliRunner().invoke(app, ["doctor"])
    assert result.exit_code == (0 if is_protected else 1)
    assert flat(result.stderr).count("a student's notebook") == 6
