"""Back-propagation through time by hand for the LSTM, in the conventions of :mod:`rnncourse.bptt`.

The four gates stand side by side in the order i, f, g, o in ``W_xh`` (d, 4h), ``W_hh`` (h, 4h) and ``b_h`` (4h,).
"""

# ruff: noqa: N815 (dW_xh is the name of the gradient of W_xh)

from itertools import pairwise
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from rnncourse.fast.products import (
    after_zero,
    back_to_inputs,
    before_first,
    over_steps,
    project,
    repeated,
    sigmoid_and_tanh_,
    tanh,
)
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
    refuse_nan("X", X)
    H, C = before_first(H_0, len(X)), before_first(C_0, len(X))
    gates = project(X, W_xh, b_h)  # one product for the inputs of all steps
    add_times_W_hh = repeated(W_hh, len(H_0), len(X))
    for gates_t, i, f, g, o, (H_before, H_t), (C_before, C_t) in zip(
        gates, *gates.chunk(4, dim=-1), pairwise(H), pairwise(C), strict=True
    ):
        sigmoid_and_tanh_(add_times_W_hh(gates_t, H_before), g)
        torch.mul(f, C_before, out=C_t).addcmul_(i, g)
        tanh(C_t, out=H_t).mul_(o)
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
    needs_dX: bool = True,
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
        needs_dX: whether ``dX`` is wanted; else it is left out, and empty.
    """
    T, n, h = dL_dH.shape
    add_times_W_hh_T = repeated(W_hh.T, n, T)
    # All but dC_t and dH_t, the last factors of the formulas, is there for all steps.
    i, f, g, o = gates.chunk(4, dim=-1)
    tanh_C = tanh(C[1:], out=torch.empty_like(C[1:]))
    slope_C = torch.addcmul(o, o * tanh_C, tanh_C, value=-1)  # o * (1 - tanh_C ** 2)
    dA = torch.addcmul(gates, gates, gates, value=-1)  # gates * (1 - gates), the slope of i, f and o
    di, df, dg, do = dA.chunk(4, dim=-1)
    di *= g
    df *= C[:-1]
    torch.addcmul(i, i * g, g, value=-1, out=dg)  # i * (1 - g ** 2)
    do *= tanh_C
    difg = dA.view(T, n, 4, h)[:, :, :3]
    dH, dC = after_zero(dL_dH, dH_T), dC_T.clone()
    for t in range(T, 0, -1):
        dH_t, dA_t = dH[t], dA[t - 1]
        dC.addcmul_(dH_t, slope_C[t - 1])
        difg[t - 1].mul_(dC[:, None])
        do[t - 1].mul_(dH_t)
        dC.mul_(f[t - 1])
        if xi is not None:
            dA_t, dC = xi[t - 1] * dA_t, xi[t - 1] * dC
        add_times_W_hh_T(dH[t - 1], dA_t)
    return LSTMGradients(
        dX=back_to_inputs(dA, W_xh) if needs_dX else X.new_empty(0),
        dH_0=dH[0].clone(),  # a view would keep all of dH
        dC_0=dC,
        dW_xh=over_steps(X, dA),
        dW_hh=over_steps(H[:-1], dA),
        db_h=dA.sum((0, 1)),
    )
