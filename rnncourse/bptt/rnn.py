"""Back-propagation through time by hand for the RNN, in the conventions of :mod:`rnncourse.bptt`."""

# ruff: noqa: N815 (dW_xh is the name of the gradient of W_xh)

from collections.abc import Callable
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F

from rnncourse.bptt.truncation import sliding_reach
from rnncourse.rnn import PHI
from rnncourse.shapes import checked, refuse_empty, refuse_nan, refuse_outside, refuse_unknown

# The slope of each activation function, in terms of its value H.
SLOPE: dict[str, Callable[[Tensor], Tensor]] = {
    "tanh": lambda H: 1 - H**2,
    "relu": lambda H: (H > 0).to(H.dtype),
    "sigmoid": lambda H: H * (1 - H),
    "linear": torch.ones_like,
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
        ValueError: if ``X`` has no step or holds a NaN, or if ``phi`` is none of the names in ``PHI``.
    """
    refuse_empty("X", X)
    refuse_nan("X", X)
    refuse_unknown("phi", phi, PHI)
    H = [H_0]
    for X_t in X:
        H.append(PHI[phi](X_t @ W_xh + H[-1] @ W_hh + b_h))
    return torch.stack(H)


@checked
def step_jacobian(H_t: Float[Tensor, "n h"], W_hh: Float[Tensor, "h h"], phi: str = "tanh") -> Float[Tensor, "n h h"]:
    """Return :eq:`bptt-jacobian`: for each row, the derivative of :math:`h_{t,i}` with respect to :math:`h_{t-1,j}`.

    :eq:`bptt-chain` is a product of these. Source: Pascanu et al., "On the difficulty of training recurrent neural
    networks", ICML 2013, equation 5 (there for column vectors, taken before the activation function).

    Raises:
        ValueError: if ``phi`` is unknown.
    """
    refuse_unknown("phi", phi, SLOPE)
    return SLOPE[phi](H_t)[:, :, None] * W_hh.T


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

    This is :eq:`bptt-step`, from the last step down, with :eq:`random-truncation` if ``xi`` is given; with ``tau`` it
    is :func:`~rnncourse.bptt.truncation.sliding_reach`.

    Args:
        dL_dH: gradient of each step's own loss with respect to its own state.
        dH_T: what comes from beyond the sequence to the last state; it counts as part of that step's loss.
        H: the states, from :func:`rnn_forward`.
        W_hh: the recurrent weights.
        tau: the loss of step t reaches the steps k with t - k < tau.
        xi: factors of what flows back; ``xi[t - 1]`` is :math:`\\xi_t`, on the way from step t to step t - 1.
        phi: name of the activation function.

    Raises:
        ValueError: if ``tau`` is less than 1, or both ``tau`` and ``xi`` are given, or ``phi`` is unknown.
    """
    _refuse(tau, xi, phi)
    slope = SLOPE[phi](H)  # (T + 1, n, h)
    dH = torch.cat([torch.zeros_like(H[:1]), dL_dH])
    dH[-1] += dH_T
    if tau is not None:
        return sliding_reach(dH, slope, W_hh, tau)
    for t in range(len(dL_dH), 0, -1):
        xi_t = 1 if xi is None else xi[t - 1]
        dH[t - 1] += xi_t * (dH[t] * slope[t]) @ W_hh.T
    return dH


def _refuse(tau: int | None, xi: Tensor | None, phi: str) -> None:
    refuse_unknown("phi", phi, SLOPE)
    if tau is not None and xi is not None:
        raise ValueError("expected tau or xi, but got both")


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
) -> RNNGradients:
    """Return the gradients of inputs, first state and weights: :func:`state_gradients`, then :eq:`bptt-weights`.

    Beside the inputs ``X`` and the weights ``W_xh``, the arguments are those of :func:`state_gradients`, and so are the
    errors. Source: Werbos, "Backpropagation through time: what it does
    and how to do it", Proceedings of the IEEE 78 (1990), section III.
    """
    dH = state_gradients(dL_dH, dH_T, H, W_hh, tau, xi, phi)
    dA = dH[1:] * SLOPE[phi](H[1:])  # (T, n, h)
    return RNNGradients(
        dX=dA @ W_xh.T,
        dH_0=dH[0].clone(),  # a view would keep all of dH
        dW_xh=sum_over_steps(X, dA),
        dW_hh=sum_over_steps(H[:-1], dA),
        db_h=dA.sum((0, 1)),
    )


def sum_over_steps(A: Tensor, B: Tensor) -> Tensor:
    """Return the sum of ``A[t].T @ B[t]`` over all steps of ``A`` (T, n, d) and ``B`` (T, n, k): (d, k)."""
    return A.flatten(0, 1).T @ B.flatten(0, 1)


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
    """Return the gradients of the mean cross-entropy of :eq:`rnn-output` and the targets ``y``: :eq:`bptt-output`.

    Raises:
        ValueError: if ``y`` holds a class outside ``0 .. m - 1``.
    """
    refuse_outside("y", y, len(b_m))
    P = torch.softmax(outputs @ W_hm + b_m, dim=-1)  # (T, n, m)
    dO = (P - F.one_hot(y, len(b_m))) / y.numel()
    return OutputGradients(dL_dH=dO @ W_hm.T, dW_hm=sum_over_steps(outputs, dO), db_m=dO.sum((0, 1)))
