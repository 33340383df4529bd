"""Back-propagation through time of the LSTM: equal to torch and to finite differences."""

import torch
from hypothesis import given, settings
from problems import lstm_by_hand, lstm_problem, numerical, same, seeds, sizes

from rnncourse.bptt import lstm_forward, window_cuts


@settings(deadline=None)
@given(sizes, seeds)
def test_lstm_equal_to_torch(size, seed):
    inputs, (dL_dH, dH_T, dC_T) = lstm_problem(**size, seed=seed)
    X, H_0, C_0, W_xh, W_hh, b_h = (value.requires_grad_() for value in inputs)
    module = torch.nn.LSTM(size["d"], size["h"]).double()
    weights = {"weight_ih_l0": W_xh.T, "weight_hh_l0": W_hh.T, "bias_ih_l0": b_h, "bias_hh_l0": torch.zeros_like(b_h)}
    outputs, (H_T, C_T) = torch.func.functional_call(module, weights, (X, (H_0[None], C_0[None])))
    loss = (outputs * dL_dH).sum() + (H_T[0] * dH_T).sum() + (C_T[0] * dC_T).sum()
    expected = torch.autograd.grad(loss, inputs)

    H, C, _ = lstm_forward(*inputs)
    same([H[1:], C[-1], H[0], C[0]], [outputs, C_T[0], H_0, C_0])
    same(lstm_by_hand(inputs, dL_dH, dH_T, dC_T), expected)


def test_lstm_equal_to_finite_differences():
    inputs, (dL_dH, dH_T, dC_T) = lstm_problem(d=2, h=2, n=2, T=3)

    def loss(*inputs):
        H, C, _ = lstm_forward(*inputs)
        return (H[1:] * dL_dH).sum() + (H[-1] * dH_T).sum() + (C[-1] * dC_T).sum()

    same(lstm_by_hand(inputs, dL_dH, dH_T, dC_T), numerical(loss, inputs))


def test_lstm_is_cut_in_both_states():
    T, tau = 7, 3
    inputs, (dL_dH, dH_T, dC_T) = lstm_problem(d=2, h=3, n=2, T=T)
    expected = [torch.zeros_like(value) for value in inputs]
    X, H, C, *weights = inputs
    # One window after the other; only the first one reaches the given states.
    for t in range(0, T, tau):
        last = t + tau >= T
        ends = (dH_T, dC_T) if last else (torch.zeros_like(dH_T), torch.zeros_like(dC_T))
        part = lstm_by_hand([X[t : t + tau], H, C, *weights], dL_dH[t : t + tau], *ends)
        expected[0][t : t + tau] = part.dX
        if t == 0:
            expected[1:3] = part.dH_0, part.dC_0
        for total, gradient in zip(expected[3:], part[3:], strict=True):
            total += gradient
        states = lstm_forward(X[t : t + tau], H, C, *weights)
        H, C = states.H[-1], states.C[-1]
    same(lstm_by_hand(inputs, dL_dH, dH_T, dC_T, window_cuts(T, tau).double()), expected)
