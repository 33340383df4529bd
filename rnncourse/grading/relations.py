"""How a wrong result is related to the right one: what can be said of a mistake that nobody has thought of."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import permutations
from typing import Any

import numpy as np
from torch import Tensor

CLOSE = {"rtol": 1e-8, "atol": 1e-10}
_MAPS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "these are the squares of the right values": np.square,
    "these are the square roots of the right values": np.sqrt,
    "these are the reciprocals of the right values": np.reciprocal,
    "these are the natural logarithms of the right values: exp is missing, or log is too much": np.log,
    "these are exp of the right values: log is missing, or exp is too much": np.exp,
    "these are tanh of the right values: there is one tanh too many": np.tanh,
    "tanh is missing: these are the values before it": np.arctanh,
    "these are 1 minus the right values": lambda right: 1 - right,
    "these are the magnitudes of the right values, without their signs": np.abs,
    "negative values have become 0, as by relu": lambda right: np.maximum(right, 0),
}


def array(value: Any) -> np.ndarray | None:
    """Return a number, a tensor, an array or a list of numbers as an array; nothing if it is none of these."""
    if isinstance(value, bool | str | dict):
        return None
    try:
        value = np.asarray(value.detach() if isinstance(value, Tensor) else value, dtype=float)
    except (TypeError, ValueError, OverflowError, RuntimeError):
        return None
    return value if value.size else None


def alike(a: np.ndarray, b: np.ndarray) -> bool:
    """Return whether two arrays have one shape, and the same values but for rounding."""
    return a.shape == b.shape and np.allclose(a, b, **CLOSE)


def relation(got: Any, expected: Any) -> str:
    """Return how ``got`` is related to ``expected``, of the same shape and wrong; nothing if in no simple way."""
    wrong, right = array(got), array(expected)
    if wrong is None or right is None or wrong.shape != right.shape:
        return ""
    with np.errstate(all="ignore"):
        return _not_finite(wrong, right) or _values(wrong, right) or _sums(wrong, right) or _places(wrong, right)


def to_argument(got: Any, expected: Any, arguments: dict[str, Any]) -> str:
    """Return how ``got``, which is wrong, has come from ``expected`` by one of the ``arguments`` of its shape.

    Args:
        arguments: what the function was called with, by the names of its parameters.
    """
    wrong, right = array(got), array(expected)
    if wrong is None or right is None or wrong.shape != right.shape or right.size < 3:
        return ""
    fitting = []
    for name, value in arguments.items():
        given = array(value)
        if given is None or given.shape != right.shape or not given.any():
            continue
        changes = {
            f"{name} is returned as it came": given,
            f"{name} is added to the right result": right + given,
            f"{name} is subtracted from the right result": right - given,
            f"the right result is multiplied by {name}": right * given,
        }
        fitting += [change for change, value in changes.items() if alike(wrong, value)]
    return f"this is what you get when {fitting[0]}" if len(fitting) == 1 else ""  # of several, each would be a guess


def _not_finite(wrong: np.ndarray, right: np.ndarray) -> str:
    if not np.isfinite(right).all():
        return ""
    if np.isnan(wrong).any():
        return "there is NaN in it, which comes from inf / inf, inf - inf, 0 / 0 or 0 times inf"
    return "there is an infinite number in it: something overflows, or is divided by 0" if np.isinf(wrong).any() else ""


def _values(wrong: np.ndarray, right: np.ndarray) -> str:
    """Return what has been done to all values alike."""
    if not right.any():
        return ""
    if not wrong.any():
        return "all of it is 0"
    if alike(wrong, -right):
        return "the sign is wrong: it is minus what it should be"
    for name, change in _MAPS.items():
        if right.size > 1 and alike(wrong, change(right)):
            return name
    if np.array_equal(wrong, wrong.round()) and right.size < 3:
        return ""
    for decimals in range(2, 7):
        if np.allclose(wrong, right.round(decimals), rtol=0, atol=1e-13):  # nearer than any chance
            return f"it is rounded to {decimals} decimals"
    if np.allclose(wrong, right, rtol=1e-4, atol=1e-6):
        return "it is nearly right: is a small number added somewhere, or something computed in float32?"
    if right.size < 3 or np.ptp(right) < 1e-6:
        return ""
    place = int(np.abs(right).argmax())
    factor, more = wrong.flat[place] / right.flat[place], wrong.flat[place] - right.flat[place]
    if alike(wrong, factor * right):
        simple = Fraction(float(factor)).limit_denominator(64)
        close = np.isclose(float(simple), factor, **CLOSE)
        return f"every value is {simple if close else f'{factor:.6g}'} times what it should be"
    if alike(wrong, right + more):
        return f"every value is too {'large' if more > 0 else 'small'} by {abs(more):.6g}"
    return ""


def _sums(wrong: np.ndarray, right: np.ndarray) -> str:
    """Return which sums are 1, or are not, if the right values are probabilities along the last axis."""
    if right.ndim not in (1, 2) or right.size < 3 or right.shape[-1] < 2 or (right < 0).any():
        return ""
    if not alike(right.sum(-1), np.ones(right.shape[:-1])):
        return ""
    if right.ndim == 1:
        return "" if np.isclose(wrong.sum(), 1) else f"the sum of all is {wrong.sum():.6g}, and should be 1"
    if alike(wrong.sum(-1), np.ones(len(right))):
        return ""
    if np.isclose(wrong.sum(), 1):
        return "the sum of all entries is 1; the sum of each row should be 1"
    if alike(wrong.sum(0), np.ones(right.shape[1])):
        return "the sum of each column is 1; the sum of each row should be 1"
    return "the sum of each row should be 1, and is not"


def _places(wrong: np.ndarray, right: np.ndarray) -> str:
    """Return which values stand in the wrong place, or which places are wrong."""
    if right.ndim == 0 or len(right) < 2:
        return ""
    if right.ndim == 2 and alike(wrong, right.T):
        return "it is transposed"
    for axis in range(right.ndim):
        if right.shape[axis] > 1 and alike(wrong, np.flip(right, axis)):
            return f"axis {axis} is in reverse order"
    if alike(wrong[1:], right[:-1]):
        return "it is one place late along the first axis: at 1 stands what belongs at 0"
    if alike(wrong[:-1], right[1:]):
        return "it is one place early along the first axis: at 0 stands what belongs at 1"
    if all(alike(row, wrong[0]) for row in wrong) and not all(alike(row, right[0]) for row in right):
        same = "all entries along the first axis are the same"
        last = f"{same}, namely the last one: is the same tensor kept each time, and written into?"
        return last if right.ndim > 1 and alike(wrong[0], right[-1]) else same
    if right.ndim == 1 and alike(np.sort(wrong), np.sort(right)):
        return "the values are right, but in another order"
    if right.ndim > 1:
        good = [i for i in range(len(right)) if alike(wrong[i], right[i])]
        if good and good == list(range(len(good))):
            return f"along the first axis it is right up to {len(good) - 1}, and wrong from {len(good)} on"
        if good and good == list(range(len(right) - len(good), len(right))):
            return f"along the first axis it is wrong up to {good[0] - 1}, and right from {good[0]} on"
    return ""


def order(gots: Sequence[Any], rights: Sequence[Any], parts: Sequence[str]) -> str:
    """Return in which order the right results stand, if all are there but in another one."""
    if not 1 < len(rights) <= 4 or not all(isinstance(value, Tensor | np.ndarray) for value in (*gots, *rights)):
        return ""
    wrongs, goods = [array(got) for got in gots], [array(right) for right in rights]
    for places in permutations(range(len(goods))):
        pairs = [(wrongs[i], goods[place]) for i, place in enumerate(places)]
        if list(places) != sorted(places) and all(a is not None and b is not None and alike(a, b) for a, b in pairs):
            return f"the results are right, but in the order {', '.join(parts[place] for place in places)}"
    return ""
