"""Markov models of a text: n-grams, interpolated by the method of Witten and Bell; and a state that forgets nothing."""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import torch
from jaxtyping import Int
from torch import Tensor

from rnncourse.shapes import checked, refuse_outside


class NgramModel:
    """n-gram model of a text with a vocabulary of ``m`` characters: a Markov model, :eq:`markov-assumption`.

    :eq:`witten-bell` mixes what followed a context in training with the estimate of the next shorter context, down to
    the uniform distribution. Source: Witten and Bell, "The zero-frequency problem", IEEE Transactions on Information
    Theory 37 (1991), method C; interpolated as in Chen and Goodman (1999), section on Witten-Bell smoothing.

    Here ``n`` is the length of an n-gram, as in the literature, and not the batch size as elsewhere in the course.

    Args:
        n: length of the n-grams, the predicted character included.
        m: number of characters in the vocabulary.
    """

    def __init__(self, n: int, m: int) -> None:
        if n < 1 or m < 1:
            raise ValueError(f"an n-gram model needs n >= 1 and m >= 1, but n = {n} and m = {m}")
        if m**n >= 2**63:
            raise ValueError(f"{m} characters have more than 2^63 {n}-grams: choose a smaller n")
        self.n, self.m = n, m
        self._tables: list[tuple[np.ndarray, ...]] = []

    @checked
    def fit(self, x: Int[Tensor, " N"]) -> "NgramModel":
        """Count all k-grams of ``x``, k = 1 .. n; return the model.

        Raises:
            ValueError: if ``x`` has fewer than ``n`` characters, or an index outside ``0 .. m - 1``.
        """
        if len(x) < self.n:
            raise ValueError(f"an n-gram model with n = {self.n} needs a text at least as long, but it has {len(x)}")
        self._tables = []
        for k in range(1, self.n + 1):
            grams, counts = np.unique(self._grams(x, k), return_counts=True)
            contexts, first = np.unique(grams // self.m, return_index=True)
            followers = np.diff(first, append=len(grams))  # distinct characters seen after each context
            totals = np.add.reduceat(counts, first)
            self._tables.append((grams, counts, contexts, totals, followers))
        return self

    @checked
    def probabilities(self, context: Int[Tensor, " t"]) -> np.ndarray:
        """Return the probability of each of the ``m`` characters after ``context``: :eq:`witten-bell`; (m,).

        Only the last ``n - 1`` characters of ``context`` count; it may be shorter, or empty.

        Raises:
            RuntimeError: before ``fit``.
            ValueError: if ``context`` holds an index outside ``0 .. m - 1``.
        """
        p = np.full(self.m, 1 / self.m)
        for k, (grams, counts, *_) in enumerate(self._fitted()[: len(context) + 1]):
            s = self._grams(context[len(context) - k :], k)  # the last k characters, as one number
            c = _look_up(grams, counts, s * self.m + np.arange(self.m))
            D = np.count_nonzero(c)
            if D:  # after an unseen context, the shorter one's estimate stands
                p = (c + D * p) / (c.sum() + D)
        return p

    @checked
    def log_probabilities(self, x: Int[Tensor, " N"]) -> np.ndarray:
        """Return ln p of each character of ``x[1:]`` given those before it in ``x``: the terms of :eq:`chain-rule`.

        The same as ``probabilities``, for all places of a text at once.

        Raises:
            RuntimeError: before ``fit``.
            ValueError: if ``x`` holds an index outside ``0 .. m - 1``.
        """
        p = np.full(len(x), 1 / self.m)
        for k, (grams, counts, contexts, totals, followers) in enumerate(self._fitted()[: len(x)], start=1):
            seen = self._grams(x, k)  # those of the characters x[k - 1:]
            c = _look_up(grams, counts, seen)
            total, distinct = (_look_up(contexts, column, seen // self.m) for column in (totals, followers))
            known = total > 0  # after an unseen context, the shorter one's estimate stands
            shorter = p[k - 1 :]
            p[k - 1 :] = np.where(known, (c + distinct * shorter) / np.where(known, total + distinct, 1), shorter)
        return np.log(p[1:])

    def perplexity(self, x: Tensor) -> float:
        """Return :eq:`perplexity` of ``x[1:]``, each character given those before it in ``x`` (N,).

        Raises:
            ValueError: if ``x`` has fewer than two characters.
        """
        if len(x) < 2:
            raise ValueError(f"a perplexity needs a text of at least two characters, but it has {len(x)}")
        return math.exp(-self.log_probabilities(x).mean())

    def parameter_count(self) -> int:
        """Return :math:`|V|^n`, the size of the table of all n-grams: :eq:`ngram-parameters`."""
        return self.m**self.n

    def stored_count(self) -> int:
        """Return how many distinct k-grams, k = 1 .. n, occur in the training text: those that need a counter."""
        return sum(len(grams) for grams, *_ in self._tables)

    def _fitted(self) -> list[tuple[np.ndarray, ...]]:
        if not self._tables:
            raise RuntimeError("the model has no counts yet: call fit(x) first")
        return self._tables

    def _grams(self, x: Tensor, k: int) -> np.ndarray:
        """Number the k-grams of ``x`` (N,), in order: their characters are digits in base m; (N - k + 1,)."""
        digits = x.numpy().astype(np.int64)
        if len(digits) and not 0 <= digits.min() <= digits.max() < self.m:
            raise ValueError(f"an index should be in 0 .. {self.m - 1}")
        numbers = np.zeros(len(digits) - k + 1, dtype=np.int64)
        for i in range(k):
            numbers = numbers * self.m + digits[i : len(digits) - k + 1 + i]
        return numbers


def _look_up(keys: np.ndarray, values: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return the value of each wanted key, 0 where there is none; ``keys`` are sorted."""
    place = np.searchsorted(keys, wanted).clip(max=len(keys) - 1)
    return np.where(keys[place] == wanted, values[place], 0)


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
