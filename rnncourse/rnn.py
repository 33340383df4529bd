"""The recurrent network with one hidden layer: its step, and the loop over time."""

from collections.abc import Callable
from functools import partial
from typing import Self

import torch
from jaxtyping import Float
from torch import Tensor, nn

from rnncourse import fast
from rnncourse.fast import rnn as fast_rnn
from rnncourse.shapes import checked, refuse_empty, refuse_nan, refuse_unknown
from rnncourse.torch_modules import one_layer_of

PHI: dict[str, Callable[[Tensor], Tensor]] = {  # the activation functions, by their names
    "tanh": torch.tanh,
    "relu": torch.relu,
    "sigmoid": torch.sigmoid,
    "linear": lambda A: A,
}


@checked
def rnn_step(
    X_t: Float[Tensor, "n d"],
    H: Float[Tensor, "n h"],
    W_xh: Float[Tensor, "d h"],
    W_hh: Float[Tensor, "h h"],
    b_h: Float[Tensor, " h"],
) -> Float[Tensor, "n h"]:
    """Return the hidden state :math:`H_t` that follows ``H`` when ``X_t`` is read.

    This is :eq:`rnn-step` of the book with tanh as the activation function; :eq:`rnn-concat` writes it as one product.
    Source: Elman, "Finding structure in time", Cognitive Science 14 (1990), section "Networks with memory".
    """
    return _step(X_t, H, W_xh, W_hh, b_h)


def _step(X_t: Tensor, H: Tensor, W_xh: Tensor, W_hh: Tensor, b_h: Tensor, phi: str = "tanh") -> Tensor:
    return PHI[phi](X_t @ W_xh + H @ W_hh + b_h)  # (n, h)


def _loop(X: Tensor, H: Tensor, *weights: Tensor, phi: str) -> tuple[Tensor, Tensor]:
    outputs = []
    for X_t in X:
        H = _step(X_t, H, *weights, phi=phi)
        outputs.append(H)
    return torch.stack(outputs), H


class RNN(nn.Module):
    """Recurrent layer: ``outputs, state = rnn(X, state=None)``; :eq:`rnn-step` at every step of a sequence.

    It is a latent model in the sense of :eq:`latent-state`: the state is all that it keeps of what it has read.

    Its parameters are ``W_xh`` (d, h), ``W_hh`` (h, h) and ``b_h`` (h,), drawn from the uniform
    distribution on :math:`\\pm 1/\\sqrt h`, as the weights of ``torch.nn.RNN`` are.

    Args:
        d: number of inputs at a step.
        h: number of hidden units.
        phi: activation function: ``tanh``, ``relu``, ``sigmoid`` or ``linear``.
        fast: whether :mod:`rnncourse.fast` runs, or else the plain loop over the step.

    Raises:
        ValueError: if ``d`` or ``h`` is smaller than 1, or ``phi`` is none of the four.
    """

    def __init__(self, d: int, h: int, *, phi: str = "tanh", fast: bool = True) -> None:
        super().__init__()
        if d < 1 or h < 1:
            raise ValueError(f"an RNN needs at least one input and one hidden unit, but d = {d} and h = {h}")
        refuse_unknown("phi", phi, PHI)
        self.d, self.h, self.phi, self.fast = d, h, phi, fast
        self.W_xh = nn.Parameter(torch.empty(d, h).uniform_(-(h**-0.5), h**-0.5))
        self.W_hh = nn.Parameter(torch.empty(h, h).uniform_(-(h**-0.5), h**-0.5))
        self.b_h = nn.Parameter(torch.empty(h).uniform_(-(h**-0.5), h**-0.5))

    @checked
    def forward(
        self, X: Float[Tensor, "T n {self.d}"], state: Float[Tensor, "n {self.h}"] | None = None
    ) -> tuple[Float[Tensor, "T n {self.h}"], Float[Tensor, "n {self.h}"]]:
        """Read the sequence ``X``; return the hidden states of all steps, and the last one to go on from.

        Without ``state`` the network starts at :math:`H_0 = 0`.

        Raises:
            TypeError: if a shape is not the one in the signature; unlike in PyTorch, a state has no axis of layers.
            ValueError: if ``X`` has no step, or holds a NaN. Only ``X`` is looked at; on a GPU, that waits for it.
        """
        refuse_empty("X", X)
        refuse_nan("X", X)
        H = X.new_zeros(X.shape[1], self.h) if state is None else state
        loop = partial(_loop, phi=self.phi)
        inputs = X, H, self.W_xh, self.W_hh, self.b_h
        outputs, H = fast.run(fast_rnn.passes(loop, self.phi), *inputs) if self.fast else loop(*inputs)
        return outputs, H

    @classmethod
    def from_torch(cls, module: nn.RNN) -> Self:
        """Return an ``RNN`` with the weights of ``module``, whose two biases become their sum.

        Raises:
            ValueError: if ``module`` is not a ``torch.nn.RNN``, or one that this layer cannot represent.
        """
        W_ih, W_hh, b_ih, b_hh = one_layer_of(module, nn.RNN)
        rnn = cls(module.input_size, module.hidden_size, phi=module.nonlinearity).to(W_hh)
        with torch.no_grad():
            rnn.W_xh.copy_(W_ih.T)
            rnn.W_hh.copy_(W_hh.T)
            rnn.b_h.copy_(b_ih + b_hh)
        return rnn

    def extra_repr(self) -> str:
        """Return what ``repr`` says of the layer."""
        return f"d={self.d}, h={self.h}, phi={self.phi!r}"
