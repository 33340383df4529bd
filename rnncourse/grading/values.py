"""Values that students' functions return: what they are, whether they are right, and how a message shows them."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from rnncourse.grading.remote import has_grad

SHOWN = 4  # entries of an array in a message


def kind_of(value: Any) -> str:
    """Return what kind of value it is, as a message calls it."""
    if value is None:
        return "nothing (is there a return?)"
    if isinstance(value, Tensor):
        return "a tensor"
    if isinstance(value, np.ndarray):
        return "an array"
    if isinstance(value, dict):
        return "a dictionary"
    if isinstance(value, bool | np.bool_):
        return "True or False"
    if isinstance(value, complex | np.complexfloating):
        return "a complex number"
    if isinstance(value, int | float | np.number):
        return "a number"
    name = "function" if callable(value) else type(value).__name__
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def shape_of(value: Any) -> tuple[int, ...] | None:
    """Return the shape of a tensor or an array; nothing for other values."""
    return tuple(value.shape) if isinstance(value, Tensor | np.ndarray) else None


def is_close(got: Any, expected: Any) -> bool:
    """Return whether ``got`` is ``expected``, numbers to eight digits or so."""
    if isinstance(expected, str | bool | dict):
        return got == expected
    got, expected = (value.detach().numpy() if isinstance(value, Tensor) else value for value in (got, expected))
    try:
        return np.shape(got) == np.shape(expected) and bool(np.allclose(got, expected, rtol=1e-8, atol=1e-8))
    except (TypeError, ValueError, OverflowError):  # a whole number of a thousand digits, for instance
        return False


def is_equal(now: Any, then: Any) -> bool:
    """Return whether a value is ``now`` what it was ``then``, to the last digit; not a number is itself, too."""
    if isinstance(then, Tensor):
        same_kind = isinstance(now, Tensor) and now.shape == then.shape and now.dtype == then.dtype
        return same_kind and has_grad(now) == has_grad(then) and torch.equal(now.nan_to_num(), then.nan_to_num())
    if isinstance(then, np.ndarray):
        return isinstance(now, np.ndarray) and now.dtype == then.dtype and np.array_equal(now, then, equal_nan=True)
    if isinstance(then, tuple | list):
        return type(now) is type(then) and len(now) == len(then) and all(map(is_equal, now, then))
    return type(now) is type(then) and (now == then or (now != now and then != then))


def shortened(value: Any) -> str:
    """Return the value as a message shows it: of an array the first entries."""
    if not isinstance(value, Tensor | np.ndarray):
        return repr(value)[:200]
    numbers = value.flatten().tolist()
    return ", ".join(map(_number, numbers[:SHOWN])) + (", ..." if len(numbers) > SHOWN else "")


def first_difference(got: Any, expected: Any) -> str:
    """Return where two arrays differ first, if that is not among what :func:`shortened` shows of them."""
    if not isinstance(expected, Tensor | np.ndarray):
        return ""
    got, expected = (np.asarray(value.detach() if isinstance(value, Tensor) else value) for value in (got, expected))
    place = int(np.argmin(np.isclose(got, expected, rtol=1e-8, atol=1e-8)))
    if place < SHOWN and _number(got.flat[place]) != _number(expected.flat[place]):
        return ""
    index = ", ".join(map(str, np.unravel_index(place, expected.shape)))
    return f"\nthey differ first at [{index}]: expected {expected.flat[place]:.12g}, but got {got.flat[place]:.12g}"


def _number(number: Any) -> str:
    return f"{number:.6g}"
