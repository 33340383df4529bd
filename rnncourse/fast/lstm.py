"""The fast passes of the LSTM; those of :mod:`rnncourse.bptt.lstm` say what is computed."""

from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Tensor

from rnncourse.fast.autograd import Passes
from rnncourse.fast.steps import back_to_inputs, project, room_for_states, start_of_dH, sum_over_steps, transposed


def forward(
    X: Tensor, H_0: Tensor, C_0: Tensor, W_xh: Tensor, W_hh: Tensor, b_h: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Return hidden states and memories, (T + 1, n, h) each, and the gates i, f, g, o of all steps, (T, n, 4h)."""
    h = H_0.shape[-1]
    H, C = room_for_states(H_0, len(X)), room_for_states(C_0, len(X))
    gates = project(X, W_xh, b_h)
    parts = (gates, gates[..., : 2 * h], *gates.chunk(4, dim=-1), pairwise(H), pairwise(C))
    for gates_t, i_and_f, i, f, g, o, (H_before, H_t), (C_before, C_t) in zip(*parts, strict=True):
        torch.addmm(gates_t, H_before, W_hh, out=gates_t)
        i_and_f.sigmoid_()
        g.tanh_()
        o.sigmoid_()
        torch.mul(f, C_before, out=C_t).addcmul_(i, g)
        torch.tanh(C_t, out=H_t).mul_(o)
    return H, C, gates


def backward(
    dL_dH: Tensor,
    dH_T: Tensor,
    dC_T: Tensor,
    X: Tensor,
    W_xh: Tensor,
    W_hh: Tensor,
    H: Tensor,
    C: Tensor,
    gates: Tensor,
    *,
    needs_dX: bool,
) -> tuple[Tensor | None, ...]:
    """Return the gradients of ``X``, if it needs one, ``H_0``, ``C_0``, ``W_xh``, ``W_hh`` and ``b_h``."""
    h = dL_dH.shape[-1]
    i, f, g, o = gates.chunk(4, dim=-1)
    tanh_C = torch.tanh(C[1:])
    slope_C = torch.addcmul(o, o * tanh_C, tanh_C, value=-1)  # o * (1 - tanh_C ** 2)
    dA = torch.addcmul(gates, gates, gates, value=-1)  # gates * (1 - gates), the slope of i, f and o
    di, df, dg, do = dA.chunk(4, dim=-1)
    di *= g
    df *= C[:-1]
    torch.addcmul(i, i * g, g, value=-1, out=dg)  # i * (1 - g ** 2)
    do *= tanh_C
    difg = dA.unflatten(-1, (4, h))[:, :, :3]
    dH, dC = start_of_dH(dL_dH, dH_T), dC_T.clone()
    W_hh_T = transposed(W_hh, len(X))
    for t in range(len(X), 0, -1):
        dC.addcmul_(dH[t], slope_C[t - 1])
        difg[t - 1].mul_(dC[:, None])
        do[t - 1].mul_(dH[t])
        dC.mul_(f[t - 1])
        torch.addmm(dH[t - 1], dA[t - 1], W_hh_T, out=dH[t - 1])
    dX = back_to_inputs(dA, W_xh) if needs_dX else None
    return dX, dH[0].clone(), dC, sum_over_steps(X, dA), sum_over_steps(H[:-1], dA), dA.sum((0, 1))


def passes(loop: Callable[..., tuple[Tensor, ...]]) -> Passes:
    """Return how the layer runs, beside its plain loop."""
    return Passes(2, loop, forward, backward)
