"""The language model: its score does not depend on how the text is cut, and its samples follow the model."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnncourse.language_model import LanguageModel, Score, evaluate, sample
from rnncourse.rnn import RNN
from rnncourse.text import Vocabulary

VOCABULARY = Vocabulary("abcd")


def small_model(seed: int = 0) -> LanguageModel:
    torch.manual_seed(seed)
    return LanguageModel(RNN(len(VOCABULARY), 8)).double()


@settings(deadline=None)
@given(st.integers(2, 50), st.integers(1, 60))
def test_score_does_not_depend_on_the_cut(N, steps):
    model = small_model()
    x = torch.randint(4, (N,), generator=torch.Generator().manual_seed(N))
    O, _ = model(x[:-1, None])
    whole = torch.nn.functional.cross_entropy(O[:, 0], x[1:], reduction="sum").item()
    score = evaluate(model, x, steps)
    assert score.count == N - 1
    assert score.nats == pytest.approx(whole, rel=1e-12)


def test_memory_of_a_score_does_not_grow_with_the_text():
    model, longest = small_model(), 0

    def watch(cell, arguments):
        nonlocal longest
        longest = max(longest, len(arguments[0]))

    model.cell.register_forward_pre_hook(watch)
    evaluate(model, torch.randint(4, (500,)), steps=32)
    assert longest == 32


def test_perplexity_and_bits_of_a_known_score():
    assert Score(nats=100 * math.log(8), count=100).perplexity == pytest.approx(8)
    assert Score(nats=100 * math.log(8), count=100).bits_per_character == pytest.approx(3)
    assert Score(nats=800.0, count=1).perplexity == math.inf
    model = small_model()
    with torch.no_grad():
        model.W_hm.zero_()
    assert evaluate(model, torch.randint(4, (100,))).perplexity == pytest.approx(4)


def test_evaluate_leaves_the_model_as_it_was():
    model = small_model()
    for mode in (True, False):
        evaluate(model.train(mode), torch.randint(4, (10,)))
        assert model.training is mode


def test_samples_follow_the_model():
    model = small_model()
    with torch.no_grad():
        model.W_hm.zero_()
        model.b_m.copy_(torch.tensor([0.5, 0.25, 0.125, 0.125]).log())
    drawn = sample(model, VOCABULARY, "a", 4000)[1:]
    shares = [drawn.count(character) / 4000 for character in "abcd"]
    assert shares == pytest.approx([0.5, 0.25, 0.125, 0.125], abs=0.03)  # four standard deviations
    assert set(sample(model, VOCABULARY, "b", 50, temperature=0.01)[1:]) == {"a"}


def test_a_sample_reads_its_prefix_and_repeats_with_the_seed():
    model = small_model()
    with torch.no_grad():
        model.W_hm.mul_(20)
    text = sample(model, VOCABULARY, "abca", 30, seed=5)
    assert text[:4] == "abca"
    assert len(text) == 34
    assert text == sample(model, VOCABULARY, "abca", 30, seed=5)
    # The likeliest characters after a prefix are those of the model that has read all of it.
    O, _ = model(VOCABULARY.encode("dbca")[:, None])
    likeliest = VOCABULARY.decode(O[-1, 0].argmax()[None])
    assert sample(model, VOCABULARY, "dbca", 1, temperature=1e-4)[-1] == likeliest
    assert sample(model, VOCABULARY, "ab", 0) == "ab"


def test_wrong_input_is_named():
    model = small_model()
    with pytest.raises(TypeError, match="Int"):
        model(torch.zeros(3, 2))
    with pytest.raises(TypeError, match="T n"):
        model(torch.zeros(3, dtype=torch.long))
    with pytest.raises(ValueError, match=r"0 \.\. 3, but x holds 4"):
        model(torch.tensor([[4]]))
    with pytest.raises(ValueError, match="at least two characters, but it has 0"):
        evaluate(model, torch.zeros(0, dtype=torch.long))
    with pytest.raises(ValueError, match="'z'"):
        sample(model, VOCABULARY, "az", 5)
    with pytest.raises(ValueError, match="at least one character"):
        sample(model, VOCABULARY, "", 5)
    with pytest.raises(ValueError, match="temperature should be positive, but it is 0"):
        sample(model, VOCABULARY, "a", 5, temperature=0)
    with pytest.raises(ValueError, match="length should not be negative, but it is -1"):
        sample(model, VOCABULARY, "a", -1)
