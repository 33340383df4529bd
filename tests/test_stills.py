"""What the chapters let a reader find out with the figures that compute, and their still pictures."""

import math

import pytest
import torch

from rnncourse.figures import computed

TWO_RESTING_STATES = {"a": 1.3, "b": 0.3, "c": 0.2, "d": 0.5}
CYCLE = {"a": 1.0, "b": 0.6, "c": -0.6, "d": 1.0}


def followed(weights: dict[str, float], *starts: tuple[float, float]) -> tuple[torch.Tensor, torch.Tensor]:
    W_hh = torch.tensor(list(weights.values()), dtype=torch.float64).view(2, 2)
    return computed.two_units(W_hh, torch.tensor(starts, dtype=torch.float64))


def test_the_state_tells_on_which_side_it_began_and_the_gradient_turns_up_near_the_border():
    H, after = followed(TWO_RESTING_STATES, (0.3, -0.8), (0.9, 0.9), (-0.9, -0.2), (0.0, 0.001))
    assert torch.allclose(H[-1, 0], H[-1, 1], atol=1e-4)
    assert torch.allclose(H[-1, 0], -H[-1, 2], atol=1e-4)
    assert after[-1, :3].max() < 1e-4
    assert after[-1, 3] > 100 * after[:, 3].min()


def test_on_a_cycle_the_gradient_neither_vanishes_nor_explodes():
    grid = torch.linspace(-0.9, 0.9, 6).tolist()
    _, after = followed(CYCLE, *((x, y) for x in grid for y in grid))
    assert after[-1].min() > 0.01
    assert after[-1].max() < 10


def test_a_lower_rate_is_no_clipping():
    path = computed.descend(math.inf, 0.01, 5, -2.3)
    w, b, loss, _ = path.T
    assert ((w > 3.6) & (w < 5.6) & (b > -2.9) & (b < -1.3)).all()  # on the map
    assert loss[-1] > 0.02
    clipped, free = (
        [computed.descend(theta, 0.2, w, b)[-1, 2] for w, b in ((4.6, -2.0), (5, -2.3), (5.2, -2.1), (4.8, -2.5))]
        for theta in (1.0, math.inf)
    )
    assert max(clipped) < 0.005
    assert max(free) > 0.05


def test_half_of_a_memory_is_left_and_one_is_carried_unseen():
    assert 0.95**17 < 0.5 < 0.97**17
    closed = torch.full((20,), 1e-12, dtype=torch.float64)
    f, i, o = 1 - closed, closed.clone(), closed.clone()
    i[2] = o[19] = 1 - 1e-12
    C, H = computed.remembered(f, i, o, torch.tensor(computed.CANDIDATES, dtype=torch.float64))
    assert C[2:] == pytest.approx([0.9] * 18)
    assert H[:19] == pytest.approx([0] * 19, abs=1e-9)
    assert H[19] == pytest.approx(math.tanh(0.9))


@pytest.mark.parametrize(
    "still",
    [
        lambda: computed.phase(TWO_RESTING_STATES),
        computed.memory,
        lambda: computed.descent(1, 0.1, 5, -2.3),
        lambda: computed.temperature("etaoinsr", [3.0, 2, 1.5, 1, 0.5, 0, -1, -2], [0.1, 1, 10]),
    ],
    ids=["phase", "memory", "descent", "temperature"],
)
def test_a_still_picture_is_small_and_says_what_it_shows(still):
    picture = still()
    assert len(picture.alt.split()) > 20
    assert len(picture.svg) < 32_000
