"""How a result of the wrong shape, or of the wrong number of parts, is related to the right one."""

from collections.abc import Sequence
from itertools import permutations
from typing import Any

import numpy as np

from rnncourse.grading.relations import alike, array


def _count(number: int) -> str:
    return "one" if number == 1 else f"{number} entries"


def length(got: Sequence | np.ndarray, expected: Sequence | np.ndarray) -> str:
    """Return which entries of ``got`` are missing or too many, if the others are right; nothing if they are not."""
    wrong, right = array(got), array(expected)
    if wrong is None or right is None or wrong.shape[1:] != right.shape[1:]:
        return ""
    few, many = sorted((wrong, right), key=len)
    difference = len(many) - len(few)
    missing = "missing" if len(wrong) < len(right) else "too many"
    verb = "is" if difference == 1 else "are"
    at_end, at_start = alike(few, many[: len(few)]), alike(few, many[difference:])
    if not difference or at_end == at_start:
        return ""
    if at_end and len(wrong) == 1:
        return "only the first entry is there: does return stand in the loop, so that it ends after one step?"
    return f"the {'last' if at_end else 'first'} {_count(difference)} {verb} {missing}; the others are right"


def shape(got: Any, expected: Any) -> str:
    """Return how ``got`` has come by another shape than ``expected``; nothing if that is unclear."""
    wrong, right = array(got), array(expected)
    if wrong is None or right is None or not right.ndim:
        return ""
    if wrong.shape[1:] == right.shape[1:] and wrong.ndim == right.ndim:
        return length(wrong, right)
    if wrong.shape == right.shape[1:]:
        places = [i for i, entry in enumerate(right) if alike(wrong, entry)]
        return f"it is only what belongs at {places[0]} along the first axis" if len(places) == 1 else ""
    if wrong.size != right.size:
        return ""
    for order in permutations(range(wrong.ndim)):
        if wrong.ndim == right.ndim and right.size > 1 and alike(wrong.transpose(order), right):
            return "the values are right, but the axes are in another order"
    if not alike(wrong.reshape(right.shape), right):
        return ""
    if tuple(size for size in wrong.shape if size > 1) == tuple(size for size in right.shape if size > 1):
        return f"the values are right, with an axis of length 1 too {'many' if wrong.ndim > right.ndim else 'few'}"
    if wrong.ndim == right.ndim - 1:
        return "the values are right, but two axes have become one: torch.stack makes a new axis, torch.cat does not"
    return ""
