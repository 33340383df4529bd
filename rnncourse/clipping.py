"""Gradient descent, and the clipping of gradients that keeps its steps short: by their norm, and by their values."""

import math
from collections.abc import Iterable

import torch
from torch import Tensor

from rnncourse.shapes import checked


@torch.no_grad()
@checked
def gradient_step(parameters: Tensor | Iterable[Tensor], eta: float | int) -> None:
    """Move each parameter in place against its gradient, with learning rate ``eta``: :eq:`gradient-descent`.

    Args:
        parameters: tensors of any shapes, or one tensor; those without a gradient stay where they are.

    Raises:
        ValueError: if ``eta`` is not positive, or ``parameters`` is empty.
        FloatingPointError: if a gradient holds an infinity or NaN; then no parameter has moved.
    """
    if not eta > 0:
        raise ValueError(f"eta should be positive, but it is {eta}")
    for x, g in _with_gradients(parameters):
        x -= eta * g


@torch.no_grad()
@checked
def clip_gradients(parameters: Tensor | Iterable[Tensor], theta: float | int) -> float:
    """Scale all gradients in place by one factor, so that their common norm is at most ``theta``.

    This is :eq:`gradient-clipping`, where g is one long vector: the gradients of all parameters, one after the other.
    The norm is computed in double precision, whatever the gradients' types. Gradients within the ball, zero ones too,
    keep every bit. Like ``torch.nn.utils.clip_grad_norm_``, which adds 1e-6 to the norm.

    Source: Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks", ICML 2013,
    section 3.2, algorithm 1.

    Args:
        parameters: tensors of any shapes, or one tensor. Those without a gradient are passed over; one that is listed
            twice counts once.
        theta: radius of the ball; infinity clips nothing.

    Returns:
        The norm before clipping, :math:`\\|g\\|`; 0.0 if no parameter has a gradient.

    Raises:
        ValueError: if ``theta`` is not positive, or ``parameters`` is empty.
        FloatingPointError: if a gradient holds an infinity or NaN, which has no direction to keep, or if the norm is
            beyond double precision; then every gradient is as it was.
    """
    if not theta > 0:
        raise ValueError(f"theta should be positive, but it is {theta}")
    gradients = [g for _, g in _with_gradients(parameters)]
    # The norm of the arrays' norms is the norm of all their entries.
    norm = math.hypot(*(torch.linalg.vector_norm(g, dtype=torch.float64).item() for g in gradients))
    if norm == math.inf:
        raise FloatingPointError("every gradient is finite, but their norm is beyond double precision")
    scale = min(1.0, theta / norm) if norm > 0 else 1.0
    for g in gradients:
        g *= scale
    return norm


@torch.no_grad()
@checked
def clip_values(parameters: Tensor | Iterable[Tensor], limit: float | int) -> float:
    """Cut every entry of every gradient in place to the interval from ``-limit`` to ``limit``.

    The other heuristic, for comparison: unlike :func:`clip_gradients` it turns the gradient, :eq:`value-clipping`.
    Arguments and errors are the same.

    Returns:
        The largest absolute value before clipping; 0.0 if no parameter has a gradient.
    """
    if not limit > 0:
        raise ValueError(f"limit should be positive, but it is {limit}")
    gradients = [g for _, g in _with_gradients(parameters)]
    largest = max((g.abs().max().item() for g in gradients if g.numel()), default=0.0)
    for g in gradients:
        g.clamp_(-limit, limit)
    return largest


def _with_gradients(parameters: Tensor | Iterable[Tensor]) -> list[tuple[Tensor, Tensor]]:
    """Return each parameter that has a gradient, once, and its gradient; refuse what is not finite."""
    parameters = [parameters] if isinstance(parameters, Tensor) else list(parameters)
    if not parameters:
        raise ValueError("parameters is empty; a generator such as model.parameters() can be read only once")
    gradients = {}
    for i, x in enumerate(parameters):
        if not isinstance(x, Tensor):
            raise TypeError(f"parameters should be tensors, but number {i} is a {type(x).__name__}")
        if x.grad is None:
            continue
        if not x.grad.isfinite().all():
            bad = x.grad[~x.grad.isfinite()][0].item()
            raise FloatingPointError(f"the gradient of parameter {i}, of shape {tuple(x.shape)}, holds {bad}")
        gradients[id(x)] = (x, x.grad)
    return list(gradients.values())
