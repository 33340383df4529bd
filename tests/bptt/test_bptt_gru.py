"""Back-propagation through time of the GRU: equal to torch and to finite differences."""

import torch
from hypothesis import given, settings
from problems import gru_by_hand, gru_problem, numerical, same, seeds, sizes

from rnncourse.bptt import gru_forward, window_cuts


@settings(deadline=None)
@given(sizes, seeds)
def test_gru_equal_to_torch(size, seed):
    h = size["h"]
    inputs, (dL_dH, dH_T) = gru_problem(**size, seed=seed)
    X, H_0, W_xh, W_hh, b_h, b_hg = (value.requires_grad_() for value in inputs)
    module = torch.nn.GRU(size["d"], h).double()
    recurrent = torch.cat([torch.zeros_like(b_h[: 2 * h]), b_hg])
    weights = {"weight_ih_l0": W_xh.T, "weight_hh_l0": W_hh.T, "bias_ih_l0": b_h, "bias_hh_l0": recurrent}
    outputs, H_T = torch.func.functional_call(module, weights, (X, H_0[None]))
    expected = torch.autograd.grad((outputs * dL_dH).sum() + (H_T[0] * dH_T).sum(), inputs)

    H, _, _ = gru_forward(*inputs)
    same([H[1:], H[-1], H[0]], [outputs, H_T[0], H_0])
    same(gru_by_hand(inputs, dL_dH, dH_T), expected)


def test_gru_equal_to_finite_differences():
    inputs, (dL_dH, dH_T) = gru_problem(d=2, h=2, n=2, T=3)

    def loss(*inputs):
        H, _, _ = gru_forward(*inputs)
        return (H[1:] * dL_dH).sum() + (H[-1] * dH_T).sum()

    same(gru_by_hand(inputs, dL_dH, dH_T), numerical(loss, inputs))


def test_gru_is_cut():
    T, tau = 7, 3
    inputs, (dL_dH, dH_T) = gru_problem(d=2, h=3, n=2, T=T)
    expected = [torch.zeros_like(value) for value in inputs]
    X, H, *weights = inputs
    # One window after the other; only the first one reaches the given state.
    for t in range(0, T, tau):
        end = dH_T if t + tau >= T else torch.zeros_like(dH_T)
        part = gru_by_hand([X[t : t + tau], H, *weights], dL_dH[t : t + tau], end)
        expected[0][t : t + tau] = part.dX
        if t == 0:
            expected[1] = part.dH_0
        for total, gradient in zip(expected[2:], part[2:], strict=True):
            total += gradient
        H = gru_forward(X[t : t + tau], H, *weights).H[-1]
    same(gru_by_hand(inputs, dL_dH, dH_T, window_cuts(T, tau).double()), expected)
