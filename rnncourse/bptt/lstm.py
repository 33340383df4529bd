"""Back-propagation through time by hand for the LSTM, in the conventions of :mod:`rnncourse.bptt`.

Input gate, forget gate, candidate and output gate stand side by side, as four blocks in the order i, f, g, o: in
``W_xh`` (d, 4h), ``W_hh`` (h, 4h) and ``b_h`` (4h,).
"""

# ruff: noqa: N815 (dW_xh is the name of the gradient of W_xh)

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from rnncourse.bptt.rnn import sum_over_steps
from rnncourse.shapes import checked, refuse_empty, refuse_nan


class LSTMStates(NamedTuple):
    """What :func:`lstm_forward` saves for the backward pass; ``H[0]`` and ``C[0]`` stand before the first step."""

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
    """Return hidden states, memories and gates of all steps: :eq:`lstm-fused`, :eq:`lstm-memory`, :eq:`lstm-hidden`.

    Raises:
        ValueError: if ``X`` has no step or holds a NaN.
    """
    refuse_empty("X", X)
    refuse_nan("X", X)
    H, C, gates = [H_0], [C_0], []
    for X_t in X:
        i, f, g, o = (X_t @ W_xh + H[-1] @ W_hh + b_h).chunk(4, dim=-1)
        i, f, g, o = torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)
        C.append(f * C[-1] + i * g)
        H.append(o * torch.tanh(C[-1]))
        gates.append(torch.cat([i, f, g, o], dim=-1))
    return LSTMStates(torch.stack(H), torch.stack(C), torch.stack(gates))


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
        dL_dH: gradient of each step's own loss with respect to its own state.
        dH_T, dC_T: what comes from beyond the sequence to the last states.
        X: the inputs.
        H, C, gates: from :func:`lstm_forward`.
        W_xh, W_hh: the weights.
        xi: factors of what flows back in both states, as in :func:`~rnncourse.bptt.rnn.state_gradients`.
    """
    dH, dC, dA = dH_T, dC_T, torch.empty_like(gates)
    for t in range(len(X), 0, -1):
        i, f, g, o = gates[t - 1].chunk(4, dim=-1)
        tanh_C = torch.tanh(C[t])
        dH = dH + dL_dH[t - 1]
        dC = dC + dH * o * (1 - tanh_C**2)
        di, df, dg, do = dC * g, dC * C[t - 1], dC * i, dH * tanh_C
        slope = torch.cat([i * (1 - i), f * (1 - f), 1 - g**2, o * (1 - o)], -1)
        dA[t - 1] = torch.cat([di, df, dg, do], dim=-1) * slope
        xi_t = 1 if xi is None else xi[t - 1]
        dH, dC = xi_t * dA[t - 1] @ W_hh.T, xi_t * dC * f
    return LSTMGradients(
        dX=dA @ W_xh.T,
        dH_0=dH,
        dC_0=dC,
        dW_xh=sum_over_steps(X, dA),
        dW_hh=sum_over_steps(H[:-1], dA),
        db_h=dA.sum((0, 1)),
    )
