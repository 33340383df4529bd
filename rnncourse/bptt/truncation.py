"""Where to cut the way back through time: the factors ``xi`` of windows, and of random truncation."""

import torch
from jaxtyping import Float
from torch import Tensor

from rnncourse.shapes import checked


@checked
def window_cuts(T: int, tau: int) -> Float[Tensor, " T"]:
    """Return the ``xi`` that cut :eq:`random-truncation` into windows of ``tau`` steps: 0 between two, 1 inside.

    Source: Williams and Peng, "An efficient gradient-based algorithm for on-line training of recurrent network
    trajectories", Neural Computation 2 (1990); their BPTT(tau; tau), as :eq:`truncation` is their BPTT(tau; 1).
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
    """
    if not tau > 1:
        raise ValueError(f"the mean length of a piece should be above one step, but tau = {tau}")
    return (torch.rand(T, generator=generator) >= 1 / tau) * (tau / (tau - 1))
