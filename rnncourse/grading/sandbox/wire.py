"""How values cross between the judge and a student's process: plain data only, never pickled.

A message is a length, a text in JSON, and the bytes of the arrays that the text describes. Whatever arrives was perhaps
made by a student to hurt the judge, so its size, its depth and every type are looked at first.
"""

import io
import json
import math
import re
import socket
import time
from typing import Any

import numpy as np
import torch

from rnncourse.grading.remote import has_grad

LARGEST = 64 * 2**20  # bytes of one message
LONGEST = 4 * 2**20  # bytes of its JSON part, which takes much more memory once it is read
DEEPEST = 20  # levels of lists in lists
MOST_AXES = 64  # of an array, which is what torch has
MOST_KEYS = 1000  # of a dict: whole numbers can be chosen so that they all collide
_DTYPE = re.compile(r"[<>|=][biufc]\d{1,2}")


class NotPlain(TypeError):
    """A value cannot cross: it is no tensor, array, number, text, or list, tuple, set or dict of these."""


def send(connection: socket.socket, message: bytes, seconds: float | None = None) -> None:
    """Send ``message``.

    Raises:
        OSError: if it cannot be sent within ``seconds``, because nobody reads it, for instance.
    """
    connection.settimeout(seconds)
    connection.sendall(len(message).to_bytes(8, "big") + message)


def receive(connection: socket.socket, seconds: float | None = None) -> bytes:
    """Return the next message.

    Raises:
        TimeoutError: if it is not here, as a whole, within ``seconds``.
        OSError: if the other side has hung up.
        ValueError: if it is larger than a message may be.
    """
    deadline = None if seconds is None else time.monotonic() + seconds
    size = int.from_bytes(_exactly(connection, 8, deadline), "big")
    if size > LARGEST:
        raise ValueError(f"a message of {size:,} bytes; at most {LARGEST:,} are allowed")
    return bytes(_exactly(connection, size, deadline))


def _exactly(connection: socket.socket, size: int, deadline: float | None) -> bytearray:
    data = bytearray()
    while len(data) < size:
        if deadline is not None:
            seconds = deadline - time.monotonic()
            if seconds <= 0:
                raise TimeoutError
            connection.settimeout(seconds)
        part = connection.recv(min(size - len(data), 2**20))
        if not part:
            raise ConnectionError("the other side has hung up")
        data += part
    return data


def pack(value: Any) -> bytes:
    """Return ``value`` as bytes.

    Raises:
        NotPlain: if it holds anything that may not cross, or too much of it.
    """
    arrays: list[bytes] = []
    head = json.dumps(_plain(value, arrays, 0)).encode()
    size = 8 + len(head) + sum(map(len, arrays))
    if size > LARGEST or len(head) > LONGEST:
        raise NotPlain(f"the value has {size:,} bytes: too many to be returned")
    return b"".join([len(head).to_bytes(8, "big"), head, *arrays])


def unpack(message: bytes) -> Any:
    """Return the value of ``message``.

    Raises:
        ValueError: if it is not what ``pack`` makes.
    """
    try:
        end = 8 + int.from_bytes(message[:8], "big")
        if not 8 < end <= min(len(message), 8 + LONGEST):
            raise ValueError("no JSON part")
        arrays = io.BytesIO(message)
        arrays.seek(end)
        return _value(json.loads(message[8:end]), arrays, 0)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError) as error:
        raise ValueError(f"the reply is garbled: {type(error).__name__}") from None


def _plain(value: Any, arrays: list[bytes], depth: int) -> Any:
    if depth > DEEPEST:
        raise NotPlain(f"the value has lists in lists, more than {DEEPEST} levels deep")
    if value is None or type(value) in (bool, int, float):
        return value
    if isinstance(value, str):
        value.encode()  # raises for half characters, which no file and no page could hold
        return str(value)
    if isinstance(value, list | tuple):
        kind = "tuple" if isinstance(value, tuple) else "list"
        return {kind: [_plain(item, arrays, depth + 1) for item in value]}
    if isinstance(value, set | frozenset):
        if len(value) > MOST_KEYS:
            raise NotPlain(f"a set has {len(value):,} members, and at most {MOST_KEYS:,} can be returned")
        return {"set": [_plain(item, arrays, depth + 1) for item in value]}
    if isinstance(value, dict):
        if len(value) > MOST_KEYS:
            raise NotPlain(f"a dict has {len(value):,} keys, and at most {MOST_KEYS:,} can be returned")
        return {"dict": [[_plain(part, arrays, depth + 1) for part in item] for item in value.items()]}
    if isinstance(value, np.generic):
        return {"scalar": _array(np.asarray(value), arrays)}
    if isinstance(value, torch.Tensor):
        kind = "with grad" if has_grad(value) else "tensor"
        return {kind: _array(value.numpy(force=True), arrays)}
    if isinstance(value, np.ndarray):
        return {"array": _array(np.asarray(value), arrays)}
    kinds = "tensors, arrays, numbers, texts, and lists, tuples, sets and dictionaries of these"
    raise NotPlain(f"a {type(value).__name__} is in it; only {kinds} are checked")


def _array(array: np.ndarray, arrays: list[bytes]) -> list:
    if not _DTYPE.fullmatch(array.dtype.str):
        raise NotPlain(f"an array of {array.dtype} is in it; only arrays of numbers are checked")
    if array.nbytes > LARGEST:
        raise NotPlain(f"an array of {array.nbytes:,} bytes was returned: too many")
    arrays.append(array.tobytes())
    return [array.dtype.str, list(array.shape)]


def _with_grad(array: np.ndarray) -> torch.Tensor:
    """Return a tensor that has a gradient; which one does not matter."""
    tensor = torch.from_numpy(array)
    tensor.grad = torch.zeros_like(tensor)
    return tensor


def _value(plain: Any, arrays: io.BytesIO, depth: int) -> Any:
    if depth > DEEPEST:
        raise ValueError("too deep")
    if isinstance(plain, str):
        plain.encode()
    if isinstance(plain, list):
        raise ValueError("a list without its kind")
    if not isinstance(plain, dict):
        return plain
    ((kind, content),) = plain.items()
    if kind in ("list", "tuple"):
        items = [_value(item, arrays, depth + 1) for item in content]
        return tuple(items) if kind == "tuple" else items
    if kind == "set":
        if len(content) > MOST_KEYS:
            raise ValueError("too many members")
        return {_value(item, arrays, depth + 1) for item in content}
    if kind == "dict":
        if len(content) > MOST_KEYS:
            raise ValueError("too many keys")
        return dict([_value(part, arrays, depth + 1) for part in item] for item in content)
    dtype, shape = content
    if not _DTYPE.fullmatch(dtype) or len(shape) > MOST_AXES or not all(0 <= size < 2**63 for size in shape):
        raise ValueError("no array")
    # The arrays follow one another, so that no more can be made of a message than it has bytes.
    data = bytearray(arrays.read(math.prod(shape) * np.dtype(dtype).itemsize))
    array = np.ndarray(shape, dtype, data)
    if array.dtype == bool:
        array = np.asarray(array.view(np.uint8) != 0)  # a byte of 2 would be neither true nor false
    if kind == "with grad" and array.dtype.kind not in "fc":
        raise ValueError("whole numbers have no gradient")
    return {
        "tensor": torch.from_numpy,
        "with grad": _with_grad,
        "array": np.asarray,
        "scalar": lambda a: a[()],
    }[kind](array)
