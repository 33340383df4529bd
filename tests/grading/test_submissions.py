"""What students hand in: every notebook is found, nothing else is read, and nothing vanishes unseen."""

import json
import os
import re
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


def passed_over(path: Path) -> dict[str, str]:
    return {file.file: file.reason for file in submissions.collect(path).passed_over}


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
    handed_in = submissions.find(zipped(tmp_path / "b.zip", files))
    assert [(submission.student, submission.id) for submission in handed_in] == [
        ("Ada Lovelace", "77"),
        ("Bob_B", "78"),
        ("eve", ""),  # whatever the file is called
    ]


def test_a_folder_that_cannot_be_read_is_named(tmp_path, monkeypatch):
    (tmp_path / "closed").mkdir()
    (tmp_path / "a.ipynb").write_text("{}")
    scandir = os.scandir

    def refuse(path):
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert passed_over(tmp_path) == {"closed/": "cannot be read: Permission denied"}


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
    assert passed_over(folder) == {"eve/link.ipynb": "a link", "mallory": "a link"}
    path = tmp_path / "odd.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.ipynb", b"{}", zipfile.ZIP_DEFLATED)
        archive.writestr("b.ipynb", b"{}", zipfile.ZIP_LZMA)
    assert [submission.content for submission in submissions.find(path)] == [b"{}", b""]


def test_what_is_not_graded_is_named(tmp_path):
    for name in ("a.ipynb", "b.IPYNB", "c.pdf", "d.zip", ".hidden"):
        (tmp_path / name).write_text("{}")
    assert [submission.student for submission in submissions.find(tmp_path)] == ["a", "b"]
    assert passed_over(tmp_path) == {"c.pdf": "not a notebook", "d.zip": "a zip file in it: unpack that one"}
    path = zipped(tmp_path / "e.zip", {"a.ipynb": b"{}", "notes.txt": b"", "__MACOSX/a.ipynb": b""})
    assert passed_over(path) == {"notes.txt": "not a notebook"}
    assert passed_over(tmp_path / "a.ipynb") == {}


def test_names_are_read_as_they_were_meant(tmp_path):
    path = tmp_path / "mac.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("./Jane/rnn.ipynb", "././Jürgen/rnn.ipynb", "win\\dows.ipynb"):
            archive.writestr(name, b"{}")
    data = bytearray(path.read_bytes())  # without what says that names are UTF-8
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = -1
        while (place := data.find(mark, place + 1)) >= 0:
            data[place + flags + 1] &= ~0x08
    path.write_bytes(data)
    with zipfile.ZipFile(path) as archive:
        assert "././Jürgen/rnn.ipynb" not in archive.namelist()
    assert [(each.file, each.student) for each in submissions.find(path)] == [
        ("Jane/rnn.ipynb", "Jane"),
        ("Jürgen/rnn.ipynb", "Jürgen"),
        ("win/dows.ipynb", "win"),
    ]


def test_a_browsers_second_ending_does_no_harm(tmp_path):
    for name in ("ada.ipynb.txt", "bob.IPYNB.json", "eve.txt"):
        (tmp_path / name).write_text("{}")
    assert [each.student for each in submissions.find(tmp_path)] == ["ada", "bob"]
    assert passed_over(tmp_path) == {"eve.txt": "not a notebook"}


def test_no_name_reaches_a_terminal_that_obeys(tmp_path):
    (tmp_path / "a\x1b[2J\r\u202e.ipynb").write_text("{}")
    (tmp_path / "b\x1b[8m.txt").write_text("")
    (tmp_path / os.fsdecode(b"c\xff.ipynb")).write_text("{}")
    collection = submissions.collect(tmp_path)
    names = [each.file for each in collection.submissions] + [each.file for each in collection.passed_over]
    names += [each.student for each in collection.submissions]
    assert names == ["a\ufffd[2J\ufffd\ufffd.ipynb", "c?.ipynb", "b\ufffd[8m.txt", "a\ufffd[2J\ufffd\ufffd", "c?"]
    assert all(name.isprintable() for name in names)


def test_a_pattern_that_does_not_fit_is_said(tmp_path):
    for name in ("ada-1.ipynb", "bob.ipynb"):
        (tmp_path / name).write_text("{}")
    collection = submissions.collect(tmp_path, re.compile(r"(?P<name>\w+)-(?P<id>\d)"))
    assert [(each.student, each.id) for each in collection.submissions] == [("ada", "1")]
    assert [(each.file, each.reason) for each in collection.passed_over] == [
        ("bob.ipynb", "--student does not fit its name")
    ]


METADATA = """
submission_7:
  :submitters:
  - :name: Ada Lovelace
    :sid: '0012'
  - :name: Bob
    :sid: 13
submission_8:
  :submitters:
  - :name: Eve
"""


def test_gradescope_says_whose_is_which(tmp_path):
    forged = METADATA.replace("Ada", "Mallory").encode()
    files = {
        "assignment_1_export/submission_7/rnn.ipynb": b"{}",
        "assignment_1_export/submission_8/rnn.ipynb": b"{}",
        "assignment_1_export/submission_8/submission_metadata.yml": forged,
        "assignment_1_export/submission_8/submission_9/x.ipynb": b"{}",
    }
    path = zipped(tmp_path / "a.zip", files)
    assert {each.student for each in submissions.find(path)} == {"submission_7", "submission_8"}
    for metadata in (METADATA.encode(), b"{", b"- 1", b"submission_7: {}"):
        handed_in = submissions.find(
            zipped(tmp_path / "b.zip", {**files, "assignment_1_export/submission_metadata.yml": metadata})
        )
        known = [(each.student, each.id) for each in handed_in]
        expected = [("Ada Lovelace & Bob", "0012 & 13"), ("Eve", ""), ("Eve", "")]
        anonymous = [("submission_7", ""), ("submission_8", ""), ("submission_8", "")]
        assert known == (expected if metadata == METADATA.encode() else anonymous)


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
