"""Back-propagation through time of the RNN: equal to torch and to finite differences, and a product of Jacobians."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from problems import by_hand, draw, numerical, rnn_problem, same, seeds, sizes
from torch.nn import functional as F

from rnncourse.bptt import output_backward, rnn_forward, state_gradients, step_jacobian


@settings(deadline=None)
@given(sizes, st.sampled_from(["tanh", "relu"]), seeds)
def test_rnn_equal_to_torch(size, phi, seed):
    inputs, (dL_dH, dH_T) = rnn_problem(**size, seed=seed)
    X, H_0, W_xh, W_hh, b_h = (value.requires_grad_() for value in inputs)
    module = torch.nn.RNN(size["d"], size["h"], nonlinearity=phi).double()
    weights = {"weight_ih_l0": W_xh.T, "weight_hh_l0": W_hh.T, "bias_ih_l0": b_h, "bias_hh_l0": torch.zeros_like(b_h)}
    outputs, state = torch.func.functional_call(module, weights, (X, H_0[None]))
    expected = torch.autograd.grad((outputs * dL_dH).sum() + (state[0] * dH_T).sum(), inputs)

    H = rnn_forward(*inputs, phi=phi)
    same([H[0], H[1:], H[-1]], [H_0, outputs, state[0]])
    same(by_hand(inputs, dL_dH, dH_T, phi=phi), expected)


def test_rnn_equal_to_finite_differences():
    inputs, (dL_dH, dH_T) = rnn_problem(d=2, h=3, n=2, T=4)

    def loss(*inputs):
        H = rnn_forward(*inputs)
        return (H[1:] * dL_dH).sum() + (H[-1] * dH_T).sum()

    same(by_hand(inputs, dL_dH, dH_T), numerical(loss, inputs))


@pytest.mark.parametrize("phi", ["tanh", "relu", "linear"])
def test_jacobian_is_that_of_the_step(phi):
    function = {"tanh": torch.tanh, "relu": torch.relu, "linear": lambda A: A}[phi]
    A, H, W_hh = draw((3,), (3,), (3, 3))
    expected = torch.autograd.functional.jacobian(lambda H: function(A + H @ W_hh), H)
    jacobian = step_jacobian(function(A + H @ W_hh)[None], W_hh, phi)
    same(jacobian, expected[None])


@settings(deadline=None)
@given(sizes, seeds)
def test_gradient_of_one_loss_is_a_product_of_jacobians(size, seed):
    T = size["T"]
    (X, H_0, W_xh, W_hh, b_h), (dL_dH, dH_T) = rnn_problem(**size, seed=seed)
    H = rnn_forward(X, H_0, W_xh, W_hh, b_h)
    dH = state_gradients(torch.zeros_like(dL_dH), dH_T, H, W_hh)
    row = dH_T[:, None]  # (n, 1, h)
    for t in range(T, 0, -1):
        same(dH[t], row[:, 0])
        row = row @ step_jacobian(H[t], W_hh)
    same(dH[0], row[:, 0])


@settings(deadline=None)
@given(sizes, st.integers(1, 4), seeds)
def test_output_gradient_equal_to_autograd(size, m, seed):
    H, W_hm, b_m = draw((size["T"], size["n"], size["h"]), (size["h"], m), (m,), seed=seed)
    y = torch.randint(m, (size["T"], size["n"]), generator=torch.Generator().manual_seed(seed))
    inputs = [value.requires_grad_() for value in (H, W_hm, b_m)]
    loss = F.cross_entropy((H @ W_hm + b_m).flatten(0, 1), y.flatten())
    same(output_backward(H, y, W_hm, b_m), torch.autograd.grad(loss, inputs))


def test_no_graph_is_made():
    inputs, (dL_dH, dH_T) = rnn_problem(d=2, h=3, n=2, T=4)
    inputs = [value.requires_grad_() for value in inputs]
    assert not rnn_forward(*inputs).requires_grad
    assert not any(gradient.requires_grad for gradient in by_hand(inputs, dL_dH, dH_T))
