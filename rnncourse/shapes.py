"""Shapes as types: the decorator that checks them, and a check for NaN, which no shape shows."""

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
