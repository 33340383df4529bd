"""The two texts of the scoreboard, and what of them a model learns from and is scored on."""

import random
from collections import Counter
from functools import cached_property
from typing import NamedTuple

import torch
from torch import Tensor

from rnncourse.scoreboard.settings import Settings
from rnncourse.text import Split, Vocabulary, load_addresses, load_corpus, split

TEST, VALIDATION = 12, 6  # so many addresses are held out


class Task(NamedTuple):
    """A text to learn from (N,), another to predict (M,), and the number ``m`` of characters in their vocabulary."""

    x: Tensor
    following: Tensor
    m: int


class Texts:
    """The corpus of the course, and the addresses of all years; each is loaded when it is first asked for."""

    @cached_property
    def corpus(self) -> tuple[Split, int]:
        """The corpus in three parts, and the size of its vocabulary."""
        text = load_corpus()
        vocabulary = Vocabulary(text)
        return split(vocabulary.encode(text)), len(vocabulary)

    @cached_property
    def addresses(self) -> tuple[list[Tensor], Tensor, Tensor, int]:
        """Whole addresses to learn from, to validate on, and to test on, drawn from all years; and their vocabulary.

        Where a year has two, one is often the written version of the other: neither is held out.
        """
        addresses = load_addresses()
        vocabulary = Vocabulary("\n".join(address.text for address in addresses))
        counts = Counter(address.year for address in addresses)
        years = random.Random("addresses").sample([year for year in counts if counts[year] == 1], TEST + VALIDATION)
        learned, validation, test = [], [], []
        for year, text in addresses:
            part = test if year in years[:TEST] else validation if year in years else learned
            part.append(vocabulary.encode(text + "\n\n"))
        return learned, torch.cat(validation), torch.cat(test), len(vocabulary)

    def to_choose(self, settings: Settings, seed: int) -> Task:
        """Return what a model learns from, and the validation text, by which its settings are chosen."""
        if settings.characters:
            learned, validation, _, m = self.addresses
            return Task(excerpt(learned, settings.characters, seed), validation, m)
        parts, m = self.corpus
        return Task(parts.train, parts.validation, m)

    def to_score(self, settings: Settings, seed: int) -> Task:
        """Return what a model with settled settings learns from, and the test text, on which it is scored."""
        if settings.characters:
            learned, _, test, m = self.addresses
            return Task(excerpt(learned, settings.characters, seed), test, m)
        parts, m = self.corpus
        return Task(torch.cat([parts.train, parts.validation]), parts.test, m)


def excerpt(texts: list[Tensor], characters: int, seed: int) -> Tensor:
    """Return about so many ``characters`` of the texts, in random order: of each the same share, from a random place.

    A short excerpt is thus as much of all years as a long one.

    Raises:
        ValueError: if the texts have fewer characters.
    """
    total = sum(map(len, texts))
    if characters > total:
        raise ValueError(f"the texts have {total} characters, fewer than the {characters} that are wanted")
    generator = random.Random(seed)
    pieces = []
    for text in generator.sample(texts, len(texts)):
        length = round(characters / total * len(text))
        begin = generator.randint(0, len(text) - length)
        pieces.append(text[begin : begin + length])
    return torch.cat(pieces)
