"""Markov models of a text: n-grams, interpolated by the method of Witten and Bell."""

import math

import numpy as np
from jaxtyping import Int
from torch import Tensor

from rnncourse.shapes import checked


class NgramModel:
    """n-gram model of a text with a vocabulary of ``m`` characters: the next one depends on the last ``n - 1`` only.

    The probability after a context mixes what followed it in training with the estimate of the next shorter context,
    down to the uniform distribution. Source: Witten and Bell, "The zero-frequency problem", IEEE
    Transactions on Information Theory 37 (1991), method C; interpolated as in Chen and Goodman (1999), section 2.4.

    Args:
        n: length of the n-grams, the predicted character included.
        m: number of characters in the vocabulary, |V|.
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
    def log_probabilities(self, x: Int[Tensor, " N"]) -> np.ndarray:
        """Return ln p of each character of ``x[1:]`` given those before it in ``x``."""
        if not self._tables:
            raise RuntimeError("the model has no counts yet: call fit(x) first")
        p = np.full(len(x), 1 / self.m)
        for k, (grams, counts, contexts, totals, followers) in enumerate(self._tables, start=1):
            seen = self._grams(x, k)  # those of the characters x[k - 1:]
            c = _look_up(grams, counts, seen)
            total, distinct = (_look_up(contexts, column, seen // self.m) for column in (totals, followers))
            known = total > 0  # after an unseen context, the shorter one's estimate stands
            shorter = p[k - 1 :]
            p[k - 1 :] = np.where(known, (c + distinct * shorter) / np.where(known, total + distinct, 1), shorter)
        return np.log(p[1:])

    def perplexity(self, x: Tensor) -> float:
        """Return :eq:`perplexity` of ``x[1:]``, each character given those before it in ``x`` (N,)."""
        return math.exp(-self.log_probabilities(x).mean())

    def parameter_count(self) -> int:
        """Return |V|^n, the size of the table of all n-grams."""
        return self.m**self.n

    def stored_count(self) -> int:
        """Return how many distinct k-grams, k = 1 .. n, occur in the training text: those that need a counter."""
        return sum(len(grams) for grams, *_ in self._tables)

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
