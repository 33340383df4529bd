"""The recurrent network with one hidden layer: its step, and the loop over time."""

from collections.abc import Callable
from typing import Self

import torch
from jaxtyping import Float
from torch import Tensor, nn

from rnncourse.fast import autograd as engine
from rnncourse.shapes import checked, refuse_nan


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
    return torch.tanh(X_t @ W_xh + H @ W_hh + b_h)


NAMES = {torch.tanh: "tanh", torch.relu: "relu"}  # of the activation functions whose passes are written by hand


class RNN(nn.Module):
    """Recurrent layer: ``outputs, state = rnn(X, state=None)``; :eq:`rnn-step` at every step of a sequence.

    It is a latent model in the sense of :eq:`latent-state`: the state is all that it keeps of what it has read.

    Its parameters are ``W_xh`` (d, h), ``W_hh`` (h, h) and ``b_h`` (h,), drawn like those of ``torch.nn.RNN``
    from the uniform distribution on :math:`\\pm 1/\\sqrt h`.

    Args:
        d: number of inputs at a step.
        h: number of hidden units.
        phi: activation function.
        fast: whether the passes written by hand in :mod:`rnncourse.bptt` run (see :mod:`rnncourse.fast.autograd`), or else the
            plain loop over the step, which has second derivatives, too. The results are equal. An activation function
            other than ``torch.tanh`` and ``torch.relu`` always takes the loop.
    """

    def __init__(self, d: int, h: int, phi: Callable[[Tensor], Tensor] = torch.tanh, fast: bool = True) -> None:
        super().__init__()
        if d < 1 or h < 1:
            raise ValueError(f"an RNN needs at least one input and one hidden unit, but d = {d} and h = {h}")
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
            ValueError: if ``X`` has no step, or holds a NaN.
        """
        H = X.new_zeros(X.shape[1], self.h) if state is None else state
        if self.fast and self.phi in NAMES:
            return engine.run_rnn(X, H, self.W_xh, self.W_hh, self.b_h, NAMES[self.phi])  # checks T and NaN as well
        if len(X) == 0:
            raise ValueError("X should have at least one step (T >= 1), but T = 0")
        refuse_nan("X", X)
        outputs = []
        for X_t in X:
            H = self.phi(X_t @ self.W_xh + H @ self.W_hh + self.b_h)  # (n, h)
            outputs.append(H)
        return torch.stack(outputs), H

    @classmethod
    def from_torch(cls, module: nn.RNN) -> Self:
        """Return an ``RNN`` with the weights of ``module``, whose two biases become their sum.

        Raises:
            ValueError: if ``module`` is not a one-layer, one-directional ``torch.nn.RNN`` with biases.
        """
        if not isinstance(module, nn.RNN) or module.num_layers != 1 or module.bidirectional or not module.bias:
            raise ValueError(f"expected a torch.nn.RNN with one layer, one direction and biases, but got {module}")
        phi = {"tanh": torch.tanh, "relu": torch.relu}[module.nonlinearity]
        theirs = module.state_dict()
        rnn = cls(module.input_size, module.hidden_size, phi).to(theirs["weight_hh_l0"])
        with torch.no_grad():
            rnn.W_xh.copy_(theirs["weight_ih_l0"].T)
            rnn.W_hh.copy_(theirs["weight_hh_l0"].T)
            rnn.b_h.copy_(theirs["bias_ih_l0"] + theirs["bias_hh_l0"])
        return rnn
