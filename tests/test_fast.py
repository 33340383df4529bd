"""The fast passes: equal to the readable ones, to autograd of the plain loop and to torch.nn; exact, and frugal."""

import copy
from collections.abc import Sequence
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from rnncourse.bptt import (
    deep_rnn_backward,
    deep_rnn_forward,
    gru_backward,
    gru_forward,
    lstm_backward,
    lstm_forward,
    rnn_backward,
    rnn_forward,
)
from rnncourse.deep_rnn import DeepRNN
from rnncourse.fast.steps import MANY
from rnncourse.gated import GRU, LSTM
from rnncourse.rnn import PHI, RNN

Size = dict[str, int]
# T on both sides of the number of steps from where on the weights are copied.
sizes = st.fixed_dictionaries({name: st.integers(1, 2 * MANY if name == "T" else 6) for name in ("d", "h", "n", "T")})
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
    layer_class, module = kinds[kind]()
    fast, loop = (layer_class.from_torch(module.to(dtype)) for _ in range(2))
    for layer in loop.modules():  # a DeepRNN has its RNNs
        layer.fast = False
    return fast, loop, module


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


def weights_of(results: list[Tensor], seed: int = 1) -> list[Tensor]:
    """A random weight for each number of the results: the loss is their weighted sum."""
    random = torch.Generator().manual_seed(seed)
    return [torch.randn(part.shape, generator=random, dtype=torch.float64).to(part.dtype) for part in results]


def gradients(results: list[Tensor], inputs: list[Tensor], seed: int = 1) -> list[Tensor]:
    return list(torch.autograd.grad(results, inputs, weights_of(results, seed)))


def by_hand(kind: str, layer: Any, X: Tensor, start: list[Tensor], seed: int = 1) -> tuple[list[Tensor], list[Tensor]]:
    """Results, and gradients of parameters, inputs and first states, by the passes of ``rnncourse.bptt``."""
    X, start = X.detach(), [part.detach() for part in start]
    if kind == "DeepRNN":
        weights = [[W.detach() for W in part.parameters()] for part in layer.layers]
        H = deep_rnn_forward(X, start[0], weights)
        results = [H[-1, 1:], H[:, -1]]
        dL_dH, dH_T = weights_of(results, seed)
        dX, dH_0, *dW = deep_rnn_backward(dL_dH, dH_T, X, H, weights)
        return results, [*(gradient for part in zip(*dW, strict=True) for gradient in part), dX, dH_0]
    W_xh, W_hh, *biases = (W.detach() for W in layer.parameters())
    inputs: Any = X, *start, W_xh, W_hh, *biases
    if kind == "LSTM":
        states = lstm_forward(*inputs)
        results = [states.H[1:], states.H[-1], states.C[-1]]
        dL_dH, dH_T, dC_T = weights_of(results, seed)
        dX, dH_0, dC_0, *dW = lstm_backward(dL_dH, dH_T, dC_T, X, *states, W_xh, W_hh)
        return results, [*dW, dX, dH_0, dC_0]
    if kind == "GRU":
        states = gru_forward(*inputs)
        results = [states.H[1:], states.H[-1]]
        dL_dH, dH_T = weights_of(results, seed)
        dX, dH_0, *dW = gru_backward(dL_dH, dH_T, X, *states, W_xh, W_hh)
        return results, [*dW, dX, dH_0]
    H = rnn_forward(*inputs, phi=layer.phi)
    results = [H[1:], H[-1]]
    dL_dH, dH_T = weights_of(results, seed)
    dX, dH_0, *dW = rnn_backward(dL_dH, dH_T, X, H, W_xh, W_hh, phi=layer.phi)
    return results, [*dW, dX, dH_0]


def close(results: Sequence[Tensor], expected: Sequence[Tensor], atol: float = 1e-10, rtol: float = 0.0) -> None:
    for a, b in zip(results, expected, strict=True):
        torch.testing.assert_close(a, b, rtol=rtol, atol=atol)


@settings(deadline=None)
@given(st.sampled_from(KINDS), sizes, st.booleans(), st.integers(0, 1000))
def test_fast_readable_loop_and_torch_are_equal(kind: str, size: Size, strided: bool, seed: int) -> None:
    d, h, n, T = size["d"], size["h"], size["n"], size["T"]
    fast, loop, module = layers(kind, d, h)
    torch.manual_seed(seed)
    X = torch.randn(T, n, d, dtype=torch.float64)
    if strided:
        X = torch.randn(n, d, 2, T, dtype=torch.float64)[:, :, 1].permute(2, 0, 1)
    X.requires_grad_()
    start = [part.requires_grad_() for part in first_state(kind, n, h)]
    inputs = [X, *start]

    results, of_the_loop, of_torch = (call(layer, X, start) for layer in (fast, loop, module))
    readable, gradients_by_hand = by_hand(kind, fast, X, start)
    close(results, of_the_loop)
    close(results, readable)
    close(results, [part.reshape(result.shape) for part, result in zip(of_torch, results, strict=True)])
    gradients_fast = gradients(results, [*fast.parameters(), *inputs])
    close(gradients_fast, gradients(of_the_loop, [*loop.parameters(), *inputs]))
    close(gradients_fast, gradients_by_hand)
    torch_weights = [weight.reshape(part.shape) for weight, part in zip(weights_of(results), of_torch, strict=True)]
    close(gradients_fast[-len(inputs) :], torch.autograd.grad(of_torch, inputs, torch_weights))


@pytest.mark.parametrize("phi", PHI)
def test_every_activation_function(phi: str) -> None:
    torch.manual_seed(0)
    fast = RNN(3, 4, phi=phi).double()
    loop = copy.deepcopy(fast)
    loop.fast = False
    X, start = torch.randn(6, 2, 3, dtype=torch.float64).requires_grad_(), first_state("RNN", 2, 4)
    results = call(fast, X, start)
    close(results, call(loop, X, start))
    gradients_fast = gradients(results, [*fast.parameters(), X])
    close(gradients_fast, gradients(call(loop, X, start), [*loop.parameters(), X]))
    close(gradients_fast, by_hand("RNN", fast, X, start)[1][:-1])


@pytest.mark.parametrize("kind", KINDS)
def test_any_part_may_be_differentiated_alone(kind: str) -> None:
    fast, loop, _ = layers(kind, 3, 4)
    X, start = torch.randn(5, 2, 3, dtype=torch.float64), first_state(kind, 2, 4)
    names = [name for name, _ in fast.named_parameters()]
    for wanted in ["X", "start", *names]:
        for used in range(1 + len(start) + 1):  # the outputs or a part of the state alone, then all
            of_both = []
            for layer in (fast, loop):
                inputs, first = X.clone(), [part.clone() for part in start]
                layer.requires_grad_(False)
                moving = {"X": [inputs], "start": first}.get(wanted) or [layer.get_parameter(wanted)]
                for value in moving:
                    value.requires_grad_()
                results = call(layer, inputs, first)
                of_both.append(gradients(results[used : used + 1] or results, moving))
            close(of_both[0], of_both[1])


@pytest.mark.parametrize("kind", KINDS)
def test_a_graph_may_be_kept_and_a_state_carried(kind: str) -> None:
    fast, loop, _ = layers(kind, 3, 4)
    X = torch.randn(6, 2, 3, dtype=torch.float64)
    for detach in (False, True):
        of_both = []
        for layer in (fast, loop):
            _, *middle = call(layer, X[:3], None)
            results = call(layer, X[3:], [part.detach() if detach else part for part in middle])
            loss = torch.stack([part.square().sum() for part in results]).sum()
            once = torch.autograd.grad(loss, list(layer.parameters()), retain_graph=True)
            close(once, torch.autograd.grad(loss, list(layer.parameters())), atol=0)
            of_both.append([*results, *once])
        close(of_both[0], of_both[1])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [1.0, 1e-4, 1e-8])
def test_single_precision_is_right_relative_to_the_size(kind: str, size: float) -> None:
    fast, _, _ = layers(kind, 3, 4, torch.float32)
    with torch.no_grad():
        for parameter in fast.parameters():
            if parameter.dim() == 1:
                parameter.zero_()  # so that the states are as small as the inputs
    exact = copy.deepcopy(fast).double()
    X, start = size * torch.randn(5, 2, 3), [size * part for part in first_state(kind, 2, 4, torch.float32)]
    results = call(fast, X, start)
    expected = call(exact, X.double(), [part.double() for part in start])
    for result, right in zip(results, expected, strict=True):
        assert (result - right).norm() < 1e-6 * right.norm()
    of_both = [gradients(call(fast, X, start), list(fast.parameters()))]
    of_both.append(gradients(call(exact, X.double(), [part.double() for part in start]), list(exact.parameters())))
    for gradient, right in zip(*of_both, strict=True):
        assert (gradient - right).norm() < 1e-5 * right.norm()


@pytest.mark.parametrize("kind", KINDS)
def test_autocast(kind: str) -> None:
    fast, loop, _ = layers(kind, 3, 4, torch.float32)
    X, start = torch.randn(5, 2, 3), first_state(kind, 2, 4, torch.float32)
    exact = call(loop, X, start)
    expected = gradients(exact, list(loop.parameters()))
    with torch.autocast("cpu", torch.bfloat16):
        results = call(fast, X, start)
        following = call(fast, X, results[1:])  # with the state as it came
    assert {part.dtype for part in (*results, *following)} == {torch.bfloat16}
    close([part.float() for part in results], exact, atol=0.05)
    for gradient, right in zip(gradients(results, list(fast.parameters())), expected, strict=True):
        assert gradient.dtype == torch.float32
        assert (gradient - right).norm() < 0.05 * right.norm()
    double, _, _ = layers(kind, 3, 4)
    with torch.autocast("cpu", torch.bfloat16):  # leaves float64 as it is
        assert double(X.double())[0].dtype == torch.float64


def storages(tensors: list[Tensor]) -> int:
    """Bytes that are alive as long as these tensors are."""
    alive = {tensor.untyped_storage().data_ptr(): tensor.untyped_storage().nbytes() for tensor in tensors}
    return sum(alive.values())


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
        of_steps = [value for value in saved if value.shape[:2] in ((T, n), (T + 1, n)) and value.shape[-1] != d]
        assert sum(value[-T:].numel() for value in of_steps) == states * T * n * h


@pytest.mark.parametrize("kind", KINDS)
def test_the_switch_changes_no_weights(kind: str) -> None:
    fast, loop, _ = layers(kind, 3, 4)
    assert list(fast.state_dict()) == list(loop.state_dict())
    X = torch.randn(5, 2, 3, dtype=torch.float64)
    loop.load_state_dict(fast.state_dict())
    close([loop(X)[0]], [fast(X)[0]])


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
