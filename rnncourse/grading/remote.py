"""A student's function that runs in another process: what the checks call, and what they get when it raises."""

from collections.abc import Callable
from typing import Any

from torch import Tensor


def has_grad(tensor: Tensor) -> bool:
    """Return whether ``backward`` has left a gradient in ``tensor``."""
    return tensor.is_leaf and tensor.grad is not None


class RemoteFunction:
    """Calls a student's function in another process; plain data goes there and comes back.

    Args:
        call: sends the name and the arguments; returns the result, and the arguments as the function left them.

    Attributes:
        parameters: the names of its parameters.
        after: the arguments as the last call left them.
    """

    def __init__(self, name: str, parameters: tuple[str, ...], call: Callable[..., tuple[Any, tuple]]) -> None:
        self.__name__, self.parameters, self._call = name, parameters, call
        self.after: tuple = ()

    def __call__(self, *arguments: Any) -> Any:
        """Return what the function returns; raise ``RemoteError`` for what it raises."""
        result, self.after = self._call(self.__name__, *arguments)
        return result


class RemoteError(Exception):
    """What a student's function raised. All of it is text, so it can pass for no exception of the grader's.

    Attributes:
        kind: the name of the exception.
        line: the line of the notebook at which it arose.
        stopped: whether it was denied what other processes may have used up.
    """

    def __init__(self, kind: str, message: str, line: str = "", stopped: bool = False) -> None:
        super().__init__(message)
        self.kind, self.message, self.line, self.stopped = kind, message, line, stopped
