"""A state that forgets nothing: the whole past in one number."""

from fractions import Fraction
from typing import Any

import torch
from jaxtyping import Int
from torch import Tensor

from rnncourse.shapes import checked, refuse_outside


@checked
def remember(x: Int[Tensor, " t"], m: int, h: Any = Fraction(0)) -> Any:
    """Return the state after reading ``x``: :eq:`exact-state` at every step, from the state ``h`` on.

    A ``Fraction`` keeps all of the past, and grows; a ``float`` or a NumPy float keeps its size, and forgets.

    Args:
        x: characters, each in ``0 .. m - 1``.
        m: number of characters in the vocabulary.
        h: state to start from, in [0, 1); its type is that of the result.

    Raises:
        ValueError: if an index is outside ``0 .. m - 1``, or ``h`` outside [0, 1).
    """
    refuse_outside("x", x, m)
    if not 0 <= h < 1:
        raise ValueError(f"a state should be at least 0 and less than 1, but h = {h}")
    for x_t in x.tolist():
        h = (x_t + h) / m
    return h


@checked
def recall(h: Any, m: int, count: int) -> Int[Tensor, " count"]:
    """Return the last ``count`` characters that the state ``h`` of ``remember`` has read, in their order.

    This solves :eq:`exact-state` for the character and for the state before it, ``count`` times.

    Raises:
        ValueError: if ``count`` is negative.
    """
    if count < 0:
        raise ValueError(f"count should not be negative, but it is {count}")
    x = []
    for _ in range(count):
        x_t, h = divmod(h * m, 1)
        x.append(int(x_t))
    return torch.tensor(x[::-1], dtype=torch.long)
