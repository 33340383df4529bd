"""Back-propagation through time by hand for the GRU, in the conventions of :mod:`rnncourse.bptt`.

The three blocks stand side by side in the order r, z, g in ``W_xh`` (d, 3h), ``W_hh`` (h, 3h) and ``b_h`` (3h,).
"""

# ruff: noqa: N815 (dW_xh is the name of the gradient of W_xh)

from itertools import pairwise
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from rnncourse.fast.products import after_zero, back_to_inputs, before_first, over_steps, project, repeated, tanh
from rnncourse.shapes import checked, refuse_nan


class GRUStates(NamedTuple):
    """What :func:`gru_forward` leaves for the way back; ``H[0]`` is the state before the first step."""

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
    refuse_nan("X", X)
    h = H_0.shape[-1]
    H = before_first(H_0, len(X))
    gates = project(X, W_xh, b_h)  # one product for the inputs of all steps
    Q = b_hg.repeat(len(X), len(H_0), 1)
    add_times_W_rz, add_times_W_hg = (repeated(W, len(H_0), len(X)) for W in W_hh.split([2 * h, h], dim=-1))
    of_steps = zip(gates[..., : 2 * h], *gates.chunk(3, dim=-1), Q, pairwise(H), strict=True)
    for rz, r, z, g, Q_t, (H_before, H_t) in of_steps:
        add_times_W_rz(rz, H_before).sigmoid_()  # both gates at once
        tanh(torch.addcmul(g, r, add_times_W_hg(Q_t, H_before)), out=g)
        torch.lerp(g, H_before, z, out=H_t)  # (1 - z) * g + z * H_before
    return GRUStates(H, gates, Q)


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
    needs_dX: bool = True,
) -> GRUGradients:
    """Return the gradients of inputs, first state and weights: :eq:`gru-backward` at each step, from T down to 1.

    Everything at a step is a multiple of :math:`d\\mathbf{H}_t`, so the factors are computed for all steps at once.
    Source: Cho et al. (2014), section 2.3, differentiated.

    Args:
        dL_dH: gradient of each step's own loss with respect to its own state.
        dH_T: what comes from beyond the sequence to the last state.
        X: the inputs.
        H, gates, Q: from :func:`gru_forward`.
        W_xh, W_hh: the weights.
        xi: factors of what flows back, as in :func:`rnncourse.bptt.state_gradients`.
        needs_dX: whether ``dX`` is wanted; else it is left out, and empty.
    """
    T, n, h = dL_dH.shape
    add_times_W_hh_T = repeated(W_hh.T, n, T)
    # All but dH_t, the last factor of the formulas, is there for all steps.
    r, z, g = gates.chunk(3, dim=-1)
    dB = torch.addcmul(gates, gates, gates, value=-1)  # gates * (1 - gates), the slope of r and z
    dr, dz, dg_r = dB.chunk(3, dim=-1)
    dg = torch.addcmul(1 - z, (1 - z) * g, g, value=-1)  # (1 - z) * (1 - g ** 2)
    dr *= dg * Q
    dz *= H[:-1] - g
    torch.mul(dg, r, out=dg_r)
    dH = after_zero(dL_dH, dH_T)
    for t in range(T, 0, -1):
        dH_t = dH[t]
        dg[t - 1].mul_(dH_t)
        dB_t = dB[t - 1].view(n, 3, h).mul_(dH_t[:, None]).view(n, 3 * h)
        if xi is not None:
            dB_t, dH_t = xi[t - 1] * dB_t, xi[t - 1] * dH_t
        add_times_W_hh_T(dH[t - 1].addcmul_(dH_t, z[t - 1]), dB_t)
    dA = torch.cat([dr, dz, dg], dim=-1)
    return GRUGradients(
        dX=back_to_inputs(dA, W_xh) if needs_dX else X.new_empty(0),
        dH_0=dH[0].clone(),  # a view would keep all of dH
        dW_xh=over_steps(X, dA),
        dW_hh=over_steps(H[:-1], dB),
        db_h=dA.sum((0, 1)),
        db_hg=dg_r.sum((0, 1)),
    )
