"""Kinds of places: each character of a text is of one kind, and a mean over places has an honest error."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnncourse.scoreboard.places import KINDS, kinds_of, mean_at, repeats


def test_each_character_is_of_one_kind():
    text = "The élan, 12 (wide)\n\nA."
    letters = "123-1234------1234---1-"  # place in the word; a dash is no letter
    expected = []
    for before, place in pairwise(letters):
        is_after = place == "-" and before != "-"
        expected.append("after a word" if is_after else "elsewhere" if place == "-" else KINDS[int(place) - 1])
    assert [KINDS[kind] for kind in kinds_of(text)] == expected[: len(text) - 1]
    assert kinds_of("a").tolist() == []


@given(st.text())
def test_a_kind_for_every_character_but_the_first(text):
    assert len(kinds_of(text)) == max(0, len(text) - 1)


def test_error_of_a_mean_is_that_of_its_blocks():
    random = np.random.default_rng(0)
    means = []
    for _ in range(400):
        block = np.repeat(random.normal(size=50), 20)  # 20 equal neighbors: 50 independent values, not 1000
        means.append(mean_at(block, np.ones(1000, dtype=bool), block=20))
    spread = np.std([one.mean for one in means])
    assert np.mean([one.error for one in means]) == pytest.approx(spread, rel=0.1)
    assert means[0].count == 1000


def test_a_mean_counts_its_places_alone():
    values, places = np.array([1.0, 9.0, 3.0, 9.0]), np.array([True, False, True, False])
    assert mean_at(values, places, block=2) == (2.0, pytest.approx(1.0), 2)
    with pytest.raises(ValueError, match="at least two blocks"):
        mean_at(values, places, block=4)


def test_new_words_are_found_where_they_come_again_from_afar():
    text = "the Ohio, the Wabash; " + 20 * "now and then " + "the Wabash, a Wabash, the Ohio."
    found = repeats(text, {"Ohio"}, far=200)
    letters = np.array(list(text[1:]))
    assert "".join(letters[found.first]) == "Wabash" + "then"
    assert "".join(letters[found.again]) == "Wabash"
    near = repeats(text, {"Ohio", "then"}, far=0)
    assert "".join(letters[near.again]) == "WabashWabash"
