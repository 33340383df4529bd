"""Back-propagation through time of the deep RNN: equal to torch, and cut in all layers."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from problems import draw, same, seeds, sizes

from rnncourse.bptt import deep_rnn_backward, deep_rnn_forward, window_cuts


@settings(deadline=None)
@given(sizes, st.integers(1, 3), seeds)
def test_deep_rnn_equal_to_torch(size, L, seed):
    d, h, n, T = size["d"], size["h"], size["n"], size["T"]
    torch.manual_seed(seed)
    module = torch.nn.RNN(d, h, num_layers=L).double()
    X, H_0, dL_dH, dH_T = draw((T, n, d), (L, n, h), (T, n, h), (L, n, h), seed=seed)
    X, H_0 = X.requires_grad_(), H_0.requires_grad_()
    outputs, state = module(X, H_0)
    names = [[f"{name}_l{l}" for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")] for l in range(L)]
    parameters = [[module.get_parameter(name) for name in layer] for layer in names]
    used = [parameter for layer in parameters for parameter in layer[:3]]
    dX, dH_0, *dW = torch.autograd.grad((outputs * dL_dH).sum() + (state * dH_T).sum(), [X, H_0, *used])

    weights = [(W_ih.T, W_hh.T, b_ih + b_hh) for W_ih, W_hh, b_ih, b_hh in parameters]
    H = deep_rnn_forward(X, H_0, weights)
    same([H[-1, 1:], H[:, -1], H[:, 0]], [outputs, state, H_0])
    gradients = deep_rnn_backward(dL_dH, dH_T, X, H, weights)
    same([gradients.dX, gradients.dH_0], [dX, dH_0])
    same(gradients.dW_xh, [g.T for g in dW[0::3]])
    same(gradients.dW_hh, [g.T for g in dW[1::3]])
    same(gradients.db_h, dW[2::3])


def test_deep_rnn_is_cut_in_all_layers():
    T, tau, L = 6, 2, 2
    X, H_0, dL_dH, dH_T = draw((T, 2, 3), (L, 2, 3), (T, 2, 3), (L, 2, 3))
    weights = [tuple(draw((3, 3), (3, 3), (3,), seed=l)) for l in range(L)]
    X = X.requires_grad_()
    states = [state.clone().requires_grad_() for state in H_0]
    loss, current = torch.zeros((), dtype=torch.float64), list(states)
    for t in range(T):
        if t and t % tau == 0:
            current = [state.detach() for state in current]
        below = X[t]
        for l, (W_xh, W_hh, b_h) in enumerate(weights):
            current[l] = below = torch.tanh(below @ W_xh + current[l] @ W_hh + b_h)
        loss = loss + (below * dL_dH[t]).sum()
    loss = loss + sum((state * last).sum() for state, last in zip(current, dH_T, strict=True))
    dX, *dH_0 = torch.autograd.grad(loss, [X, *states])
    H = deep_rnn_forward(X, H_0, weights)
    gradients = deep_rnn_backward(dL_dH, dH_T, X, H, weights, xi=window_cuts(T, tau).double())
    same([gradients.dX, *gradients.dH_0], [dX, *dH_0])
