"""Back-propagation through time by hand for the deep RNN, in the conventions of :mod:`rnncourse.bptt`."""

# ruff: noqa: N815 (dW_xh is the name of the gradient of W_xh)

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from rnncourse.bptt.rnn import rnn_backward, rnn_forward
from rnncourse.shapes import checked


class DeepRNNGradients(NamedTuple):
    """As :class:`~rnncourse.bptt.rnn.RNNGradients`, for :func:`deep_rnn_forward`; the lists have one entry a layer."""

    dX: Float[Tensor, "T n d"]
    dH_0: Float[Tensor, "L n h"]
    dW_xh: list[Tensor]
    dW_hh: list[Tensor]
    db_h: list[Tensor]


@checked
def deep_rnn_forward(
    X: Float[Tensor, "T n d"], H_0: Float[Tensor, "L n h"], weights: Sequence[Sequence[Tensor]], phi: str = "tanh"
) -> Float[Tensor, "L T+1 n h"]:
    """Return the states of all layers; ``weights[l]`` are ``W_xh``, ``W_hh``, ``b_h`` of layer l, the lowest first.

    Raises:
        ValueError: if ``weights`` and ``H_0`` differ in the number of layers.
    """
    _refuse_other_count("H_0", H_0, weights)
    H = []
    for H_l, (W_xh, W_hh, b_h) in zip(H_0, weights, strict=True):
        H.append(rnn_forward(X, H_l, W_xh, W_hh, b_h, phi))
        X = H[-1][1:]  # the states of one layer are the inputs of the next
    return torch.stack(H)


@checked
def deep_rnn_backward(
    dL_dH: Float[Tensor, "T n h"],
    dH_T: Float[Tensor, "L n h"],
    X: Float[Tensor, "T n d"],
    H: Float[Tensor, "L T+1 n h"],
    weights: Sequence[Sequence[Tensor]],
    xi: Float[Tensor, " T"] | None = None,
    phi: str = "tanh",
) -> DeepRNNGradients:
    """Return the gradients of all layers, from the top down: ``dX`` of a layer is ``dL_dH`` of the one below.

    The arguments are those of :func:`~rnncourse.bptt.rnn.rnn_backward`, with all layers in ``dH_T`` and ``H``. There
    is no ``tau``: a lag counted layer by layer would add up over the layers. ``xi`` cuts all layers at the same places.

    Raises:
        ValueError: if ``weights`` and ``H`` differ in the number of layers, or ``phi`` is unknown.
    """
    _refuse_other_count("H", H, weights)
    gradients = []
    for l in reversed(range(len(weights))):
        W_xh, W_hh, _ = weights[l]
        inputs = X if l == 0 else H[l - 1, 1:]
        gradients.append(rnn_backward(dL_dH, dH_T[l], inputs, H[l], W_xh, W_hh, xi=xi, phi=phi))
        dL_dH = gradients[-1].dX
    _, dH_0, *dW = zip(*reversed(gradients), strict=True)
    return DeepRNNGradients(dL_dH, torch.stack(dH_0), *map(list, dW))


def _refuse_other_count(name: str, states: Tensor, weights: Sequence[Sequence[Tensor]]) -> None:
    if len(weights) != len(states) or not weights:
        raise ValueError(f"{name} is for {len(states)} layers, but there are weights for {len(weights)}")
