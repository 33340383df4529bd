"""Deep recurrent networks: layers stacked on each other, each reading the states of the one below."""

from collections.abc import Callable, Iterable
from typing import Any, Self

import torch
from jaxtyping import Float
from torch import Tensor, nn

from rnncourse.rnn import RNN, rnn_step
from rnncourse.shapes import checked
from rnncourse.torch_modules import layers_of


@checked
def deep_rnn_step(
    X_t: Float[Tensor, "n d"], H: Float[Tensor, "L n h"], layers: Iterable[tuple[Tensor, Tensor, Tensor]]
) -> Float[Tensor, "L n h"]:
    """Return the states of all layers, :math:`H_t^{(1)}, \\dots, H_t^{(L)}`, that follow ``H`` when ``X_t`` is read.

    This is :eq:`deep-rnn-step` of the book for l = 1 .. L, from the lowest layer up, with tanh as the activation
    function. Source: Pascanu, Gulcehre, Cho and Bengio, "How to construct deep recurrent neural networks", ICLR 2014,
    section "Stacked RNN".

    Args:
        X_t: inputs of the first layer.
        H: states of all layers after the step before.
        layers: ``W_xh``, ``W_hh`` and ``b_h`` of each layer; ``W_xh`` is (d, h) in the first, (h, h) in the others.

    Raises:
        ValueError: if there is no layer, or if there are not as many layers as states.
    """
    layers = list(layers)
    if not layers:
        raise ValueError("expected at least one layer")
    if len(layers) != len(H):
        raise ValueError(f"expected one state for each layer, but there are {len(layers)} layers and {len(H)} states")
    H_below, states = X_t, []
    for H_l, (W_xh, W_hh, b_h) in zip(H, layers, strict=True):
        H_below = rnn_step(H_below, H_l, W_xh, W_hh, b_h)  # (n, h)
        states.append(H_below)
    return torch.stack(states)


def parameter_count(d: int, h: int, L: int) -> int:
    """Return how many parameters ``L`` layers of ``h`` units with ``d`` inputs have: :eq:`deep-rnn-parameters`.

    Raises:
        ValueError: if one of the three is not positive.
    """
    if min(d, h, L) < 1:
        raise ValueError(f"d, h and L should be at least 1, but d = {d}, h = {h} and L = {L}")
    return (d * h + h * h + h) + (L - 1) * (2 * h * h + h)


class DeepRNN(nn.Module):
    """Stack of recurrent layers: ``outputs, state = deep(X, state=None)``; :eq:`deep-rnn-step` for all l and t.

    Layer l is ``layers[l - 1]``. The first reads the inputs, so its ``W_xh`` has d rows; every other reads the states
    of the layer below, and has h. The state of the stack has the shape (L, n, h); if a cell carries a pair of states,
    as the LSTM does, it is a pair of such tensors.

    Args:
        d: number of inputs at a step.
        h: number of hidden units of each layer.
        L: number of layers.
        cell: class of the layers, such as :class:`~rnncourse.rnn.RNN`, called as ``cell(d, h, **options)``.
        dropout: share of the states that each update of a training leaves out on their way to the next layer
            (Zaremba et al. 2014).
        options: what else the layers are made with, such as ``phi``, ``forget_bias`` or ``fast``.

    Raises:
        ValueError: if ``L`` is smaller than 1, or the cell refuses its arguments.
    """

    def __init__(
        self, d: int, h: int, L: int, cell: Callable[..., nn.Module] = RNN, *, dropout: float = 0.0, **options: Any
    ) -> None:
        super().__init__()
        if L < 1:
            raise ValueError(f"a deep RNN needs at least one layer, but L = {L}")
        self.d, self.h, self.L, self.dropout = d, h, L, nn.Dropout(dropout)
        self.layers = nn.ModuleList([cell(d, h, **options), *(cell(h, h, **options) for _ in range(L - 1))])

    @checked
    def forward(self, X: Float[Tensor, "T n {self.d}"], state: Any = None) -> tuple[Float[Tensor, "T n {self.h}"], Any]:
        """Read the sequence ``X``; return the states of the last layer at all steps, and of all layers after the last.

        Without ``state`` every layer starts at zero. Each layer reads the whole sequence before the next one starts.

        Raises:
            TypeError: if a shape is not the one in the signature, or ``state`` is neither a tensor nor a tuple.
            ValueError: if ``X`` has no step or holds a NaN, or if ``state`` is not for L layers.
        """
        H = X  # H^(0)
        last = []
        for layer, before in zip(self.layers, self._split(state), strict=True):
            H, after = layer(self.dropout(H) if last else H, before)  # (T, n, h), (n, h)
            last.append(after)
        if isinstance(last[0], tuple):
            return H, tuple(torch.stack(parts) for parts in zip(*last, strict=True))
        return H, torch.stack(last)

    def _split(self, state: Any) -> list[Any]:
        """Return the state of each layer."""
        if state is None:
            return [None] * self.L
        parts = state if isinstance(state, tuple) else (state,)
        if not all(isinstance(part, Tensor) for part in parts):
            raise TypeError(f"a state should be a tensor or a tuple of tensors, but it is a {type(state).__name__}")
        if any(part.dim() != 3 or len(part) != self.L for part in parts):
            shapes = ", ".join(str(tuple(part.shape)) for part in parts)
            raise ValueError(f"expected the states of {self.L} layers, ({self.L}, n, {self.h}), but got {shapes}")
        return list(zip(*state, strict=True)) if isinstance(state, tuple) else list(state)

    @classmethod
    def from_torch(cls, module: nn.RNNBase, cell: Any = RNN) -> Self:
        """Return a ``DeepRNN`` with the weights of ``module``; each layer is what ``cell.from_torch`` makes of it.

        Args:
            module: a ``torch.nn.RNN``, or an ``LSTM`` or ``GRU`` if ``cell`` is the course's class of that name.
            cell: class of the layers.

        Raises:
            ValueError: if ``module`` is of another kind, or computes what the layers cannot represent.
        """
        layers = [cell.from_torch(layer) for layer in layers_of(module)]
        deep = cls(module.input_size, module.hidden_size, module.num_layers, cell, dropout=module.dropout)
        deep.layers = nn.ModuleList(layers)
        return deep

    def extra_repr(self) -> str:
        """Return what ``repr`` says of the stack, beside its layers."""
        return f"d={self.d}, h={self.h}, L={self.L}"
