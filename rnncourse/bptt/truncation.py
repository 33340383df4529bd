"""Where the way back through time ends early: a sliding reach, windows, and random truncation."""

import torch
from jaxtyping import Float
from torch import Tensor

from rnncourse.shapes import checked


@torch.no_grad()
@checked
def sliding_reach(
    dH: Float[Tensor, "K n h"], slope: Float[Tensor, "K n h"], W_hh: Float[Tensor, "h h"], tau: int
) -> Float[Tensor, "K n h"]:
    """Return the gradients of the states if the loss of step t reaches the steps k with t - k < tau: :eq:`truncation`.

    It goes one lag after the other, and takes all steps at once. Source: Williams and Peng, "An efficient
    gradient-based algorithm for on-line training of recurrent network trajectories", Neural Computation 2 (1990); it is
    their BPTT(tau; 1).

    Args:
        dH: gradient of each step's own loss with respect to its own state, with zeros for :math:`H_0` in front, so that
            K = T + 1.
        slope: of the activation function at each state.
        W_hh: the recurrent weights.
        tau: the reach in steps, at least 1.

    Raises:
        ValueError: if ``tau`` is less than 1.
    """
    if tau < 1:
        raise ValueError(f"a reach needs tau >= 1 steps, but tau = {tau}")
    dH = dH.clone()
    D = dH.clone()  # D[k] comes from the loss of step k + lag; here lag = 0
    for _ in range(1, min(tau, len(dH))):
        D = (D[1:] * slope[1 : len(D)]) @ W_hh.T  # one lag more
        dH[: len(D)] += D
    return dH


@checked
def window_cuts(T: int, tau: int) -> Float[Tensor, " T"]:
    """Return the ``xi`` that cut :eq:`random-truncation` into windows of ``tau`` steps: 0 between two, 1 inside.

    Source: Williams and Peng (1990), as for :func:`sliding_reach`; their BPTT(tau; tau).

    Raises:
        ValueError: if ``tau`` is less than 1.
    """
    if tau < 1:
        raise ValueError(f"a window needs tau >= 1 steps, but tau = {tau}")
    steps = torch.arange(T)
    return ((steps % tau != 0) | (steps == 0)).to(torch.get_default_dtype())


@checked
def random_cuts(T: int, tau: int | float, generator: torch.Generator | None = None) -> Float[Tensor, " T"]:
    """Draw the ``xi`` of :eq:`random-truncation`: 0 with probability 1 / ``tau``, else what makes the mean 1.

    The pieces are ``tau`` steps long on average. Source: Tallec and Ollivier, "Unbiasing truncated backpropagation
    through time", arXiv:1705.08209 (2017).

    Raises:
        ValueError: if ``tau`` is not above 1.
    """
    if not tau > 1:
        raise ValueError(f"the mean length of a piece should be above one step, but tau = {tau}")
    return (torch.rand(T, generator=generator) >= 1 / tau) * (tau / (tau - 1))
