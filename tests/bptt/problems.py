"""Random problems for the passes of ``rnncourse.bptt``, and their gradients by other means."""

import itertools
from typing import Any

import torch
from hypothesis import strategies as st
from torch import Tensor

from rnncourse.bptt import gru_backward, gru_forward, lstm_backward, lstm_forward, rnn_backward, rnn_forward

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


def same(results, expected) -> None:
    assert len(results) == len(expected)
    for a, b in zip(results, expected, strict=True):
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


def lstm_problem(d: int, h: int, n: int, T: int, seed: int = 0) -> tuple[Any, Any]:
    inputs = draw((T, n, d), (n, h), (n, h), (d, 4 * h), (h, 4 * h), (4 * h,), seed=seed)
    return inputs, draw((T, n, h), (n, h), (n, h), seed=seed + 1)


def lstm_by_hand(inputs, dL_dH, dH_T, dC_T, xi=None):
    X, _, _, W_xh, W_hh, _ = inputs
    return lstm_backward(dL_dH, dH_T, dC_T, X, *lstm_forward(*inputs), W_xh, W_hh, xi)


def gru_problem(d: int, h: int, n: int, T: int, seed: int = 0) -> tuple[Any, Any]:
    inputs = draw((T, n, d), (n, h), (d, 3 * h), (h, 3 * h), (3 * h,), (h,), seed=seed)
    return inputs, draw((T, n, h), (n, h), seed=seed + 1)


def gru_by_hand(inputs, dL_dH, dH_T, xi=None):
    X, _, W_xh, W_hh, _, _ = inputs
    return gru_backward(dL_dH, dH_T, X, *gru_forward(*inputs), W_xh, W_hh, xi)
