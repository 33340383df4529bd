"""The fast passes of the RNN; those of :mod:`rnncourse.bptt.rnn` say what is computed."""

from collections.abc import Callable
from functools import partial
from itertools import pairwise

import torch
from torch import Tensor

from rnncourse.fast.autograd import Passes
from rnncourse.fast.steps import back_to_inputs, project, room_for_states, start_of_dH, sum_over_steps, transposed

# Each activation function, called as phi(A, out=H), and its slope in terms of its value H.
PHI: dict[str, tuple[Callable[..., Tensor], Callable[[Tensor], Tensor]]] = {
    "tanh": (torch.tanh, lambda H: 1 - H * H),
    "relu": (lambda A, out: torch.clamp(A, min=0, out=out), lambda H: (H > 0).to(H.dtype)),
    "sigmoid": (torch.sigmoid, lambda H: H - H * H),
    "linear": (lambda A, out: out.copy_(A), torch.ones_like),
}


def forward(X: Tensor, H_0: Tensor, W_xh: Tensor, W_hh: Tensor, b_h: Tensor, phi: str) -> tuple[Tensor]:
    """Return the states :math:`H_0, ..., H_T`, (T + 1, n, h)."""
    activation, _ = PHI[phi]
    A = project(X, W_xh, b_h)
    H = room_for_states(H_0, len(X))
    for A_t, (H_before, H_t) in zip(A, pairwise(H), strict=True):
        activation(torch.addmm(A_t, H_before, W_hh, out=A_t), out=H_t)
    return (H,)


def backward(
    dL_dH: Tensor, dH_T: Tensor, X: Tensor, W_xh: Tensor, W_hh: Tensor, H: Tensor, *, phi: str, needs_dX: bool
) -> tuple[Tensor | None, ...]:
    """Return the gradients of ``X``, if it needs one, ``H_0``, ``W_xh``, ``W_hh`` and ``b_h``."""
    _, slope = PHI[phi]
    dA = slope(H[1:])  # completed from the last step down
    dH = start_of_dH(dL_dH, dH_T)
    W_hh_T = transposed(W_hh, len(X))
    for t in range(len(X), 0, -1):
        torch.addmm(dH[t - 1], dA[t - 1].mul_(dH[t]), W_hh_T, out=dH[t - 1])
    dX = back_to_inputs(dA, W_xh) if needs_dX else None
    return dX, dH[0].clone(), sum_over_steps(X, dA), sum_over_steps(H[:-1], dA), dA.sum((0, 1))


def passes(loop: Callable[..., tuple[Tensor, ...]], phi: str) -> Passes:
    """Return how a layer with this activation function runs, beside its plain loop."""
    return Passes(1, loop, partial(forward, phi=phi), partial(backward, phi=phi))
