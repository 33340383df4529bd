"""Shapes as types: the decorator that checks them, and checks of what no shape shows."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, TypeVar

import torch
from beartype import beartype
from jaxtyping import jaxtyped
from torch import Tensor

Function = TypeVar("Function", bound=Callable[..., Any])


def is_traced() -> bool:
    """Return whether tensors stand for others now: under ``torch.func``, or while PyTorch traces or compiles."""
    return _has_symbolic_sizes() or torch._C._are_functorch_transforms_active()


def _has_symbolic_sizes() -> bool:
    return torch.compiler.is_compiling() or torch.jit.is_tracing()


def checked(function: Function) -> Function:
    """Have the shapes in the signature of ``function`` checked at each call, which costs some 40 microseconds.

    Use it on what is called once per sequence, or by students. While PyTorch traces or compiles, sizes are symbols, and
    nothing is checked.
    """
    with_checks = jaxtyped(typechecker=beartype)(function)

    @wraps(function)
    def call(*arguments: Any, **options: Any) -> Any:
        return (function if _has_symbolic_sizes() else with_checks)(*arguments, **options)

    return call  # type: ignore[return-value]


def refuse_nan(name: str, values: Tensor) -> None:
    """Raise ``ValueError`` if ``values`` (any shape) holds a NaN, naming the first place that does."""
    if values.is_meta or is_traced():  # there are no numbers to look at
        return
    if not values.detach().sum().isnan():  # the usual case, in one pass; inf - inf makes a NaN too, so look closer
        return
    nan = values.isnan()
    if nan.any():
        place = ", ".join(str(i) for i in nan.nonzero()[0].tolist())
        raise ValueError(f"{name} should hold numbers only, but {name}[{place}] is NaN")


def refuse_empty(name: str, sequence: Tensor) -> None:
    """Raise ``ValueError`` if ``sequence`` (T, ...) has no step."""
    if len(sequence) == 0:
        raise ValueError(f"{name} should have at least one step (T >= 1), but T = 0")


def refuse_outside(name: str, indices: Tensor, size: int) -> None:
    """Raise ``ValueError`` if one of ``indices`` (any shape) is outside ``0 .. size - 1``, naming the first that is."""
    outside = indices[(indices < 0) | (indices >= size)]
    if len(outside):
        raise ValueError(f"an index should be in 0 .. {size - 1}, but {name} holds {outside[0].item()}")


def refuse_unknown(name: str, value: object, known: Iterable[str]) -> None:
    """Raise ``ValueError`` if ``value`` is none of the ``known`` names, and list them."""
    known = list(known)
    if value not in known:
        raise ValueError(f"{name} should be one of {', '.join(known)}, but it is {value!r}")
