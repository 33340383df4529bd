"""A call of a student's function, as a message tells of it: its arguments, and what it raised or changed."""

import inspect
import linecache
import traceback
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from torch import Tensor

from rnncourse.grading.remote import RemoteError, RemoteFunction
from rnncourse.grading.values import is_equal, kind_of


def parameters_of(function: Callable[..., Any], count: int) -> list[str]:
    """Return the names of the first ``count`` parameters."""
    remote = isinstance(function, RemoteFunction)
    try:
        names = list(function.parameters if remote else inspect.signature(function).parameters)
    except ValueError:  # some built-in functions have no signature
        names = []
    return [*names, *(f"number {i + 1}" for i in range(len(names), count))][:count]


def listed_arguments(names: Sequence[str], arguments: Sequence[Any]) -> str:
    """Return which arguments an exception was raised for, if that is short."""
    arrays = Tensor, np.ndarray
    pairs = [
        f"{name} = {value!r}" for name, value in zip(names, arguments, strict=True) if not isinstance(value, arrays)
    ]
    listed = ", ".join(pair for pair in pairs if len(pair) <= 40)
    return f"\ncalled with {listed}" if listed else ""


def exception_of(function: Callable[..., Any], error: Exception) -> RemoteError:
    """Return ``error`` as another process would report it, with the student's line of code at which it arose."""
    names = getattr(function, "__globals__", None)
    lines = [
        linecache.getline(frame.f_code.co_filename, line).strip()
        for frame, line in traceback.walk_tb(error.__traceback__)
        if frame.f_globals is names
    ]
    return RemoteError(type(error).__name__, str(error), lines[-1] if lines else "")


def how_changed(name: str, now: Any, then: Any) -> str:
    """Return how the argument ``name`` was changed from what it was ``then``, and how that is avoided."""
    if isinstance(then, list) and isinstance(now, list) and len(now) == len(then):
        changed = next((i for i, pair in enumerate(zip(now, then, strict=True)) if not is_equal(*pair)), 0)
        if isinstance(then[changed], list | Tensor | np.ndarray):
            return how_changed(f"{name}[{changed}]", now[changed], then[changed])
    if isinstance(then, Tensor) and isinstance(now, Tensor) and is_equal(now.detach().clone(), then):
        copied = f"take a copy, {name}.clone().requires_grad_()"
        return f": its grad stays, and the next call of backward adds to that; {copied}"
    advice = "; compute a new one instead"
    if isinstance(then, Tensor | np.ndarray):
        inner = f", in {name}" if "[" in name else ""
        return f"{inner}{advice} (+= and X[...] = write into {kind_of(then)}; X = X + ... makes a new one)"
    return f"{advice} (append, pop, sort and X[...] = write into a list)" if isinstance(then, list) else advice
