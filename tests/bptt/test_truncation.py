"""Truncated back-propagation through time: cut exactly where it says, and unbiased if it is random."""

import itertools

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from problems import by_hand, draw, looped, rnn_problem, same, seeds, sizes

from rnncourse.bptt import random_cuts, window_cuts


@settings(deadline=None)
@given(sizes, st.integers(1, 7), seeds)
def test_truncation_is_a_detached_state(size, tau, seed):
    inputs, loss = rnn_problem(**size, seed=seed)
    # The state that goes into step t - tau + 1 is detached, so the steps k with t - k < tau count.
    expected = looped(inputs, *loss, cut=lambda t: t - tau + 1)
    same(by_hand(inputs, *loss, tau=tau), expected)
    if tau > size["T"]:
        same(by_hand(inputs, *loss, tau=tau), by_hand(inputs, *loss))


def test_truncation_drops_something():
    inputs, loss = rnn_problem(d=2, h=3, n=2, T=6)
    full = by_hand(inputs, *loss)
    for tau in range(1, 6):
        assert (by_hand(inputs, *loss, tau=tau).dW_hh - full.dW_hh).abs().max() > 1e-3
    same(by_hand(inputs, *loss, tau=1)[1:2], [torch.zeros_like(full.dH_0)])


@settings(deadline=None)
@given(sizes, st.integers(1, 6), seeds)
def test_windows_are_detached_between_two(size, tau, seed):
    inputs, loss = rnn_problem(**size, seed=seed)
    expected = looped(inputs, *loss, cut=lambda t: (t - 1) // tau * tau + 1 if t > tau else None)
    same(by_hand(inputs, *loss, xi=window_cuts(size["T"], tau).double()), expected)


@settings(deadline=None)
@given(sizes, seeds)
def test_factors_act_on_what_flows_back(size, seed):
    inputs, loss = rnn_problem(**size, seed=seed)
    [xi] = draw((size["T"],), seed=seed + 1)
    same(by_hand(inputs, *loss, xi=xi), looped(inputs, *loss, xi=xi))


def test_random_truncation_is_unbiased():
    T, tau = 5, 3.0
    inputs, loss = rnn_problem(d=2, h=3, n=2, T=T)
    # The mean over all 2^T draws, each with its probability.
    mean = [torch.zeros_like(value) for value in inputs]
    for cut in itertools.product([False, True], repeat=T):
        p = (1 / tau) ** sum(cut) * (1 - 1 / tau) ** (T - sum(cut))
        xi = torch.tensor([0.0 if c else tau / (tau - 1) for c in cut], dtype=torch.float64)
        for total, gradient in zip(mean, by_hand(inputs, *loss, xi=xi), strict=True):
            total += p * gradient
    same(mean, by_hand(inputs, *loss))


def test_random_cuts_have_the_promised_distribution():
    xi = random_cuts(20_000, 4, torch.Generator().manual_seed(0))
    torch.testing.assert_close(xi.unique(), torch.tensor([0, 4 / 3]))
    assert (xi == 0).double().mean().item() == pytest.approx(1 / 4, abs=0.02)
    assert window_cuts(7, 3).tolist() == [1, 1, 1, 0, 1, 1, 0]
    assert window_cuts(3, 1).tolist() == [1, 0, 0]
