"""Long short-term memory (LSTM): its step, and the loop over time."""

from typing import NamedTuple, Self

import torch
from jaxtyping import Float
from torch import Tensor, nn

from rnncourse import fast
from rnncourse.fast import lstm as fast_lstm
from rnncourse.shapes import checked, refuse_empty, refuse_nan
from rnncourse.torch_modules import one_layer_of


class LSTMGates(NamedTuple):
    """The gates of an LSTM and its candidate, in the order of the weights: :eq:`lstm-fused`."""

    i: Float[Tensor, "*steps n h"]  # input gate
    f: Float[Tensor, "*steps n h"]  # forget gate
    g: Float[Tensor, "*steps n h"]  # candidate
    o: Float[Tensor, "*steps n h"]  # output gate


def _gates(X_t: Tensor, H: Tensor, W_xh: Tensor, W_hh: Tensor, b_h: Tensor) -> LSTMGates:
    i, f, g, o = (X_t @ W_xh + H @ W_hh + b_h).chunk(4, dim=-1)  # (n, 4h) -> 4 x (n, h)
    return LSTMGates(torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o))


def _step(X_t: Tensor, H: Tensor, C: Tensor, *weights: Tensor) -> tuple[Tensor, Tensor]:
    i, f, g, o = _gates(X_t, H, *weights)
    C = f * C + i * g  # (n, h)
    H = o * torch.tanh(C)  # (n, h)
    return H, C


@checked
def lstm_step(
    X_t: Float[Tensor, "n d"],
    H: Float[Tensor, "n h"],
    C: Float[Tensor, "n h"],
    W_xh: Float[Tensor, "d 4*h"],
    W_hh: Float[Tensor, "h 4*h"],
    b_h: Float[Tensor, " 4*h"],
) -> tuple[Float[Tensor, "n h"], Float[Tensor, "n h"]]:
    """Return the hidden state :math:`H_t` and the memory :math:`C_t` that follow ``H`` and ``C`` when ``X_t`` is read.

    The columns of the weights are four blocks of width h, in PyTorch's order i, f, g, o: input gate, forget gate,
    candidate, output gate. :eq:`lstm-gates`, :eq:`lstm-candidate`, :eq:`lstm-memory`, :eq:`lstm-hidden`.
    Source: Hochreiter and Schmidhuber, "Long short-term memory", Neural Computation 9 (1997), section 4; the forget
    gate is from Gers, Schmidhuber and Cummins, "Learning to forget", Neural Computation 12 (2000), section 3.
    """
    return _step(X_t, H, C, W_xh, W_hh, b_h)


def _loop(X: Tensor, H: Tensor, C: Tensor, *weights: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    outputs = []
    for X_t in X:
        H, C = _step(X_t, H, C, *weights)
        outputs.append(H)
    return torch.stack(outputs), H, C


class LSTM(nn.Module):
    """Long short-term memory: ``outputs, (H, C) = lstm(X, state=None)``, :func:`lstm_step` at every step.

    Its parameters are ``W_xh`` (d, 4h), ``W_hh`` (h, 4h) and ``b_h`` (4h,), with blocks in the order i, f, g, o. They
    are drawn from the uniform distribution on :math:`\\pm 1/\\sqrt h`, except the bias of the forget gate.

    Args:
        d: number of inputs at a step.
        h: number of hidden units, and of entries of the memory.
        forget_bias: first value of the forget gate's bias; the larger it is, the longer the memory keeps what it has.
            Sources: Gers et al. (2000); 1 is the advice of Jozefowicz, Zaremba and Sutskever, "An empirical
            exploration of recurrent network architectures", ICML (2015).
        fast: whether :mod:`rnncourse.fast` runs, or else the plain loop over the step.

    Raises:
        ValueError: if ``d`` or ``h`` is smaller than 1.
    """

    def __init__(self, d: int, h: int, *, forget_bias: float = 1.0, fast: bool = True) -> None:
        super().__init__()
        if d < 1 or h < 1:
            raise ValueError(f"an LSTM needs at least one input and one hidden unit, but d = {d} and h = {h}")
        self.d, self.h, self.fast = d, h, fast
        self.W_xh = nn.Parameter(torch.empty(d, 4 * h).uniform_(-(h**-0.5), h**-0.5))
        self.W_hh = nn.Parameter(torch.empty(h, 4 * h).uniform_(-(h**-0.5), h**-0.5))
        self.b_h = nn.Parameter(torch.empty(4 * h).uniform_(-(h**-0.5), h**-0.5))
        with torch.no_grad():
            self.b_h[h : 2 * h] = forget_bias

    @checked
    def forward(
        self,
        X: Float[Tensor, "T n {self.d}"],
        state: tuple[Float[Tensor, "n {self.h}"], Float[Tensor, "n {self.h}"]] | None = None,
    ) -> tuple[Float[Tensor, "T n {self.h}"], tuple[Float[Tensor, "n {self.h}"], Float[Tensor, "n {self.h}"]]]:
        """Read the sequence ``X``; return the hidden states of all steps, and the last state and memory ``(H, C)``.

        Without ``state`` both start at zero.

        Raises:
            TypeError: if a shape is not the one in the signature; unlike in PyTorch, a state has no axis of layers.
            ValueError: if ``X`` has no step, or holds a NaN. Only ``X`` is looked at; on a GPU, that waits for it.
        """
        refuse_empty("X", X)
        refuse_nan("X", X)
        H, C = (X.new_zeros(X.shape[1], self.h),) * 2 if state is None else state
        inputs = X, H, C, self.W_xh, self.W_hh, self.b_h
        outputs, H, C = fast.run(fast_lstm.passes(_loop), *inputs) if self.fast else _loop(*inputs)
        return outputs, (H, C)

    def gates(self, X: Tensor, state: tuple[Tensor, Tensor] | None = None) -> LSTMGates:
        """Return the gates and the candidate at all steps of ``X`` (T, n, d); each of the four is (T, n, h)."""
        outputs, _ = self(X, state)
        H_0 = torch.zeros_like(outputs[0]) if state is None else state[0]
        return _gates(X, torch.cat([H_0[None], outputs[:-1]]), self.W_xh, self.W_hh, self.b_h)

    @classmethod
    def from_torch(cls, module: nn.LSTM) -> Self:
        """Return an ``LSTM`` with the weights of ``module``, whose two biases become their sum.

        Raises:
            ValueError: if ``module`` is not a ``torch.nn.LSTM``, or one that this layer cannot represent.
        """
        W_ih, W_hh, b_ih, b_hh = one_layer_of(module, nn.LSTM)
        lstm = cls(module.input_size, module.hidden_size).to(W_hh)
        with torch.no_grad():
            lstm.W_xh.copy_(W_ih.T)
            lstm.W_hh.copy_(W_hh.T)
            lstm.b_h.copy_(b_ih + b_hh)
        return lstm

    def extra_repr(self) -> str:
        """Return what ``repr`` says of the layer."""
        return f"d={self.d}, h={self.h}"
