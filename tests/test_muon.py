"""Muon: orthogonal steps for the matrices between states, AdamW's own steps for everything else."""

from copy import deepcopy

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from rnncourse.gated import LSTM
from rnncourse.language_model import LanguageModel
from rnncourse.muon import Muon, orthogonal


@settings(deadline=None)
@given(st.integers(2, 12), st.integers(1, 4), st.integers(0, 99))
def test_each_block_keeps_its_singular_vectors_and_loses_its_singular_values(h, k, seed):
    G = torch.randn(h, k * h, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    for block, made in zip(G.split(h, dim=1), orthogonal(G).split(h, dim=1), strict=True):
        U, S, V = torch.linalg.svd(block)
        values = U.T @ made @ V.T
        assert values - torch.diag(values.diagonal()) == pytest.approx(torch.zeros(h, h), abs=1e-6)
        large = 0.05 * S[0] < S  # smaller ones need more than five steps
        assert values.diagonal()[large].min() > 0.3
        assert values.diagonal().max() < 1.3


def test_every_direction_moves_alike_and_the_rest_as_with_adamw():
    torch.manual_seed(0)
    model = LanguageModel(LSTM(5, 16))
    copy = LanguageModel(LSTM(5, 16))
    copy.load_state_dict(model.state_dict())
    muon = Muon(model.parameters(), 0.01, weight_decay=0.1, scale=3.0)
    adamw = torch.optim.AdamW(copy.parameters(), 0.01, weight_decay=0.1)
    x = torch.randint(5, (12, 4))
    for network, optimizer in ((model, muon), (copy, adamw)):
        O, _ = network(x)
        nn.functional.cross_entropy(O.flatten(0, 1), x.flatten()).backward()
        optimizer.step()
    torch.manual_seed(0)
    before = LanguageModel(LSTM(5, 16))
    for name, p in model.named_parameters():
        if name == "cell.W_hh":
            moved = (1 - 0.01 * 0.1) * before.get_parameter(name) - p
            for block in moved.split(16, dim=1):
                lengths = torch.linalg.svdvals(block)
                assert lengths.max() < 0.03 * 1.3
                assert lengths[7] > 0.03 * 0.5  # the gradient's eighth value is 1 % of its first
        else:
            assert torch.equal(p, copy.get_parameter(name)), name


def test_goes_on_from_its_stored_state():
    torch.manual_seed(0)
    W, again = (nn.Parameter(torch.eye(4)) for _ in range(2))
    one, two = Muon([W], 0.1), Muon([again], 0.1)
    gradients = torch.randn(3, 4, 4)
    for i, G in enumerate(gradients):
        if i == 1:
            two.load_state_dict(deepcopy(one.state_dict()))
            again.data.copy_(W.data)
        for p, optimizer in ((W, one), (again, two)):
            if i or p is W:
                p.grad = G.clone()
                optimizer.step()
    assert torch.equal(W, again)
