"""Back-propagation through time that stores few states, and computes the others once more."""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from rnncourse.bptt.rnn import RNNGradients, rnn_backward, rnn_forward
from rnncourse.shapes import checked


@torch.no_grad()
@checked
def checkpointed_backward(
    loss_gradients: Callable[[Tensor, slice], Tensor],
    X: Float[Tensor, "T n d"],
    H_0: Float[Tensor, "n h"],
    W_xh: Float[Tensor, "d h"],
    W_hh: Float[Tensor, "h h"],
    b_h: Float[Tensor, " h"],
    every: int,
) -> RNNGradients:
    """Return what :func:`~rnncourse.bptt.rnn.rnn_backward` returns, with few of the T states stored.

    The forward pass keeps each ``every``-th state. The backward pass goes from the last piece to the first, computes
    the states of a piece once more, and forgets them. Source: Chen et al., "Training deep nets with sublinear memory
    cost", arXiv:1604.06174 (2016), section 4.

    Args:
        loss_gradients: called with the states (k, n, h) of k steps and their places, a slice of ``0 .. T - 1``;
            returns ``dL_dH`` (k, n, h) for them.
        X, H_0, W_xh, W_hh, b_h: as for :func:`~rnncourse.bptt.rnn.rnn_forward`.
        every: length of a piece, at least 1.

    Raises:
        ValueError: if ``every`` is less than 1, or as for :func:`~rnncourse.bptt.rnn.rnn_forward`.
    """
    if every < 1:
        raise ValueError(f"a piece needs at least one step, but every = {every}")
    pieces = [slice(t, t + every) for t in range(0, len(X), every)]
    kept = [H_0]
    for piece in pieces[:-1]:
        kept.append(rnn_forward(X[piece], kept[-1], W_xh, W_hh, b_h)[-1].clone())
    dX, dH = torch.empty_like(X), torch.zeros_like(H_0)
    dW_xh, dW_hh, db_h = torch.zeros_like(W_xh), torch.zeros_like(W_hh), torch.zeros_like(b_h)
    for piece in reversed(pieces):
        H = rnn_forward(X[piece], kept.pop(), W_xh, W_hh, b_h)
        dX[piece], dH, *dW = rnn_backward(loss_gradients(H[1:], piece), dH, X[piece], H, W_xh, W_hh)
        for total, part in zip((dW_xh, dW_hh, db_h), dW, strict=True):
            total += part
    return RNNGradients(dX, dH, dW_xh, dW_hh, db_h)
