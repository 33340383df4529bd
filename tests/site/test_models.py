"""The trained models in the page: the same states and probabilities as the package's, character by character."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from rnncourse.figures.network import network_script, rounded, table_script
from rnncourse.figures.units import order_units, reorder_units, states_of
from rnncourse.gated import GRU, LSTM
from rnncourse.language_model import LanguageModel
from rnncourse.markov import NgramModel
from rnncourse.rnn import RNN
from rnncourse.text import Vocabulary, load_corpus

SCRIPTS = Path(__file__).parents[2] / "book" / "_static" / "network"
TEXT = load_corpus()[:20_000]
READ = "Fellow citizens of the Senate!\nXerxes 1789"
vocabulary = Vocabulary(TEXT + READ)
m = len(vocabulary)


@pytest.fixture(scope="module")
def tab(browser):
    """A page that holds nothing but the models."""
    tab = browser.new_page()
    for name in ("cells", "models"):
        tab.add_script_tag(content=(SCRIPTS / f"{name}.js").read_text(encoding="utf-8"))
    yield tab
    tab.close()


def read(tab, script: str) -> tuple[list, list]:
    """What the model in the page makes of the text: its states, and its probabilities before each character."""
    tab.add_script_tag(content=script)
    return tab.evaluate(
        """(text) => {
            const model = bring("model"), states = [], probabilities = [];
            let state = model.begin();
            for (const character of text) {
                probabilities.push([...model.predict(state)]);
                state = model.step(state, model.characters.indexOf(character));
                states.push([...(state.H ?? [])]);
            }
            return [states, probabilities];
        }""",
        READ,
    )


@pytest.mark.parametrize("cell", [RNN(m, 12), RNN(m, 12, phi="relu"), GRU(m, 12), LSTM(m, 12)], ids=str)
def test_a_network_in_the_page_is_the_rounded_one(tab, cell):
    torch.manual_seed(0)
    model = LanguageModel(cell)
    sample = vocabulary.encode(TEXT[:2000])
    states, probabilities = read(tab, network_script("model", model, vocabulary, sample))
    model = rounded(model)
    reorder_units(model, order_units(states_of(model, sample).numpy()))
    x = vocabulary.encode("\n\n" + READ)
    with torch.no_grad():
        O, _ = model(x[:, None])
    assert np.allclose(states, states_of(model, x)[2:], atol=1e-5)
    assert np.allclose(probabilities, F.softmax(O[1:-1, 0], -1), atol=1e-5)


@pytest.mark.parametrize(("n", "kept"), [(1, None), (2, None), (5, None), (5, 3000)])
def test_a_table_in_the_page_is_the_one_that_was_stored(tab, n, kept):
    model = NgramModel(n, m).fit(vocabulary.encode(TEXT))
    if kept:
        model = model.prune(kept)
    _, probabilities = read(tab, table_script("model", model, vocabulary))
    x = vocabulary.encode("\n\n" + READ)
    expected = [model.probabilities(x[:t]) for t in range(2, len(x))]
    assert np.allclose(probabilities, expected, atol=2e-4)
    assert np.allclose(np.sum(probabilities, 1), 1, atol=1e-5)
    ln_p = np.log(np.array(probabilities)[range(len(READ)), x[2:]])
    assert ln_p.mean() == pytest.approx(model.log_probabilities(x)[1:].mean(), abs=1e-3)


@pytest.mark.parametrize("temperature", [0.5, 2])
def test_table_and_network_take_the_same_temperature(tab, temperature):
    x = vocabulary.encode(TEXT)
    for script in (
        table_script("model", NgramModel(3, m).fit(x), vocabulary),
        network_script("model", LanguageModel(RNN(m, 4)), vocabulary, x[:1500]),
    ):
        tab.add_script_tag(content=script)
        cold, warm = tab.evaluate(
            """(temperature) => {
                const model = bring("model"), state = model.begin();
                return [[...model.predict(state, temperature)], [...model.predict(state)]];
            }""",
            temperature,
        )
        expected = np.array(warm) ** (1 / temperature)
        assert np.allclose(cold, expected / expected.sum(), atol=1e-5)
