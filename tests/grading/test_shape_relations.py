"""What is said of a result of the wrong shape, if its values are right."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnncourse.grading.checks import CheckFailed, call, same
from rnncourse.grading.shape_relations import length, shape

RIGHT = torch.arange(24, dtype=torch.float64).view(4, 2, 3).sin()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (torch.cat([RIGHT[:1] * 2, RIGHT]), "the first one is too many; the others are right"),
        (torch.cat([RIGHT, RIGHT[:1] * 2]), "the last one is too many; the others are right"),
        (RIGHT[1:], "the first one is missing; the others are right"),
        (RIGHT[:2], "the last 2 entries are missing; the others are right"),
        (RIGHT[:1], "only the first entry is there"),
        (RIGHT.flatten(0, 1), "two axes have become one"),
        (RIGHT.transpose(0, 1), "the axes are in another order"),
        (RIGHT[None], "an axis of length 1 too many"),
        (RIGHT[3], "it is only what belongs at 3 along the first axis"),
    ],
)
def test_right_values_in_a_wrong_shape_are_told_how(wrong, said):
    assert said in shape(wrong, RIGHT)
    assert said in shape(wrong.numpy(), RIGHT.numpy())


@pytest.mark.parametrize("wrong", [RIGHT[1:] + 1, RIGHT.flatten(0, 1) + 1, RIGHT[3] + 1, RIGHT[:, :1], "text", None])
def test_of_wrong_values_in_a_wrong_shape_nothing_is_said(wrong):
    assert shape(wrong, RIGHT) == ""


@given(st.lists(st.integers(), min_size=2, max_size=9, unique=True), st.data())
def test_missing_results_are_counted(numbers, data):
    kept = data.draw(st.integers(2, len(numbers)))
    missing = len(numbers) - kept
    said = length(numbers[missing:], numbers)
    assert said.startswith("the first") if missing else said == ""


def test_the_message_has_the_shapes_and_the_known_mistake():
    got = torch.cat([RIGHT[:1] + 1, RIGHT])
    message = r"(?s)expected the shape \(4, 2, 3\).*this is what you get when H_0 is in it"
    with pytest.raises(CheckFailed, match=message):
        same(got, RIGHT, "wrong", mistakes={"H_0 is in it": got.clone()})


def test_a_mistake_in_one_of_several_results_is_told_with_its_name():
    rights, wrong = (RIGHT, RIGHT + 1), {"one is added": (RIGHT + 1, RIGHT + 2)}
    with pytest.raises(CheckFailed, match=r"^this is what you get when one is added"):
        same(tuple(wrong["one is added"]), rights, "wrong", mistakes=wrong, parts=("H_t", "C_t"))
    with pytest.raises(CheckFailed, match=r"^C_t: this is what you get when one is added"):
        same((RIGHT, RIGHT + 2), rights, "wrong", mistakes=wrong, parts=("H_t", "C_t"))


def test_an_argument_that_keeps_a_gradient_has_changed():
    def answer(W):
        (W.requires_grad_() ** 2).sum().backward()
        return W.grad

    with pytest.raises(CheckFailed, match=r"changes its argument W: its grad stays.*W\.clone\(\)\.requires_grad_\(\)"):
        call(answer, RIGHT)

    def right(W):
        W.requires_grad_()
        return torch.autograd.grad((W**2).sum(), W)[0]

    assert torch.equal(call(right, RIGHT), 2 * RIGHT)
    assert RIGHT.grad is None
    assert not RIGHT.requires_grad


def test_a_tensor_in_a_list_that_was_written_into_is_named():
    def answer(pieces):
        pieces[1][0] += 1
        return pieces

    with pytest.raises(CheckFailed, match=r"changes its argument pieces, in pieces\[1\]\[0\]; .* \(\+= and"):
        call(answer, [[RIGHT], [RIGHT.clone(), RIGHT]])


def test_an_exception_is_told_with_the_short_arguments():
    with pytest.raises(CheckFailed, match=r"(?s)ZeroDivisionError.*called with w = 0\.0, T = 4"):
        call(lambda w, T, X: T / w, 0.0, 4, RIGHT)
