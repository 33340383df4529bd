"""The formulas in JavaScript: the same numbers as the package's, step by step, in a real browser."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from rnncourse.gated import GRU, LSTM
from rnncourse.language_model import LanguageModel
from rnncourse.rnn import RNN

SOURCE = Path(__file__).parents[2] / "book" / "_static" / "network" / "cells.js"
d = m = 7
h, n, T = 5, 3, 6


@pytest.fixture(scope="module")
def tab(browser):
    """A page that holds nothing but the formulas."""
    tab = browser.new_page()
    tab.add_script_tag(content=SOURCE.read_text(encoding="utf-8"))
    yield tab
    tab.close()


def model_of(cell) -> LanguageModel:
    torch.manual_seed(0)
    return LanguageModel(cell)


def parameters(model: LanguageModel) -> dict[str, list[float]]:
    return {name.removeprefix("cell."): p.flatten().tolist() for name, p in model.named_parameters()}


TYPED = "const P = Object.fromEntries(Object.entries(p).map(([k, v]) => [k, v.map ? new Float32Array(v) : v]));"
READ = {
    "rnn": "let H = new Float32Array(h); for (const c of x) states.push(H = rnnStep([c], H, P));",
    "gru": "let H = new Float32Array(h); for (const c of x) states.push(H = gruStep([c], H, P).H);",
    "lstm": "let H = new Float32Array(h), C = H;"
    "for (const c of x) { ({ H, C } = lstmStep([c], H, C, P)); states.push(H); }",
}


@pytest.mark.parametrize("cell", [RNN(d, h), RNN(d, h, phi="relu"), GRU(d, h), LSTM(d, h)], ids=str)
def test_states_and_probabilities_are_those_of_the_package(tab, cell):
    model, x = model_of(cell), torch.randint(m, (40,))
    kind = type(cell).__name__.lower()
    given = {**parameters(model), "phi": getattr(cell, "phi", "tanh")}
    states, probabilities = tab.evaluate(
        f"""([p, x, h]) => {{
            const {{ rnnStep, gruStep, lstmStep, output, softmax }} = cells(), states = [];
            {TYPED}
            {READ[kind]}
            const probabilities = states.map((H) => softmax(output(H, 1, P), P.b_m.length));
            return [states, probabilities].map((rows) => rows.map((row) => [...row]));
        }}""",
        [given, x.tolist(), h],
    )
    with torch.no_grad():
        H, _ = model.cell(F.one_hot(x, m).float()[:, None])
        O, _ = model(x[:, None])
    assert np.allclose(states, H[:, 0], atol=1e-6)
    assert np.allclose(probabilities, O[:, 0].softmax(-1), atol=1e-6)


@pytest.mark.parametrize("phi", ["tanh", "relu"])
@pytest.mark.parametrize("theta", [0.01, 1e9])
def test_loss_gradients_and_one_update_are_those_of_pytorch(tab, phi, theta):
    model = model_of(RNN(d, h, phi=phi))
    x, y, H_0 = torch.randint(m, (T, n)), torch.randint(m, (T, n)), torch.randn(n, h)
    given = {**parameters(model), "phi": phi}
    loss, norm, gradients, updated = tab.evaluate(
        f"""([p, x, y, H_0, theta]) => {{
            const {{ forward, backward, clip, update }} = cells();
            {TYPED}
            const pass = forward(x, y, new Float32Array(H_0), P), d = backward(x, pass, P);
            const plain = (some) => Object.fromEntries(Object.keys(d).map((k) => [k, [...some[k]]]));
            const gradients = plain(d), norm = clip(d, theta);
            update(P, d, 0.1);
            return [pass.loss, norm, gradients, plain(P)];
        }}""",
        [given, x.tolist(), y.tolist(), H_0.flatten().tolist(), theta],
    )
    O, _ = model(x, H_0)
    expected = F.cross_entropy(O.flatten(0, 1), y.flatten())
    expected.backward()
    assert loss == pytest.approx(expected.item(), rel=1e-5)
    for name, p in model.named_parameters():
        assert p.grad is not None
        assert np.allclose(gradients[name.removeprefix("cell.")], p.grad.flatten(), atol=1e-6), name
    assert norm == pytest.approx(torch.nn.utils.clip_grad_norm_(model.parameters(), theta).item(), rel=1e-5)
    torch.optim.SGD(model.parameters(), lr=0.1).step()
    for name, p in model.named_parameters():
        assert np.allclose(updated[name.removeprefix("cell.")], p.detach().flatten(), atol=1e-6), name


def test_a_character_is_drawn_as_often_as_it_is_likely(tab):
    p = [0.5, 0.0, 0.25, 0.25]
    drawn = tab.evaluate("(p) => Array.from({length: 400}, (_, i) => cells().draw(p, (i + 0.5) / 400))", p)
    assert np.bincount(drawn, minlength=4).tolist() == [200, 0, 100, 100]
    assert tab.evaluate("cells().draw([0.3, 0.3, 0.3], 0.99)") == 2
