"""What the check cells of the exercises are written with. A check that fails raises; nothing printed counts."""

import copy
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor


class CheckFailed(AssertionError):
    """A check found something wrong; the message is for the student, and is all that Jupyter shows."""

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]


class NotAttempted(CheckFailed):
    """The exercise is as it was handed out."""


def call(function: Callable[..., Any], *arguments: Any) -> Any:
    """Return ``function(*arguments)``.

    Raises:
        NotAttempted: if the function raises ``NotImplementedError``, as the starter's do.
        CheckFailed: if it raises anything else, or changes one of its arguments.
    """
    before = copy.deepcopy(arguments)
    name = function.__name__
    try:
        result = function(*arguments)
    except NotImplementedError:
        raise NotAttempted(f"not attempted: write {name} in the cell above and run it, then this one") from None
    except Exception as error:
        raise CheckFailed(f"{name} raised {type(error).__name__}: {error}") from error
    for i, (now, then) in enumerate(zip(arguments, before, strict=True)):
        if isinstance(now, Tensor) and not torch.equal(now, then):
            raise CheckFailed(f"{name} changes its argument number {i + 1}; compute a new tensor instead")
    return result


def same(got: Any, expected: Tensor, message: str, axes: str = "") -> None:
    """Check that ``got`` is ``expected``: its type, its shape, and its values to eight digits or so.

    Args:
        message: what is wrong when only the values differ, and what to do about it.
        axes: names of the axes of ``expected``, such as ``"n h"``.
    """
    if not isinstance(got, Tensor):
        kind = "nothing (is there a return?)" if got is None else f"a {type(got).__name__}"
        raise CheckFailed(f"expected a tensor, but got {kind}")
    if got.shape != expected.shape:
        named = f" ({axes.replace(' ', ', ')})" if axes else ""
        raise CheckFailed(f"expected the shape {tuple(expected.shape)}{named}, but got {tuple(got.shape)}")
    if got.dtype != expected.dtype:
        raise CheckFailed(f"expected the inputs' dtype {expected.dtype}, but got {got.dtype}")
    if not torch.allclose(got, expected, rtol=1e-8, atol=1e-8):
        raise CheckFailed(f"{message}\nexpected {_short(expected)}\n but got {_short(got)}")


def _short(values: Tensor) -> str:
    shown = ", ".join(f"{value:.6g}" for value in values.flatten()[:4].tolist())
    return shown + (", ..." if values.numel() > 4 else "")
