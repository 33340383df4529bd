"""The fast passes of a layer as one node of automatic differentiation."""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd import forward_ad

from rnncourse.shapes import is_traced


class Passes(NamedTuple):
    """How one kind of layer runs.

    ``loop`` and ``forward`` take ``X``, the states before the first step, and the weights. ``backward`` takes the
    gradients of outputs and last states, ``X``, ``W_xh``, ``W_hh``, what ``forward`` has returned, and ``needs_dX``.
    """

    state_count: int  # two for the LSTM, one for the others
    loop: Callable[..., tuple[Tensor, ...]]  # returns outputs (T, n, h) and last states (n, h), differentiable
    forward: Callable[..., tuple[Tensor, ...]]  # returns all states (T + 1, n, h), and what else backward needs
    backward: Callable[..., tuple[Tensor | None, ...]]  # returns the gradients of all that forward takes


class _Recurrence(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, passes: Passes, *inputs: Tensor) -> tuple[Tensor, ...]:
        kept = passes.forward(*inputs)
        ctx.passes = passes
        X, first, weights = inputs[0], inputs[1 : 1 + passes.state_count], inputs[1 + passes.state_count :]
        # A first state that needs no gradient stands in front of the others, and need not be kept twice.
        needs = ctx.needs_input_grad[2 : 2 + passes.state_count]
        first = [state if need else None for state, need in zip(first, needs, strict=True)]
        ctx.save_for_backward(X, *first, *weights, *kept)
        # A last state that is a view would keep all states as long as it is carried on.
        return kept[0][1:], *(states[-1].clone() for states in kept[: passes.state_count])

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        passes, needs, saved = ctx.passes, ctx.needs_input_grad[1:], ctx.saved_tensors
        count = passes.state_count
        X, first, weights, kept = saved[0], saved[1 : 1 + count], saved[1 + count : len(needs)], saved[len(needs) :]
        many = any(torch._C._functorch.is_legacy_batchedtensor(gradient) for gradient in gradients)
        if many or torch.is_grad_enabled():  # many gradients at a time, or second derivatives
            first = [states[0] if state is None else state for state, states in zip(first, kept, strict=False)]
            return None, *_through_the_loop(passes.loop, (X, *first, *weights), needs, gradients)
        return None, *passes.backward(*gradients, X, *weights[:2], *kept, needs_dX=needs[0])


def _through_the_loop(
    loop: Callable[..., tuple[Tensor, ...]],
    inputs: tuple[Tensor, ...],
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
) -> list[Tensor | None]:
    """Return the gradients of those ``inputs`` that need one, in a form that can be differentiated again."""
    differentiable = torch.is_grad_enabled()
    with torch.enable_grad():
        results = loop(*inputs)
    wanted = [value for value, need in zip(inputs, needs, strict=True) if need]
    d_wanted = torch.autograd.grad(results, wanted, gradients, create_graph=differentiable, materialize_grads=True)
    remaining = iter(d_wanted)
    return [next(remaining) if need else None for need in needs]


def run(passes: Passes, *inputs: Tensor) -> tuple[Tensor, ...]:
    """Return the outputs (T, n, h) and the last states, (n, h) each, of a layer that reads ``inputs``.

    Where PyTorch transforms, traces or compiles the layer, and for forward-mode differentiation, the plain loop runs.
    """
    kind = inputs[0].device.type
    if torch.amp.is_autocast_available(kind) and torch.is_autocast_enabled(kind):
        dtype = torch.get_autocast_dtype(kind)  # for all of it, states included, as in torch.nn
        inputs = tuple(value if value.dtype == torch.float64 else value.to(dtype) for value in inputs)
        with torch.autocast(kind, enabled=False):
            return run(passes, *inputs)
    if is_traced() or any(forward_ad.unpack_dual(value).tangent is not None for value in inputs):
        return passes.loop(*inputs)
    outputs, *states = _Recurrence.apply(passes, *inputs)
    # The caller may write into the outputs, while the backward pass needs the states as they were.
    return outputs.clone() if outputs.requires_grad else outputs, *states
