"""What is said of a wrong result: how it is related to the right one, and nothing where it is not."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnncourse.grading.relations import order, relation, to_argument

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


def test_probabilities_that_have_the_wrong_sum_are_told_which():
    right = torch.tensor([[0.1, 0.2, 0.7], [0.3, 0.3, 0.4]], dtype=torch.float64)
    random = torch.tensor([[0.9, 0.5, 0.2], [0.3, 0.7, 0.6]], dtype=torch.float64)
    assert relation(random / random.sum(), right) == "the sum of all entries is 1; the sum of each row should be 1"
    assert relation(random / random.sum(0), right) == "the sum of each column is 1; the sum of each row should be 1"
    assert relation(random, right) == "the sum of each row should be 1, and is not"
    assert relation(random / random.sum(1, keepdim=True), right) == ""
    assert relation([0.5, 0.5, 0.5], [0.25, 0.5, 0.25]).startswith("the sum of all is 1.5")


def test_rounding_is_told_of_numbers_too_and_nothing_of_whole_ones():
    assert relation(0.33, 1 / 3) == "it is rounded to 2 decimals"
    assert relation(6.18830294484, 6.18830336927).startswith("it is nearly right")
    assert relation(3, 4) == relation(10000, 10001) == ""


def test_the_last_entry_everywhere_comes_from_one_tensor_that_is_written_into():
    assert "the same tensor kept each time" in relation(RIGHT[-1:].expand(3, 3), RIGHT)
    assert relation(RIGHT[:1].expand(3, 3), RIGHT) == "all entries along the first axis are the same"


def test_an_argument_in_the_result_is_told_if_only_one_explains_it():
    H, other = 2 + RIGHT.flip(0), RIGHT.flip(1) - 3
    arguments = {"X": other, "H": H, "theta": 0.5}
    assert to_argument(RIGHT + H, RIGHT, arguments) == "this is what you get when H is added to the right result"
    assert to_argument(RIGHT - H, RIGHT, arguments).endswith("H is subtracted from the right result")
    assert to_argument(RIGHT * other, RIGHT, arguments).endswith("the right result is multiplied by X")
    assert to_argument(H, RIGHT, arguments).endswith("H is returned as it came")
    assert to_argument(RIGHT + H, RIGHT, {"H": H, "C": H.clone()}) == ""  # it may be either
    assert to_argument(RIGHT + 1, RIGHT, arguments) == to_argument(RIGHT, RIGHT, {"H": 0 * H}) == ""
