"""n-gram models: which k-grams a text has, and the probabilities that follow from their counts."""

import math
from typing import NamedTuple

import numpy as np
from jaxtyping import Int
from torch import Tensor

from rnncourse.markov.smoothing import SMOOTHINGS
from rnncourse.shapes import checked


class _Order(NamedTuple):
    """All k-grams of one length k, in order: each is a context, which is a (k - 1)-gram, and a character after it."""

    keys: np.ndarray  # (K,): number of the context times m, plus the character; sorted
    occurrences: np.ndarray  # (K,): how often each is in the text
    share: np.ndarray  # (K,): of its context's probability
    rest: np.ndarray  # (contexts,): what the shares of a context's k-grams leave over


class Grams(NamedTuple):
    """The k-grams of one length k, sorted by the context, which is a (k - 1)-gram, and then by the character after it.

    The share is the part of the context's probability that goes to the k-gram itself, :eq:`interpolation`.
    """

    context: np.ndarray  # (K,): its place among the (k - 1)-grams
    character: np.ndarray  # (K,)
    share: np.ndarray  # (K,)


class NgramModel:
    """n-gram model of a text with a vocabulary of ``m`` characters: a Markov model, :eq:`markov-assumption`.

    Here ``n`` is the length of an n-gram, as in the literature, and not the batch size as elsewhere in the course.

    Args:
        n: length of the n-grams, the predicted character included.
        m: number of characters in the vocabulary.
        smoothing: one of "maximum-likelihood", "add-one", "witten-bell", and "kneser-ney".
    """

    def __init__(self, n: int, m: int, smoothing: str = "kneser-ney") -> None:
        if n < 1 or m < 1:
            raise ValueError(f"an n-gram model needs n >= 1 and m >= 1, but n = {n} and m = {m}")
        if smoothing not in SMOOTHINGS:
            raise ValueError(f"smoothing should be one of {', '.join(SMOOTHINGS)}, but it is {smoothing!r}")
        self.n, self.m, self.smoothing = n, m, smoothing
        self._orders: list[_Order] = []

    @checked
    def fit(self, x: Int[Tensor, " N"]) -> "NgramModel":
        """Count all k-grams of ``x``, k = 1 .. n; return the model.

        The k-grams that occur are numbered in order, so a number never has more digits than the length of the text.

        Raises:
            ValueError: if ``x`` has fewer than ``n`` characters, or an index outside ``0 .. m - 1``.
        """
        if len(x) < self.n:
            raise ValueError(f"an n-gram model with n = {self.n} needs a text at least as long, but it has {len(x)}")
        characters, method = self._indices(x), SMOOTHINGS[self.smoothing]
        numbers = np.zeros(len(x) + 1, dtype=np.int64)  # of the k-gram that begins at each place; k = 0 to begin with
        counted = []
        for k in range(1, self.n + 1):
            grams = numbers[: len(x) - k + 1] * self.m + characters[k - 1 :]
            keys, numbers_k, occurrences = np.unique(grams, return_inverse=True, return_counts=True)
            if method.continuations and counted:  # without its first character, a k-gram is one of length k - 1
                place = np.empty(len(keys), dtype=np.int64)  # one of those where it begins, no matter which
                place[numbers_k] = np.arange(len(grams))
                counted[-1][2] = np.bincount(numbers[place + 1], minlength=len(counted[-1][0]))
            counted.append([keys, occurrences, occurrences])
            numbers = numbers_k
        self._orders, context_count = [], 1
        for keys, occurrences, counts in counted:
            share = method.share(counts, keys // self.m, self.m)
            self._orders.append(_Order(keys, occurrences, share, _rest(share, keys // self.m, context_count)))
            context_count = len(keys)
        return self

    @checked
    def probabilities(self, context: Int[Tensor, " t"]) -> np.ndarray:
        """Return the probability of each of the ``m`` characters after ``context``: :eq:`interpolation`; (m,).

        Only the last ``n - 1`` characters of ``context`` count; it may be shorter, or empty. After a context that was
        never seen, maximum likelihood would divide 0 by 0; here it gives 0 to every character.

        Raises:
            RuntimeError: before ``fit``.
            ValueError: if ``context`` holds an index outside ``0 .. m - 1``.
        """
        recent = self._indices(context)[max(0, len(context) - self.n + 1) :]
        # Each possible next character in a row of its own.
        rows = np.column_stack([np.tile(recent, (self.m, 1)), np.arange(self.m)])
        return self._mix(rows)[:, -1]

    @checked
    def log_probabilities(self, x: Int[Tensor, " N"]) -> np.ndarray:
        """Return ln p of each character of ``x[1:]`` given those before it in ``x``: the terms of :eq:`chain-rule`.

        The same as ``probabilities``, for all places of a text at once.

        Raises:
            RuntimeError: before ``fit``.
            ValueError: if ``x`` holds an index outside ``0 .. m - 1``.
        """
        with np.errstate(divide="ignore"):  # maximum likelihood: ln 0
            return np.log(self._mix(self._indices(x)[None])[0, 1:])

    def perplexity(self, x: Tensor) -> float:
        """Return :eq:`perplexity` of ``x[1:]``, each character given those before it in ``x`` (N,).

        Raises:
            ValueError: if ``x`` has fewer than two characters.
        """
        if len(x) < 2:
            raise ValueError(f"a perplexity needs a text of at least two characters, but it has {len(x)}")
        return math.exp(-self.log_probabilities(x).mean())

    def prune(self, count: int) -> "NgramModel":
        """Return a model that keeps only the ``count`` most frequent k-grams, of equally frequent ones the shorter.

        The share of one that goes is left to the estimate after the shorter context.

        Raises:
            RuntimeError: before ``fit``.
            ValueError: if ``count`` is not positive.
        """
        if count < 1:
            raise ValueError(f"count should be at least 1, but it is {count}")
        # Whatever a k-gram begins with is at least as frequent, and shorter: no context goes before its followers.
        occurrences = np.concatenate([order.occurrences for order in self._fitted()])
        is_kept = np.zeros(len(occurrences), dtype=bool)
        is_kept[np.argsort(-occurrences, kind="stable")[:count]] = True
        pruned = NgramModel(self.n, self.m, self.smoothing)
        contexts = np.zeros(1, dtype=np.int64)  # the new number of each context
        context_count = 1
        ends = np.cumsum([len(order.keys) for order in self._orders])[:-1]
        for order, kept in zip(self._orders, np.split(is_kept, ends), strict=True):
            if not kept.any():
                break
            context, character = np.divmod(order.keys[kept], self.m)
            share = order.share[kept]
            rest = _rest(share, contexts[context], context_count)
            keys = contexts[context] * self.m + character
            pruned._orders.append(_Order(keys, order.occurrences[kept], share, rest))
            contexts, context_count = np.cumsum(kept) - 1, len(keys)
        return pruned

    def parameter_count(self) -> int:
        """Return :math:`|V|^n`, the size of the table of all n-grams: :eq:`ngram-parameters`."""
        return self.m**self.n

    def stored_count(self) -> int:
        """Return how many numbers the model stores: for each k-gram, k = 1 .. n, its key and its count."""
        return 2 * sum(len(order.keys) for order in self._orders)

    def grams(self) -> list[Grams]:
        """Return the k-grams that the model stores, k = 1 .. n.

        Raises:
            RuntimeError: before ``fit``.
        """
        return [Grams(*np.divmod(order.keys, self.m), order.share) for order in self._fitted()]

    def _fitted(self) -> list[_Order]:
        if not self._orders:
            raise RuntimeError("the model has no counts yet: call fit(x) first")
        return self._orders

    def _indices(self, x: Tensor) -> np.ndarray:
        indices = x.numpy().astype(np.int64)
        if len(indices) and not 0 <= indices.min() <= indices.max() < self.m:
            raise ValueError(f"an index should be in 0 .. {self.m - 1}")
        return indices

    def _mix(self, rows: np.ndarray) -> np.ndarray:
        """Return the probability of every character of ``rows`` (r, t) after those before it in its row; (r, t)."""
        t = rows.shape[1]
        p = np.full(rows.shape, 1 / self.m)
        contexts = np.zeros((len(rows), t + 1), dtype=np.int64)
        for k, order in enumerate(self._fitted()[:t], start=1):
            contexts = contexts[:, : t - k + 1]
            grams = _look_up(order.keys, np.where(contexts < 0, -1, contexts * self.m + rows[:, k - 1 :]))
            share = np.where(grams < 0, 0, order.share[grams])
            rest = np.where(contexts < 0, 1, order.rest[contexts])
            shorter = {"to nobody": 0, "to all alike": 1 / self.m, "to the shorter context": p[:, k - 1 :]}
            p[:, k - 1 :] = share + rest * shorter[SMOOTHINGS[self.smoothing].rest]
            contexts = grams
        return p


def _rest(share: np.ndarray, context: np.ndarray, context_count: int) -> np.ndarray:
    """Return what the shares of each context's k-grams leave over, :math:`1 - \\sum_x a(s\\,x)`; (contexts,)."""
    return 1 - np.bincount(context, share, context_count)


def _look_up(keys: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return the place of each wanted key in ``keys``, which are sorted; -1 where it is not there."""
    place = np.searchsorted(keys, wanted).clip(max=len(keys) - 1)
    return np.where(keys[place] == wanted, place, -1)
