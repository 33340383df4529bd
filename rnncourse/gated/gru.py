"""Gated recurrent unit (GRU): its step, and the loop over time."""

from typing import NamedTuple, Self

import torch
from jaxtyping import Float
from torch import Tensor, nn

from rnncourse import fast
from rnncourse.fast import gru as fast_gru
from rnncourse.shapes import checked, refuse_empty, refuse_nan
from rnncourse.torch_modules import one_layer_of


class GRUGates(NamedTuple):
    """The gates of a GRU and its candidate, in the order of the weights."""

    r: Float[Tensor, "*steps n h"]  # reset gate
    z: Float[Tensor, "*steps n h"]  # update gate
    g: Float[Tensor, "*steps n h"]  # candidate


def _gates(X_t: Tensor, H: Tensor, W_xh: Tensor, W_hh: Tensor, b_h: Tensor, b_hg: Tensor) -> GRUGates:
    x_r, x_z, x_g = (X_t @ W_xh + b_h).chunk(3, dim=-1)  # (n, 3h) -> 3 x (n, h)
    h_r, h_z, h_g = (H @ W_hh).chunk(3, dim=-1)
    r = torch.sigmoid(x_r + h_r)
    z = torch.sigmoid(x_z + h_z)
    g = torch.tanh(x_g + r * (h_g + b_hg))
    return GRUGates(r, z, g)


def _step(X_t: Tensor, H: Tensor, *weights: Tensor) -> Tensor:
    _, z, g = _gates(X_t, H, *weights)
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


def _loop(X: Tensor, H: Tensor, *weights: Tensor) -> tuple[Tensor, Tensor]:
    outputs = []
    for X_t in X:
        H = _step(X_t, H, *weights)
        outputs.append(H)
    return torch.stack(outputs), H


class GRU(nn.Module):
    """Gated recurrent unit: ``outputs, state = gru(X, state=None)``, :func:`gru_step` at every step.

    Its parameters are ``W_xh`` (d, 3h), ``W_hh`` (h, 3h) and ``b_h`` (3h,), with blocks in the order r, z, g, and
    ``b_hg`` (h,), all drawn from the uniform distribution on :math:`\\pm 1/\\sqrt h`.

    Args:
        d: number of inputs at a step.
        h: number of hidden units.
        fast: whether :mod:`rnncourse.fast` runs, or else the plain loop over the step.

    Raises:
        ValueError: if ``d`` or ``h`` is smaller than 1.
    """

    def __init__(self, d: int, h: int, *, fast: bool = True) -> None:
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
            TypeError: if a shape is not the one in the signature; unlike in PyTorch, a state has no axis of layers.
            ValueError: if ``X`` has no step, or holds a NaN. Only ``X`` is looked at; on a GPU, that waits for it.
        """
        refuse_empty("X", X)
        refuse_nan("X", X)
        H = X.new_zeros(X.shape[1], self.h) if state is None else state
        inputs = X, H, self.W_xh, self.W_hh, self.b_h, self.b_hg
        outputs, H = fast.run(fast_gru.passes(_loop), *inputs) if self.fast else _loop(*inputs)
        return outputs, H

    def gates(self, X: Tensor, state: Tensor | None = None) -> GRUGates:
        """Return the gates and the candidate at all steps of ``X`` (T, n, d); each of the three is (T, n, h)."""
        outputs, _ = self(X, state)
        H_0 = torch.zeros_like(outputs[0]) if state is None else state
        return _gates(X, torch.cat([H_0[None], outputs[:-1]]), self.W_xh, self.W_hh, self.b_h, self.b_hg)

    @classmethod
    def from_torch(cls, module: nn.GRU) -> Self:
        """Return a ``GRU`` with the weights of ``module``; the two biases of each gate become their sum.

        The candidate's two biases stay apart, since the reset gate multiplies only the recurrent one.

        Raises:
            ValueError: if ``module`` is not a ``torch.nn.GRU``, or one that this layer cannot represent.
        """
        W_ih, W_hh, b_ih, b_hh = one_layer_of(module, nn.GRU)
        h = module.hidden_size
        gru = cls(module.input_size, h).to(W_hh)
        with torch.no_grad():
            gru.W_xh.copy_(W_ih.T)
            gru.W_hh.copy_(W_hh.T)
            gru.b_h.copy_(b_ih)
            gru.b_h[: 2 * h] += b_hh[: 2 * h]
            gru.b_hg.copy_(b_hh[2 * h :])
        return gru

    def extra_repr(self) -> str:
        """Return what ``repr`` says of the layer."""
        return f"d={self.d}, h={self.h}"
