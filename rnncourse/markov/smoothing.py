"""How an n-gram model shares probability between what it has seen and what it has not.

Each function gets the count ``c`` (K,) of every k-gram of one length and the number ``context`` (K,) of the k - 1
characters that it starts with. It returns the share ``a`` (K,) of its context's probability that each k-gram keeps.
What they leave over, :math:`1 - \\sum_x a(s\\,x)`, goes to the estimate after the shorter context,
:eq:`interpolation`; with the methods that do not look there, to all characters alike.
"""

from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np

FALLBACK = np.array([0.0, 0.5, 1.0, 1.5])  # as in KenLM's --discount_fallback


def maximum_likelihood(c: np.ndarray, context: np.ndarray, m: int) -> np.ndarray:
    """Return :eq:`relative-frequency`: what was seen keeps everything."""
    return c / _per_context(c, context)


def add_one(c: np.ndarray, context: np.ndarray, m: int) -> np.ndarray:
    """Return the first summand of :eq:`add-one`: each of the ``m`` characters counts as seen once more.

    Source: Laplace's rule of succession; Chen and Goodman (1999), section 2.1.
    """
    return c / (_per_context(c, context) + m)


def witten_bell(c: np.ndarray, context: np.ndarray, m: int) -> np.ndarray:
    """Return the first summand of :eq:`witten-bell`: a context leaves more over, the more different followers it has.

    Source: Witten and Bell, "The zero-frequency problem", IEEE Transactions on Information Theory 37 (1991), method C,
    interpolated as in Chen and Goodman (1999), section 2.5.
    """
    return c / (_per_context(c, context) + _per_context(np.sign(c), context))


def kneser_ney(c: np.ndarray, context: np.ndarray, m: int) -> np.ndarray:
    """Return the first summand of :eq:`kneser-ney`: every count is discounted.

    For all but the longest k-grams, ``c`` holds continuation counts, :eq:`continuation-count`.
    Source: Chen and Goodman, "An empirical study of smoothing techniques for language modeling", Computer Speech and
    Language 13 (1999), section 3, modified Kneser-Ney.
    """
    return (c - discounts(c)[np.minimum(c, 3)]) / np.maximum(_per_context(c, context), 1)


def discounts(c: np.ndarray) -> np.ndarray:
    """Return what modified Kneser-Ney takes from a count of 0, 1, 2, and 3 or more: :eq:`discounts`; (4,).

    Where too few k-grams have a count of 1 to 4 for an estimate between 0 and the count, half the count is taken.
    """
    _, n_1, n_2, n_3, n_4 = (np.count_nonzero(c == count) for count in range(5))
    if not n_1 or not n_2 or not n_3:
        return FALLBACK
    Y = n_1 / (n_1 + 2 * n_2)
    D = np.array([0, 1 - 2 * Y * n_2 / n_1, 2 - 3 * Y * n_3 / n_2, 3 - 4 * Y * n_4 / n_3])
    return np.where(D < 0, FALLBACK, D)


def _per_context(value: np.ndarray, context: np.ndarray) -> np.ndarray:
    """Return for each k-gram the sum of ``value`` over all k-grams with the same context; (K,)."""
    return np.bincount(context, value)[context]


class Smoothing(NamedTuple):
    """One method: its ``share``, and what the model hands to it."""

    share: Callable[[np.ndarray, np.ndarray, int], np.ndarray]
    rest: Literal["to nobody", "to all alike", "to the shorter context"]
    continuations: bool = False  # are counted below the longest k-grams, in place of occurrences


SMOOTHINGS = {
    "maximum-likelihood": Smoothing(maximum_likelihood, "to nobody"),
    "add-one": Smoothing(add_one, "to all alike"),
    "witten-bell": Smoothing(witten_bell, "to the shorter context"),
    "kneser-ney": Smoothing(kneser_ney, "to the shorter context", continuations=True),
}
