"""What students hand in: a notebook, a folder of notebooks, or the zip file that a learning management system makes."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from rnncourse.grading.judge.cells import answers
from rnncourse.grading.judge.files import METADATA, NOTEBOOK, File, open_files
from rnncourse.grading.judge.light import LARGEST, light
from rnncourse.grading.judge.names import printable
from rnncourse.grading.judge.owners import Owner, owners


class NothingHandedIn(ValueError):
    """There is no notebook."""


class Submission(NamedTuple):
    """One notebook. No two have the same ``file``; two students may have the same name.

    Attributes:
        system: which has named the file, and counts its students with ``id``, see
            :mod:`rnncourse.grading.judge.owners`.
        order: of two notebooks of a student, the later one has the greater.
    """

    file: str
    student: str
    id: str
    content: bytes
    late: bool = False
    system: str = "file"
    order: tuple[str, float, str] = ("", 0, "")

    def cells(self) -> list[str]:
        """Return what is executed of it.

        Raises:
            ValueError: if the content is not a notebook, or too large.
        """
        if len(self.content) > LARGEST:
            raise ValueError(f"it has more than {LARGEST:,} bytes; clear its outputs")
        return answers(self.content)


class PassedOver(NamedTuple):
    """A file that is not graded, and why; ``owner`` is None if it says nothing of a student."""

    file: str
    reason: str
    owner: Owner | None


class Collection(NamedTuple):
    """All that was handed in."""

    submissions: list[Submission]
    passed_over: list[PassedOver]


def collect(path: Path, pattern: re.Pattern[str] | None = None) -> Collection:
    """Return what is at ``path``, in the order of the names.

    Args:
        pattern: which part of a file's name is the student's, see :func:`rnncourse.grading.judge.owners.compiled`.

    Raises:
        FileNotFoundError: if there is nothing at ``path``.
        ValueError: if it is something else than a notebook, a folder or a zip file.
        NothingHandedIn: if there is no notebook.
    """
    submissions, passed_over = [], []
    with open_files(path) as files:
        names = [file.name for file in files]
        known = owners(names, pattern, path.name if path.is_dir() else "")
        submitters = _submitters(files)
        for file, owner in zip(files, known, strict=True):
            if owner and (people := submitters.get(owner.student)) and owner.system == "gradescope":
                owner = owner._replace(student=people[0], id=people[1])
            if file.reason or owner is None:
                reason = file.reason or "--student does not fit its name"
                passed_over.append(
                    PassedOver(file.name, reason, owner if owner and _is_handed_in(file, owner) else None)
                )
            else:
                order = (owner.attempt, file.modified, file.name)
                content = light(file.read())
                submissions.append(
                    Submission(file.name, owner.student, owner.id, content, owner.late, owner.system, order)
                )
    if not submissions:
        there = ", ".join(names[:5]) + (", ..." if len(names) > 5 else "") or "nothing"
        raise NothingHandedIn(f"there is no notebook (*.ipynb) in {path}, but {there}")
    return Collection(submissions, passed_over)


def find(path: Path) -> list[Submission]:
    """Return the notebooks at ``path``; raise what :func:`collect` raises."""
    return collect(path).submissions


def _is_handed_in(file: File, owner: Owner) -> bool:
    """Return whether it takes a student to have handed in ``file``: a system says so, or it is a notebook's link."""
    return owner.system not in ("file", "folder") or bool(NOTEBOOK.search(file.name))


def _submitters(files: Sequence[File]) -> dict[str, tuple[str, str]]:
    """Return names and numbers of those who have made each of Gradescope's submissions, joined by " & "."""
    import yaml  # here, since the judges need none of it

    # A student's own file of that name lies deeper.
    tops = {match[1] for file in files if (match := re.match(r"((?:[^/]+/)*?)submission_\d+/", file.name))}
    metadata = [file for file in files if file.name.endswith(METADATA) and file.name.removesuffix(METADATA) in tops]
    if not metadata:
        return {}
    try:
        people = {
            folder: [
                (printable(str(each[":name"])), printable(str(each.get(":sid") or ""))) for each in entry[":submitters"]
            ]
            for folder, entry in yaml.safe_load(metadata[0].read()).items()
        }
    except (yaml.YAMLError, AttributeError, KeyError, TypeError, ValueError, RecursionError):
        return {}
    return {folder: (" & ".join(n for n, _ in each), " & ".join(i for _, i in each)) for folder, each in people.items()}
