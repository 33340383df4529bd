"""Kinds of places in a text, and what a measurement comes to on each kind."""

import re
from collections.abc import Collection
from typing import NamedTuple

import numpy as np

KINDS = ("first letter", "second letter", "third letter", "later letters", "after a word", "elsewhere")
WORD = re.compile(r"[^\W\d_]+")


def kinds_of(text: str) -> np.ndarray:
    """Return which of ``KINDS`` each character of ``text[1:]`` is, by its place in a word or behind one; (N-1,)."""
    kinds = np.full(len(text) + 1, KINDS.index("elsewhere"))
    for word in WORD.finditer(text):
        kinds[word.start() : word.end()] = np.arange(word.end() - word.start()).clip(max=KINDS.index("later letters"))
        kinds[word.end()] = KINDS.index("after a word")
    return kinds[1 : len(text)]


class Mean(NamedTuple):
    """The mean of a measurement over ``count`` places, and its standard error."""

    mean: float
    error: float
    count: int


def mean_at(values: np.ndarray, places: np.ndarray, block: int = 1000) -> Mean:
    """Return the mean of ``values`` (N,) where ``places`` (N,) is true.

    Neighbors are not independent, so the error is that of a mean of blocks: the ratio estimator of Cochran, "Sampling
    techniques", 3rd ed., section 6.3, with a cluster for every ``block`` characters.

    Raises:
        ValueError: if there are fewer than two blocks with a place.
    """
    cuts = range(block, len(values), block)
    sums = np.array([part.sum() for part in np.split(np.where(places, values, 0), cuts)])
    counts = np.array([part.sum() for part in np.split(places, cuts)])
    sums, counts = sums[counts > 0], counts[counts > 0]
    if len(counts) < 2:
        raise ValueError("a standard error needs places in at least two blocks")
    mean = sums.sum() / counts.sum()
    deviations = sums - mean * counts
    error = np.sqrt((deviations**2).sum() * len(counts) / (len(counts) - 1)) / counts.sum()
    return Mean(float(mean), float(error), int(counts.sum()))


class Repeats(NamedTuple):
    """Places of the letters of new words, (N-1,) each: where a word comes first, and where it comes again."""

    first: np.ndarray
    again: np.ndarray


def repeats(text: str, known: Collection[str], far: int = 200) -> Repeats:
    """Find the words of ``text`` that are not ``known``, of four letters and more, and where they come again.

    Args:
        text: N characters.
        known: the words that a model has learned from.
        far: a word comes again if it was met before, and last more than so many characters ago.
    """
    first, again = np.zeros(len(text), dtype=bool), np.zeros(len(text), dtype=bool)
    met: dict[str, int] = {}
    for word in WORD.finditer(text):
        if len(word[0]) >= 4 and word[0] not in known:
            before = met.get(word[0])
            if before is None:
                first[word.start() : word.end()] = True
            elif word.start() - before > far:
                again[word.start() : word.end()] = True
            met[word[0]] = word.start()
    return Repeats(first[1:], again[1:])
