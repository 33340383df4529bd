"""What units follow: features of a text, correlations, names, and an order in which similar units stand together."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnncourse.figures.units import correlations, features_of, name_units, order_units, reorder_units, states_of
from rnncourse.gated import GRU, LSTM
from rnncourse.language_model import LanguageModel
from rnncourse.rnn import RNN

TEXT = 'The Senate met. "We came, 12 of us"\nThen Ohio said no.'


def at(feature: str, text: str = TEXT) -> str:
    """The characters at which a feature is not zero."""
    return "".join(character for character, value in zip(text, features_of(text)[feature], strict=True) if value)


def test_features_are_what_their_names_say():
    assert at("the first letter of a word") == "TSmWcouTOsn"
    assert at("the character after a word") == '  . , "   .'
    assert at("capital letters") == "TSWTO"
    assert at("a word with a capital letter") == "TheSenateWeThenOhio"
    assert at("digits") == "12"
    assert at("commas") == ","
    assert at("inside a quotation") == '"We came, 12 of us'
    assert features_of("ab abc")["the length of the word so far"].tolist() == [1, 2, 0, 1, 2, 3]


def test_what_is_the_same_everywhere_is_no_feature():
    assert "digits" not in features_of("no digit here")
    assert "inside a quotation" not in features_of("no quotation here")


@given(st.text(min_size=2, max_size=60))
def test_features_exist_for_any_text(text):
    for values in features_of(text).values():
        assert values.shape == (len(text),)
        assert np.isfinite(values).all()


def test_correlations_are_those_of_numpy():
    generator = np.random.default_rng(0)
    H, feature = generator.normal(size=(50, 4)), generator.normal(size=50)
    expected = np.corrcoef(np.column_stack([H, feature]).T)[-1, :-1]
    assert np.allclose(correlations(H, feature), expected)
    assert correlations(np.ones((50, 2)), feature).tolist() == [0, 0]


def test_the_unit_that_follows_a_feature_is_named():
    features = features_of(TEXT)
    H = np.random.default_rng(0).normal(size=(len(TEXT), 6))
    H[:, 2] = -features["digits"]
    H[:, 4] += 3 * features["capital letters"]
    named = {unit.unit: unit for unit in name_units(H, TEXT)}
    assert named[2].feature == "digits"
    assert named[2].correlation == -1
    assert named[4].feature == "capital letters"
    assert name_units(H, TEXT, least=1.01) == []
    assert len({unit.unit for unit in name_units(H, TEXT, least=0)}) == len(name_units(H, TEXT, least=0))


def test_similar_units_stand_together():
    generator = np.random.default_rng(0)
    sources = generator.normal(size=(400, 3))
    H = np.column_stack([sources[:, i % 3] * (-1) ** i + 0.1 * generator.normal(size=400) for i in range(12)])
    order = order_units(H)
    assert sorted(order) == list(range(12))
    kinds = order % 3
    assert np.count_nonzero(np.diff(kinds)) == 2


@pytest.mark.parametrize("cell", [RNN(5, 7), GRU(5, 7), LSTM(5, 7)], ids=str)
def test_reordered_units_compute_the_same(cell):
    model, x = LanguageModel(cell), torch.randint(5, (30,))
    order = np.random.default_rng(0).permutation(7)
    H, (O, _) = states_of(model, x), model(x[:, None])
    reorder_units(model, order)
    assert torch.allclose(states_of(model, x), H[:, order], atol=1e-6)
    assert torch.allclose(model(x[:, None])[0], O, atol=1e-6)
