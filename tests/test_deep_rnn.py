"""The deep recurrent network: equal to torch.nn.RNN, in any order of evaluation, and clear about wrong input."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnncourse.deep_rnn import DeepRNN, deep_rnn_step, parameter_count
from rnncourse.language_model import LanguageModel
from rnncourse.rnn import RNN
from rnncourse.text import SequentialWindows
from rnncourse.training import train

sizes = st.fixed_dictionaries({name: st.integers(1, 5) for name in ("d", "h", "L", "n", "T")})


def weights(deep):
    return [(layer.W_xh, layer.W_hh, layer.b_h) for layer in deep.layers]


@settings(deadline=None)
@given(sizes, st.booleans(), st.sampled_from(["tanh", "relu"]), st.integers(0, 1000))
def test_equal_to_torch(size, with_state, nonlinearity, seed):
    d, h, L, n, T = size["d"], size["h"], size["L"], size["n"], size["T"]
    torch.manual_seed(seed)
    module = torch.nn.RNN(d, h, num_layers=L, nonlinearity=nonlinearity).double()
    layer = DeepRNN.from_torch(module)
    X = torch.randn(T, n, d, dtype=torch.float64, requires_grad=True)
    H_0 = torch.randn(L, n, h, dtype=torch.float64, requires_grad=True) if with_state else None

    outputs, state = layer(X, H_0)
    torch_outputs, torch_state = module(X, H_0)
    torch.testing.assert_close(outputs, torch_outputs, rtol=0, atol=1e-10)
    torch.testing.assert_close(state, torch_state, rtol=0, atol=1e-10)

    # A loss that depends on every output and on the state of every layer, each with a weight of its own.
    weight, last = torch.randn_like(outputs), torch.randn_like(state)
    inputs = [X] if H_0 is None else [X, H_0]
    gradients = torch.autograd.grad((outputs * weight).sum() + (state * last).sum(), [*layer.parameters(), *inputs])
    loss = (torch_outputs * weight).sum() + (torch_state * last).sum()
    torch_gradients = torch.autograd.grad(loss, list(module.parameters()), retain_graph=True)
    by_name = dict(zip(module.state_dict(), torch_gradients, strict=True))
    expected = []
    for l in range(L):
        expected += [by_name[f"weight_ih_l{l}"].T, by_name[f"weight_hh_l{l}"].T, by_name[f"bias_ih_l{l}"]]
    expected += torch.autograd.grad(loss, inputs)
    for ours_g, theirs_g in zip(gradients, expected, strict=True):
        torch.testing.assert_close(ours_g, theirs_g, rtol=0, atol=1e-10)


def test_gradient_agrees_with_finite_differences():
    torch.manual_seed(0)
    deep = DeepRNN(2, 3, 3).double()
    names = [name for name, _ in deep.named_parameters()]
    X = torch.randn(4, 2, 2, dtype=torch.float64, requires_grad=True)
    H_0 = torch.randn(3, 2, 3, dtype=torch.float64, requires_grad=True)

    def call(X, H_0, *values):
        return torch.func.functional_call(deep, dict(zip(names, values, strict=True)), (X, H_0))

    assert torch.autograd.gradcheck(call, (X, H_0, *deep.parameters()))


@settings(deadline=None)
@given(sizes)
def test_layers_outside_equal_time_outside(size):
    d, h, L, n, T = size["d"], size["h"], size["L"], size["n"], size["T"]
    deep, X = DeepRNN(d, h, L).double(), torch.randn(T, n, d, dtype=torch.float64)
    outputs, state = deep(X)
    H = X.new_zeros(L, n, h)
    for t in range(T):
        H = deep_rnn_step(X[t], H, weights(deep))
        torch.testing.assert_close(outputs[t], H[-1], rtol=0, atol=1e-12)
    torch.testing.assert_close(state, H, rtol=0, atol=1e-12)


@settings(deadline=None)
@given(sizes, st.integers(0, 4))
def test_pieces_equal_the_whole(size, cut):
    d, h, L, n, T = size["d"], size["h"], size["L"], size["n"], size["T"] + 1
    cut = 1 + cut % (T - 1)
    deep, X = DeepRNN(d, h, L).double(), torch.randn(T, n, d, dtype=torch.float64)
    outputs, state = deep(X)
    first, middle = deep(X[:cut])
    second, end = deep(X[cut:], middle)
    torch.testing.assert_close(torch.cat([first, second]), outputs, rtol=0, atol=1e-12)
    torch.testing.assert_close(end, state, rtol=0, atol=1e-12)


def test_one_layer_is_the_rnn():
    module = torch.nn.RNN(3, 4).double()
    X = torch.randn(5, 2, 3, dtype=torch.float64)
    outputs, state = DeepRNN.from_torch(module)(X)
    expected, last = RNN.from_torch(module)(X)
    assert torch.equal(outputs, expected)
    assert torch.equal(state, last[None])


@given(st.integers(1, 30), st.integers(1, 30), st.integers(1, 6))
@settings(deadline=None)
def test_parameter_count(d, h, L):
    deep = DeepRNN(d, h, L)
    assert (deep.d, deep.h, deep.L) == (d, h, L)
    assert parameter_count(d, h, L) == sum(p.numel() for p in deep.parameters())
    assert [tuple(deep.get_parameter(f"layers.{l}.W_xh").shape) for l in range(L)] == [(d, h)] + (L - 1) * [(h, h)]


@pytest.mark.parametrize(("T", "L"), [(1, 1), (1, 4), (6, 1), (6, 2), (5, 4)])
def test_input_reaches_the_output_on_all_monotone_paths(T, L):
    """With phi = identity and weights 1, the derivative of the output by the first input counts the paths."""
    deep = DeepRNN(1, 1, L, phi="linear")
    for parameter in deep.parameters():
        torch.nn.init.constant_(parameter, parameter.ndim == 2)  # weights 1, biases 0
    X = torch.zeros(T, 1, 1, requires_grad=True)
    outputs, _ = deep(X)
    (gradient,) = torch.autograd.grad(outputs[-1].sum(), X)
    assert gradient[0].item() == math.comb(T - 1 + L - 1, L - 1)


def test_language_model_carries_the_state_of_all_layers():
    torch.manual_seed(0)
    x = torch.arange(600) % 5
    model = LanguageModel(DeepRNN(5, 16, 2))
    history = train(model, SequentialWindows(x, n=4, T=10), epochs=8, lr=2e-2, theta=1.0)
    assert history.loss[-1] < 0.5 * history.loss[0]
    O, state = model(x[:10, None])
    assert O.shape == (10, 1, 5)
    assert state.shape == (2, 1, 16)


def test_wrong_input_is_named():
    deep = DeepRNN(3, 4, 2)
    X = torch.zeros(5, 2, 3)
    with pytest.raises(TypeError, match=r"T n \{self.d\}(.|\n)*self.d"):
        deep(torch.zeros(5, 2, 7))
    with pytest.raises(ValueError, match=r"the states of 2 layers, \(2, n, 4\), but got \(2, 4\)"):
        deep(X, torch.zeros(2, 4))
    with pytest.raises(ValueError, match=r"the states of 2 layers, \(2, n, 4\), but got \(3, 2, 4\)"):
        deep(X, torch.zeros(3, 2, 4))
    with pytest.raises(TypeError, match=r"n \{self.h\}"):
        deep(X, torch.zeros(2, 1, 4))
    with pytest.raises(TypeError, match="Float"):
        deep(X.long())
    with pytest.raises(ValueError, match=r"T >= 1\), but T = 0"):
        deep(X[:0])
    X[4, 1, 2] = torch.nan
    with pytest.raises(ValueError, match=r"X\[4, 1, 2\] is NaN"):
        deep(X)
    with pytest.raises(ValueError, match="at least one layer, but L = 0"):
        DeepRNN(3, 4, 0)
    with pytest.raises(ValueError, match="d = 0 and h = 4"):
        DeepRNN(0, 4, 2)
    with pytest.raises(ValueError, match="d = 3, h = 4 and L = 0"):
        parameter_count(3, 4, 0)


def test_step_refuses_wrong_layers():
    X_t, H = torch.zeros(2, 3), torch.zeros(2, 2, 4)
    first, second = weights(DeepRNN(3, 4, 2))
    with pytest.raises(ValueError, match="there are 1 layers and 2 states"):
        deep_rnn_step(X_t, H, [first])
    with pytest.raises(ValueError, match="expected at least one layer"):
        deep_rnn_step(X_t, H[:0], [])
    with pytest.raises(TypeError, match=r"f32\[4,4\](.|\n)*Float\[Tensor, 'd h'\]"):
        deep_rnn_step(X_t, H, [second, second])  # (h, h) in the first layer, as the lecture notes have it


def test_dropout_is_between_the_layers_only_and_comes_over_from_torch():
    torch.manual_seed(0)
    deep = DeepRNN.from_torch(torch.nn.RNN(3, 50, num_layers=2, dropout=0.5))
    assert deep.dropout.p == 0.5
    X = torch.randn(4, 2, 3)
    outputs, state = deep(X)
    H, lowest = deep.layers[0](X)
    assert torch.equal(state[0], lowest)  # nothing is left out of what the lowest layer keeps, or reads
    assert (outputs != 0).all()
    assert not torch.equal(outputs, deep.layers[1](H)[0])
    deep.eval()
    assert torch.equal(deep(X)[0], deep.layers[1](H)[0])
