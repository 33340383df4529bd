"""Back-propagation through time by hand for the GRU, in the conventions of :mod:`rnncourse.bptt`.

Reset gate, update gate and candidate stand side by side, as three blocks in the order r, z, g: in ``W_xh`` (d, 3h),
``W_hh`` (h, 3h) and ``b_h`` (3h,).
"""

# ruff: noqa: N815 (dW_xh is the name of the gradient of W_xh)

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from rnncourse.bptt.rnn import sum_over_steps
from rnncourse.shapes import checked, refuse_empty, refuse_nan


class GRUStates(NamedTuple):
    """What :func:`gru_forward` saves for the backward pass; ``H[0]`` is the state before the first step."""

    H: Float[Tensor, "T+1 n h"]
    gates: Float[Tensor, "T n 3*h"]  # r, z, g after their activation functions
    Q: Float[Tensor, "T n h"]  # what r multiplies: H_{t-1} W_hg + b_hg


class GRUGradients(NamedTuple):
    """Gradients of the loss with respect to all that went into :func:`gru_forward`."""

    dX: Float[Tensor, "T n d"]
    dH_0: Float[Tensor, "n h"]
    dW_xh: Float[Tensor, "d 3*h"]
    dW_hh: Float[Tensor, "h 3*h"]
    db_h: Float[Tensor, " 3*h"]
    db_hg: Float[Tensor, " h"]


@torch.no_grad()
@checked
def gru_forward(
    X: Float[Tensor, "T n d"],
    H_0: Float[Tensor, "n h"],
    W_xh: Float[Tensor, "d 3*h"],
    W_hh: Float[Tensor, "h 3*h"],
    b_h: Float[Tensor, " 3*h"],
    b_hg: Float[Tensor, " h"],
) -> GRUStates:
    """Return the states and the gates of all steps: :eq:`gru-gates`, :eq:`gru-candidate`, :eq:`gru-hidden`.

    Raises:
        ValueError: if ``X`` has no step or holds a NaN.
    """
    refuse_empty("X", X)
    refuse_nan("X", X)
    H, gates, Q = [H_0], [], []
    for X_t in X:
        x_r, x_z, x_g = (X_t @ W_xh + b_h).chunk(3, dim=-1)
        h_r, h_z, h_g = (H[-1] @ W_hh).chunk(3, dim=-1)
        r, z = torch.sigmoid(x_r + h_r), torch.sigmoid(x_z + h_z)
        Q.append(h_g + b_hg)
        g = torch.tanh(x_g + r * Q[-1])
        H.append((1 - z) * g + z * H[-1])
        gates.append(torch.cat([r, z, g], dim=-1))
    return GRUStates(torch.stack(H), torch.stack(gates), torch.stack(Q))


@torch.no_grad()
@checked
def gru_backward(
    dL_dH: Float[Tensor, "T n h"],
    dH_T: Float[Tensor, "n h"],
    X: Float[Tensor, "T n d"],
    H: Float[Tensor, "T+1 n h"],
    gates: Float[Tensor, "T n 3*h"],
    Q: Float[Tensor, "T n h"],
    W_xh: Float[Tensor, "d 3*h"],
    W_hh: Float[Tensor, "h 3*h"],
    xi: Float[Tensor, " T"] | None = None,
) -> GRUGradients:
    """Return the gradients of inputs, first state and weights: :eq:`gru-backward` at each step, from T down to 1.

    ``dA[t - 1]`` and ``dB[t - 1]`` are the formulas' :math:`dA_t` and :math:`dB_t`, the gradients of what the inputs
    and the state are multiplied into. Source: Cho et al., "Learning phrase representations using RNN encoder-decoder
    for statistical machine translation", EMNLP (2014), section 2.3, differentiated.

    Args:
        dL_dH: gradient of each step's own loss with respect to its own state.
        dH_T: what comes from beyond the sequence to the last state.
        X: the inputs.
        H, gates, Q: from :func:`gru_forward`.
        W_xh, W_hh: the weights.
        xi: factors of what flows back, as in :func:`~rnncourse.bptt.rnn.state_gradients`.
    """
    dH, dA, dB = dH_T, torch.empty_like(gates), torch.empty_like(gates)
    for t in range(len(X), 0, -1):
        r, z, g = gates[t - 1].chunk(3, dim=-1)
        dH = dH + dL_dH[t - 1]
        dg = dH * (1 - z) * (1 - g**2)
        dr = dg * Q[t - 1] * r * (1 - r)
        dz = dH * (H[t - 1] - g) * z * (1 - z)
        dA[t - 1] = torch.cat([dr, dz, dg], dim=-1)
        dB[t - 1] = torch.cat([dr, dz, dg * r], dim=-1)
        xi_t = 1 if xi is None else xi[t - 1]
        dH = xi_t * (dH * z + dB[t - 1] @ W_hh.T)
    return GRUGradients(
        dX=dA @ W_xh.T,
        dH_0=dH,
        dW_xh=sum_over_steps(X, dA),
        dW_hh=sum_over_steps(H[:-1], dB),
        db_h=dA.sum((0, 1)),
        db_hg=dB.sum((0, 1)).chunk(3)[2],
    )
