"""Back-propagation through time by hand: forward and backward passes of the RNN and the deep RNN, full and truncated.

Nothing here uses automatic differentiation. ``H`` holds the states of all steps with :math:`H_0` in front,
(T + 1, n, h), so that ``H[t]`` is the :math:`H_t` of the formulas; ``dM`` is the gradient of the loss with respect
to ``M``, and has its shape. The LSTM is in :mod:`rnncourse.bptt.lstm`, the GRU in :mod:`rnncourse.bptt.gru`.

These passes are also what the layers run, by way of :mod:`rnncourse.fast.autograd`. So whatever can be done for all steps
at once is one call outside the loop over time, and the loop makes few new tensors: ``add_times_W(A, B)`` is
``A += B @ W``, and with ``out=`` or a ``_`` behind its name a function writes where there already is room.
"""

# ruff: noqa: N815 (dW_xh is the name of the gradient of W_xh)

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from rnncourse.fast.products import after_zero, back_to_inputs, before_first, over_steps, project, repeated, tanh
from rnncourse.shapes import checked, refuse_nan

# Each activation function, called as phi(A, out=H), and its derivative in terms of its value H.
PHI: dict[str, tuple[Callable[..., Tensor], Callable[[Tensor], Tensor]]] = {
    "tanh": (tanh, lambda H: 1 - H * H),
    "relu": (partial(torch.clamp, min=0), lambda H: (H > 0).to(H.dtype)),
    "linear": (lambda A, out: out.copy_(A), torch.ones_like),
}


@torch.no_grad()
@checked
def rnn_forward(
    X: Float[Tensor, "T n d"],
    H_0: Float[Tensor, "n h"],
    W_xh: Float[Tensor, "d h"],
    W_hh: Float[Tensor, "h h"],
    b_h: Float[Tensor, " h"],
    phi: str = "tanh",
) -> Float[Tensor, "T+1 n h"]:
    """Return the states :math:`H_0, ..., H_T`: :eq:`rnn-step` at each step, and all that the backward pass needs.

    Raises:
        ValueError: if ``X`` has no step or holds a NaN, or if ``phi`` is not ``tanh``, ``relu`` or ``linear``.
    """
    refuse_nan("X", X)
    activation, _ = _activation(phi)
    A = project(X, W_xh, b_h)  # one product for the inputs of all steps
    H = before_first(H_0, len(X))
    add_times_W_hh = repeated(W_hh, len(H_0), len(X))
    for A_t, (H_before, H_t) in zip(A, pairwise(H), strict=True):
        activation(add_times_W_hh(A_t, H_before), out=H_t)
    return H


@checked
def step_jacobian(H_t: Float[Tensor, "n h"], W_hh: Float[Tensor, "h h"], phi: str = "tanh") -> Float[Tensor, "n h h"]:
    """Return :eq:`bptt-jacobian`: for each row, the derivative of :math:`h_{t,i}` with respect to :math:`h_{t-1,j}`.

    :eq:`bptt-chain` is a product of these. Source: Pascanu et al., "On the difficulty of training recurrent neural
    networks", ICML 2013, equation 5 (there for column vectors, taken before the activation function).
    """
    return _activation(phi)[1](H_t)[:, :, None] * W_hh.T


@torch.no_grad()
@checked
def state_gradients(
    dL_dH: Float[Tensor, "T n h"],
    dH_T: Float[Tensor, "n h"],
    H: Float[Tensor, "T+1 n h"],
    W_hh: Float[Tensor, "h h"],
    tau: int | None = None,
    xi: Float[Tensor, " T"] | None = None,
    phi: str = "tanh",
) -> Float[Tensor, "T+1 n h"]:
    """Return :math:`dH_0, ..., dH_T`, the gradients of the sum :eq:`bptt-loss` with respect to the states.

    Without ``tau`` this is :eq:`bptt-step`, one step after the other from T down to 0, with :eq:`random-truncation`
    if ``xi`` is given. With ``tau`` it is :eq:`truncation`, one lag after the other and all steps at once.

    Args:
        dL_dH: gradient of each step's own loss with respect to its own state.
        dH_T: what comes from beyond the sequence to the last state; it counts as part of that step's loss.
        H: the states, from :func:`rnn_forward`.
        W_hh: the recurrent weights.
        tau: the loss of step t reaches the steps k with t - k < tau.
        xi: factors of what flows back; ``xi[t - 1]`` is :math:`\\xi_t`, on the way from step t to step t - 1.
        phi: name of the activation function.

    Raises:
        ValueError: if ``tau`` is less than 1, or both ``tau`` and ``xi`` are given.
    """
    _refuse_both(tau, xi)
    return _flow(dL_dH, dH_T, H, W_hh, tau, xi, phi)[0]


def _flow(
    dL_dH: Tensor, dH_T: Tensor, H: Tensor, W_hh: Tensor, tau: int | None, xi: Tensor | None, phi: str
) -> tuple[Tensor, Tensor]:
    """Return :math:`dH_0, ..., dH_T`, and ``dA`` (T, n, h), the gradients of what phi is applied to."""
    T, n, _ = dL_dH.shape
    slope = _activation(phi)[1](H[1:])
    dH = after_zero(dL_dH, dH_T)  # so far dH[t] has what comes from the loss at step t
    if tau is None:
        add_times_W_hh_T = repeated(W_hh.T, n, T)
        dA = slope  # completed from the last step down
        for t in range(T, 0, -1):
            dA_t = dA[t - 1].mul_(dH[t])
            add_times_W_hh_T(dH[t - 1], dA_t if xi is None else xi[t - 1] * dA_t)
        return dH, dA
    D = dH.clone()  # D[k]: the part of dH[k] that comes from the loss of step k + lag, here lag = 0
    for _ in range(1, min(tau, len(H))):
        D = (D[1:] * slope[: len(D) - 1]) @ W_hh.T  # one lag more
        dH[: len(D)] += D
    return dH, dH[1:] * slope


class RNNGradients(NamedTuple):
    """Gradients of the loss with respect to all that went into :func:`rnn_forward`."""

    dX: Float[Tensor, "T n d"]
    dH_0: Float[Tensor, "n h"]
    dW_xh: Float[Tensor, "d h"]
    dW_hh: Float[Tensor, "h h"]
    db_h: Float[Tensor, " h"]


@torch.no_grad()
@checked
def rnn_backward(
    dL_dH: Float[Tensor, "T n h"],
    dH_T: Float[Tensor, "n h"],
    X: Float[Tensor, "T n d"],
    H: Float[Tensor, "T+1 n h"],
    W_xh: Float[Tensor, "d h"],
    W_hh: Float[Tensor, "h h"],
    tau: int | None = None,
    xi: Float[Tensor, " T"] | None = None,
    phi: str = "tanh",
    needs_dX: bool = True,
) -> RNNGradients:
    """Return the gradients of inputs, first state and weights: :func:`state_gradients`, then :eq:`bptt-weights`.

    The arguments are those of :func:`state_gradients`; without ``needs_dX``, ``dX`` is left out, and empty. Source:
    Werbos, "Backpropagation through time: what it does and how to do it", Proceedings of the IEEE 78 (1990),
    section III.
    """
    _refuse_both(tau, xi)
    dH, dA = _flow(dL_dH, dH_T, H, W_hh, tau, xi, phi)
    return RNNGradients(
        dX=back_to_inputs(dA, W_xh) if needs_dX else X.new_empty(0),
        dH_0=dH[0].clone(),  # a view would keep all of dH
        dW_xh=over_steps(X, dA),
        dW_hh=over_steps(H[:-1], dA),
        db_h=dA.sum((0, 1)),
    )


class OutputGradients(NamedTuple):
    """What :func:`output_backward` returns; ``dL_dH`` is where the way back through time begins."""

    dL_dH: Float[Tensor, "T n h"]
    dW_hm: Float[Tensor, "h m"]
    db_m: Float[Tensor, " m"]


@torch.no_grad()
@checked
def output_backward(
    outputs: Float[Tensor, "T n h"], y: Int[Tensor, "T n"], W_hm: Float[Tensor, "h m"], b_m: Float[Tensor, " m"]
) -> OutputGradients:
    """Return the gradients of the mean cross-entropy of :eq:`rnn-output` and the targets ``y``: :eq:`bptt-output`."""
    dO = torch.softmax(outputs @ W_hm + b_m, dim=-1)  # (T, n, m)
    dO.scatter_add_(-1, y[..., None], -torch.ones_like(dO[..., :1]))
    dO /= y.numel()
    return OutputGradients(dL_dH=dO @ W_hm.T, dW_hm=over_steps(outputs, dO), db_m=dO.sum((0, 1)))


def _refuse_both(tau: int | None, xi: Tensor | None) -> None:
    if tau is not None and (tau < 1 or xi is not None):
        raise ValueError(f"expected tau >= 1 alone, or xi alone, but tau = {tau} and xi = {xi}")


def _activation(phi: str) -> tuple[Callable[..., Tensor], Callable[[Tensor], Tensor]]:
    if phi not in PHI:
        raise ValueError(f"phi should be one of {', '.join(PHI)}, but it is {phi!r}")
    return PHI[phi]
