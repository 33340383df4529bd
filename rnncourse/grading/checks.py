"""What the check cells of the exercises are written with. A check that fails raises; nothing printed counts."""

import contextlib
import copy
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rnncourse.grading import kernel, scope, student
from rnncourse.grading.calls import exception_of, how_changed, listed_arguments, parameters_of
from rnncourse.grading.relations import order, relation, to_argument
from rnncourse.grading.remote import RemoteError, RemoteFunction
from rnncourse.grading.shape_relations import length, shape
from rnncourse.grading.values import first_difference, is_close, is_equal, kind_of, shape_of, shortened

SETUP = ("math", "np", "torch")  # what the first cells of the notebooks import
_latest: tuple[Any, dict[str, Any]] = None, {}  # what call has returned last, and for which arguments


class CheckFailed(AssertionError):
    """A check found something wrong; message and hint are for the student, and are all that Jupyter shows.

    Attributes:
        stopped: whether code was stopped, or denied what other processes may have used up.
        undefined: whether the notebook has no such function.
        explained: whether the message says by itself what to mend, so that no hint is needed.
        values: whether only the values are wrong, not what they are.
    """

    def __init__(
        self,
        message: str,
        *,
        stopped: bool = False,
        undefined: bool = False,
        explained: bool = False,
        values: bool = False,
    ) -> None:
        super().__init__(message)
        self.message, self.hint, self.explained, self.values = message, "", explained, values
        self.stopped, self.undefined = stopped, undefined

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}".rstrip()

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]


class NotAttempted(CheckFailed):
    """The exercise is as it was handed out."""


@contextlib.contextmanager
def check(exercise: str, hint: int = 0) -> Iterator[None]:
    """Run the checks of ``exercise`` within: add a hint to what they find, and keep the progress.

    The names that are bound within stay there: they replace none of the student's, and the next check of the exercise
    finds them again.

    Args:
        hint: the number of the hint that helps where values are wrong for no known reason; 0 is for the next one.

    Raises:
        NotAttempted: if the exercise is as it was handed out; a person in Jupyter only reads so, and goes on.
        CheckFailed: what a check found, with a hint.
    """
    frame = sys._getframe(2)
    failing = scope.failing(exercise, frame)
    stale = "the answer was changed after it was run, as the saved notebook shows: run its cell, then this one"
    try:
        with scope.of_check(exercise, frame):
            yield
    except NotAttempted as failure:
        if not kernel.cell_id():
            raise
        kernel.show(stale if kernel.has_changed(exercise) else f"{exercise}: {failure}", "open")
        return
    except NameError as error:  # of the check itself: what a function raises, call has turned into its message
        raise CheckFailed(_what_to_run(error)) from None
    except CheckFailed as failure:
        student.keep_check(exercise, False)
        if failure.values and failing - {frame.f_code}:
            failure.message += "\nanother check of this exercise has failed, too: begin with the uppermost"
        failing.add(frame.f_code)
        if kernel.has_changed(exercise):
            failure.hint = f"But {stale}"
        elif not failure.explained:
            failure.hint = student.hint_after_failure(exercise, failure.message, hint if failure.values else 0)
        raise failure from None
    failing.discard(frame.f_code)
    if kernel.has_changed(exercise):
        kernel.show(f"{exercise}: {stale}", "open")
        return
    student.keep_check(exercise, True)
    kernel.show(f"{exercise}: this check has passed", "passed")


def _what_to_run(error: NameError) -> str:
    if error.name in SETUP:
        return f"{error.name} is imported by the first cell with code: run that, then your answer, then this check"
    return f"{error}: is it spelled so? If it is, run the cells above, from the first one on, then this one"


@contextlib.contextmanager
def other_sizes(**sizes: int) -> Iterator[None]:
    """Say of what fails within that it was right before, and is not for these ``sizes``."""
    try:
        yield
    except NotAttempted:
        raise
    except CheckFailed as failure:
        listed = ", ".join(f"{name} = {size}" for name, size in sizes.items())
        advice = "is one of them written down as a number? Take it from a shape"
        failure.message = f"right for the sizes before, but not for {listed}: {advice}\n{failure.message}"
        failure.explained = True
        raise


def call(function: Callable[..., Any], *arguments: Any) -> Any:
    """Return ``function(*arguments)``.

    Raises:
        NotAttempted: if the function raises ``NotImplementedError``, as the starter's do.
        CheckFailed: if it is no function, raises anything else, or changes one of its arguments.
    """
    if not callable(function):
        raise CheckFailed(f"expected a function, but found {kind_of(function)}; run the cell that defines it again")
    global _latest
    remote = function if isinstance(function, RemoteFunction) else None
    arguments = tuple(value.detach() if isinstance(value, Tensor) else value for value in arguments)
    names = parameters_of(function, len(arguments))
    given = arguments if remote else copy.deepcopy(arguments)  # in another process it cannot change what is here
    name = getattr(function, "__name__", "the function")
    try:
        with contextlib.nullcontext() if remote else scope.of_student():
            result = function(*given)
    except NotImplementedError:
        raise NotAttempted(
            f"not attempted: write {name} in the cell above, without the line raise NotImplementedError, and run it"
        ) from None
    except CheckFailed:
        raise
    except Exception as error:
        raised = error if isinstance(error, RemoteError) else exception_of(function, error)
        where = f"\nin the line: {raised.line}" if raised.line else ""
        message = f"{name} raised {raised.kind}: {raised.message}{where}{listed_arguments(names, arguments)}"
        if raised.kind == "NotPlain":
            message = f"the result of {name} cannot be checked: {raised.message}"
        raise CheckFailed(message, stopped=raised.stopped) from error
    after = remote.after if remote else given
    for i, (now, then) in enumerate(zip(after, arguments, strict=True)):
        if not is_equal(now, then):
            raise CheckFailed(
                f"{name} changes its argument {names[i]}{how_changed(names[i], now, then)}", explained=True
            )
    _latest = result, dict(zip(names, arguments, strict=True))
    return result


def results(got: Any, parts: Sequence[str], message: str = "") -> list[Any]:
    """Return the results in ``got``, which have the names ``parts``; if there are more or fewer, ``message`` is told.

    Raises:
        CheckFailed: if they are not that many, or one is missing.
    """
    if not isinstance(got, tuple | list) or len(got) != len(parts):
        several = isinstance(got, tuple | list)
        advice = "" if got is None else "; return them as a tuple or a list"
        size = f"{len(got)} result{'s' * (len(got) != 1)}\n{message}".rstrip() if several else kind_of(got) + advice
        raise CheckFailed(f"expected {len(parts)} result{'s' * (len(parts) != 1)}, but got {size}")
    for result, part in zip(got, parts, strict=True):
        if result is None:
            raise CheckFailed(f"{part} is None")
    return list(got)


def same(
    got: Any,
    expected: Any,
    message: str,
    axes: str = "",
    mistakes: dict[str, Any] | None = None,
    parts: Sequence[str] = (),
) -> None:
    """Check that ``got`` is ``expected``: type, shape and dtype, and the values to eight digits or so.

    Args:
        expected: a tensor, an array, a number, a text, or a tuple or list of these; several of one shape may come
            stacked, which unpacks as a tuple does.
        message: what is wrong when only the values differ, and what to do about it.
        axes: names of the axes of ``expected`` (of its first part, if it has several), such as ``"n h"``.
        mistakes: known wrong results, each under what led to it; one that explains all that is wrong is told instead
            of ``message``.
        parts: what the parts of ``expected`` are called, if it has several.
    """
    several = isinstance(expected, tuple | list)
    rights = list(expected) if several else [expected]
    known = {mistake: list(wrong) if several else [wrong] for mistake, wrong in (mistakes or {}).items()}
    parts = (parts or [f"result number {i + 1}" for i in range(len(rights))]) if several else [""]
    if several and _is_stack(got, rights):
        got = list(got)
    arguments = _latest[1] if got is _latest[0] else {}
    if several and isinstance(got, tuple | list) and len(got) != len(rights):
        message = f"{message}\n{length(got, rights)}".rstrip()
    gots = results(got, parts, message) if several else [got]
    starts = [f"{part}: " if part else "" for part in parts]
    everywhere = range(len(gots))
    wrong = [i for i in everywhere if not is_close(gots[i], rights[i])]
    if wrong and (swapped := order(gots, rights, parts)):
        raise CheckFailed(_mistake(known, gots, everywhere, parts) or swapped, explained=True)
    shapes = [i for i in wrong if shape_of(gots[i]) != shape_of(rights[i])]
    mistake = ""
    if shapes:
        mistake = _mistake(known, gots, everywhere, parts) or _mistake(known, gots, shapes, parts)
    for i, (result, right) in enumerate(zip(gots, rights, strict=True)):
        _fits(result, right, starts[i], "" if i else axes, mistake)
    if wrong:
        result, right = gots[wrong[0]], rights[wrong[0]]
        # Numbers may agree by chance, so all have to; of arrays those that are wrong, or the first of these.
        arrays = isinstance(right, Tensor | np.ndarray)
        for places in (everywhere, wrong, wrong[:1]) if arrays else (everywhere,):
            if mistake := _mistake(known, gots, places, parts):
                raise CheckFailed(mistake, explained=True)
        values = f"expected {shortened(right)}\n but got {shortened(result)}{first_difference(result, right)}"
        whole = several and not any(
            isinstance(value, Tensor | np.ndarray | str) for value in rights
        )  # a list of numbers
        related = to_argument(result, right, arguments)
        related = related or (relation(gots, rights) if whole else relation(result, right))
        text = "\n".join(filter(None, (f"{starts[wrong[0]]}{message}", related, values)))
        raise CheckFailed(text, explained=bool(related), values=True)


def _mistake(known: dict[str, list[Any]], gots: list[Any], places: Sequence[int], parts: Sequence[str]) -> str:
    """Return the mistake in ``known`` that makes of the results at ``places`` what they are, if there is one."""
    for mistake, values in known.items():
        if all(is_close(gots[i], values[i]) for i in places):
            start = "" if len(places) == len(gots) else f"{' and '.join(parts[i] for i in places)}: "
            return f"{start}this is what you get when {mistake}"
    return ""


def _is_stack(got: Any, rights: list[Any]) -> bool:
    shapes = {right.shape for right in rights if isinstance(right, Tensor | np.ndarray)}
    return isinstance(got, Tensor | np.ndarray) and [got.shape] == [(len(rights), *shape) for shape in shapes]


def _fits(got: Any, expected: Any, start: str, axes: str, mistake: str) -> None:
    """Check type, shape and dtype; ``mistake`` explains a wrong shape."""
    if kind_of(got) != kind_of(expected):
        raise CheckFailed(f"{start}expected {kind_of(expected)}, but got {kind_of(got)}")
    if type(expected) is int and isinstance(got, float | np.floating):
        advice = "compute with whole numbers all the way: // divides them, and / makes a float"
        raise CheckFailed(f"{start}expected a whole number, but got the float {got!r}; {advice}", explained=True)
    if isinstance(expected, Tensor | np.ndarray):
        if got.shape != expected.shape:
            named = f" ({axes.replace(' ', ', ')})" if axes else ""
            shapes = f"expected the shape {tuple(expected.shape)}{named}, but got {tuple(got.shape)}"
            related = mistake or shape(got, expected)
            raise CheckFailed(f"{start}{shapes}\n{related}".rstrip(), explained=bool(related))
        if got.dtype != expected.dtype:
            kinds = f"expected the inputs' dtype {expected.dtype}, but got {got.dtype}"
            advice = "say dtype=X.dtype, with an argument's name for X, wherever you make a tensor or an array"
            raise CheckFailed(f"{start}{kinds}; {advice}", explained=True)


def numeric_gradient(f: Callable[[Tensor], Tensor], x: Tensor, epsilon: float = 1e-6) -> Tensor:
    """Return the gradient of the scalar ``f(x)`` with respect to ``x`` by central differences; ``x`` in float64."""
    gradient = torch.zeros_like(x)
    for i in range(x.numel()):
        step = torch.zeros_like(x)
        step.view(-1)[i] = epsilon
        gradient.view(-1)[i] = (f(x + step) - f(x - step)) / (2 * epsilon)
    return gradient
