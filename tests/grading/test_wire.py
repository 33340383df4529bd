"""What crosses between judge and student: plain values cross unchanged, everything else is refused."""

import json

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from rnncourse.grading.sandbox import wire

numbers = st.integers() | st.floats() | st.booleans() | st.none() | st.text()
dtypes = st.one_of(arrays.floating_dtypes(sizes=(32, 64)), arrays.integer_dtypes(), arrays.boolean_dtypes())
array = arrays.arrays(dtypes, arrays.array_shapes(min_dims=0, min_side=0, max_side=4))
tensor = arrays.arrays(
    st.sampled_from(["<f4", "<f8", "<i8", "|b1", "<c16"]), arrays.array_shapes(min_dims=0, min_side=0)
)
leaves = numbers | array | tensor.map(torch.from_numpy) | array.filter(lambda a: a.size).map(lambda a: a.flat[0])
values = st.recursive(
    leaves, lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner)
)


def alike(a, b) -> bool:
    if type(a) is not type(b):
        return False
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(alike, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(map(alike, a.values(), b.values()))
    if isinstance(a, torch.Tensor):
        return alike(a.numpy(), b.numpy())
    if isinstance(a, np.ndarray | np.generic):
        return a.dtype == b.dtype and a.shape == b.shape and np.array_equal(a, b, equal_nan=a.dtype.kind in "fc")
    return a == b or a != a


@pytest.mark.slow
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(values)
def test_values_cross_unchanged(value):
    assert alike(wire.unpack(wire.pack(value)), value)


def is_json(text: bytes) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def with_length(head: bytes, rest: bytes = b"") -> bytes:
    return len(head).to_bytes(8, "big") + head + rest


def framed(value: object, rest: bytes = b"") -> bytes:
    return with_length(json.dumps(value).encode(), rest)


@settings(deadline=None)
@given(st.binary(max_size=8) | st.builds(with_length, st.binary().filter(lambda head: not is_json(head)), st.binary()))
def test_garbage_is_refused(message):
    with pytest.raises(ValueError, match="garbled"):
        wire.unpack(message)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(values, st.data())
def test_half_a_message_is_refused(value, data):
    message = wire.pack(value)
    with pytest.raises(ValueError, match="garbled"):
        wire.unpack(message[: data.draw(st.integers(0, len(message) - 1))])


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(values, st.data())
def test_damaged_messages_are_refused_or_plain(value, data):
    message = bytearray(wire.pack(value))
    for _ in range(data.draw(st.integers(1, 3))):
        message[data.draw(st.integers(0, len(message) - 1))] = data.draw(st.integers(0, 255))
    try:
        damaged = wire.unpack(bytes(message))
    except ValueError:
        return
    wire.pack(damaged)


@pytest.mark.parametrize(
    "message",
    [
        framed({"array": ["<f8", [10**18]]}),
        framed({"array": ["<f8", [-1]]}),
        framed({"array": ["<f8", [2**70]]}),
        framed({"array": ["<f8", [9] * 419_000]}),
        framed({"array": ["<f8", [10**4000] * 50]}),
        framed({"array": ["<f8", [1] * 65]}, bytes(8)),
        framed({"array": ["<f8", [0, 2**63]]}),
        framed({"array": ["<f8", ["1"]]}, bytes(8)),
        framed({"array": ["|O", [1]]}, bytes(8)),
        framed({"array": ["<U9", [1]]}, bytes(36)),
        framed({"array": ["|V0", [10**9]]}),
        framed({"tensor": [">f8", [1]]}, bytes(8)),
        framed({"list": [{"array": ["<f8", [2]]}, {"array": ["<f8", [2]]}]}, bytes(16)),
        framed({"dict": [[{"list": []}, 1]]}),
        framed({"dict": [[i * (2**61 - 1), 1] for i in range(1001)]}),
        framed({"list": [], "tuple": []}),
        framed({"frozenset": []}),
        framed([1]),
        framed("\ud800"),
        framed("x" * (5 * 2**20)),
        b"[" * 10**5,
        framed(None)[:-1],
    ],
)
def test_forged_messages_are_refused(message):
    with pytest.raises(ValueError, match="garbled"):
        wire.unpack(message)


def test_a_boolean_is_one_of_two():
    (value,) = wire.unpack(framed({"array": ["|b1", [1]]}, b"\x02")).view(np.uint8)
    assert value == 1


def test_sets_and_a_gradient_cross():
    plain = {"a": {"b", "c"}, "d": {1, (2, 3)}}
    assert wire.unpack(wire.pack(plain)) == plain
    tensor = torch.ones(2)
    assert wire.unpack(wire.pack(tensor)).grad is None
    tensor.grad = torch.ones(2)
    assert wire.unpack(wire.pack(tensor)).grad is not None


@pytest.mark.parametrize("kind", ["set", "with grad"])
def test_forged_sets_and_gradients_are_refused(kind):
    content = {"set": [{"list": []}], "with grad": ["<i8", [1]]}[kind]
    with pytest.raises(ValueError, match="garbled"):
        wire.unpack(framed({kind: content}, bytes(8)))
    with pytest.raises(ValueError, match="garbled"):
        wire.unpack(framed({"set": list(range(1001))}))
