"""Shapes as types: the decorator that checks them, and checks of what no shape shows."""

from beartype import beartype
from jaxtyping import jaxtyped
from torch import Tensor

# Placed on what is called once per sequence or by a student; a call costs some 40 microseconds.
checked = jaxtyped(typechecker=beartype)


def refuse_nan(name: str, values: Tensor) -> None:
    """Raise ``ValueError`` if ``values`` (any shape) holds a NaN, naming the first place that does."""
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
