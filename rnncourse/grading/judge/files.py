"""The files that were handed in, read within bounds: a notebook, a folder, or a zip file. Nothing is unpacked."""

import contextlib
import datetime
import lzma
import os
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from rnncourse.grading.judge.light import LARGEST
from rnncourse.grading.judge.names import printable

NOTEBOOK = re.compile(r"\.ipynb(\.txt|\.json)?$", re.IGNORECASE)  # some browsers add the second ending
HIDDEN = re.compile(r"(^|/)(\.(?!\.)[^/]*/|\._|__MACOSX/|_build/)")  # what programs leave, and no student hands in
UNREADABLE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, RuntimeError, NotImplementedError)
METADATA = "submission_metadata.yml"  # in which Gradescope says whose is which


class File(NamedTuple):
    """A file that was handed in. No two have the same ``name``, in which all characters can be printed.

    Attributes:
        modified: seconds since 1970.
        reason: why it is not graded; empty for a notebook.
        read: what returns its content; nothing, if it cannot be read.
    """

    name: str
    modified: float
    reason: str
    read: Callable[[], bytes]


@contextlib.contextmanager
def open_files(path: Path) -> Iterator[list[File]]:
    """Yield the files at ``path`` in the order of their names, which can be read until the block ends.

    Raises:
        FileNotFoundError: if there is nothing at ``path``.
        ValueError: if it is no notebook, no folder and no zip file.
    """
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist")
    if path.is_dir():
        yield _unique(_in_folder(path))
    elif path.suffix.lower() == ".zip":
        try:
            archive = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, EOFError, UnicodeDecodeError, OSError) as error:
            raise ValueError(f"{path} is not a zip file: {error}") from None
        with archive:
            yield _unique(_in_zip(archive))
    elif NOTEBOOK.search(path.name):
        yield _unique([File(path.name, 0, "", lambda: _read(path))])
    else:
        raise ValueError(f"{path} is neither a notebook (*.ipynb) nor a folder nor a zip file (*.zip)")


def _unique(files: Iterator[File] | list[File]) -> list[File]:
    """Return the ``files`` that no program left, with plain names, each with one of its own."""
    plain = []
    for file in files:
        name = re.sub(r"^(\./+)+", "", file.name)
        if not HIDDEN.search(name) and (not name.rpartition("/")[2].startswith(".") or NOTEBOOK.search(name)):
            plain.append(file._replace(name=printable(name)))
    seen: Counter[str] = Counter()
    unique = []
    for file in sorted(plain, key=lambda file: file.name):
        seen[file.name] += 1
        again = f" ({seen[file.name]})" if seen[file.name] > 1 else ""
        unique.append(file._replace(name=file.name + again))
    return unique


def _in_folder(path: Path) -> Iterator[File]:
    unreadable: list[OSError] = []
    # A link may lead to what another student handed in, or to the solution: walk follows none, and none is read.
    for folder, folders, names in os.walk(path, onerror=unreadable.append):
        for place in [*(Path(folder) / name for name in names), *(Path(folder) / name for name in folders)]:
            name = place.relative_to(path).as_posix()
            if place.is_symlink():
                yield File(name, 0, "a link", bytes)
            elif place.is_dir():
                continue
            else:
                reason = "" if place.is_file() else "not a file"
                modified = place.lstat().st_mtime
                yield File(name, modified, reason or _kind(name), lambda place=place: _read(place))
    for error in unreadable:
        name = Path(error.filename).relative_to(path).as_posix()
        yield File(f"{name}/", 0, f"cannot be read: {error.strerror}", bytes)


def _in_zip(archive: zipfile.ZipFile) -> Iterator[File]:
    for entry in archive.infolist():
        if not entry.is_dir():
            name = _zip_name(entry)
            yield File(name, _zip_time(entry), _kind(name), lambda entry=entry: _extracted(archive, entry))


def _kind(name: str) -> str:
    if NOTEBOOK.search(name):
        return ""
    return "a zip file in it: unpack that one" if name.lower().endswith(".zip") else "not a notebook"


def _zip_name(entry: zipfile.ZipInfo) -> str:
    """Return the name in UTF-8 where it is, though nothing says so: macOS writes zip files like that."""
    name = entry.filename
    if not entry.flag_bits & 0x800:
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode()
    return name if "/" in name else name.replace("\\", "/")


def _zip_time(entry: zipfile.ZipInfo) -> float:
    try:
        return datetime.datetime(*entry.date_time, tzinfo=datetime.UTC).timestamp()
    except ValueError:
        return 0


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except OSError:  # the rest is graded still
        return b""


def _extracted(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Return the content; nothing, which is no notebook, if it is damaged or encrypted: the rest is graded still.

    Only what systems really make is unpacked: of the other methods, a few bytes may need gigabytes of memory.
    """
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return b""
    try:
        with archive.open(entry) as file:
            return file.read(LARGEST + 1)
    except UNREADABLE:
        return b""
