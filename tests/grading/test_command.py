"""The command: what it says and writes, and where it cannot write."""

import csv
import io

import pytest
from typer.testing import CliRunner

from rnncourse.cli import app
from rnncourse.grading.judge.reports import Reports

pytestmark = pytest.mark.slow


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


def test_doctor(is_protected, flat):
    result = CliRunner().invoke(app, ["doctor"])
    assert result.exit_code == (0 if is_protected else 1)
    assert flat(result.stderr).count("a student's notebook") == 6
