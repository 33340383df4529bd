"""Deep recurrent networks: layers stacked on each other, each reading the states of the one below."""

from collections.abc import Callable, Iterable
from typing import Self, cast

import torch
from jaxtyping import Float
from torch import Tensor, nn

from rnncourse.rnn import RNN, rnn_step
from rnncourse.shapes import checked


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
    if len(layers) != len(H) or not layers:
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

    Layer l is ``layers[l - 1]``, an :class:`~rnncourse.rnn.RNN`. The first reads the inputs, ``W_xh`` (d, h); every
    other reads the states of the layer below, ``W_xh`` (h, h). The state of the stack has the shape (L, n, h).

    Args:
        d: number of inputs at a step.
        h: number of hidden units of each layer.
        L: number of layers.
        phi: activation function of all layers.
        fast: as in :class:`~rnncourse.rnn.RNN`.
    """

    def __init__(self, d: int, h: int, L: int, phi: Callable[[Tensor], Tensor] = torch.tanh, fast: bool = True) -> None:
        super().__init__()
        if L < 1:
            raise ValueError(f"a deep RNN needs at least one layer, but L = {L}")
        self.d, self.h, self.L = d, h, L
        self.layers = nn.ModuleList([RNN(d, h, phi, fast), *(RNN(h, h, phi, fast) for _ in range(L - 1))])

    @checked
    def forward(
        self, X: Float[Tensor, "T n {self.d}"], state: Float[Tensor, "{self.L} n {self.h}"] | None = None
    ) -> tuple[Float[Tensor, "T n {self.h}"], Float[Tensor, "{self.L} n {self.h}"]]:
        """Read the sequence ``X``; return the states of the last layer at all steps, and of all layers after the last.

        Without ``state`` every layer starts at zero. Each layer reads the whole sequence before the next one starts.

        Raises:
            ValueError: if ``X`` has no step, or holds a NaN.
        """
        H = X  # H^(0)
        last = []
        for layer, H_0 in zip(self.layers, [None] * self.L if state is None else state, strict=True):
            H, H_T = layer(H, H_0)  # (T, n, h), (n, h)
            last.append(H_T)
        return H, torch.stack(last)

    @classmethod
    def from_torch(cls, module: nn.RNN) -> Self:
        """Return a ``DeepRNN`` with the weights of ``module``, whose two biases in each layer become their sum.

        Raises:
            ValueError: if ``module`` is not a one-directional ``torch.nn.RNN`` with biases and without dropout.
        """
        if not isinstance(module, nn.RNN) or module.bidirectional or not module.bias or module.dropout:
            raise ValueError(f"expected a torch.nn.RNN with one direction, biases and no dropout, but got {module}")
        phi = {"tanh": torch.tanh, "relu": torch.relu}[module.nonlinearity]
        theirs = module.state_dict()
        deep = cls(module.input_size, module.hidden_size, module.num_layers, phi).to(theirs["weight_hh_l0"])
        with torch.no_grad():
            for l, layer in enumerate(cast(list[RNN], list(deep.layers))):
                layer.W_xh.copy_(theirs[f"weight_ih_l{l}"].T)
                layer.W_hh.copy_(theirs[f"weight_hh_l{l}"].T)
                layer.b_h.copy_(theirs[f"bias_ih_l{l}"] + theirs[f"bias_hh_l{l}"])
        return deep
