"""The recurrent layer: equal to torch.nn.RNN, a loop over its step, and clear about wrong input."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnncourse.rnn import RNN, rnn_step

sizes = st.fixed_dictionaries({name: st.integers(1, 6) for name in ("d", "h", "n", "T")})


@settings(deadline=None)
@given(sizes, st.booleans(), st.sampled_from(["tanh", "relu"]), st.integers(0, 1000))
def test_equal_to_torch(size, with_state, nonlinearity, seed):
    d, h, n, T = size["d"], size["h"], size["n"], size["T"]
    torch.manual_seed(seed)
    module = torch.nn.RNN(d, h, nonlinearity=nonlinearity).double()
    layer = RNN.from_torch(module)
    X = torch.randn(T, n, d, dtype=torch.float64, requires_grad=True)
    H_0 = torch.randn(n, h, dtype=torch.float64, requires_grad=True) if with_state else None

    outputs, state = layer(X, H_0)
    torch_outputs, torch_state = module(X, None if H_0 is None else H_0[None])
    torch.testing.assert_close(outputs, torch_outputs, rtol=0, atol=1e-10)
    torch.testing.assert_close(state, torch_state[0], rtol=0, atol=1e-10)

    # A loss that depends on every output and on the last state, each with a weight of its own.
    weight, last = torch.randn_like(outputs), torch.randn_like(state)
    inputs = [X] if H_0 is None else [X, H_0]
    gradients = torch.autograd.grad((outputs * weight).sum() + (state * last).sum(), [*layer.parameters(), *inputs])
    torch_gradients = torch.autograd.grad(
        (torch_outputs * weight).sum() + (torch_state[0] * last).sum(), [*module.parameters(), *inputs]
    )
    dW_ih, dW_hh, db_ih, _, *rest = torch_gradients
    for ours_g, theirs_g in zip(gradients, [dW_ih.T, dW_hh.T, db_ih, *rest], strict=True):
        torch.testing.assert_close(ours_g, theirs_g, rtol=0, atol=1e-10)


@settings(deadline=None)
@given(sizes)
def test_layer_is_a_loop_over_the_step(size):
    d, h, n, T = size["d"], size["h"], size["n"], size["T"]
    rnn, X = RNN(d, h), torch.randn(T, n, d)
    outputs, state = rnn(X)
    H = torch.zeros(n, h)
    for t in range(T):
        H = rnn_step(X[t], H, rnn.W_xh, rnn.W_hh, rnn.b_h)
        torch.testing.assert_close(outputs[t], H)
    torch.testing.assert_close(state, H)


def test_parameters_are_drawn_like_torchs():
    torch.manual_seed(0)
    rnn = RNN(50, 100)
    for parameter in rnn.parameters():
        assert parameter.abs().max() <= 0.1
        assert parameter.std().item() == pytest.approx(0.1 / 3**0.5, rel=0.2)


def test_wrong_input_is_named():
    rnn = RNN(3, 4)
    with pytest.raises(TypeError, match=r"T n \{self.d\}(.|\n)*self.d"):
        rnn(torch.zeros(5, 2, 7))
    with pytest.raises(TypeError, match=r"T n \{self.d\}"):
        rnn(torch.zeros(5, 3))
    with pytest.raises(TypeError, match=r"n \{self.h\}"):
        rnn(torch.zeros(5, 2, 3), torch.zeros(1, 2, 4))
    with pytest.raises(TypeError, match="Float"):
        rnn(torch.zeros(5, 2, 3, dtype=torch.long))
    with pytest.raises(ValueError, match=r"T >= 1\), but T = 0"):
        rnn(torch.zeros(0, 2, 3))
    X = torch.zeros(5, 2, 3)
    X[4, 1, 2] = torch.nan
    with pytest.raises(ValueError, match=r"X\[4, 1, 2\] is NaN"):
        rnn(X)
    with pytest.raises(ValueError, match="d = 0 and h = 4"):
        RNN(0, 4)


def test_step_names_the_expected_shape():
    X_t, H, W_xh, W_hh, b_h = (torch.zeros(*size) for size in [(2, 3), (2, 4), (3, 4), (4, 4), (4,)])
    with pytest.raises(TypeError, match=r"f32\[4,3\](.|\n)*Float\[Tensor, 'd h'\](.|\n)*n=2(.|\n)*d=3(.|\n)*h=4"):
        rnn_step(X_t, H, W_xh.T, W_hh, b_h)
