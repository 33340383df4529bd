"""Models small enough for a page: what rounding costs them, and what their scripts hold."""

import json
from pathlib import Path

import pytest
import torch

from rnncourse.figures.network import network_script, quantize, rounded, table_script
from rnncourse.language_model import LanguageModel, evaluate
from rnncourse.markov import NgramModel
from rnncourse.rnn import RNN
from rnncourse.scoreboard import build, load_weights, read_settings
from rnncourse.text import Vocabulary, load_corpus, split

BOOK = Path(__file__).parents[1] / "book"
WEIGHTS = sorted((BOOK / "weights").glob("*.safetensors"))


def test_an_entry_is_rounded_to_the_nearest_step_of_its_column():
    W = torch.randn(50, 7) * torch.logspace(-3, 3, 7)
    values, scale = quantize(W)
    assert values.dtype == torch.int8
    assert values.abs().amax(0).tolist() == [127] * 7
    assert ((values * scale - W).abs() <= scale / 2 * 1.001).all()
    assert torch.equal(quantize(values * scale)[0], values)


def test_a_column_of_zeros_stays_zero():
    values, scale = quantize(torch.zeros(3, 2))
    assert torch.equal(values * scale, torch.zeros(3, 2))


@pytest.mark.parametrize("path", WEIGHTS, ids=lambda path: path.stem)
def test_one_byte_for_an_entry_costs_next_to_nothing(path):
    text = load_corpus()
    vocabulary = Vocabulary(text)
    model = build(read_settings(BOOK / "scoreboard.toml")[path.stem], len(vocabulary), seed=0)
    model = load_weights(model, path)
    assert isinstance(model, LanguageModel)
    x = split(vocabulary.encode(text)).test[:8000]
    cost = evaluate(rounded(model), x).perplexity - evaluate(model, x).perplexity
    assert abs(cost) < 0.002


def content_of(script: str) -> dict:
    return json.loads(script.split(" = ", 1)[1].removesuffix(";\n"))


def test_scripts_name_their_model():
    text = load_corpus()[:3000]
    vocabulary = Vocabulary(text)
    x = vocabulary.encode(text)
    table = content_of(table_script("of 3-grams", NgramModel(3, len(vocabulary)).fit(x), vocabulary))
    network = content_of(network_script("plain", LanguageModel(RNN(len(vocabulary), 4)), vocabulary, x))
    assert (table["kind"], table["n"]) == ("table", 3)
    assert (network["kind"], network["phi"], network["h"]) == ("rnn", "tanh", 4)
    assert table["characters"] == network["characters"] == vocabulary.characters
    assert len(network["largest"]) == 4
