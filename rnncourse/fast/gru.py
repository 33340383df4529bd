"""The fast passes of the GRU; those of :mod:`rnncourse.bptt.gru` say what is computed."""

from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Tensor

from rnncourse.fast.autograd import Passes
from rnncourse.fast.steps import back_to_inputs, project, room_for_states, start_of_dH, sum_over_steps, transposed


def forward(
    X: Tensor, H_0: Tensor, W_xh: Tensor, W_hh: Tensor, b_h: Tensor, b_hg: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the states (T + 1, n, h), the gates r, z, g (T, n, 3h), and ``Q`` (T, n, h), what r multiplies."""
    h = H_0.shape[-1]
    H = room_for_states(H_0, len(X))
    gates = project(X, W_xh, b_h)
    Q = b_hg.repeat(len(X), len(H_0), 1)
    W_rz, W_hg = W_hh.split([2 * h, h], dim=-1)
    parts = (gates[..., : 2 * h], *gates.chunk(3, dim=-1), Q, pairwise(H))
    for r_and_z, r, z, g, Q_t, (H_before, H_t) in zip(*parts, strict=True):
        torch.addmm(r_and_z, H_before, W_rz, out=r_and_z).sigmoid_()
        torch.addcmul(g, r, torch.addmm(Q_t, H_before, W_hg, out=Q_t), out=g).tanh_()
        torch.lerp(g, H_before, z, out=H_t)  # (1 - z) * g + z * H_before
    return H, gates, Q


def backward(
    dL_dH: Tensor,
    dH_T: Tensor,
    X: Tensor,
    W_xh: Tensor,
    W_hh: Tensor,
    H: Tensor,
    gates: Tensor,
    Q: Tensor,
    *,
    needs_dX: bool,
) -> tuple[Tensor | None, ...]:
    """Return the gradients of ``X``, if it needs one, ``H_0``, ``W_xh``, ``W_hh``, ``b_h`` and ``b_hg``.

    All that is a multiple of ``dH[t]`` is first computed without it, for all steps.
    """
    h = dL_dH.shape[-1]
    r, z, g = gates.chunk(3, dim=-1)
    dB = torch.addcmul(gates, gates, gates, value=-1)  # gates * (1 - gates), the slope of r and z
    dr, dz, dg_r = dB.chunk(3, dim=-1)
    dg = torch.addcmul(1 - z, (1 - z) * g, g, value=-1)  # (1 - z) * (1 - g ** 2)
    dr *= dg * Q
    dz *= H[:-1] - g
    torch.mul(dg, r, out=dg_r)
    blocks = dB.unflatten(-1, (3, h))
    dH = start_of_dH(dL_dH, dH_T)
    W_hh_T = transposed(W_hh, len(X))
    for t in range(len(X), 0, -1):
        dg[t - 1].mul_(dH[t])
        blocks[t - 1].mul_(dH[t][:, None])
        torch.addmm(dH[t - 1].addcmul_(dH[t], z[t - 1]), dB[t - 1], W_hh_T, out=dH[t - 1])
    dA = torch.cat([dr, dz, dg], dim=-1)
    dX = back_to_inputs(dA, W_xh) if needs_dX else None
    return dX, dH[0].clone(), sum_over_steps(X, dA), sum_over_steps(H[:-1], dB), dA.sum((0, 1)), dg_r.sum((0, 1))


def passes(loop: Callable[..., tuple[Tensor, ...]]) -> Passes:
    """Return how the layer runs, beside its plain loop."""
    return Passes(1, loop, forward, backward)
