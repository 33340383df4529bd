"""n-grams: probabilities that sum to one, Witten and Bell's by hand, and the baseline that others measured."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnncourse.markov import NgramModel
from rnncourse.text import Vocabulary, load_corpus, split

texts = st.lists(st.integers(0, 3), min_size=4, max_size=60).map(torch.tensor)


def witten_bell(x: list[int], m: int, context: list[int], character: int) -> float:
    """The definition, word for word: count what follows each context in ``x``."""
    shorter = witten_bell(x, m, context[1:], character) if context else 1 / m
    k = len(context)
    after = [x[i + k] for i in range(len(x) - k) if x[i : i + k] == context]
    if not after:
        return shorter
    return (after.count(character) + len(set(after)) * shorter) / (len(after) + len(set(after)))


@given(texts, texts, st.integers(1, 4))
def test_equal_to_the_definition(x, y, n):
    log_p = NgramModel(n, 4).fit(x).log_probabilities(y)
    for i in range(1, len(y)):
        context = y[max(0, i - n + 1) : i].tolist()
        assert math.exp(log_p[i - 1]) == pytest.approx(witten_bell(x.tolist(), 4, context, int(y[i])))


@given(texts, st.lists(st.integers(0, 3), min_size=3, max_size=3), st.integers(1, 4))
def test_probabilities_sum_to_one(x, context, n):
    model = NgramModel(n, 4).fit(x)
    p = [math.exp(model.log_probabilities(torch.tensor([*context, c]))[-1]) for c in range(4)]
    assert sum(p) == pytest.approx(1)


def test_counts():
    model = NgramModel(2, 4).fit(torch.tensor([0, 1, 0, 1, 2]))
    assert model.parameter_count() == 16
    assert model.stored_count() == 3 + 3  # 0, 1, 2 and 01, 10, 12


def test_baseline_of_the_course():
    text = load_corpus()
    vocabulary = Vocabulary(text)
    x_train, x_held_out = split(vocabulary.encode(text))
    perplexity = [NgramModel(n, len(vocabulary)).fit(x_train).perplexity(x_held_out) for n in range(1, 7)]
    assert perplexity == pytest.approx([19.6073, 10.0334, 5.9360, 3.8866, 3.2033, 3.0748], abs=1e-4)


def test_wrong_input_is_named():
    with pytest.raises(ValueError, match="n >= 1 and m >= 1, but n = 0 and m = 4"):
        NgramModel(0, 4)
    with pytest.raises(ValueError, match="81 characters have more than 2"):
        NgramModel(10, 81)
    with pytest.raises(ValueError, match="n = 3 needs a text at least as long, but it has 2"):
        NgramModel(3, 4).fit(torch.tensor([0, 1]))
    with pytest.raises(ValueError, match=r"an index should be in 0 \.\. 3"):
        NgramModel(2, 4).fit(torch.tensor([0, 4, 1]))
    with pytest.raises(TypeError, match="Int"):
        NgramModel(2, 4).fit(torch.tensor([0.0, 1.0]))
    with pytest.raises(RuntimeError, match=r"call fit\(x\) first"):
        NgramModel(2, 4).perplexity(torch.tensor([0, 1]))
