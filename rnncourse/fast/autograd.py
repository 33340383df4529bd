"""The fast layers: the hand-written passes of :mod:`rnncourse.bptt`, each as one node of automatic differentiation.

The layers of earlier chapters import this module, and through it the later chapter on back-propagation. The arrow
points that way because this is the same code: what that chapter derives is what the layers run.
"""

from collections.abc import Callable
from functools import partial
from inspect import unwrap
from typing import Any

import torch
from torch import Tensor

from rnncourse.bptt.gru import gru_backward, gru_forward
from rnncourse.bptt.lstm import lstm_backward, lstm_forward
from rnncourse.bptt.rnn import rnn_backward, rnn_forward


class _Recurrence(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, forward: Callable, backward: Callable, carried: int, X: Tensor, *states_and_weights: Tensor
    ) -> tuple[Tensor, ...]:
        kept = forward(X, *states_and_weights)
        kept = (kept,) if isinstance(kept, Tensor) else kept  # H; H, C, gates; or H, gates, Q
        W_xh, W_hh = states_and_weights[carried : carried + 2]
        ctx.save_for_backward(X, *kept, W_xh, W_hh)
        ctx.backward_pass = backward
        # A last state that is a view would keep all states as long as it is carried on.
        return kept[0][1:], *(states[-1].clone() for states in kept[:carried])

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        if torch.is_grad_enabled():
            raise NotImplementedError("the fast layers have no second derivatives: make the layer with fast=False")
        needs_dX = ctx.needs_input_grad[3]
        return None, None, None, *ctx.backward_pass(*gradients, *ctx.saved_tensors, needs_dX=needs_dX)


def _run(forward: Callable, backward: Callable, carried: int, *tensors: Tensor) -> tuple[Tensor, ...]:
    # Shapes are what the layer has checked, so the passes go without their own check.
    forward, backward, kind = unwrap(forward), unwrap(backward), tensors[0].device.type
    if not torch.is_autocast_enabled(kind):
        return _Recurrence.apply(forward, backward, carried, *tensors)
    dtype = torch.get_autocast_dtype(kind)  # for all of it, states included, as in torch.nn
    tensors = tuple(tensor if tensor.dtype == torch.float64 else tensor.to(dtype) for tensor in tensors)
    with torch.autocast(kind, enabled=False):
        return _Recurrence.apply(forward, backward, carried, *tensors)


def run_rnn(X: Tensor, H_0: Tensor, W_xh: Tensor, W_hh: Tensor, b_h: Tensor, phi: str) -> tuple[Tensor, Tensor]:
    """Return outputs (T, n, h) and last state (n, h) of :func:`~rnncourse.bptt.rnn_forward`, differentiable.

    The way back is :func:`~rnncourse.bptt.rnn_backward`. The arguments are those of the forward pass, as are the
    errors, except that shapes are taken as checked.
    """
    forward, backward = (partial(unwrap(function), phi=phi) for function in (rnn_forward, rnn_backward))
    outputs, H = _run(forward, backward, 1, X, H_0, W_xh, W_hh, b_h)
    return outputs, H


def run_lstm(X: Tensor, H_0: Tensor, C_0: Tensor, *weights: Tensor) -> tuple[Tensor, tuple[Tensor, Tensor]]:
    """Return outputs and last states as :func:`run_rnn`, for the LSTM; ``weights`` are ``W_xh, W_hh, b_h``."""
    outputs, H, C = _run(lstm_forward, lstm_backward, 2, X, H_0, C_0, *weights)
    return outputs, (H, C)


def run_gru(X: Tensor, H_0: Tensor, *weights: Tensor) -> tuple[Tensor, Tensor]:
    """Return outputs and last state as :func:`run_rnn`, for the GRU; ``weights`` are ``W_xh, W_hh, b_h, b_hg``."""
    outputs, H = _run(gru_forward, gru_backward, 1, X, H_0, *weights)
    return outputs, H
