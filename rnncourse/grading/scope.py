"""The names of a check: they replace no name of the student's, and none of them stays.

A check cell runs among the student's own names, where a function finds its helpers. So the names that the check binds
are taken away while the student's code runs, and when the check ends; the next check of the exercise gets them back.
"""

import contextlib
from collections.abc import Iterator
from types import CodeType, FrameType
from typing import Any

from rnncourse.grading import kernel

KEPT = "__checks__"  # where the names of the checks wait for the next check of their exercise
TOOLS = "rnncourse.grading.checks"
FAILING = "failing"  # beside the names of an exercise: which of its checks have failed when they ran last
_open: list["Scope"] = []


class Scope:
    """The two sets of names that share one namespace while a check of ``exercise`` runs in it.

    Args:
        names: the namespace of the cell.
        before: the student's names, and their values, before the cell began; what it has imported for the check may
            have replaced some.
    """

    def __init__(self, names: dict[str, Any], exercise: str, before: dict[str, Any]) -> None:
        self._names = names
        self._student = {name: value for name, value in kernel.plain(names).items() if not _is_tool(value)}
        tools = kernel.plain(names).keys() - self._student.keys()
        self._student.update({name: before[name] for name in tools & before.keys()})
        kept = names.setdefault(KEPT, {})
        names.update({name: value for name, value in kept.get(exercise, {}).items() if name not in tools})
        self._kept, self._exercise = kept, exercise

    def _bound(self) -> dict[str, Any]:
        """Return what the check has bound so far."""
        return {
            name: value
            for name, value in kernel.plain(self._names).items()
            if name not in self._student or value is not self._student[name]
        }

    @contextlib.contextmanager
    def students(self) -> Iterator[None]:
        """Leave only the student's names, as for a call of a function that was handed in, until the block ends."""
        bound = self._bound()
        self._restore(bound)
        try:
            yield
        finally:
            self._student = kernel.plain(self._names)  # the function may have bound some
            self._names.update(bound)

    def close(self) -> None:
        """Put the check's names by."""
        bound = self._bound()
        self._kept[self._exercise] = bound
        self._restore(bound)

    def _restore(self, bound: dict[str, Any]) -> None:
        for name in bound:
            del self._names[name]
        self._names.update(self._student)


def failing(exercise: str, frame: FrameType) -> set[CodeType]:
    """Return the set of the code of the checks of ``exercise`` that have failed, for the check in ``frame`` to change.

    In a function nothing is kept.
    """
    if frame.f_locals is not frame.f_globals:
        return set()
    return frame.f_globals.setdefault(KEPT, {}).setdefault((FAILING, exercise), set())


def _is_tool(value: Any) -> bool:
    return getattr(value, "__module__", None) == TOOLS


@contextlib.contextmanager
def of_check(exercise: str, frame: FrameType) -> Iterator[None]:
    """Keep the names of the check of ``exercise`` that runs in ``frame`` from the student's, until the block ends.

    In a function they are local anyway.
    """
    if frame.f_locals is not frame.f_globals:
        yield
        return
    scope = Scope(frame.f_globals, exercise, kernel.names_before())
    _open.append(scope)
    try:
        yield
    finally:
        _open.remove(scope)
        scope.close()


@contextlib.contextmanager
def of_student() -> Iterator[None]:
    """Leave only the student's names in the namespace of the check that runs, until the block ends."""
    with _open[-1].students() if _open else contextlib.nullcontext():
        yield
