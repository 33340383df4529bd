"""The gated layers: equal to torch.nn's in values and gradients, in the gate order and the convention they promise."""

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from rnncourse.gated import GRU, LSTM, gru_step, lstm_step
from rnncourse.language_model import LanguageModel, evaluate
from rnncourse.text import SequentialWindows
from rnncourse.training import train

sizes = st.fixed_dictionaries({name: st.integers(1, 6) for name in ("d", "h", "n", "T")})
KINDS: dict[str, tuple[Any, Any]] = {"LSTM": (LSTM, torch.nn.LSTM), "GRU": (GRU, torch.nn.GRU)}


def parts(state):
    """The tensors of a state, without torch's axis of layers."""
    state = state if isinstance(state, tuple) else (state,)
    return [part if part.dim() == 2 else part[0] for part in state]


@settings(deadline=None)
@given(st.sampled_from(["LSTM", "GRU"]), sizes, st.booleans(), st.integers(0, 1000))
def test_equal_to_torch(kind, size, with_state, seed):
    d, h, n, T = size["d"], size["h"], size["n"], size["T"]
    layer_class, module_class = KINDS[kind]
    torch.manual_seed(seed)
    module = module_class(d, h).double()
    layer = layer_class.from_torch(module)
    X = torch.randn(T, n, d, dtype=torch.float64, requires_grad=True)
    start = [torch.randn(n, h, dtype=torch.float64, requires_grad=True) for _ in range(2 if kind == "LSTM" else 1)]
    state = torch_state = None
    if with_state:
        state = tuple(start) if kind == "LSTM" else start[0]
        torch_state = tuple(part[None] for part in start) if kind == "LSTM" else start[0][None]

    outputs, state = layer(X, state)
    torch_outputs, torch_state = module(X, torch_state)
    torch.testing.assert_close(outputs, torch_outputs, rtol=0, atol=1e-10)
    for part, torch_part in zip(parts(state), parts(torch_state), strict=True):
        torch.testing.assert_close(part, torch_part, rtol=0, atol=1e-10)

    # A loss that depends on every output and on every part of the last state, each with a weight of its own.
    weight, last = torch.randn_like(outputs), [torch.randn_like(part) for part in parts(state)]
    inputs = [X, *start] if with_state else [X]

    def gradients(layer, outputs, state):
        loss = (outputs * weight).sum() + sum((a * b).sum() for a, b in zip(parts(state), last, strict=True))
        return torch.autograd.grad(loss, [*layer.parameters(), *inputs])

    dW_xh, dW_hh, db_h, *rest = gradients(layer, outputs, state)
    dW_ih, torch_dW_hh, db_ih, db_hh, *torch_rest = gradients(module, torch_outputs, torch_state)
    if kind == "GRU":  # the recurrent bias of the candidate, the last of the three blocks
        torch_rest = [db_hh[2 * h :], *torch_rest]
    pairs = [(dW_xh, dW_ih.T), (dW_hh, torch_dW_hh.T), (db_h, db_ih), *zip(rest, torch_rest, strict=True)]
    for gradient, their_gradient in pairs:
        torch.testing.assert_close(gradient, their_gradient, rtol=0, atol=1e-10)


@settings(deadline=None)
@given(sizes)
def test_layers_are_loops_over_their_steps(size):
    d, h, n, T = size["d"], size["h"], size["n"], size["T"]
    lstm, gru, X = LSTM(d, h), GRU(d, h), torch.randn(T, n, d)
    outputs, state = lstm(X)
    H = C = torch.zeros(n, h)
    for t in range(T):
        H, C = lstm_step(X[t], H, C, *lstm.parameters())
        torch.testing.assert_close(outputs[t], H)
    torch.testing.assert_close(state, (H, C))

    outputs, state = gru(X)
    H = torch.zeros(n, h)
    for t in range(T):
        H = gru_step(X[t], H, *gru.parameters())
        torch.testing.assert_close(outputs[t], H)
    torch.testing.assert_close(state, H)


@settings(deadline=None)
@given(sizes, st.integers(0, 6))
def test_a_sequence_may_be_read_in_pieces(size, cut):
    d, h, n, T = size["d"], size["h"], size["n"], size["T"] + 1
    cut = min(max(cut, 1), T - 1)
    for layer in (LSTM(d, h), GRU(d, h)):
        X = torch.randn(T, n, d)
        outputs, state = layer(X)
        first, middle = layer(X[:cut])
        second, end = layer(X[cut:], middle)
        torch.testing.assert_close(torch.cat([first, second]), outputs)
        torch.testing.assert_close(end, state)


# The order of the blocks: a large bias opens one gate, a very negative one shuts it; all weights are zero.
OPEN, SHUT = 50.0, -50.0


def biases(**blocks):
    return torch.tensor(list(blocks.values()))


def lstm(H, C, b_h):
    unit = torch.zeros(1, 1)
    return lstm_step(unit, unit + H, unit + C, torch.zeros(1, 4), torch.zeros(1, 4), b_h)


def test_lstm_blocks_are_i_f_g_o():
    # Input gate shut, forget gate open: the memory stays, whatever the candidate.
    H, C = lstm(0.0, 0.7, biases(i=SHUT, f=OPEN, g=OPEN, o=OPEN))
    assert C.item() == pytest.approx(0.7)
    assert H.item() == pytest.approx(torch.tensor(0.7).tanh().item())
    # Forget gate shut, input gate open: the memory is the candidate.
    _, C = lstm(0.0, 0.7, biases(i=OPEN, f=SHUT, g=0.3, o=OPEN))
    assert C.item() == pytest.approx(torch.tensor(0.3).tanh().item())
    # Output gate shut: the memory is kept, but hidden.
    H, C = lstm(0.0, 0.7, biases(i=SHUT, f=OPEN, g=0.3, o=SHUT))
    assert (H.item(), C.item()) == (pytest.approx(0, abs=1e-6), pytest.approx(0.7))


def test_gru_blocks_are_r_z_g_and_z_keeps():
    unit = torch.zeros(1, 1)

    def gru(b_h, b_hg):
        return gru_step(unit, unit + 0.7, torch.zeros(1, 3), torch.zeros(1, 3), b_h, torch.tensor([b_hg])).item()

    assert gru(biases(r=OPEN, z=OPEN, g=0.3), 0.2) == pytest.approx(0.7)
    assert gru(biases(r=OPEN, z=SHUT, g=0.3), 0.2) == pytest.approx(torch.tensor(0.5).tanh().item())
    # The reset gate shuts off the recurrent bias too: it acts after the product.
    assert gru(biases(r=SHUT, z=SHUT, g=0.3), 0.2) == pytest.approx(torch.tensor(0.3).tanh().item())


def test_gates_are_those_of_the_steps():
    torch.manual_seed(0)
    layer, X = LSTM(3, 4), torch.randn(6, 2, 3)
    state = (torch.randn(2, 4), torch.randn(2, 4))
    outputs, (_, C_T) = layer(X, state)
    gates = layer.gates(X, state)
    C = state[1]
    for t in range(6):
        C = gates.f[t] * C + gates.i[t] * gates.g[t]
        torch.testing.assert_close(outputs[t], gates.o[t] * torch.tanh(C))
    torch.testing.assert_close(C, C_T)
    torch.testing.assert_close(layer.gates(X).f[0], layer.gates(X[:1], (torch.zeros(2, 4), state[1])).f[0])


def test_gates_of_the_gru_are_those_of_the_steps():
    torch.manual_seed(0)
    layer, X, H_0 = GRU(3, 4), torch.randn(6, 2, 3), torch.randn(2, 4)
    outputs, _ = layer(X, H_0)
    r, z, g = layer.gates(X, H_0)
    assert r.shape == z.shape == g.shape == (6, 2, 4)
    H = H_0
    for t in range(6):
        H_hg = H @ layer.W_hh[:, 8:] + layer.b_hg
        torch.testing.assert_close(g[t], torch.tanh(X[t] @ layer.W_xh[:, 8:] + layer.b_h[8:] + r[t] * H_hg))
        H = (1 - z[t]) * g[t] + z[t] * H
        torch.testing.assert_close(outputs[t], H)
    torch.testing.assert_close(layer.gates(X).r[0], layer.gates(X[:1], torch.zeros(2, 4)).r[0])


def test_gradients_of_the_steps_against_finite_differences():
    torch.manual_seed(0)

    def numbers(*sizes):
        return [torch.randn(*size, dtype=torch.float64, requires_grad=True) for size in sizes]

    n, d, h = 2, 3, 2
    assert torch.autograd.gradcheck(lstm_step, numbers((n, d), (n, h), (n, h), (d, 4 * h), (h, 4 * h), (4 * h,)))
    assert torch.autograd.gradcheck(gru_step, numbers((n, d), (n, h), (d, 3 * h), (h, 3 * h), (3 * h,), (h,)))


def test_parameters_are_drawn_like_torchs_but_for_the_forget_bias():
    torch.manual_seed(0)
    h = 100
    for layer in (LSTM(50, h, forget_bias=0.05), GRU(50, h)):
        for parameter in layer.parameters():
            assert parameter.abs().max() <= 0.1
            assert parameter.std().item() == pytest.approx(0.1 / 3**0.5, rel=0.2)
    b_h = LSTM(50, h, forget_bias=3.0).b_h
    assert (b_h[h : 2 * h] == 3).all()
    assert b_h[:h].abs().max() <= 0.1
    assert b_h[2 * h :].abs().max() <= 0.1
    assert (LSTM(50, h).b_h[h : 2 * h] == 1).all()


@pytest.mark.parametrize("layer", [LSTM, GRU])
def test_a_language_model_carries_its_state(layer):
    torch.manual_seed(0)
    x = torch.arange(201) % 5
    model = LanguageModel(layer(5, 8))
    history = train(model, SequentialWindows(x, n=2, T=10), epochs=6, lr=3e-2)
    assert history.loss[-1] < 0.5 * history.loss[0]
    # The score does not depend on where the text is cut.
    assert evaluate(model, x, steps=7).nats == pytest.approx(evaluate(model, x).nats, rel=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_wrong_input_is_named(kind):
    layer = KINDS[kind][0](3, 4)
    with pytest.raises(TypeError, match=r"T n \{self.d\}(.|\n)*self.d"):
        layer(torch.zeros(5, 2, 7))
    with pytest.raises(TypeError, match=r"T n \{self.d\}"):
        layer(torch.zeros(5, 3))
    with pytest.raises(TypeError, match=r"n \{self.h\}"):
        layer(torch.zeros(5, 2, 3), torch.zeros(1, 2, 4) if kind == "GRU" else torch.zeros(2, 4))
    with pytest.raises(TypeError, match="Float"):
        layer(F.one_hot(torch.zeros(5, 2, dtype=torch.long), 3))
    with pytest.raises(ValueError, match=r"T >= 1\), but T = 0"):
        layer(torch.zeros(0, 2, 3))
    X = torch.zeros(5, 2, 3)
    X[4, 1, 2] = torch.nan
    with pytest.raises(ValueError, match=r"X\[4, 1, 2\] is NaN"):
        layer(X)
    with pytest.raises(ValueError, match="d = 0 and h = 4"):
        KINDS[kind][0](0, 4)


def test_steps_name_the_expected_shape():
    X_t, H, W_xh, W_hh, b_h = (torch.zeros(*size) for size in [(2, 3), (2, 4), (3, 16), (4, 16), (16,)])
    with pytest.raises(TypeError, match=r"f32\[16,3\](.|\n)*Float\[Tensor, 'd 4\*h'\](.|\n)*n=2(.|\n)*d=3(.|\n)*h=4"):
        lstm_step(X_t, H, H, W_xh.T, W_hh, b_h)
    with pytest.raises(TypeError, match=r"f32\[3,16\](.|\n)*Float\[Tensor, 'd 3\*h'\](.|\n)*h=4"):
        gru_step(X_t, H, W_xh, W_hh, b_h, H[0])
