"""What students hand in: a notebook, a folder of notebooks, or the zip file that a learning management system makes."""

import lzma
import os
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from rnncourse.grading.judge.cells import answers
from rnncourse.grading.judge.light import LARGEST, light

CANVAS = re.compile(r"^(?P<student>[^_/]+)(?:_LATE)?_(?P<id>\d+)_\d+_")
MOODLE = re.compile(r"^(?P<student>[^/]+?)_(?P<id>\d+)_assignsubmission_")
HIDDEN = re.compile(r"(^|/)(\.(?!\.)[^/]*/|\._|__MACOSX/|_build/)")  # what programs leave, and no student hands in


class Submission(NamedTuple):
    """One notebook. No two have the same ``file``; two students may have the same name."""

    file: str
    student: str
    id: str
    content: bytes

    def cells(self) -> list[str]:
        """Return what is executed of it.

        Raises:
            ValueError: if the content is not a notebook, or too large.
        """
        if len(self.content) > LARGEST:
            raise ValueError(f"it has more than {LARGEST:,} bytes; clear its outputs")
        return answers(self.content)


def find(path: Path) -> list[Submission]:
    """Return the notebooks at ``path`` in the order of their names.

    Raises:
        FileNotFoundError: if there is nothing at ``path``.
        ValueError: if there is no notebook.
    """
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist")
    files = sorted((_printable(name), light(content)) for name, content in _files(path))
    if not files:
        raise ValueError(f"there is no notebook (*.ipynb) in {path}")
    # A system's zip file that was unpacked and packed again may have one more folder around all.
    outer = re.match("[^/]+/", files[0][0])
    around = len(outer[0]) if outer and all(_of_system(name.removeprefix(outer[0])) for name, _ in files) else 0
    submissions, seen = [], Counter[str]()
    for name, content in files:
        seen[name] += 1
        file = name if seen[name] == 1 else f"{name} ({seen[name]})"
        submissions.append(Submission(file, *_student(name[around:]), content))
    return submissions


def _printable(name: str) -> str:
    return name.encode(errors="replace").decode()  # a name from another system may have no text


def not_graded(path: Path, submissions: list[Submission]) -> list[str]:
    """Return the names of the files at ``path`` that are not ``submissions``, so that nothing vanishes unseen."""
    if path.is_dir():
        names = []

        def unreadable(error: OSError) -> None:
            names.append(f"{Path(error.filename).relative_to(path).as_posix()}/ ({error.strerror})")

        for folder, folders, files in os.walk(path, onerror=unreadable):
            links = [name for name in folders if (Path(folder) / name).is_symlink()]
            names += [(Path(folder) / name).relative_to(path).as_posix() for name in (*files, *links)]
    elif path.suffix.lower() == ".zip":
        with zipfile.ZipFile(path) as archive:
            names = [entry.filename for entry in archive.infolist() if not entry.is_dir()]
    else:
        return []
    graded = {submission.file for submission in submissions}
    names = [
        _printable(name) for name in names if not HIDDEN.search(name) and not PurePosixPath(name).name.startswith(".")
    ]
    return sorted(set(names) - graded)


def _files(path: Path) -> Iterator[tuple[str, bytes]]:
    if path.is_dir():
        # A link may lead to what another student handed in, or to the solution: walk follows none, and none is read.
        for file in (Path(folder) / name for folder, _, names in os.walk(path) for name in names):
            name = file.relative_to(path).as_posix()
            if name.lower().endswith(".ipynb") and not HIDDEN.search(name):
                try:
                    if file.is_file() and not file.is_symlink():
                        yield name, _read(file)
                except OSError:  # it may not be read: the rest is graded still
                    yield name, b""
    elif path.suffix.lower() == ".zip":
        try:
            with zipfile.ZipFile(path) as archive:
                for entry in archive.infolist():
                    if entry.filename.lower().endswith(".ipynb") and not HIDDEN.search(entry.filename):
                        yield entry.filename, _extracted(archive, entry)
        except (zipfile.BadZipFile, EOFError, UnicodeDecodeError) as error:
            raise ValueError(f"{path} is not a zip file: {error}") from None
    elif path.suffix.lower() == ".ipynb":
        yield path.name, _read(path)
    else:
        raise ValueError(f"{path} is neither a notebook (*.ipynb) nor a folder nor a zip file (*.zip)")


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LARGEST + 1)


def _extracted(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Return the content; nothing, which is no notebook, if it is damaged or encrypted: the rest is graded still.

    Only what systems really make is unpacked: of the other methods, a few bytes may need gigabytes of memory.
    """
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return b""
    try:
        with archive.open(entry) as file:
            return file.read(LARGEST + 1)
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, RuntimeError, NotImplementedError):
        return b""


def _of_system(name: str) -> re.Match[str] | None:
    return CANVAS.match(name) or MOODLE.match(name)


def _student(name: str) -> tuple[str, str]:
    """Return name and number; in a folder of their own, students do not choose whose it is by the name of a file."""
    if parts := _of_system(name):
        return parts["student"], parts["id"]
    *folders, file = (part for part in PurePosixPath(name).parts if part not in ("..", "/"))
    return folders[0] if folders else re.sub(r"\.ipynb$", "", file, flags=re.IGNORECASE), ""
