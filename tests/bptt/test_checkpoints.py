"""Back-propagation through time with few stored states: the same gradients."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from problems import by_hand, rnn_problem, same, seeds, sizes

from rnncourse.bptt import checkpointed_backward, rnn_forward


@settings(deadline=None)
@given(sizes, st.integers(1, 7), seeds)
def test_checkpoints_change_nothing(size, every, seed):
    inputs, (dL_dH, dH_T) = rnn_problem(**size, seed=seed)
    expected = by_hand(inputs, dL_dH, torch.zeros_like(dH_T))
    H = rnn_forward(*inputs)
    seen = []

    def loss_gradients(outputs, piece):
        same(outputs, H[1:][piece])
        seen.append(len(outputs))
        return dL_dH[piece]

    same(checkpointed_backward(loss_gradients, *inputs, every=every), expected)
    assert sum(seen) == size["T"]
    assert max(seen) <= every
