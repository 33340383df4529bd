"""Whose a file is, by its name: each system names what it hands over in a way of its own.

Only the part of a name that the system has written counts. In a folder of their own, students do not choose whose a
notebook is by what they call it.
"""

import os
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rnncourse.grading.judge.files import NOTEBOOK
from rnncourse.grading.judge.systems import ALL_SYSTEMS, AROUND, SYSTEMS, SYSTEMS_FOR_ALL, time_of


class Owner(NamedTuple):
    """Whose a file is.

    Attributes:
        system: which one has named the file; "folder" or "file" if none has.
        attempt: of two files of a student, the later one has the greater.
    """

    student: str
    id: str = ""
    system: str = "file"
    late: bool = False
    attempt: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """What two files of a student have in common."""
        return self.student, self.id, self.system


def compiled(pattern: str) -> re.Pattern[str]:
    """Return the regular expression ``pattern``, which has to say which part of a file's name is the student's.

    Raises:
        ValueError: if it is none, or has neither a group ``name`` nor a group ``id``.
    """
    try:
        expression = re.compile(pattern)
    except re.error as error:
        raise ValueError(f"{pattern!r} is not a regular expression: {error}") from None
    if not expression.groupindex.keys() & {"name", "id"}:
        raise ValueError(
            f"{pattern!r} has no group (?P<name>...) or (?P<id>...), which says whose a file is; "
            r"an example: '(?P<name>[^/]+)_(?P<id>\d+)/'"
        )
    return expression


def owners(names: Sequence[str], pattern: re.Pattern[str] | None = None, outer: str = "") -> list[Owner | None]:
    """Return whose each of the files is; None where ``pattern`` is given and does not fit.

    Args:
        names: of all files, with folders.
        pattern: of the beginning of the names, see :func:`compiled`.
        outer: name of the folder that they are in.
    """
    if pattern:
        return [_by(pattern, name) for name in names]
    clean = ["/".join(part for part in name.split("/") if part not in ("", "..")) for name in names]
    notebooks = [name for name in clean if NOTEBOOK.search(name)]
    around = _around(notebooks)
    outer = around.rstrip("/").rpartition("/")[2] or outer
    systems = _systems([name.removeprefix(around) for name in notebooks])
    inner = [name.removeprefix(around) for name in clean]
    title = _title(inner)
    assignment = outer.removesuffix("-submissions") + "-" if outer.endswith("-submissions") else ""
    return [_owner(name, systems, title, assignment) for name in inner]


def _by(pattern: re.Pattern[str], name: str) -> Owner | None:
    if not (match := pattern.match(name)):
        return None
    groups = match.groupdict(default="")
    return Owner(groups.get("name") or groups.get("id") or "submission", groups.get("id", ""), "pattern")


def _around(notebooks: Sequence[str]) -> str:
    """Return the folders common to all, which are nobody's; none, if they may be those of the only student."""
    folders = [name.split("/")[:-1] for name in notebooks] or [[]]
    common = [names[0] for names in zip(*folders, strict=False)]
    while common and any(names[: len(common)] != common for names in folders):
        common.pop()
    for depth, folder in enumerate(common, 1):
        if AROUND.fullmatch(folder):
            return "/".join(common[:depth]) + "/"
    around = "".join(f"{folder}/" for folder in common)
    students = {_student(name.removeprefix(around)) for name in notebooks}
    return around if len(students) > 1 else ""


def _student(name: str) -> str:
    """Return what tells students apart: an outermost folder, or the beginning of a name that a system has given."""
    _, match = _first(name, SYSTEMS)
    return match[0] if match else name.split("/")[0]


def _first(name: str, systems: Iterable[str]) -> tuple[str, re.Match[str] | None]:
    """Return which of the ``systems`` has named the file: what a student writes comes after what the system writes."""
    matches = [(system, ALL_SYSTEMS[system].match(name)) for system in systems]
    return min(matches, key=lambda pair: pair[1].end() if pair[1] else len(name) + 1, default=("", None))


def _systems(notebooks: Sequence[str]) -> list[str]:
    """Return the systems that may have named the ``notebooks``: those that fit all, or any if none does."""
    fitting = [name for name, pattern in ALL_SYSTEMS.items() if all(map(pattern.match, notebooks))]
    if len(notebooks) > 1 and "blackboard" in fitting:
        return ["blackboard"]  # in the name of the assignment there may be any sign: "Exercise_1_2_"
    if len(notebooks) == 1:
        fitting = [name for name in fitting if name not in SYSTEMS_FOR_ALL]
    return fitting or list(SYSTEMS)


def _title(names: Iterable[str]) -> str:
    """Return with what Blackboard begins all names: the assignment."""
    heads = {match["head"] for name in names if (match := SYSTEMS["blackboard"].match(name))}
    common = os.path.commonprefix(sorted(heads))  # noqa: RUF071  (of all letters: these are no paths)
    return common.rpartition("_")[0] + "_" if "_" in common else ""


def _owner(name: str, systems: list[str], title: str, assignment: str) -> Owner:
    system, match = _first(name, systems)
    if not match:
        folder, _, rest = name.partition("/")
        return Owner(folder.removeprefix(assignment), "", "folder") if rest else Owner(NOTEBOOK.sub("", name))
    parts = match.groupdict(default="")
    if system == "canvas":
        late = bool(parts["late"] or parts["late_too"])
        return Owner(parts["name"] or parts["anonymous"], parts["id"], system, late, parts["attempt"].zfill(20))
    if system == "blackboard":
        user = parts["head"].removeprefix(title)
        return Owner(user, user, system, attempt=parts["attempt"])
    if system == "brightspace":
        return Owner(parts["name"], parts["id"], system, attempt=time_of(parts["date"], parts["time"]))
    if system == "ilias":
        return Owner(f"{parts['first']} {parts['last']}", parts["id"], system)
    return Owner(parts["name"], parts.get("id", ""), system)
