"""The network without hidden state: by hand in NumPy, and as a language model that sees a window of characters."""

from rnncourse.mlp.network import (
    Parameters,
    backward,
    check_gradients,
    cross_entropy,
    draw_parameters,
    finite_difference,
    forward,
    relative_error,
    softmax,
)
from rnncourse.mlp.window import WindowModel

__all__ = [
    "Parameters",
    "WindowModel",
    "backward",
    "check_gradients",
    "cross_entropy",
    "draw_parameters",
    "finite_difference",
    "forward",
    "relative_error",
    "softmax",
]
