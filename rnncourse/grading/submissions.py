"""What students hand in: a notebook, a folder of notebooks, or the zip file that a learning management system makes."""

import ast
import json
import lzma
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

LARGEST = 100 * 2**20  # bytes of one notebook, outputs included
LIGHT = 2**20  # larger ones are kept without their outputs
CANVAS = re.compile(r"^(?P<student>[^_/]+)(?:_LATE)?_(?P<id>\d+)_\d+_")
MOODLE = re.compile(r"^(?P<student>[^_/]+)_(?P<id>\d+)_assignsubmission_")
HIDDEN = re.compile(r"(^|/)(\.(?!\.)[^/]*/|\._|__MACOSX/|_build/)")  # what programs leave, and no student hands in
WITH_CHECK = re.compile(r"^with check\(", re.MULTILINE)
DEFINES = re.compile(r"^(async )?(def|class) ", re.MULTILINE)
USES = re.compile(r"^from rnncourse\.grading\.checks import (\([^)]*\)|[^\n(]*)", re.MULTILINE)  # for checks only


class Submission(NamedTuple):
    """One notebook; ``file`` tells it apart from all others, also from one of a student of the same name."""

    file: str
    student: str
    id: str
    content: bytes

    def cells(self) -> list[str]:
        """Return the sources of the code cells without checks, untouched stubs first.

        A check cell in which something is defined stays: an answer may have been written or pasted into it. A stub that
        was copied must not replace the answer above it.

        Raises:
            ValueError: if the content is not a notebook.
        """
        if len(self.content) > LARGEST:
            raise ValueError(f"it has more than {LARGEST:,} bytes; clear its outputs")
        found = [
            USES.sub("", source)
            for source, is_check in _code(self.content)
            if DEFINES.search(source) or not (is_check or WITH_CHECK.search(source))
        ]
        return sorted(found, key=lambda source: not _is_stub(source))


def _is_stub(source: str) -> bool:
    """Return whether ``source`` is a function as it was handed out: comments, a docstring, and the error."""
    if "NotImplementedError" not in source or len(source) > 10_000:
        return False
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    if len(body) != 1 or not isinstance(body[0], ast.FunctionDef):
        return False
    *before, last = body[0].body
    plain = all(isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant) for part in before)
    return plain and isinstance(last, ast.Raise) and "NotImplementedError" in ast.unparse(last)


def _code(content: bytes) -> list[tuple[str, bool]]:
    """Return each code cell's source, and whether it is a check cell, of a notebook of format 2, 3 or 4.

    Everything else in the file is passed over: what nbformat would mend or refuse, a lost id or a broken output, has no
    bearing on the answers, and a validation takes minutes on a file made for that.
    """
    try:
        notebook = json.loads(content)
        if "cells" not in notebook and not notebook["worksheets"]:
            raise ValueError("no cells")
        sheets = [notebook, *notebook.get("worksheets", [])]
        cells = [cell for sheet in sheets for cell in sheet.get("cells", []) if isinstance(cell, dict)]
        return [
            (_text(cell.get("source", cell.get("input", ""))), _is_check(cell))
            for cell in cells
            if cell.get("cell_type", "code" if "outputs" in cell else "") == "code"
        ]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ValueError(f"it is not a Jupyter notebook ({type(error).__name__})") from None


def _text(source: Any) -> str:
    text = source if isinstance(source, str) else "".join(source or [])
    return text.encode(errors="replace").decode()  # half characters would fit nowhere


def _is_check(cell: dict) -> bool:
    data = cell.get("metadata")
    data = data.get("nbgrader") if isinstance(data, dict) else None
    return bool(isinstance(data, dict) and data.get("grade"))


def find(path: Path) -> list[Submission]:
    """Return the notebooks at ``path`` in the order of their names.

    Raises:
        FileNotFoundError: if there is nothing at ``path``.
        ValueError: if there is no notebook.
    """
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist")
    found, seen = [], Counter[str]()
    for name, content in sorted(_files(path)):
        name = name.encode(errors="replace").decode()  # a name from another system may have no text
        seen[name] += 1
        found.append(_submission(name if seen[name] == 1 else f"{name} ({seen[name]})", content))
    if not found:
        raise ValueError(f"there is no notebook (*.ipynb) in {path}")
    return found


def others(path: Path, found: list[Submission]) -> list[str]:
    """Return the names of the files at ``path`` that are not among ``found``, so that nothing vanishes unseen."""
    if path.is_dir():
        names = [
            file.relative_to(path).as_posix() for file in path.rglob("*") if not file.is_dir() or file.is_symlink()
        ]
    elif path.suffix.lower() == ".zip":
        with zipfile.ZipFile(path) as archive:
            names = [entry.filename for entry in archive.infolist() if not entry.is_dir()]
    else:
        return []
    graded = {submission.file for submission in found}
    names = [name for name in names if not HIDDEN.search(name) and not PurePosixPath(name).name.startswith(".")]
    return sorted(set(names) - graded)


def _files(path: Path) -> Iterator[tuple[str, bytes]]:
    if path.is_dir():
        for file in path.rglob("*.ipynb"):
            name = file.relative_to(path).as_posix()
            # A link may lead to what another student handed in, or to the solution.
            linked = any(part.is_symlink() for part in (file, *file.parents) if path in part.parents)
            if not HIDDEN.search(name) and file.is_file() and not linked:
                try:
                    yield name, _start(file)
                except OSError:  # it may not be read: the others are graded still
                    yield name, b""
    elif path.suffix.lower() == ".zip":
        try:
            with zipfile.ZipFile(path) as archive:
                for entry in archive.infolist():
                    if entry.filename.endswith(".ipynb") and not HIDDEN.search(entry.filename):
                        yield entry.filename, _extracted(archive, entry)
        except (zipfile.BadZipFile, EOFError, UnicodeDecodeError) as error:
            raise ValueError(f"{path} is not a zip file: {error}") from None
    elif path.suffix.lower() == ".ipynb":
        yield path.name, _start(path)
    else:
        raise ValueError(f"{path} is neither a notebook (*.ipynb) nor a folder nor a zip file (*.zip)")


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LARGEST + 1)


def _extracted(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Return the content; nothing, which is no notebook, if it is damaged or encrypted: the others are graded still.

    Only what systems really make is unpacked: of the other methods, a few bytes may need gigabytes of memory.
    """
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return b""
    try:
        with archive.open(entry) as file:
            return file.read(LARGEST + 1)
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, RuntimeError, NotImplementedError):
        return b""


def _submission(name: str, content: bytes) -> Submission:
    """Return the submission; in a folder of their own, students do not choose whose it is by the name of a file."""
    if len(content) > LIGHT:
        content = _without_outputs(content)
    for pattern in (CANVAS, MOODLE):
        found = pattern.match(name)
        if found:
            return Submission(name, found["student"], found["id"], content)
    *folders, file = (part for part in PurePosixPath(name).parts if part not in ("..", "/"))
    return Submission(name, folders[0] if folders else file.removesuffix(".ipynb"), "", content)


def _without_outputs(content: bytes) -> bytes:
    try:
        cells = [
            {"cell_type": "code", "source": source, "metadata": {"nbgrader": {"grade": is_check}}}
            for source, is_check in _code(content)
        ]
    except ValueError:
        return content
    return json.dumps({"cells": cells}).encode()
