"""Gated recurrent unit (GRU): its step, and the loop over time."""

from typing import Self

import torch
from jaxtyping import Float
from torch import Tensor, nn

from rnncourse.fast import autograd as engine
from rnncourse.shapes import checked, refuse_nan


def _step(X_t: Tensor, H: Tensor, W_xh: Tensor, W_hh: Tensor, b_h: Tensor, b_hg: Tensor) -> Tensor:
    x_r, x_z, x_g = (X_t @ W_xh + b_h).chunk(3, dim=-1)  # (n, 3h) -> 3 x (n, h)
    h_r, h_z, h_g = (H @ W_hh).chunk(3, dim=-1)
    r = torch.sigmoid(x_r + h_r)
    z = torch.sigmoid(x_z + h_z)
    g = torch.tanh(x_g + r * (h_g + b_hg))
    return (1 - z) * g + z * H  # (n, h)


@checked
def gru_step(
    X_t: Float[Tensor, "n d"],
    H: Float[Tensor, "n h"],
    W_xh: Float[Tensor, "d 3*h"],
    W_hh: Float[Tensor, "h 3*h"],
    b_h: Float[Tensor, " 3*h"],
    b_hg: Float[Tensor, " h"],
) -> Float[Tensor, "n h"]:
    """Return the hidden state :math:`H_t` that follows ``H`` when ``X_t`` is read.

    The columns of the weights are three blocks of width h, in PyTorch's order r, z, g: reset gate, update gate,
    candidate. :eq:`gru-gates`, :eq:`gru-candidate`, :eq:`gru-hidden`, in PyTorch's convention: the reset gate acts
    after the matrix product, hence on the bias ``b_hg`` too, and an update gate of 1 keeps the old state.
    Source: Cho et al., "Learning phrase representations using RNN encoder-decoder for statistical machine
    translation", EMNLP (2014), section 2.3, where the reset gate acts before the product.
    """
    return _step(X_t, H, W_xh, W_hh, b_h, b_hg)


class GRU(nn.Module):
    """Gated recurrent unit: ``outputs, state = gru(X, state=None)``, :func:`gru_step` at every step.

    Its parameters are ``W_xh`` (d, 3h), ``W_hh`` (h, 3h) and ``b_h`` (3h,), with blocks in the order r, z, g, and
    ``b_hg`` (h,), all drawn from the uniform distribution on :math:`\\pm 1/\\sqrt h`.

    Args:
        d: number of inputs at a step.
        h: number of hidden units.
        fast: whether the passes written by hand in :mod:`rnncourse.bptt` run (see :mod:`rnncourse.fast.autograd`), or else the
            plain loop over the step, which has second derivatives, too. The results are equal.
    """

    def __init__(self, d: int, h: int, fast: bool = True) -> None:
        super().__init__()
        if d < 1 or h < 1:
            raise ValueError(f"a GRU needs at least one input and one hidden unit, but d = {d} and h = {h}")
        self.d, self.h, self.fast = d, h, fast
        self.W_xh = nn.Parameter(torch.empty(d, 3 * h).uniform_(-(h**-0.5), h**-0.5))
        self.W_hh = nn.Parameter(torch.empty(h, 3 * h).uniform_(-(h**-0.5), h**-0.5))
        self.b_h = nn.Parameter(torch.empty(3 * h).uniform_(-(h**-0.5), h**-0.5))
        self.b_hg = nn.Parameter(torch.empty(h).uniform_(-(h**-0.5), h**-0.5))

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
        if self.fast:
            return engine.run_gru(X, H, self.W_xh, self.W_hh, self.b_h, self.b_hg)  # checks T and NaN as well
        if len(X) == 0:
            raise ValueError("X should have at least one step (T >= 1), but T = 0")
        refuse_nan("X", X)
        outputs = []
        for X_t in X:
            H = _step(X_t, H, self.W_xh, self.W_hh, self.b_h, self.b_hg)
            outputs.append(H)
        return torch.stack(outputs), H

    @classmethod
    def from_torch(cls, module: nn.GRU) -> Self:
        """Return a ``GRU`` with the weights of ``module``; the two biases of each gate become their sum.

        The candidate's two biases stay apart, since the reset gate multiplies only the recurrent one.

        Raises:
            ValueError: if ``module`` is not a one-layer, one-directional ``torch.nn.GRU`` with biases.
        """
        if not isinstance(module, nn.GRU) or module.num_layers != 1 or module.bidirectional or not module.bias:
            raise ValueError(f"expected a torch.nn.GRU with one layer, one direction and biases, but got {module}")
        theirs = module.state_dict()
        h = module.hidden_size
        gru = cls(module.input_size, h).to(theirs["weight_hh_l0"])
        with torch.no_grad():
            gru.W_xh.copy_(theirs["weight_ih_l0"].T)
            gru.W_hh.copy_(theirs["weight_hh_l0"].T)
            gru.b_h.copy_(theirs["bias_ih_l0"])
            gru.b_h[: 2 * h] += theirs["bias_hh_l0"][: 2 * h]
            gru.b_hg.copy_(theirs["bias_hh_l0"][2 * h :])
        return gru
