"""The fast layers: equal to the loop and to torch.nn in values and gradients, and frugal."""

import copy
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from rnncourse.deep_rnn import DeepRNN
from rnncourse.fast import products as fast_math
from rnncourse.gated.gru import GRU
from rnncourse.gated.lstm import LSTM
from rnncourse.rnn import RNN

Size = dict[str, int]
sizes = st.fixed_dictionaries({name: st.integers(1, 6) for name in ("d", "h", "n", "T")})
KINDS = ("RNN", "relu", "DeepRNN", "LSTM", "GRU")


def layers(kind: str, d: int, h: int, dtype: torch.dtype = torch.float64) -> tuple[Any, Any, Any]:
    """The fast layer, the plain loop and torch's, with the same weights."""
    torch.manual_seed(0)
    kinds: dict[str, Any] = {
        "RNN": lambda: (RNN, nn.RNN(d, h)),
        "relu": lambda: (RNN, nn.RNN(d, h, nonlinearity="relu")),
        "DeepRNN": lambda: (DeepRNN, nn.RNN(d, h, num_layers=2)),
        "LSTM": lambda: (LSTM, nn.LSTM(d, h)),
        "GRU": lambda: (GRU, nn.GRU(d, h)),
    }
    ours, theirs = kinds[kind]()
    fast, loop = (ours.from_torch(theirs.to(dtype)) for _ in range(2))
    for layer in loop.modules():  # a DeepRNN has its RNNs
        layer.fast = False
    return fast, loop, theirs


def first_state(kind: str, n: int, h: int, dtype: torch.dtype = torch.float64) -> list[Tensor]:
    shape = (2, n, h) if kind == "DeepRNN" else (n, h)
    return [torch.randn(shape, dtype=dtype) for _ in range(2 if kind == "LSTM" else 1)]


def call(layer: nn.Module, X: Tensor, start: list[Tensor] | None) -> list[Tensor]:
    """The outputs and the parts of the last state."""
    if isinstance(layer, nn.RNNBase):
        start = None if start is None else [part if part.dim() == 3 else part[None] for part in start]
    state = None if start is None else tuple(start) if len(start) > 1 else start[0]
    outputs, state = layer(X, state)
    return [outputs, *(state if isinstance(state, tuple) else [state])]


def gradients(results: list[Tensor], inputs: list[Tensor], seed: int = 1) -> list[Tensor]:
    """Of a loss with a random weight for each number of the results."""
    random = torch.Generator().manual_seed(seed)
    loss = torch.zeros((), dtype=torch.float64)
    for part in results:
        weight = torch.randn(part.numel(), generator=random, dtype=torch.float64)
        loss = loss + (part.flatten() * weight).sum()
    return list(torch.autograd.grad(loss, inputs))


def close(found: Sequence[Tensor], expected: Sequence[Tensor], atol: float = 1e-10) -> None:
    for a, b in zip(found, expected, strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=atol)


@settings(deadline=None)
@given(st.sampled_from(KINDS), sizes, st.booleans(), st.booleans(), st.integers(0, 1000))
def test_equal_to_the_loop_and_to_torch(kind: str, size: Size, with_state: bool, strided: bool, seed: int) -> None:
    d, h, n, T = size["d"], size["h"], size["n"], size["T"]
    fast, loop, theirs = layers(kind, d, h)
    torch.manual_seed(seed)
    X = torch.randn(T, n, d, dtype=torch.float64)
    if strided:
        X = torch.randn(n, d, 2, T, dtype=torch.float64)[:, :, 1].permute(2, 0, 1)
    X.requires_grad_()
    start = [part.requires_grad_() for part in first_state(kind, n, h)] if with_state else None
    inputs = [X, *(start or [])]

    found, plain, expected = (call(layer, X, start) for layer in (fast, loop, theirs))
    close(found, plain)
    close([part.reshape(-1) for part in found], [part.reshape(-1) for part in expected])
    close(gradients(found, [*fast.parameters(), *inputs]), gradients(plain, [*loop.parameters(), *inputs]))
    close(gradients(found := call(fast, X, start), inputs), gradients(expected, inputs))


@pytest.mark.parametrize("kind", KINDS)
def test_any_part_may_be_differentiated_alone(kind: str) -> None:
    fast, loop, _ = layers(kind, 3, 4)
    X, start = torch.randn(5, 2, 3, dtype=torch.float64), first_state(kind, 2, 4)
    names = [name for name, _ in fast.named_parameters()]
    for wanted in ["X", "start", *names]:
        for used in range(1 + len(start) + 1):  # the outputs or a part of the state alone, then all
            found = []
            for layer in (fast, loop):
                own, first = X.clone(), [part.clone() for part in start]
                layer.requires_grad_(False)
                inputs = {"X": [own], "start": first}.get(wanted) or [layer.get_parameter(wanted)]
                for value in inputs:
                    value.requires_grad_()
                results = call(layer, own, first)
                found.append(gradients(results[used : used + 1] or results, inputs))
            close(found[0], found[1])


@pytest.mark.parametrize("kind", KINDS)
def test_a_graph_may_be_kept_and_a_state_carried(kind: str) -> None:
    fast, loop, _ = layers(kind, 3, 4)
    X = torch.randn(6, 2, 3, dtype=torch.float64)
    for detach in (False, True):
        found = []
        for layer in (fast, loop):
            _, *middle = call(layer, X[:3], None)
            results = call(layer, X[3:], [part.detach() if detach else part for part in middle])
            loss = torch.stack([part.square().sum() for part in results]).sum()
            once = torch.autograd.grad(loss, list(layer.parameters()), retain_graph=True)
            close(once, torch.autograd.grad(loss, list(layer.parameters())), atol=0)
            found.append([*results, *once])
        close(found[0], found[1])


@pytest.mark.parametrize("kind", KINDS)
def test_second_derivatives_have_a_clear_error(kind: str) -> None:
    fast, loop, _ = layers(kind, 3, 4)
    X = torch.randn(5, 2, 3, dtype=torch.float64, requires_grad=True)
    with pytest.raises(NotImplementedError, match="no second derivatives: make the layer with fast=False"):
        torch.autograd.grad(fast(X)[0].sum(), X, create_graph=True)
    [dX] = torch.autograd.grad(loop(X)[0].square().sum(), X, create_graph=True)
    assert torch.autograd.grad(dX.square().sum(), X)[0].abs().sum() > 0


@pytest.mark.parametrize("kind", KINDS)
def test_float32_and_autocast(kind: str) -> None:
    fast, loop, _ = layers(kind, 3, 4, torch.float32)
    X, start = torch.randn(5, 2, 3), first_state(kind, 2, 4, torch.float32)
    exact = call(loop, X, start)
    expected = gradients(exact, list(loop.parameters()))
    close(call(fast, X, start), exact, atol=1e-5)
    close(gradients(call(fast, X, start), list(fast.parameters())), expected, atol=1e-4)
    with torch.autocast("cpu", torch.bfloat16):
        found = call(fast, X, start)
        again = call(fast, X, found[1:])  # with the state as it came
    assert {part.dtype for part in (*found, *again)} == {torch.bfloat16}
    close([part.float() for part in found], exact, atol=0.05)
    for gradient, right in zip(gradients(found, list(fast.parameters())), expected, strict=True):
        assert gradient.dtype == torch.float32
        assert (gradient - right).norm() < 0.03 * right.norm()
    double, _, _ = layers(kind, 3, 4)
    with torch.autocast("cpu", torch.bfloat16):  # leaves float64 as it is
        assert double(X.double())[0].dtype == torch.float64


@pytest.mark.skipif(fast_math.onednn is None, reason="this PyTorch has no oneDNN")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("many", [1, 100], ids=["laid out", "as they are"])
def test_onednn_computes_the_same(kind: str, many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fast_math, "AVX512", True)
    monkeypatch.setattr(fast_math, "LARGE", 1)
    monkeypatch.setattr(fast_math, "MANY", many)
    assert fast_math._by_onednn(1, torch.ones(1, 1))
    fast, loop, _ = layers(kind, 3, 4, torch.float32)
    X, start = torch.randn(5, 2, 3), first_state(kind, 2, 4, torch.float32)
    found, exact = call(fast, X, start), call(loop, X, start)
    close(found, exact, atol=1e-5)
    close(gradients(found, list(fast.parameters())), gradients(exact, list(loop.parameters())), atol=1e-4)


def storages(tensors: list[Tensor]) -> int:
    """Bytes that are alive as long as these tensors are."""
    found = {tensor.untyped_storage().data_ptr(): tensor.untyped_storage().nbytes() for tensor in tensors}
    return sum(found.values())


@pytest.mark.parametrize("kind", KINDS)
def test_without_gradients_nothing_is_kept(kind: str) -> None:
    fast, _, _ = layers(kind, 3, 4)
    T, n, h = 50, 2, 4
    X = torch.randn(T, n, 3, dtype=torch.float64)
    saved: list[Tensor] = []
    with torch.no_grad(), torch.autograd.graph.saved_tensors_hooks(saved.append, lambda none: none):
        results = call(fast, X, None)
    assert saved == []
    assert not any(part.requires_grad for part in results)
    state = sum(part.nbytes for part in results[1:])
    assert storages(results) <= (T + 1) * n * h * 8 + state  # H_0 stands in front of the outputs
    assert storages(results[1:]) == state


def test_what_is_kept_for_the_way_back() -> None:
    T, n, d, h = 7, 2, 3, 4
    saved: list[Tensor] = []
    for kind, states in {"RNN": 1, "LSTM": 6, "GRU": 5}.items():  # H; H, C and 4 gates; H, 3 gates and Q
        fast, _, _ = layers(kind, d, h)
        saved.clear()
        with torch.autograd.graph.saved_tensors_hooks(saved.append, lambda none: none):
            fast(torch.randn(T, n, d, dtype=torch.float64))
        own = [value for value in saved if value.shape[:2] in ((T, n), (T + 1, n)) and value.shape[-1] != d]
        assert sum(value[-T:].numel() for value in own) == states * T * n * h


@pytest.mark.parametrize("kind", KINDS)
def test_the_switch_changes_no_weights(kind: str) -> None:
    fast, loop, _ = layers(kind, 3, 4)
    assert list(fast.state_dict()) == list(loop.state_dict())
    X = torch.randn(5, 2, 3, dtype=torch.float64)
    outputs = fast(X)[0]
    other = copy.deepcopy(fast)
    close([other(X)[0]], [outputs], atol=0)
    loop.load_state_dict(other.state_dict())
    close([loop(X)[0]], [outputs])


def test_another_activation_function_takes_the_loop() -> None:
    torch.manual_seed(0)
    rnn, X = RNN(3, 4, phi=torch.sin), torch.randn(5, 2, 3)
    outputs, H = rnn(X)
    torch.testing.assert_close(H, torch.sin(X[-1] @ rnn.W_xh + outputs[-2] @ rnn.W_hh + rnn.b_h))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("which", [0, 1], ids=["fast", "loop"])
def test_wrong_input_is_named(kind: str, which: int) -> None:
    layer = layers(kind, 3, 4)[which]
    X = torch.zeros(5, 2, 3, dtype=torch.float64)
    with pytest.raises(ValueError, match=r"T >= 1\), but T = 0"):
        layer(X[:0])
    X[1, 0, 0], X[1, 1, 0] = torch.inf, -torch.inf  # is no NaN
    layer(X)
    X[4, 1, 2] = torch.nan
    with pytest.raises(ValueError, match=r"X\[4, 1, 2\] is NaN"):
        layer(X)


def test_import_is_light() -> None:
    code = "import sys, rnncourse.fast.autograd; print({'matplotlib', 'ipywidgets', 'pandas', 'IPython'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "set()"
