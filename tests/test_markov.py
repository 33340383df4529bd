"""n-grams: four kinds of smoothing against their definitions and published examples; the state that forgets nothing."""

import math
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnncourse.markov import SMOOTHINGS, NgramModel, discounts, recall, remember
from rnncourse.markov.smoothing import FALLBACK, add_one, maximum_likelihood
from rnncourse.text import Vocabulary, load_corpus, split

M = 4
texts = st.lists(st.integers(0, M - 1), min_size=5, max_size=80)
contexts = st.lists(st.integers(0, M - 1), max_size=7)
orders = st.integers(1, 5)
short = contexts.map(lambda x: torch.tensor(x, dtype=torch.long))
every_smoothing = pytest.mark.parametrize("smoothing", SMOOTHINGS)


def occurrences(x: list[int], gram: list[int]) -> int:
    return sum(x[i : i + len(gram)] == gram for i in range(len(x) - len(gram) + 1))


def frequency(x: list[int], n: int, gram: list[int]) -> int:
    """What Kneser-Ney counts: occurrences of n-grams, of shorter ones the characters that stand before them."""
    if len(gram) == n:
        return occurrences(x, gram)
    return sum(occurrences(x, [before, *gram]) > 0 for before in range(M))


def kneser_ney(x: list[int], n: int, context: list[int], character: int) -> float:
    k = len(context) + 1
    shorter = kneser_ney(x, n, context[1:], character) if context else 1 / M
    grams = {tuple(x[i : i + k]) for i in range(len(x) - k + 1)}
    everything = [frequency(x, n, list(gram)) for gram in grams]
    n_1, n_2, n_3, n_4 = (everything.count(c) for c in (1, 2, 3, 4))
    D = [0, 0.5, 1, 1.5]
    if n_1 and n_2 and n_3:
        Y = n_1 / (n_1 + 2 * n_2)
        estimates = 1 - 2 * Y * n_2 / n_1, 2 - 3 * Y * n_3 / n_2, 3 - 4 * Y * n_4 / n_3
        D[1:] = [estimate if estimate >= 0 else D[i] for i, estimate in enumerate(estimates, 1)]
    after = [frequency(x, n, [*context, x_t]) for x_t in range(M)]
    if not sum(after):
        return shorter
    discount = [D[min(c, 3)] for c in after]
    return (after[character] - discount[character] + sum(discount) * shorter) / sum(after)


def witten_bell(x: list[int], n: int, context: list[int], character: int) -> float:
    shorter = witten_bell(x, n, context[1:], character) if context else 1 / M
    after = [occurrences(x, [*context, x_t]) for x_t in range(M)]
    distinct = sum(c > 0 for c in after)
    return (after[character] + distinct * shorter) / (sum(after) + distinct) if distinct else shorter


def add_one_probability(x: list[int], n: int, context: list[int], character: int) -> float:
    after = [occurrences(x, [*context, x_t]) for x_t in range(M)]
    return (after[character] + 1) / (sum(after) + M)


def relative_frequency(x: list[int], n: int, context: list[int], character: int) -> float:
    after = [occurrences(x, [*context, x_t]) for x_t in range(M)]
    return after[character] / sum(after) if sum(after) else 0.0


DEFINITIONS = {
    "maximum-likelihood": relative_frequency,
    "add-one": add_one_probability,
    "witten-bell": witten_bell,
    "kneser-ney": kneser_ney,
}


@every_smoothing
@settings(deadline=None, max_examples=60)
@given(x=texts, context=contexts, n=orders)
def test_equal_to_the_definition_and_sum_to_one(smoothing, x, context, n):
    p = NgramModel(n, M, smoothing).fit(torch.tensor(x)).probabilities(torch.tensor(context, dtype=torch.long))
    recent = context[max(0, len(context) - n + 1) :]
    assert p == pytest.approx([DEFINITIONS[smoothing](x, n, recent, character) for character in range(M)])
    seen = smoothing != "maximum-likelihood" or any(occurrences(x, [*recent, x_t]) for x_t in range(M))
    assert p.sum() == pytest.approx(1 if seen else 0)


@every_smoothing
@settings(deadline=None, max_examples=60)
@given(x=texts, y=contexts, n=orders)
def test_a_text_at_once_is_a_loop_over_its_places(smoothing, x, y, n):
    model, y = NgramModel(n, M, smoothing).fit(torch.tensor(x)), torch.tensor(y, dtype=torch.long)
    one_by_one = [model.probabilities(y[:i])[y[i]] for i in range(1, len(y))]
    assert np.exp(model.log_probabilities(y)) == pytest.approx(one_by_one)


# Chen and Goodman (1999), section 1.1 and 2.1: three sentences; the boundary between two is a word here.
SENTENCES = "| JOHN READ MOBY DICK | MARY READ A DIFFERENT BOOK | SHE READ A BOOK BY CHER |".split()  # noqa: SIM905
WORDS = sorted(set(SENTENCES))


def chance(sentence: str, share, m: int) -> float:
    """Return the probability of a sentence, from the shares of its bigrams; the words are ``m`` without boundaries."""
    bigrams = list(pairwise(SENTENCES))
    kinds = sorted(set(bigrams))
    counts = np.array([bigrams.count(kind) for kind in kinds])
    shares = share(counts, np.array([WORDS.index(before) for before, _ in kinds]), m)
    p = 1.0
    words = ["|", *sentence.split(), "|"]
    for before, word in pairwise(words):
        rest = 1 - sum(a for kind, a in zip(kinds, shares, strict=True) if kind[0] == before)
        p *= (shares[kinds.index((before, word))] if (before, word) in kinds else 0) + max(rest, 0) / m
    return p


def test_published_example_of_maximum_likelihood_and_add_one():
    assert len(WORDS) - 1 == 11
    assert chance("JOHN READ A BOOK", maximum_likelihood, 11) == pytest.approx(0.06, abs=0.005)
    assert chance("CHER READ A BOOK", maximum_likelihood, 11) == pytest.approx(0, abs=1e-12)
    assert chance("JOHN READ A BOOK", add_one, 11) == pytest.approx(0.0001, abs=0.00005)
    assert chance("CHER READ A BOOK", add_one, 11) == pytest.approx(0.00003, abs=0.000005)


def test_by_hand():
    letters = Vocabulary("abracadabra")
    x, empty, a = (letters.encode(text) for text in ("abracadabra", "", "a"))
    model = NgramModel(2, 5, "witten-bell").fit(x)
    assert model.probabilities(empty) == pytest.approx(np.array([6, 3, 2, 2, 3]) / 16)
    assert model.probabilities(a) == pytest.approx(np.array([18, 41, 22, 22, 9]) / 112)
    assert model.perplexity(letters.encode("ab")) == pytest.approx(112 / 41)
    # Three different characters stand before a, one before each of the others; 1.5 and 0.5 are taken off.
    assert NgramModel(2, 5).fit(x).probabilities(empty) == pytest.approx(np.array([22, 12, 12, 12, 12]) / 70)


def test_discounts_are_those_of_the_counts_of_counts():
    counts = np.repeat([1, 2, 3, 4, 9], [20, 8, 4, 3, 5])
    Y = 20 / (20 + 16)
    expected = [0, 1 - 2 * Y * 8 / 20, 2 - 3 * Y * 4 / 8, 3 - 4 * Y * 3 / 4]
    assert discounts(counts) == pytest.approx(expected)
    assert discounts(np.array([5, 6])) == pytest.approx(FALLBACK)


@settings(deadline=None)
@given(texts, contexts, orders, st.integers(1, 200))
def test_a_pruned_model_keeps_the_most_frequent_and_sums_to_one(x, context, n, count):
    model = NgramModel(n, M).fit(torch.tensor(x))
    pruned, context = model.prune(count), torch.tensor(context, dtype=torch.long)
    assert pruned.stored_count() == min(2 * count, model.stored_count())
    assert pruned.probabilities(context).sum() == pytest.approx(1)
    assert model.prune(model.stored_count()).probabilities(context) == pytest.approx(model.probabilities(context))


def test_counts():
    model = NgramModel(2, 4).fit(torch.tensor([0, 1, 0, 1, 2]))
    assert model.parameter_count() == 16
    assert model.stored_count() == 2 * (3 + 3)  # key and count of 0, 1, 2 and 01, 10, 12


def test_tables_of_the_course():
    text = load_corpus()
    vocabulary = Vocabulary(text)
    x_train, x_validation, x_test = split(vocabulary.encode(text))
    m, x = len(vocabulary), torch.cat([x_train, x_validation])
    perplexity = {
        smoothing: [NgramModel(n, m, smoothing).fit(x).perplexity(x_test) for n in (1, 2, 3, 6, 9)]
        for smoothing in ("add-one", "witten-bell", "kneser-ney")
    }
    assert perplexity["add-one"] == pytest.approx([19.6073, 10.0731, 6.1897, 7.3168, 21.2977], abs=1e-4)
    assert perplexity["witten-bell"] == pytest.approx([19.6073, 10.0334, 5.9360, 3.0748, 3.5911], abs=1e-4)
    assert perplexity["kneser-ney"] == pytest.approx([19.6072, 10.0329, 5.9289, 2.9013, 2.8095], abs=1e-4)
    assert NgramModel(12, m).fit(x_train).perplexity(x_validation) == pytest.approx(2.7063, abs=1e-3)


def test_wrong_input_is_named():
    with pytest.raises(ValueError, match="n >= 1 and m >= 1, but n = 0 and m = 4"):
        NgramModel(0, 4)
    with pytest.raises(ValueError, match="one of maximum-likelihood, add-one, witten-bell, kneser-ney, but it is 'kn'"):
        NgramModel(2, 4, "kn")
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
    with pytest.raises(RuntimeError, match=r"call fit\(x\) first"):
        NgramModel(2, 4).prune(3)
    model = NgramModel(2, 4).fit(torch.tensor([0, 1, 2, 3]))
    with pytest.raises(ValueError, match="count should be at least 1, but it is 0"):
        model.prune(0)
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
