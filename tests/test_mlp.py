"""The network without hidden state, equal to torch and to finite differences; the window model, blind beyond it."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from rnncourse.language_model import evaluate, sample
from rnncourse.mlp import (
    Parameters,
    WindowModel,
    backward,
    check_gradients,
    cross_entropy,
    draw_parameters,
    finite_difference,
    forward,
    relative_error,
    softmax,
)
from rnncourse.text import SequentialWindows, Vocabulary
from rnncourse.training import train

sizes = st.fixed_dictionaries({name: st.integers(1, 6) for name in ("n", "d", "h", "m")})


def problem(n, d, h, m, seed=0):
    """Inputs, classes, and parameters none of which is zero."""
    random = np.random.default_rng(seed)
    X, y = random.normal(size=(n, d)), random.integers(m, size=n)
    return X, y, Parameters(*(random.normal(size=shape) for shape in [(d, h), h, (h, m), m]))


@settings(deadline=None)
@given(sizes, st.integers(0, 1000))
def test_equal_to_torch(size, seed):
    X, y, parameters = problem(**size, seed=seed)
    hidden, output = torch.nn.Linear(size["d"], size["h"]).double(), torch.nn.Linear(size["h"], size["m"]).double()
    torch_parameters = [hidden.weight, hidden.bias, output.weight, output.bias]
    with torch.no_grad():
        for W_torch, W in zip(torch_parameters, parameters, strict=True):
            W_torch.copy_(torch.tensor(W).T if W.ndim == 2 else torch.tensor(W))
    H_torch = hidden(torch.tensor(X)).tanh()
    O_torch = output(H_torch)
    torch_loss = F.cross_entropy(O_torch, torch.tensor(y))

    H, O = forward(X, *parameters)
    np.testing.assert_allclose(H, H_torch.detach().numpy(), rtol=0, atol=1e-10)
    np.testing.assert_allclose(O, O_torch.detach().numpy(), rtol=0, atol=1e-10)
    np.testing.assert_allclose(softmax(O), O_torch.softmax(dim=1).detach().numpy(), rtol=0, atol=1e-10)
    assert cross_entropy(O, y) == pytest.approx(torch_loss.item(), abs=1e-10)
    gradients = backward(X, H, O, y, parameters.W_hm)
    for dW, dW_torch in zip(gradients, torch.autograd.grad(torch_loss, torch_parameters), strict=True):
        np.testing.assert_allclose(dW, dW_torch.T.numpy() if dW.ndim == 2 else dW_torch.numpy(), rtol=0, atol=1e-10)


@settings(deadline=None)
@given(sizes, st.integers(0, 1000))
def test_gradients_are_those_of_finite_differences(size, seed):
    X, y, parameters = problem(**size, seed=seed)
    H, O = forward(X, *parameters)
    gradients = backward(X, H, O, y, parameters.W_hm)
    for name, value in parameters._asdict().items():
        numeric = finite_difference(
            lambda W, name=name: cross_entropy(forward(X, *parameters._replace(**{name: W}))[1], y), value
        )
        np.testing.assert_allclose(getattr(gradients, name), numeric, rtol=0, atol=1e-8)


def test_check_gradients_finds_the_wrong_parameter_and_only_it():
    X, y, parameters = problem(5, 3, 4, 2)
    H, O = forward(X, *parameters)
    right = backward(X, H, O, y, parameters.W_hm)

    def loss(parameters):
        return cross_entropy(forward(X, *parameters)[1], y)

    assert max(check_gradients(loss, parameters, right).values()) < 1e-8
    for name in Parameters._fields:
        wrong = right._replace(**{name: 1.1 * getattr(right, name)})
        errors = check_gradients(loss, parameters, wrong)
        assert errors.pop(name) == pytest.approx(0.1 / 2.1, rel=1e-4)
        assert max(errors.values()) < 1e-8


def test_check_gradients_leaves_the_parameters_alone():
    X, y, parameters = problem(5, 3, 4, 2)
    before = Parameters(*(values.copy() for values in parameters))
    check_gradients(lambda p: cross_entropy(forward(X, *p)[1], y), parameters, parameters)
    for values, old in zip(parameters, before, strict=True):
        np.testing.assert_array_equal(values, old)


def test_finite_difference():
    W = np.array([[1.0, -2.0, 0.5], [0.0, 3.0, -1.0]])
    np.testing.assert_allclose(finite_difference(lambda W: float((W**3).sum()), W), 3 * W**2, atol=1e-8)
    # Central: exact for a square, up to rounding, even with a large step.
    np.testing.assert_allclose(finite_difference(lambda W: float((W**2).sum()), W, epsilon=0.5), 2 * W, atol=1e-12)
    with pytest.raises(TypeError, match="Float64"):
        finite_difference(lambda W: float(W.sum()), W.astype(np.float32))
    for epsilon in (0.0, -1e-5, float("nan")):
        with pytest.raises(ValueError, match="epsilon should be positive, but it is"):
            finite_difference(lambda W: float(W.sum()), W, epsilon)


def test_relative_error():
    A = np.array([3.0, 4.0])
    assert relative_error(A, A) == 0
    assert relative_error(A, -A) == 1
    assert relative_error(A, 0 * A) == 1
    assert relative_error(2 * A, A) == pytest.approx(1 / 3)
    assert relative_error(0 * A, 0 * A) == 0
    with pytest.raises(TypeError, match="shape"):
        relative_error(A, A[:, None])


@settings(deadline=None)
@given(sizes, st.floats(-1e6, 1e6), st.integers(0, 1000))
def test_softmax_and_cross_entropy_do_not_feel_a_shift(size, shift, seed):
    random = np.random.default_rng(seed)
    O, y = random.normal(size=(size["n"], size["m"])), random.integers(size["m"], size=size["n"])
    P = softmax(O + shift)
    np.testing.assert_allclose(P.sum(axis=1), 1)
    np.testing.assert_allclose(P, np.exp(O) / np.exp(O).sum(axis=1, keepdims=True), atol=1e-9)
    assert cross_entropy(O + shift, y) == pytest.approx(-np.log(P[np.arange(len(y)), y]).mean(), abs=1e-8)


def test_large_logits():
    O = np.array([[1000.0, 0.0], [-1000.0, -1000.0]])
    np.testing.assert_array_equal(softmax(O), [[1, 0], [0.5, 0.5]])
    assert cross_entropy(O, np.array([1, 0])) == pytest.approx((1000 + np.log(2)) / 2)
    parameters = Parameters(np.ones((2, 3)), np.zeros(3), 1e4 * np.ones((3, 2)), np.array([0.0, 1e5]))
    X, y = np.ones((1, 2)), np.array([0])
    H, O = forward(X, *parameters)
    assert all(np.isfinite(gradient).all() for gradient in backward(X, H, O, y, parameters.W_hm))


def test_rows_do_not_meet():
    X, _, parameters = problem(5, 3, 4, 2)
    _, O = forward(X, *parameters)
    for i in range(5):
        np.testing.assert_allclose(forward(X[i : i + 1], *parameters)[1], O[i : i + 1], atol=1e-12)


def test_draw_parameters():
    parameters = draw_parameters(100, 25, 10, seed=1)
    assert [values.shape for values in parameters] == [(100, 25), (25,), (25, 10), (10,)]
    assert 0.09 < np.abs(parameters.W_xh).max() <= 0.1
    assert 0.18 < np.abs(parameters.W_hm).max() <= 0.2
    assert not parameters.b_h.any()
    assert not parameters.b_m.any()
    for values, same in zip(parameters, draw_parameters(100, 25, 10, seed=1), strict=True):
        np.testing.assert_array_equal(values, same)
    assert not np.array_equal(parameters.W_xh, draw_parameters(100, 25, 10, seed=2).W_xh)
    with pytest.raises(ValueError, match="d = 3, h = 0 and m = 2"):
        draw_parameters(3, 0, 2)


def test_wrong_input_is_named():
    X, y, parameters = problem(6, 3, 4, 2)
    H, O = forward(X, *parameters)
    with pytest.raises(TypeError, match=r"\[4,3\](.|\n)*'d h'"):
        forward(X, parameters.W_xh.T, *parameters[1:])
    with pytest.raises(TypeError, match="Float"):
        forward(np.ones((6, 3), dtype=int), *parameters)
    X_nan = X.copy()
    X_nan[4, 2] = np.nan
    with pytest.raises(ValueError, match=r"X\[4, 2\] is NaN"):
        forward(X_nan, *parameters)
    for wrong, found in ((2, 2), (-1, -1)):
        y_wrong = y.copy()
        y_wrong[3] = wrong
        for call in (lambda y: cross_entropy(O, y), lambda y: backward(X, H, O, y, parameters.W_hm)):
            with pytest.raises(ValueError, match=rf"0 .. 1, but y holds {found}$"):
                call(y_wrong)
    with pytest.raises(TypeError, match="Int"):
        cross_entropy(O, y.astype(float))
    with pytest.raises(ValueError, match="n >= 1"):
        cross_entropy(O[:0], y[:0])
    with pytest.raises(ValueError, match="n >= 1"):
        backward(X[:0], H[:0], O[:0], y[:0], parameters.W_hm)


window_sizes = st.fixed_dictionaries({name: st.integers(1, 6) for name in ("m", "window", "e", "h")})


@settings(deadline=None, max_examples=50)
@given(window_sizes, st.integers(1, 12), st.integers(1, 3), st.integers(0, 1000))
def test_window_model_is_the_network_on_the_last_characters(size, T, n, seed):
    torch.manual_seed(seed)
    model = WindowModel(**size).double()
    x = torch.randint(size["m"], (T, n))
    O, state = model(x)
    assert O.shape == (T, n, size["m"])
    assert state.shape == (size["window"] - 1, n)
    C, W_xh, b_h, W_hm, b_m = (p.detach().numpy() for p in model.parameters())
    for t in range(T):
        for i in range(n):
            last = [C[x[s, i]] if s >= 0 else np.zeros(size["e"]) for s in range(t - size["window"] + 1, t + 1)]
            _, expected = forward(np.concatenate(last)[None], W_xh, b_h, W_hm, b_m)
            np.testing.assert_allclose(O[t, i].detach().numpy(), expected[0], rtol=0, atol=1e-10)


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 6), st.integers(1, 12), st.integers(1, 3), st.data())
def test_window_model_reads_in_pieces(window, T, n, data):
    torch.manual_seed(0)
    model = WindowModel(5, window, 3, 4).double()
    x = torch.randint(5, (T, n))
    O, end = model(x)
    pieces, state = [], None
    lengths = data.draw(st.lists(st.integers(1, 4), min_size=T, max_size=T))
    cuts = [min(sum(lengths[:i]), T) for i in range(T + 1)]
    for start, stop in pairwise(cuts):
        if start < stop:
            piece, state = model(x[start:stop], state)
            pieces.append(piece)
    torch.testing.assert_close(torch.cat(pieces), O, rtol=0, atol=1e-10)
    assert state is not None
    assert torch.equal(state, end)
    if window <= T:
        assert torch.equal(end, x[T - (window - 1) :])


@settings(deadline=None)
@given(st.integers(1, 6), st.integers(0, 11))
def test_window_model_is_blind_beyond_its_window(window, lag):
    torch.manual_seed(0)
    model = WindowModel(12, window, 3, 4)
    x = torch.randperm(12)[:, None]
    O, _ = model(x)
    changed = x.clone()
    changed[-1 - lag] = (x[-1 - lag] + 1) % 12
    assert torch.equal(model(changed)[0][-1], O[-1]) == (lag >= window)
    (dC,) = torch.autograd.grad(O[-1].square().sum(), model.C)
    assert bool((dC[x[-1 - lag]] == 0).all()) == (lag >= window)


def test_window_model_parameters_grow_linearly():
    for window in range(1, 8):
        model = WindowModel(81, window, 16, 32)
        assert model.parameter_count() == sum(p.numel() for p in model.parameters())
        assert WindowModel(81, window + 1, 16, 32).parameter_count() - model.parameter_count() == 16 * 32


def test_window_model_learns_what_its_window_can_tell():
    text = "aab" * 400  # what follows an a depends on the character before it
    vocabulary = Vocabulary(text)
    x = vocabulary.encode(text)
    scores = {}
    for window in (1, 2):
        torch.manual_seed(0)
        model = WindowModel(2, window, 4, 16)
        history = train(model, SequentialWindows(x, n=4, T=10), epochs=4, lr=0.05, theta=1.0)
        assert history.loss[-1] < history.loss[0]
        scores[window] = evaluate(model, x, steps=7)
    assert scores[2].perplexity < 1.02
    # A bigram model cannot do better: after a, either letter comes half of the time.
    assert scores[1].perplexity == pytest.approx(2 ** (2 / 3), abs=0.05)
    assert sample(model, vocabulary, "aab", 9, temperature=0.1) == "aab" * 4


def test_window_model_names_wrong_input():
    model, x = WindowModel(5, 3, 2, 4), torch.zeros(4, 2, dtype=torch.long)
    with pytest.raises(ValueError, match=r"0 .. 4, but x holds 5"):
        model(torch.full((4, 2), 5))
    with pytest.raises(ValueError, match=r"0 .. 5, but state holds 6"):
        model(x, torch.full((2, 2), 6))
    with pytest.raises(ValueError, match=r"0 .. 4, but x holds -1"):
        model(x - 1)
    with pytest.raises(TypeError, match=r"self.past(.|\n)*n=2"):
        model(x, torch.zeros(3, 2, dtype=torch.long))
    with pytest.raises(TypeError, match="Int"):
        model(x.float())
    with pytest.raises(ValueError, match=r"T >= 1\), but T = 0"):
        model(x[:0])
    with pytest.raises(ValueError, match="window = 0"):
        WindowModel(5, 0, 2, 4)
