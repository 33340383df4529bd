"""What students hand in: every notebook is found, nothing else is read, and nothing vanishes unseen."""

import json
import os
import time
import zipfile
from pathlib import Path

import pytest

from rnncourse.grading.judge import submissions
from rnncourse.grading.judge.submissions import Submission
from rnncourse.grading.sandbox.notebook import CHECK


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def test_find_in_the_zip_files_of_canvas_and_moodle(tmp_path):
    files = {
        "doejane_123_456_rnn.ipynb": b"1",
        "roejohn_LATE_124_457_rnn-2.ipynb": b"2",
        "Ada Lovelace_77_assignsubmission_file_/rnn.ipynb": b"3",
        "Ada Lovelace_78_assignsubmission_file_/rnn.ipynb": b"4",
        "../../outside.ipynb": b"5",
        "eve/doejane_123_456_rnn.ipynb": b"6",
        "__MACOSX/._rnn.ipynb": b"",
        "a/.ipynb_checkpoints/rnn.ipynb": b"",
        "notes.txt": b"",
    }
    handed_in = submissions.find(zipped(tmp_path / "all.zip", files))
    assert {(submission.student, submission.id, submission.content) for submission in handed_in} == {
        ("doejane", "123", b"1"),
        ("roejohn", "124", b"2"),
        ("Ada Lovelace", "77", b"3"),
        ("Ada Lovelace", "78", b"4"),
        ("outside", "", b"5"),
        ("eve", "", b"6"),
    }
    assert len({submission.file for submission in handed_in}) == 6
    assert sorted(path.name for path in tmp_path.iterdir()) == ["all.zip"]


def test_find_in_a_folder_and_a_file(tmp_path):
    for name in (
        ".bob.ipynb",
        "._ada.ipynb",
        "ada.ipynb",
        "b/solution.ipynb",
        "c/d/ada.ipynb",
        ".ipynb_checkpoints/ada.ipynb",
        "_build/e.ipynb",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).write_text(name)
    (tmp_path / "folder.ipynb").mkdir()
    assert [(submission.file, submission.student) for submission in submissions.find(tmp_path)] == [
        (".bob.ipynb", ".bob"),
        ("ada.ipynb", "ada"),
        ("b/solution.ipynb", "b"),
        ("c/d/ada.ipynb", "c"),  # whose it is, is not for the name of a file to say
    ]
    assert [submission.student for submission in submissions.find(tmp_path / "ada.ipynb")] == ["ada"]


def test_find_gives_each_file_of_a_zip_a_name_of_its_own(tmp_path):
    with zipfile.ZipFile(tmp_path / "twice.zip", "w") as archive:
        archive.writestr("a.ipynb", b"1")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a.ipynb", b"2")
    assert len({submission.file for submission in submissions.find(tmp_path / "twice.zip")}) == 2


def test_find_goes_on_after_a_damaged_file_of_a_zip(tmp_path):
    path = zipped(tmp_path / "damaged.zip", {"a.ipynb": b"x" * 1000, "b.ipynb": b"y" * 1000})
    data = bytearray(path.read_bytes())
    data[40] ^= 255
    path.write_bytes(data)
    assert [submission.content[:1] for submission in submissions.find(path)] == [b"", b"y"]


def test_find_says_what_is_wrong(tmp_path):
    (tmp_path / "corrupt.zip").write_bytes(b"no zip")
    with pytest.raises(ValueError, match="is not a zip file"):
        submissions.find(tmp_path / "corrupt.zip")
    with pytest.raises(FileNotFoundError, match="does not exist"):
        submissions.find(tmp_path / "missing")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="there is no notebook"):
        submissions.find(tmp_path / "empty")
    (tmp_path / "notes.txt").write_text("")
    with pytest.raises(ValueError, match=r"notes\.txt is neither a notebook .* nor a folder nor a zip file"):
        submissions.find(tmp_path / "notes.txt")


def test_a_zip_that_was_packed_again_has_a_folder_around_all(tmp_path):
    files = {
        "all/Ada Lovelace_77_assignsubmission_file_/rnn.ipynb": b"1",
        "all/Bob_B_78_assignsubmission_file_/x_9_assignsubmission_.IPYNB": b"2",
    }
    handed_in = submissions.find(zipped(tmp_path / "a.zip", files))
    assert [(submission.student, submission.id) for submission in handed_in] == [
        ("Ada Lovelace", "77"),
        ("Bob_B", "78"),
    ]
    files["all/eve/doejane_123_456_rnn.ipynb"] = b"3"
    assert {submission.student for submission in submissions.find(zipped(tmp_path / "b.zip", files))} == {"all"}


def test_a_folder_that_cannot_be_read_is_named(tmp_path, monkeypatch):
    (tmp_path / "closed").mkdir()
    (tmp_path / "a.ipynb").write_text("{}")
    scandir = os.scandir

    def refuse(path):
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    handed_in = submissions.find(tmp_path)
    assert submissions.not_graded(tmp_path, handed_in) == ["closed/ (Permission denied)"]


def test_find_goes_on_after_a_file_that_cannot_be_read(tmp_path, monkeypatch):
    for name in ("a.ipynb", "b.ipynb"):
        (tmp_path / name).write_text("{}")
    opened = Path.open

    def refuse(path, *arguments, **options):
        if path.name == "a.ipynb":
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *arguments, **options)

    monkeypatch.setattr(Path, "open", refuse)
    assert [submission.content for submission in submissions.find(tmp_path)] == [b"", b"{}"]


def test_large_notebooks_are_kept_without_their_outputs(tmp_path, monkeypatch, make):
    (tmp_path / "a.ipynb").write_bytes(make.changed(lambda cells: cells[1].update(outputs=["x" * 2 * 2**20])))
    (tmp_path / "b.ipynb").write_bytes(make.changed(lambda cells: cells))
    large, small = submissions.find(tmp_path)
    assert len(large.content) < 2**20
    assert large.cells() == small.cells()
    monkeypatch.setattr(submissions, "LARGEST", 1000)
    (small,) = submissions.find(tmp_path / "b.ipynb")
    with pytest.raises(ValueError, match="more than 1,000 bytes; clear its outputs"):
        small.cells()


def test_find_follows_no_links_and_unpacks_what_is_usual(tmp_path, solution):
    folder = tmp_path / "handed-in"
    (folder / "eve").mkdir(parents=True)
    (folder / "ada.ipynb").write_text("{}")
    (folder / "eve" / "link.ipynb").symlink_to(solution)
    (folder / "mallory").symlink_to(solution.parent)
    assert [submission.file for submission in submissions.find(folder)] == ["ada.ipynb"]
    path = tmp_path / "odd.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.ipynb", b"{}", zipfile.ZIP_DEFLATED)
        archive.writestr("b.ipynb", b"{}", zipfile.ZIP_LZMA)
    assert [submission.content for submission in submissions.find(path)] == [b"{}", b""]


def test_what_is_not_graded_is_named(tmp_path):
    for name in ("a.ipynb", "b.IPYNB", "c.pdf", "d.zip", ".hidden"):
        (tmp_path / name).write_text("{}")
    handed_in = submissions.find(tmp_path)
    assert [submission.student for submission in handed_in] == ["a", "b"]
    assert submissions.not_graded(tmp_path, handed_in) == ["c.pdf", "d.zip"]
    path = zipped(tmp_path / "e.zip", {"a.ipynb": b"{}", "notes.txt": b"", "__MACOSX/a.ipynb": b""})
    assert submissions.not_graded(path, submissions.find(path)) == ["notes.txt"]
    assert submissions.not_graded(tmp_path / "a.ipynb", []) == []


def cells_of(*sources: str) -> list[str]:
    cells = [{"cell_type": "code", "source": source} for source in sources]
    return Submission("a.ipynb", "", "", json.dumps({"cells": cells}).encode()).cells()


def test_of_a_check_only_its_place_stays():
    checks = "from rnncourse.grading.checks import"
    assert cells_of(f"import torch\n{checks} call, check", "x = 1\nwith check('x-y', hint=2):\n    pass") == [
        "import torch\n",
        f"x = 1\n{CHECK}('x-y')\n",
    ]
    assert cells_of("y = 2\r\nwith check('x'):\r\n\tpass\r\nz = 3") == [f"y = 2\n{CHECK}('x')\nz = 3"]
    assert cells_of(f"{checks} (\n    call,\n)\nx = 1  # as in rnncourse.grading.checks") == [
        "\nx = 1  # as in rnncourse.grading.checks"
    ]
    answer = "def f():\n    pass\n"
    assert cells_of(f"with check('x'):\n    f()\n\n    f()\n{answer}") == [f"{CHECK}('x')\n{answer}"]


def test_stubs_come_first_and_are_recognized_in_time():
    stub = 'def f(x):\n    """Say what."""\n    # a note\n    raise NotImplementedError  # your code goes here'
    answer = "def f(x):\n    return x"
    assert cells_of(answer, stub) == [stub, answer]
    checked = "def f(x):\n    if x < 0:\n        raise NotImplementedError\n    return x"
    assert cells_of(answer, checked) == [answer, checked]
    slow = "def f():\n" + '    """a"""\n' * 500 + "    raise NotImplementedError(x"
    begin = time.monotonic()
    assert cells_of(answer, slow) == [answer, slow]
    assert time.monotonic() - begin < 5
