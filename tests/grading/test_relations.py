"""What is said of a wrong result: how it is related to the right one, and nothing where it is not."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnncourse.grading.relations import order, relation

RIGHT = torch.tensor([[0.5, -0.25, 0.75], [-0.5, 0.125, 0.375], [0.1, 0.2, -0.7]], dtype=torch.float64)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (-RIGHT, "the sign is wrong"),
        (2 * RIGHT, "every value is 2 times what it should be"),
        (RIGHT / 3, "every value is 1/3 times"),
        (RIGHT + 0.5, "every value is too large by 0.5"),
        (RIGHT - 0.5, "every value is too small by 0.5"),
        (0 * RIGHT, "all of it is 0"),
        (RIGHT**2, "these are the squares"),
        (1 - RIGHT, "1 minus the right values"),
        (RIGHT.atanh(), "tanh is missing"),
        (RIGHT.tanh(), "one tanh too many"),
        (RIGHT.relu(), "as by relu"),
        (RIGHT.abs(), "without their signs"),
        (RIGHT.T, "it is transposed"),
        (RIGHT.flip(0), "axis 0 is in reverse order"),
        (RIGHT.flip(1), "axis 1 is in reverse order"),
        (torch.cat([RIGHT[:1] * 9, RIGHT[:-1]]), "one place late"),
        (torch.cat([RIGHT[1:], RIGHT[:1] * 9]), "one place early"),
        (RIGHT[-1:].expand(3, 3), "all entries along the first axis are the same"),
        (torch.cat([RIGHT[:2], 9 * RIGHT[2:] + 1]), "right up to 1, and wrong from 2 on"),
        (torch.cat([9 * RIGHT[:1] + 1, RIGHT[1:]]), "wrong up to 0, and right from 1 on"),
        (RIGHT * torch.nan, "there is NaN in it"),
        (RIGHT / 0, "there is an infinite number in it"),
        (RIGHT * (1 + 1e-6 * torch.eye(3)), "it is nearly right"),
    ],
)
def test_a_simple_relation_is_said(wrong, said):
    assert said in relation(wrong, RIGHT)
    assert said in relation(wrong.numpy(), RIGHT.numpy())


@pytest.mark.parametrize(
    "wrong", [RIGHT[:2], "text", None, {}, torch.randn(3, 3).sparse_mask(torch.eye(3).to_sparse())]
)
def test_of_what_cannot_be_compared_nothing_is_said(wrong):
    assert relation(wrong, RIGHT) == ""


@given(st.integers(0, 10**6))
def test_of_unrelated_values_nothing_is_said(seed):
    random = np.random.default_rng(seed)
    assert relation(random.normal(size=(3, 4)), random.normal(size=(3, 4))) == ""


def test_results_in_another_order_are_told_by_their_names():
    parts = "H_t", "C_t"
    assert order([RIGHT, -RIGHT], [-RIGHT, RIGHT], parts) == "the results are right, but in the order C_t, H_t"
    assert order([RIGHT[:2], RIGHT], [RIGHT, RIGHT[:2]], parts) != ""
    assert order([RIGHT, RIGHT], [-RIGHT, RIGHT], parts) == ""
    assert order([1.0, 2.0], [2.0, 1.0], parts) == ""  # of numbers there are too many chances
