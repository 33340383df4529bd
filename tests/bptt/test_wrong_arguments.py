"""The passes of ``rnncourse.bptt`` leave their arguments alone, and say what is wrong with them."""

import pytest
import torch
from problems import by_hand, gru_by_hand, gru_problem, lstm_by_hand, lstm_problem, rnn_problem

from rnncourse.bptt import (
    checkpointed_backward,
    deep_rnn_forward,
    lstm_forward,
    random_cuts,
    rnn_backward,
    rnn_forward,
    window_cuts,
)


def test_arguments_are_left_alone():
    inputs, loss = rnn_problem(d=2, h=3, n=2, T=4)
    before = [value.clone() for value in (*inputs, *loss)]
    for options in ({}, {"tau": 2}, {"xi": window_cuts(4, 2).double()}):
        by_hand(inputs, *loss, **options)
    assert all(torch.equal(a, b) for a, b in zip(before, (*inputs, *loss), strict=True))
    lstm_inputs, lstm_loss = lstm_problem(d=2, h=3, n=2, T=4)
    before = [value.clone() for value in (*lstm_inputs, *lstm_loss)]
    lstm_by_hand(lstm_inputs, *lstm_loss)
    assert all(torch.equal(a, b) for a, b in zip(before, (*lstm_inputs, *lstm_loss), strict=True))
    gru_inputs, gru_loss = gru_problem(d=2, h=3, n=2, T=4)
    before = [value.clone() for value in (*gru_inputs, *gru_loss)]
    gru_by_hand(gru_inputs, *gru_loss)
    assert all(torch.equal(a, b) for a, b in zip(before, (*gru_inputs, *gru_loss), strict=True))


def test_wrong_input_is_named():
    inputs, (dL_dH, dH_T) = rnn_problem(d=2, h=3, n=2, T=4)
    X, H_0, W_xh, W_hh, b_h = inputs
    H = rnn_forward(*inputs)
    wrong = X.clone()
    wrong[1, 0, 1] = torch.nan
    with pytest.raises(ValueError, match=r"T >= 1\), but T = 0"):
        rnn_forward(X[:0], H_0, W_xh, W_hh, b_h)
    with pytest.raises(ValueError, match=r"X\[1, 0, 1\] is NaN"):
        rnn_forward(wrong, *inputs[1:])
    with pytest.raises(ValueError, match="one of tanh, relu, sigmoid, linear, but it is 'sin'"):
        rnn_forward(*inputs, phi="sin")
    with pytest.raises(TypeError, match=r"f64\[4,2,3\](.|\n)*T\+1 n h"):
        rnn_backward(dL_dH, dH_T, X, H[1:], W_xh, W_hh)
    with pytest.raises(TypeError, match="d h"):
        rnn_backward(dL_dH, dH_T, X, H, W_xh.T, W_hh)
    with pytest.raises(ValueError, match="a reach needs tau >= 1 steps, but tau = 0"):
        rnn_backward(dL_dH, dH_T, X, H, W_xh, W_hh, tau=0)
    with pytest.raises(ValueError, match="expected tau or xi, but got both"):
        rnn_backward(dL_dH, dH_T, X, H, W_xh, W_hh, tau=2, xi=torch.ones(4))
    with pytest.raises(TypeError, match="xi"):
        rnn_backward(dL_dH, dH_T, X, H, W_xh, W_hh, xi=torch.ones(3))
    with pytest.raises(ValueError, match="2 layers, but there are weights for 1"):
        deep_rnn_forward(X, torch.stack([H_0, H_0]), [(W_xh, W_hh, b_h)])
    with pytest.raises(ValueError, match="tau = 0"):
        window_cuts(3, 0)
    with pytest.raises(ValueError, match="above one step, but tau = 1"):
        random_cuts(3, 1)
    with pytest.raises(ValueError, match="every = 0"):
        checkpointed_backward(lambda H, piece: dL_dH[piece], *inputs, every=0)
    lstm_inputs, _ = lstm_problem(d=2, h=3, n=2, T=4)
    with pytest.raises(ValueError, match=r"T >= 1\), but T = 0"):
        lstm_forward(lstm_inputs[0][:0], *lstm_inputs[1:])
    X, H_0, C_0, W_xh, W_hh, b_h = lstm_inputs
    with pytest.raises(TypeError, match=r"h 4\*h"):
        lstm_forward(X, H_0, C_0, W_xh, W_hh[:, :11], b_h)
