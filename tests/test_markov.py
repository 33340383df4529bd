"""n-grams: Witten and Bell's probabilities by hand, and a baseline; the state that forgets nothing, or rounds."""

import math
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnncourse.markov import NgramModel, recall, remember
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


short = st.lists(st.integers(0, 3), max_size=6).map(lambda x: torch.tensor(x, dtype=torch.long))


@settings(deadline=None)
@given(texts, texts, st.integers(1, 4))
def test_equal_to_the_definition(x, y, n):
    log_p = NgramModel(n, 4).fit(x).log_probabilities(y)
    for i in range(1, len(y)):
        context = y[max(0, i - n + 1) : i].tolist()
        assert math.exp(log_p[i - 1]) == pytest.approx(witten_bell(x.tolist(), 4, context, int(y[i])))


@settings(deadline=None)
@given(texts, short, st.integers(1, 4))
def test_probabilities_of_all_characters(x, context, n):
    p = NgramModel(n, 4).fit(x).probabilities(context)
    assert p.sum() == pytest.approx(1)
    used = context[max(0, len(context) - n + 1) :].tolist()
    assert p == pytest.approx([witten_bell(x.tolist(), 4, used, character) for character in range(4)])


@settings(deadline=None)
@given(texts, short, st.integers(1, 4))
def test_a_text_at_once_is_a_loop_over_its_places(x, y, n):
    model = NgramModel(n, 4).fit(x)
    one_by_one = [math.log(model.probabilities(y[:i])[y[i]]) for i in range(1, len(y))]
    assert model.log_probabilities(y) == pytest.approx(one_by_one)


def test_by_hand():
    letters = Vocabulary("abracadabra")
    model = NgramModel(2, 5).fit(letters.encode("abracadabra"))
    assert model.probabilities(letters.encode("")) == pytest.approx(np.array([6, 3, 2, 2, 3]) / 16)
    assert model.probabilities(letters.encode("a")) == pytest.approx(np.array([18, 41, 22, 22, 9]) / 112)
    assert model.perplexity(letters.encode("ab")) == pytest.approx(112 / 41)


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
    with pytest.raises(RuntimeError, match=r"call fit\(x\) first"):
        NgramModel(2, 4).probabilities(torch.tensor([0]))
    model = NgramModel(2, 4).fit(torch.tensor([0, 1, 2, 3]))
    with pytest.raises(ValueError, match=r"an index should be in 0 \.\. 3"):
        model.probabilities(torch.tensor([4]))
    with pytest.raises(ValueError, match="at least two characters, but it has 1"):
        model.perplexity(torch.tensor([0]))


@settings(deadline=None)
@given(short, short, st.integers(4, 90))
def test_the_exact_state_gives_back_the_past(x, more, m):
    h = remember(x, m)
    assert isinstance(h, Fraction)
    assert 0 <= h < 1
    assert torch.equal(recall(h, m, len(x)), x)
    # Read on from there: the state goes in and comes out.
    assert remember(more, m, h) == remember(torch.cat([x, more]), m)


def test_the_exact_state_by_hand():
    assert remember(torch.tensor([3, 1, 4]), 10) == Fraction(413, 1000)
    assert recall(Fraction(413, 1000), 10, 2).tolist() == [1, 4]
    assert recall(Fraction(413, 1000), 10, 0).tolist() == []


@pytest.mark.parametrize(("number", "bits"), [(np.float16, 11), (np.float32, 24), (np.float64, 53)])
def test_a_rounded_state_keeps_the_latest_characters_only(number, bits):
    x = torch.randint(4, (500,), generator=torch.Generator().manual_seed(0))
    h = remember(x, 4, number(0))
    assert type(h) is number
    kept = bits // 2 - 1  # 2 bits a character, and the last one may be rounded
    assert torch.equal(recall(h, 4, kept), x[-kept:])
    # Two pasts that differ only further back than the digits reach end in the same state.
    assert remember(torch.cat([1 - x[:400] % 2, x[400:]]), 4, number(0)) == h


def test_wrong_states_are_named():
    with pytest.raises(ValueError, match=r"an index should be in 0 \.\. 3, but x holds 4"):
        remember(torch.tensor([0, 4]), 4)
    with pytest.raises(ValueError, match="less than 1, but h = 1"):
        remember(torch.tensor([0]), 4, 1)
    with pytest.raises(ValueError, match="less than 1, but h = nan"):
        remember(torch.tensor([0]), 4, math.nan)
    with pytest.raises(ValueError, match="not be negative, but it is -1"):
        recall(Fraction(0), 4, -1)
    with pytest.raises(TypeError, match="Int"):
        remember(torch.tensor([0.5]), 4)
