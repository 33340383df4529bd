"""Gradient descent and clipping: equal to torch's, a projection, and clear about what has no direction."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnncourse.clipping import clip_gradients, clip_values, gradient_step
from rnncourse.figures.diagrams.clipping import ball_and_square_alt, clipped, gradient
from rnncourse.language_model import LanguageModel
from rnncourse.rnn import RNN

shapes = st.lists(st.lists(st.integers(0, 4), max_size=3), min_size=1, max_size=5)
BOTH = pytest.mark.parametrize("clip", [clip_gradients, clip_values])
ALL = pytest.mark.parametrize("act", [clip_gradients, clip_values, gradient_step])


def parameter(*values: float, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    """A parameter whose gradient is ``values``."""
    x = torch.zeros(len(values), dtype=dtype, requires_grad=True)
    x.grad = torch.tensor(values, dtype=dtype)
    return x


def grad(x: torch.Tensor) -> torch.Tensor:
    assert x.grad is not None
    return x.grad


def drawn(shapes: list[list[int]], seed: int, size: float = 1.0) -> list[torch.Tensor]:
    """Parameters of these shapes with random gradients; the same for the same seed."""
    random = torch.Generator().manual_seed(seed)
    parameters = []
    for shape in shapes:
        x = torch.randn(shape, dtype=torch.float64, generator=random).requires_grad_()
        x.grad = size * torch.randn(shape, dtype=torch.float64, generator=random)
        parameters.append(x)
    return parameters


def joined(parameters: list[torch.Tensor]) -> torch.Tensor:
    """All gradients as one long vector."""
    return torch.cat([x.grad.double().flatten() for x in parameters if x.grad is not None])


@settings(deadline=None)
@given(shapes, st.floats(0.01, 100), st.floats(0.01, 100), st.integers(0, 1000))
def test_equal_to_torch(shapes, size, theta, seed):
    clipped, reference = drawn(shapes, seed, size), drawn(shapes, seed, size)
    norm = clip_gradients(clipped, theta)
    reference_norm = torch.nn.utils.clip_grad_norm_(reference, theta)
    assert norm == pytest.approx(reference_norm.item(), rel=1e-12, abs=1e-12)
    # They divide by ||g|| + 1e-6, so that the difference has at most the norm 1e-6 theta / ||g||.
    tolerance = 1.01e-6 * theta / norm if norm else 0.0
    assert torch.linalg.vector_norm(joined(clipped) - joined(reference)) <= tolerance + 1e-12


@settings(deadline=None)
@given(shapes, st.floats(0.01, 100), st.integers(0, 1000))
def test_the_norm_is_global_and_the_direction_kept(shapes, theta, seed):
    parameters = drawn(shapes, seed)
    before = joined(parameters)
    norm = clip_gradients(parameters, theta)
    after = joined(parameters)
    assert norm == pytest.approx(torch.linalg.vector_norm(before).item(), abs=1e-12)
    assert torch.linalg.vector_norm(after).item() == pytest.approx(min(norm, theta), rel=1e-12, abs=1e-12)
    torch.testing.assert_close(after * norm, before * min(norm, theta), rtol=0, atol=1e-10)


@settings(deadline=None)
@given(st.integers(1, 6), st.floats(0.1, 3), st.integers(0, 1000))
def test_both_are_the_nearest_point_of_their_region(size, radius, seed):
    random = torch.Generator().manual_seed(seed)
    for clip, length in ((clip_gradients, 2.0), (clip_values, math.inf)):
        (x,) = parameters = drawn([[size]], seed, 2.0)
        g = joined(parameters)
        clip(x, radius)
        points = torch.randn(500, size, dtype=torch.float64, generator=random)
        # At most on the rim of the ball in that norm.
        points *= radius * torch.rand(500, 1, generator=random) / torch.linalg.vector_norm(points, length, 1, True)
        distance = torch.linalg.vector_norm(g - joined(parameters))
        assert (torch.linalg.vector_norm(g - points, dim=1) >= distance - 1e-12).all()
        assert torch.linalg.vector_norm(joined(parameters), length) <= radius + 1e-12


def test_within_the_ball_every_bit_is_kept():
    for theta in (5.0, 5.1, math.inf):
        x, y = parameter(3.0), parameter(0.0, 4.0)
        assert clip_gradients([x, y], theta) == 5.0
        assert joined([x, y]).tolist() == [3.0, 0.0, 4.0]


@BOTH
def test_zero_gradients_stay_zero(clip):
    x = parameter(0.0, -0.0)
    assert clip([x], 1.0) == 0.0
    assert grad(x).tolist() == [0.0, 0.0]


@BOTH
def test_parameters_without_gradient_are_passed_over(clip):
    x, frozen = parameter(3.0), torch.zeros(2, requires_grad=True)
    assert clip([frozen, x], 1.0) == 3.0
    assert grad(x).tolist() == [1.0]
    assert frozen.grad is None
    assert clip([frozen], 1.0) == 0.0


@BOTH
def test_a_generator_is_read_once_and_all_of_it(clip):
    model = torch.nn.Linear(3, 2)
    model(torch.randn(4, 3)).sum().backward()
    listed = clip(list(model.parameters()), math.inf)
    assert clip((x for x in model.parameters()), math.inf) == listed > 0
    clip(model.parameters(), 1e-3)
    assert joined(list(model.parameters())).abs().max() <= 1.001e-3


def test_a_parameter_listed_twice_counts_once():
    x = parameter(3.0, 4.0)
    assert clip_gradients([x, x], 1.0) == 5.0
    torch.testing.assert_close(grad(x), torch.tensor([0.6, 0.8], dtype=torch.float64))
    gradient_step([x, x], 1.0)
    torch.testing.assert_close(x.detach(), -grad(x))


def test_one_tensor_will_do():
    x = parameter(3.0, 4.0)
    assert clip_gradients(x, 1) == 5.0
    assert clip_values(x, 0.7) == pytest.approx(0.8)
    assert grad(x).tolist() == pytest.approx([0.6, 0.7])
    gradient_step(x, 10)
    assert x.tolist() == pytest.approx([-6.0, -7.0])


def test_types_are_mixed_and_kept():
    x, y, z = (parameter(1e4, dtype=dtype) for dtype in (torch.float16, torch.float32, torch.float64))
    assert clip_gradients([x, y, z], 3**0.5) == pytest.approx(3**0.5 * 1e4, rel=1e-12)
    for p, dtype, digits in ((x, torch.float16, 1e-3), (y, torch.float32, 1e-7), (z, torch.float64, 1e-15)):
        assert grad(p).dtype == dtype
        assert grad(p).item() == pytest.approx(1.0, rel=digits)


def test_a_norm_beyond_single_precision_is_no_infinity():
    x = parameter(3e30, 4e30, dtype=torch.float32)
    assert clip_gradients(x, 1.0) == pytest.approx(5e30)
    torch.testing.assert_close(grad(x), torch.tensor([0.6, 0.8]))
    reference = parameter(3e30, 4e30, dtype=torch.float32)
    torch.nn.utils.clip_grad_norm_(reference, 1.0)
    assert grad(reference).tolist() == [0.0, 0.0]
    with pytest.raises(FloatingPointError, match="beyond double precision"):
        clip_gradients(parameter(1e200, 1e200), 1.0)


@ALL
@pytest.mark.parametrize("bad", [math.inf, -math.inf, math.nan])
def test_what_is_not_finite_is_named_and_nothing_touched(act, bad):
    x, y = parameter(3.0), parameter(1.0, bad)
    with pytest.raises(FloatingPointError, match=rf"parameter 1, of shape \(2,\), holds {bad}"):
        act([x, y], 1.0)
    assert grad(x).tolist() == [3.0]
    assert str(grad(y).tolist()) == str([1.0, bad])
    assert x.tolist() == [0.0]


@ALL
@pytest.mark.parametrize("bad", [0.0, -1, -math.inf, math.nan])
def test_what_should_be_positive_is(act, bad):
    x = parameter(3.0)
    with pytest.raises(ValueError, match=rf"(theta|limit|eta) should be positive, but it is {bad}"):
        act(x, bad)
    assert grad(x).tolist() == [3.0]


@ALL
def test_no_parameters_are_an_error(act):
    used_up = iter([parameter(1.0)])
    next(used_up)
    for nothing in ([], used_up):
        with pytest.raises(ValueError, match=r"parameters is empty; a generator .* only once"):
            act(nothing, 1.0)


@ALL
def test_what_is_no_parameter_is_named(act):
    with pytest.raises(TypeError, match="number 0 is a tuple"):
        act(torch.nn.Linear(2, 2).named_parameters(), 1.0)
    with pytest.raises(TypeError):
        act(torch.nn.Linear(2, 2), 1.0)


def test_descent_is_sgd():
    torch.manual_seed(0)
    clipped, reference = (LanguageModel(RNN(4, 3)) for _ in range(2))
    reference.load_state_dict(clipped.state_dict())
    algorithm = torch.optim.SGD(reference.parameters(), lr=0.5)
    x = torch.randint(4, (6, 2))
    for _ in range(3):
        for model in (clipped, reference):
            model.zero_grad()
            torch.nn.functional.cross_entropy(model(x)[0].flatten(0, 1), x.flatten()).backward()
        norm = clip_gradients(clipped.parameters(), 0.2)
        assert norm > 0.2
        torch.nn.utils.clip_grad_norm_(reference.parameters(), 0.2)
        gradient_step(clipped.parameters(), 0.5)
        algorithm.step()
    for a, b in zip(clipped.parameters(), reference.parameters(), strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=1e-5)


def test_the_diagram_shows_projections():
    g = gradient(20)
    assert clipped(clip_gradients, g, 0.5)[1:] == pytest.approx((0.5, 0))
    corner, length, turned = clipped(clip_values, g, 0.5)
    assert corner == (0.5, 0.5)
    assert (length, turned) == pytest.approx((0.5**0.5, 25))
    assert clipped(clip_gradients, g, 2.5)[0] == clipped(clip_values, g, 2.5)[0] == g
    assert "turned by 25 degrees" in ball_and_square_alt(20, 0.5)
