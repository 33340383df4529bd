"""Back-propagation through time by hand: equal to torch and to finite differences, and cut exactly where it says."""

import itertools
import subprocess
import sys
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional as F

from rnncourse.bptt import (
    deep_rnn_backward,
    deep_rnn_forward,
    gru_backward,
    gru_forward,
    lstm_backward,
    lstm_forward,
    output_backward,
    random_cuts,
    rnn_backward,
    rnn_forward,
    state_gradients,
    step_jacobian,
    window_cuts,
)
from rnncourse.bptt.checkpoints import checkpointed_backward

sizes = st.fixed_dictionaries({name: st.integers(1, 5) for name in ("d", "h", "n", "T")})
seeds = st.integers(0, 1000)


def draw(*shapes: tuple[int, ...], seed: int = 0) -> list[Tensor]:
    random = torch.Generator().manual_seed(seed)
    return [torch.randn(*shape, generator=random, dtype=torch.float64) for shape in shapes]


def rnn_problem(d: int, h: int, n: int, T: int, seed: int = 0) -> tuple[Any, Any]:
    """What goes into the RNN (X, H_0, W_xh, W_hh, b_h), and the weights of the loss (of all outputs, of the last)."""
    X, H_0, W_xh, W_hh, b_h, *loss = draw((T, n, d), (n, h), (d, h), (h, h), (h,), (T, n, h), (n, h), seed=seed)
    return [X, H_0, W_xh, W_hh / h**0.5, b_h], loss


def by_hand(inputs, dL_dH, dH_T, **options):
    X, H_0, W_xh, W_hh, b_h = inputs
    phi = options.get("phi", "tanh")
    H = rnn_forward(X, H_0, W_xh, W_hh, b_h, phi)
    return rnn_backward(dL_dH, dH_T, X, H, W_xh, W_hh, **options)


def same(found, expected) -> None:
    assert len(found) == len(expected)
    for a, b in zip(found, expected, strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=1e-10)


def looped(inputs, dL_dH, dH_T, cut=None, xi=None):
    """Gradients by autograd; ``cut(t)`` says for the loss of step t before which step its state is detached."""
    inputs = [value.clone().requires_grad_() for value in inputs]
    X, H_0, W_xh, W_hh, b_h = inputs
    T, loss = len(X), torch.zeros((), dtype=torch.float64)
    for t in range(1, T + 1):
        H = H_0
        for k in range(1, t + 1):
            if cut is not None and k == cut(t):
                H = H.detach()
            if xi is not None:
                H = xi[k - 1] * H + (1 - xi[k - 1]) * H.detach()
            H = torch.tanh(X[k - 1] @ W_xh + H @ W_hh + b_h)
        loss = loss + (H * dL_dH[t - 1]).sum() + ((H * dH_T).sum() if t == T else 0)
    return torch.autograd.grad(loss, inputs, materialize_grads=True)


def numerical(function, inputs, step=1e-3):
    """Finite differences of fourth order."""
    gradients = []
    for i, value in enumerate(inputs):
        gradient = torch.empty_like(value)
        for place in itertools.product(*map(range, value.shape)):
            at = {}
            for k in (-2, -1, 1, 2):
                moved = value.clone()
                moved[place] += k * step
                at[k] = function(*inputs[:i], moved, *inputs[i + 1 :])
            gradient[place] = (8 * (at[1] - at[-1]) - (at[2] - at[-2])) / (12 * step)
        gradients.append(gradient)
    return gradients


@settings(deadline=None)
@given(sizes, st.sampled_from(["tanh", "relu"]), seeds)
def test_rnn_equal_to_torch(size, phi, seed):
    inputs, (dL_dH, dH_T) = rnn_problem(**size, seed=seed)
    X, H_0, W_xh, W_hh, b_h = (value.requires_grad_() for value in inputs)
    theirs = torch.nn.RNN(size["d"], size["h"], nonlinearity=phi).double()
    weights = {"weight_ih_l0": W_xh.T, "weight_hh_l0": W_hh.T, "bias_ih_l0": b_h, "bias_hh_l0": torch.zeros_like(b_h)}
    outputs, state = torch.func.functional_call(theirs, weights, (X, H_0[None]))
    expected = torch.autograd.grad((outputs * dL_dH).sum() + (state[0] * dH_T).sum(), inputs)

    H = rnn_forward(*inputs, phi=phi)
    same([H[0], H[1:], H[-1]], [H_0, outputs, state[0]])
    same(by_hand(inputs, dL_dH, dH_T, phi=phi), expected)


def test_rnn_equal_to_finite_differences():
    inputs, (dL_dH, dH_T) = rnn_problem(d=2, h=3, n=2, T=4)

    def loss(*inputs):
        H = rnn_forward(*inputs)
        return (H[1:] * dL_dH).sum() + (H[-1] * dH_T).sum()

    same(by_hand(inputs, dL_dH, dH_T), numerical(loss, inputs))


@settings(deadline=None)
@given(sizes, st.integers(1, 7), seeds)
def test_truncation_is_a_detached_state(size, tau, seed):
    inputs, loss = rnn_problem(**size, seed=seed)
    # The state that goes into step t - tau + 1 is detached, so the steps k with t - k < tau count.
    expected = looped(inputs, *loss, cut=lambda t: t - tau + 1)
    same(by_hand(inputs, *loss, tau=tau), expected)
    if tau > size["T"]:
        same(by_hand(inputs, *loss, tau=tau), by_hand(inputs, *loss))


def test_truncation_drops_something():
    inputs, loss = rnn_problem(d=2, h=3, n=2, T=6)
    full = by_hand(inputs, *loss)
    for tau in range(1, 6):
        assert (by_hand(inputs, *loss, tau=tau).dW_hh - full.dW_hh).abs().max() > 1e-3
    same(by_hand(inputs, *loss, tau=1)[1:2], [torch.zeros_like(full.dH_0)])


@settings(deadline=None)
@given(sizes, st.integers(1, 6), seeds)
def test_windows_are_detached_between_two(size, tau, seed):
    inputs, loss = rnn_problem(**size, seed=seed)
    expected = looped(inputs, *loss, cut=lambda t: (t - 1) // tau * tau + 1 if t > tau else None)
    same(by_hand(inputs, *loss, xi=window_cuts(size["T"], tau).double()), expected)


@settings(deadline=None)
@given(sizes, seeds)
def test_factors_act_on_what_flows_back(size, seed):
    inputs, loss = rnn_problem(**size, seed=seed)
    [xi] = draw((size["T"],), seed=seed + 1)
    same(by_hand(inputs, *loss, xi=xi), looped(inputs, *loss, xi=xi))


def test_random_truncation_is_unbiased():
    T, tau = 5, 3.0
    inputs, loss = rnn_problem(d=2, h=3, n=2, T=T)
    # The mean over all 2^T draws, each with its probability.
    mean = [torch.zeros_like(value) for value in inputs]
    for cut in itertools.product([False, True], repeat=T):
        p = (1 / tau) ** sum(cut) * (1 - 1 / tau) ** (T - sum(cut))
        xi = torch.tensor([0.0 if c else tau / (tau - 1) for c in cut], dtype=torch.float64)
        for total, gradient in zip(mean, by_hand(inputs, *loss, xi=xi), strict=True):
            total += p * gradient
    same(mean, by_hand(inputs, *loss))


def test_random_cuts_have_the_promised_distribution():
    xi = random_cuts(20_000, 4, torch.Generator().manual_seed(0))
    torch.testing.assert_close(xi.unique(), torch.tensor([0, 4 / 3]))
    assert (xi == 0).double().mean().item() == pytest.approx(1 / 4, abs=0.02)
    assert window_cuts(7, 3).tolist() == [1, 1, 1, 0, 1, 1, 0]
    assert window_cuts(3, 1).tolist() == [1, 0, 0]


@pytest.mark.parametrize("phi", ["tanh", "relu", "linear"])
def test_jacobian_is_that_of_the_step(phi):
    function = {"tanh": torch.tanh, "relu": torch.relu, "linear": lambda A: A}[phi]
    A, H, W_hh = draw((3,), (3,), (3, 3))
    expected = torch.autograd.functional.jacobian(lambda H: function(A + H @ W_hh), H)
    found = step_jacobian(function(A + H @ W_hh)[None], W_hh, phi)
    same(found, expected[None])


@settings(deadline=None)
@given(sizes, seeds)
def test_gradient_of_one_loss_is_a_product_of_jacobians(size, seed):
    T = size["T"]
    (X, H_0, W_xh, W_hh, b_h), (dL_dH, dH_T) = rnn_problem(**size, seed=seed)
    H = rnn_forward(X, H_0, W_xh, W_hh, b_h)
    dH = state_gradients(torch.zeros_like(dL_dH), dH_T, H, W_hh)
    row = dH_T[:, None]  # (n, 1, h)
    for t in range(T, 0, -1):
        same(dH[t], row[:, 0])
        row = row @ step_jacobian(H[t], W_hh)
    same(dH[0], row[:, 0])


@settings(deadline=None)
@given(sizes, st.integers(1, 3), seeds)
def test_deep_rnn_equal_to_torch(size, L, seed):
    d, h, n, T = size["d"], size["h"], size["n"], size["T"]
    torch.manual_seed(seed)
    theirs = torch.nn.RNN(d, h, num_layers=L).double()
    X, H_0, dL_dH, dH_T = draw((T, n, d), (L, n, h), (T, n, h), (L, n, h), seed=seed)
    X, H_0 = X.requires_grad_(), H_0.requires_grad_()
    outputs, state = theirs(X, H_0)
    names = [[f"{name}_l{l}" for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")] for l in range(L)]
    parameters = [[theirs.get_parameter(name) for name in layer] for layer in names]
    used = [parameter for layer in parameters for parameter in layer[:3]]
    dX, dH_0, *dW = torch.autograd.grad((outputs * dL_dH).sum() + (state * dH_T).sum(), [X, H_0, *used])

    weights = [(W_ih.T, W_hh.T, b_ih + b_hh) for W_ih, W_hh, b_ih, b_hh in parameters]
    H = deep_rnn_forward(X, H_0, weights)
    same([H[-1, 1:], H[:, -1], H[:, 0]], [outputs, state, H_0])
    found = deep_rnn_backward(dL_dH, dH_T, X, H, weights)
    same([found.dX, found.dH_0], [dX, dH_0])
    same(found.dW_xh, [g.T for g in dW[0::3]])
    same(found.dW_hh, [g.T for g in dW[1::3]])
    same(found.db_h, dW[2::3])


def test_deep_rnn_is_cut_in_all_layers():
    T, tau, L = 6, 2, 2
    X, H_0, dL_dH, dH_T = draw((T, 2, 3), (L, 2, 3), (T, 2, 3), (L, 2, 3))
    weights = [tuple(draw((3, 3), (3, 3), (3,), seed=l)) for l in range(L)]
    X = X.requires_grad_()
    states = [state.clone().requires_grad_() for state in H_0]
    loss, current = torch.zeros((), dtype=torch.float64), list(states)
    for t in range(T):
        if t and t % tau == 0:
            current = [state.detach() for state in current]
        below = X[t]
        for l, (W_xh, W_hh, b_h) in enumerate(weights):
            current[l] = below = torch.tanh(below @ W_xh + current[l] @ W_hh + b_h)
        loss = loss + (below * dL_dH[t]).sum()
    loss = loss + sum((state * last).sum() for state, last in zip(current, dH_T, strict=True))
    dX, *dH_0 = torch.autograd.grad(loss, [X, *states])
    H = deep_rnn_forward(X, H_0, weights)
    found = deep_rnn_backward(dL_dH, dH_T, X, H, weights, xi=window_cuts(T, tau).double())
    same([found.dX, *found.dH_0], [dX, *dH_0])


def lstm_problem(d: int, h: int, n: int, T: int, seed: int = 0) -> tuple[Any, Any]:
    inputs = draw((T, n, d), (n, h), (n, h), (d, 4 * h), (h, 4 * h), (4 * h,), seed=seed)
    return inputs, draw((T, n, h), (n, h), (n, h), seed=seed + 1)


def lstm_by_hand(inputs, dL_dH, dH_T, dC_T, xi=None):
    X, _, _, W_xh, W_hh, _ = inputs
    return lstm_backward(dL_dH, dH_T, dC_T, X, *lstm_forward(*inputs), W_xh, W_hh, xi)


@settings(deadline=None)
@given(sizes, seeds)
def test_lstm_equal_to_torch(size, seed):
    inputs, (dL_dH, dH_T, dC_T) = lstm_problem(**size, seed=seed)
    X, H_0, C_0, W_xh, W_hh, b_h = (value.requires_grad_() for value in inputs)
    theirs = torch.nn.LSTM(size["d"], size["h"]).double()
    weights = {"weight_ih_l0": W_xh.T, "weight_hh_l0": W_hh.T, "bias_ih_l0": b_h, "bias_hh_l0": torch.zeros_like(b_h)}
    outputs, (H_T, C_T) = torch.func.functional_call(theirs, weights, (X, (H_0[None], C_0[None])))
    loss = (outputs * dL_dH).sum() + (H_T[0] * dH_T).sum() + (C_T[0] * dC_T).sum()
    expected = torch.autograd.grad(loss, inputs)

    H, C, _ = lstm_forward(*inputs)
    same([H[1:], C[-1], H[0], C[0]], [outputs, C_T[0], H_0, C_0])
    same(lstm_by_hand(inputs, dL_dH, dH_T, dC_T), expected)


def test_lstm_equal_to_finite_differences():
    inputs, (dL_dH, dH_T, dC_T) = lstm_problem(d=2, h=2, n=2, T=3)

    def loss(*inputs):
        H, C, _ = lstm_forward(*inputs)
        return (H[1:] * dL_dH).sum() + (H[-1] * dH_T).sum() + (C[-1] * dC_T).sum()

    same(lstm_by_hand(inputs, dL_dH, dH_T, dC_T), numerical(loss, inputs))


def test_lstm_is_cut_in_both_states():
    T, tau = 7, 3
    inputs, (dL_dH, dH_T, dC_T) = lstm_problem(d=2, h=3, n=2, T=T)
    expected = [torch.zeros_like(value) for value in inputs]
    X, H, C, *weights = inputs
    # One window after the other; only the first one reaches the given states.
    for t in range(0, T, tau):
        last = t + tau >= T
        ends = (dH_T, dC_T) if last else (torch.zeros_like(dH_T), torch.zeros_like(dC_T))
        part = lstm_by_hand([X[t : t + tau], H, C, *weights], dL_dH[t : t + tau], *ends)
        expected[0][t : t + tau] = part.dX
        if t == 0:
            expected[1:3] = part.dH_0, part.dC_0
        for total, gradient in zip(expected[3:], part[3:], strict=True):
            total += gradient
        states = lstm_forward(X[t : t + tau], H, C, *weights)
        H, C = states.H[-1], states.C[-1]
    same(lstm_by_hand(inputs, dL_dH, dH_T, dC_T, window_cuts(T, tau).double()), expected)


def gru_problem(d: int, h: int, n: int, T: int, seed: int = 0) -> tuple[Any, Any]:
    inputs = draw((T, n, d), (n, h), (d, 3 * h), (h, 3 * h), (3 * h,), (h,), seed=seed)
    return inputs, draw((T, n, h), (n, h), seed=seed + 1)


def gru_by_hand(inputs, dL_dH, dH_T, xi=None):
    X, _, W_xh, W_hh, _, _ = inputs
    return gru_backward(dL_dH, dH_T, X, *gru_forward(*inputs), W_xh, W_hh, xi)


@settings(deadline=None)
@given(sizes, seeds)
def test_gru_equal_to_torch(size, seed):
    h = size["h"]
    inputs, (dL_dH, dH_T) = gru_problem(**size, seed=seed)
    X, H_0, W_xh, W_hh, b_h, b_hg = (value.requires_grad_() for value in inputs)
    theirs = torch.nn.GRU(size["d"], h).double()
    recurrent = torch.cat([torch.zeros_like(b_h[: 2 * h]), b_hg])
    weights = {"weight_ih_l0": W_xh.T, "weight_hh_l0": W_hh.T, "bias_ih_l0": b_h, "bias_hh_l0": recurrent}
    outputs, H_T = torch.func.functional_call(theirs, weights, (X, H_0[None]))
    expected = torch.autograd.grad((outputs * dL_dH).sum() + (H_T[0] * dH_T).sum(), inputs)

    H, _, _ = gru_forward(*inputs)
    same([H[1:], H[-1], H[0]], [outputs, H_T[0], H_0])
    same(gru_by_hand(inputs, dL_dH, dH_T), expected)


def test_gru_equal_to_finite_differences():
    inputs, (dL_dH, dH_T) = gru_problem(d=2, h=2, n=2, T=3)

    def loss(*inputs):
        H, _, _ = gru_forward(*inputs)
        return (H[1:] * dL_dH).sum() + (H[-1] * dH_T).sum()

    same(gru_by_hand(inputs, dL_dH, dH_T), numerical(loss, inputs))


def test_gru_is_cut():
    T, tau = 7, 3
    inputs, (dL_dH, dH_T) = gru_problem(d=2, h=3, n=2, T=T)
    expected = [torch.zeros_like(value) for value in inputs]
    X, H, *weights = inputs
    # One window after the other; only the first one reaches the given state.
    for t in range(0, T, tau):
        end = dH_T if t + tau >= T else torch.zeros_like(dH_T)
        part = gru_by_hand([X[t : t + tau], H, *weights], dL_dH[t : t + tau], end)
        expected[0][t : t + tau] = part.dX
        if t == 0:
            expected[1] = part.dH_0
        for total, gradient in zip(expected[2:], part[2:], strict=True):
            total += gradient
        H = gru_forward(X[t : t + tau], H, *weights).H[-1]
    same(gru_by_hand(inputs, dL_dH, dH_T, window_cuts(T, tau).double()), expected)


@settings(deadline=None)
@given(sizes, st.integers(1, 4), seeds)
def test_output_gradient_equal_to_autograd(size, m, seed):
    H, W_hm, b_m = draw((size["T"], size["n"], size["h"]), (size["h"], m), (m,), seed=seed)
    y = torch.randint(m, (size["T"], size["n"]), generator=torch.Generator().manual_seed(seed))
    inputs = [value.requires_grad_() for value in (H, W_hm, b_m)]
    loss = F.cross_entropy((H @ W_hm + b_m).flatten(0, 1), y.flatten())
    same(output_backward(H, y, W_hm, b_m), torch.autograd.grad(loss, inputs))


@settings(deadline=None)
@given(sizes, st.integers(1, 7), seeds)
def test_checkpoints_change_nothing(size, every, seed):
    inputs, (dL_dH, dH_T) = rnn_problem(**size, seed=seed)
    expected = by_hand(inputs, dL_dH, torch.zeros_like(dH_T))
    H = rnn_forward(*inputs)
    seen = []

    def loss_gradients(outputs, piece):
        same(outputs, H[1:][piece])
        seen.append(len(outputs))
        return dL_dH[piece]

    same(checkpointed_backward(loss_gradients, *inputs, every=every), expected)
    assert sum(seen) == size["T"]
    assert max(seen) <= every


def test_no_graph_is_made():
    inputs, (dL_dH, dH_T) = rnn_problem(d=2, h=3, n=2, T=4)
    inputs = [value.requires_grad_() for value in inputs]
    assert not rnn_forward(*inputs).requires_grad
    assert not any(gradient.requires_grad for gradient in by_hand(inputs, dL_dH, dH_T))


def test_arguments_are_left_alone():
    inputs, loss = rnn_problem(d=2, h=3, n=2, T=4)
    before = [value.clone() for value in (*inputs, *loss)]
    for options in ({}, {"tau": 2}, {"xi": window_cuts(4, 2).double()}):
        by_hand(inputs, *loss, **options)
    assert all(torch.equal(a, b) for a, b in zip(before, (*inputs, *loss), strict=True))
    lstm_inputs, lstm_loss = lstm_problem(d=2, h=3, n=2, T=4)
    before = [value.clone() for value in (*lstm_inputs, *lstm_loss)]
    lstm_by_hand(lstm_inputs, *lstm_loss)
    assert all(torch.equal(a, b) for a, b in zip(before, (*lstm_inputs, *lstm_loss), strict=True))
    gru_inputs, gru_loss = gru_problem(d=2, h=3, n=2, T=4)
    before = [value.clone() for value in (*gru_inputs, *gru_loss)]
    gru_by_hand(gru_inputs, *gru_loss)
    assert all(torch.equal(a, b) for a, b in zip(before, (*gru_inputs, *gru_loss), strict=True))


def test_dX_is_left_out_if_it_is_not_needed():
    inputs, loss = rnn_problem(d=2, h=3, n=2, T=4)
    gradients = by_hand(inputs, *loss, needs_dX=False)
    assert gradients.dX.numel() == 0
    same(gradients[1:], by_hand(inputs, *loss)[1:])


def test_wrong_input_is_named():
    inputs, (dL_dH, dH_T) = rnn_problem(d=2, h=3, n=2, T=4)
    X, H_0, W_xh, W_hh, b_h = inputs
    H = rnn_forward(*inputs)
    wrong = X.clone()
    wrong[1, 0, 1] = torch.nan
    with pytest.raises(ValueError, match=r"T >= 1\), but T = 0"):
        rnn_forward(X[:0], H_0, W_xh, W_hh, b_h)
    with pytest.raises(ValueError, match=r"X\[1, 0, 1\] is NaN"):
        rnn_forward(wrong, *inputs[1:])
    with pytest.raises(ValueError, match="one of tanh, relu, linear, but it is 'sin'"):
        rnn_forward(*inputs, phi="sin")
    with pytest.raises(TypeError, match=r"f64\[4,2,3\](.|\n)*T\+1 n h"):
        rnn_backward(dL_dH, dH_T, X, H[1:], W_xh, W_hh)
    with pytest.raises(TypeError, match="d h"):
        rnn_backward(dL_dH, dH_T, X, H, W_xh.T, W_hh)
    with pytest.raises(ValueError, match="tau >= 1 alone, or xi alone, but tau = 0"):
        rnn_backward(dL_dH, dH_T, X, H, W_xh, W_hh, tau=0)
    with pytest.raises(ValueError, match="tau >= 1 alone, or xi alone, but tau = 2"):
        rnn_backward(dL_dH, dH_T, X, H, W_xh, W_hh, tau=2, xi=torch.ones(4))
    with pytest.raises(TypeError, match="xi"):
        rnn_backward(dL_dH, dH_T, X, H, W_xh, W_hh, xi=torch.ones(3))
    with pytest.raises(ValueError, match="2 layers, but there are weights for 1"):
        deep_rnn_forward(X, torch.stack([H_0, H_0]), [(W_xh, W_hh, b_h)])
    with pytest.raises(ValueError, match="tau = 0"):
        window_cuts(3, 0)
    with pytest.raises(ValueError, match="above one step, but tau = 1"):
        random_cuts(3, 1)
    with pytest.raises(ValueError, match="every = 0"):
        checkpointed_backward(lambda H, piece: dL_dH[piece], *inputs, every=0)
    lstm_inputs, _ = lstm_problem(d=2, h=3, n=2, T=4)
    with pytest.raises(ValueError, match=r"T >= 1\), but T = 0"):
        lstm_forward(lstm_inputs[0][:0], *lstm_inputs[1:])
    X, H_0, C_0, W_xh, W_hh, b_h = lstm_inputs
    with pytest.raises(TypeError, match=r"h 4\*h"):
        lstm_forward(X, H_0, C_0, W_xh, W_hh[:, :11], b_h)


def test_import_is_light():
    code = "import sys, rnncourse.bptt; print({'matplotlib', 'ipywidgets', 'pandas', 'IPython'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "set()"
