"""Back-propagation through time by hand for the LSTM, in the conventions of :mod:`rnncourse.bptt`.

The four gates stand side by side in the order i, f, g, o in ``W_xh`` (d, 4h), ``W_hh`` (h, 4h) and ``b_h`` (4h,).
"""

# ruff: noqa: N815 (dW_xh is the name of the gradient of W_xh)

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from rnncourse.shapes import checked, refuse_nan


class LSTMStates(NamedTuple):
    """What :func:`lstm_forward` leaves for the way back; ``H[0]`` and ``C[0]`` are the states before the first step."""

    H: Float[Tensor, "T+1 n h"]
    C: Float[Tensor, "T+1 n h"]
    gates: Float[Tensor, "T n 4*h"]  # i, f, g, o after their activation functions


class LSTMGradients(NamedTuple):
    """Gradients of the loss with respect to all that went into :func:`lstm_forward`."""

    dX: Float[Tensor, "T n d"]
    dH_0: Float[Tensor, "n h"]
    dC_0: Float[Tensor, "n h"]
    dW_xh: Float[Tensor, "d 4*h"]
    dW_hh: Float[Tensor, "h 4*h"]
    db_h: Float[Tensor, " 4*h"]


@torch.no_grad()
@checked
def lstm_forward(
    X: Float[Tensor, "T n d"],
    H_0: Float[Tensor, "n h"],
    C_0: Float[Tensor, "n h"],
    W_xh: Float[Tensor, "d 4*h"],
    W_hh: Float[Tensor, "h 4*h"],
    b_h: Float[Tensor, " 4*h"],
) -> LSTMStates:
    """Return hidden states, cell states and gates of all steps.

    Raises:
        ValueError: if ``X`` has no step or holds a NaN.
    """
    if len(X) == 0:
        raise ValueError("X should have at least one step (T >= 1), but T = 0")
    refuse_nan("X", X)
    h = H_0.shape[-1]
    gates = X @ W_xh + b_h  # one product for the inputs of all steps
    H = torch.cat([H_0[None], gates.new_empty(len(X), *H_0.shape)])
    C = torch.cat([C_0[None], gates.new_empty(len(X), *C_0.shape)])
    for t in range(1, len(H)):
        gates_t = gates[t - 1]  # in gates[t - 1] are those of step t, as X_t is in X[t - 1]
        gates_t += H[t - 1] @ W_hh
        gates_t[:, : 2 * h].sigmoid_()
        gates_t[:, 2 * h : 3 * h].tanh_()
        gates_t[:, 3 * h :].sigmoid_()
        i, f, g, o = gates_t.chunk(4, dim=-1)
        C[t] = f * C[t - 1] + i * g
        H[t] = o * torch.tanh(C[t])
    return LSTMStates(H, C, gates)


@torch.no_grad()
@checked
def lstm_backward(
    dL_dH: Float[Tensor, "T n h"],
    dH_T: Float[Tensor, "n h"],
    dC_T: Float[Tensor, "n h"],
    X: Float[Tensor, "T n d"],
    H: Float[Tensor, "T+1 n h"],
    C: Float[Tensor, "T+1 n h"],
    gates: Float[Tensor, "T n 4*h"],
    W_xh: Float[Tensor, "d 4*h"],
    W_hh: Float[Tensor, "h 4*h"],
    xi: Float[Tensor, " T"] | None = None,
) -> LSTMGradients:
    """Return the gradients of inputs, first states and weights: :eq:`lstm-backward` at each step, from T down to 1.

    Source: Graves and Schmidhuber, "Framewise phoneme classification with bidirectional LSTM", Neural Networks 18
    (2005), appendix; here without peepholes.

    Args:
        dL_dH: gradient of each step's own loss with respect to its output.
        dH_T, dC_T: what comes from beyond the sequence to the last states.
        X: the inputs.
        H, C, gates: from :func:`lstm_forward`.
        W_xh, W_hh: the weights.
        xi: factors of what flows back in both states, as in :func:`rnncourse.bptt.state_gradients`.
    """
    dH, dC = dH_T, dC_T
    dA = torch.empty_like(gates)  # of what the gates' activation functions are applied to
    tanh_C = torch.tanh(C)
    i, f, g, o = gates.chunk(4, dim=-1)
    slopes = torch.cat([i * (1 - i), f * (1 - f), 1 - g * g, o * (1 - o)], dim=-1)
    for t in range(len(X), 0, -1):
        i, f, g, o = gates[t - 1].chunk(4, dim=-1)
        dH = dL_dH[t - 1] + dH
        dC = dC + dH * o * (1 - tanh_C[t] ** 2)
        d_gates = torch.cat([dC * g, dC * C[t - 1], dC * i, dH * tanh_C[t]], dim=-1)
        dA[t - 1] = d_gates * slopes[t - 1]
        dH = dA[t - 1] @ W_hh.T
        dC = dC * f
        if xi is not None:
            dH, dC = xi[t - 1] * dH, xi[t - 1] * dC
    return LSTMGradients(
        dX=dA @ W_xh.T,
        dH_0=dH,
        dC_0=dC,
        dW_xh=X.flatten(0, 1).T @ dA.flatten(0, 1),
        dW_hh=H[:-1].flatten(0, 1).T @ dA.flatten(0, 1),
        db_h=dA.sum((0, 1)),
    )
