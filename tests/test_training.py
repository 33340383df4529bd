"""The training loop: it learns, repeats, clips, carries the state where it should, and stops in good order."""

import math
from functools import partial
from typing import Any

import pytest
import torch

from rnncourse import training
from rnncourse.language_model import LanguageModel
from rnncourse.rnn import RNN
from rnncourse.text import RandomWindows, SequentialWindows
from rnncourse.training import detach, train

X = torch.tensor([0, 1, 2, 3] * 100)


def small_model() -> LanguageModel:
    torch.manual_seed(0)
    return LanguageModel(RNN(4, 8))


@pytest.mark.parametrize("windows", [RandomWindows, SequentialWindows])
def test_learns_a_cycle_and_repeats_with_the_seed(windows):
    histories = [train(small_model(), windows(X, 4, 8), epochs=20, lr=0.05) for _ in range(2)]
    assert histories[0].loss[-1] < 0.05 < 1 < histories[0].loss[0]
    assert histories[0] == histories[1]
    assert len(histories[0].loss) == 20 * len(windows(X, 4, 8))


def test_clips_to_theta():
    model, before = small_model(), small_model()
    windows = SequentialWindows(X, 4, 90)
    history = train(model, windows, epochs=1, lr=1.0, theta=1e-3, optimizer=torch.optim.SGD, one_cycle=False)
    assert len(history.norm) == 1
    assert history.norm[0] > 1e-3
    moved = [(p - q).detach().flatten() for p, q in zip(model.parameters(), before.parameters(), strict=True)]
    assert torch.cat(moved).norm().item() == pytest.approx(1e-3, rel=1e-2)


@pytest.mark.parametrize(("windows", "carried"), [(RandomWindows, False), (SequentialWindows, True)])
def test_state_is_carried_where_rows_continue(windows, carried):
    model, states = small_model(), []
    model.register_forward_pre_hook(lambda _, arguments: states.append(arguments[1]))
    train(model, windows(X, 4, 8), epochs=2, lr=0.01)
    updates = len(windows(X, 4, 8))
    for i, state in enumerate(states):
        assert (state is not None) == (carried and i % updates > 0)  # a new pass starts anew
        assert state is None or not state.requires_grad


def test_detach_follows_nested_states():
    H = torch.ones(2, requires_grad=True) * 2
    a, (b, c) = detach((H, (H, None)))
    assert not a.requires_grad
    assert not b.requires_grad
    assert c is None


def test_a_loss_that_is_not_finite_stops_training():
    model = small_model()
    with torch.no_grad():
        model.b_m.fill_(math.inf)
    with pytest.raises(FloatingPointError, match="the loss is nan at update 0"):
        train(model, SequentialWindows(X, 4, 8), epochs=1, lr=0.1)


def test_an_interruption_keeps_what_was_learned(monkeypatch, capsys):
    calls = iter([1.0, 1.0])

    def interrupt_at_third(parameters, theta):
        try:
            return next(calls)
        except StopIteration:
            raise KeyboardInterrupt from None

    monkeypatch.setattr(training, "clip_gradients", interrupt_at_third)
    history = train(small_model(), SequentialWindows(X, 4, 8), epochs=1, lr=0.1)
    assert len(history.loss) == len(history.norm) == 2
    assert "interrupted after 2 of 12 updates" in capsys.readouterr().out


def test_wrong_input_is_named():
    with pytest.raises(ValueError, match="epochs should be at least 1, but it is 0"):
        train(small_model(), SequentialWindows(X, 4, 8), epochs=0, lr=0.1)
    with pytest.raises(ValueError, match="theta should be positive, but it is 0"):
        train(small_model(), SequentialWindows(X, 4, 8), epochs=1, lr=0.1, theta=0)


class Interrupted(Exception):
    """Stands for whatever ends a training from outside."""


@pytest.mark.parametrize("windows", [RandomWindows, SequentialWindows])
@pytest.mark.parametrize("average", [None, 0.9])
def test_goes_on_from_a_checkpoint_to_the_same_result(windows, average, tmp_path, monkeypatch):
    def learn(checkpoint=None):
        model = LanguageModel(RNN(4, 8), dropout=0.3)
        torch.manual_seed(1)
        with torch.no_grad():
            for p in model.parameters():
                p.normal_(0, 0.3)
        history = train(model, windows(X, 4, 8), epochs=5, lr=0.02, average=average, checkpoint=checkpoint, seed=3)
        return model.state_dict(), history

    wanted, history = learn()
    store = training._store

    def interrupt(checkpoint, epoch, *rest):
        store(checkpoint, epoch, *rest)
        if epoch == 2:
            raise Interrupted

    monkeypatch.setattr(training, "_store", interrupt)
    with pytest.raises(Interrupted):
        learn(tmp_path / "half")
    weights, resumed = learn(tmp_path / "half")
    assert resumed == history
    assert all(torch.equal(weights[name], wanted[name]) for name in wanted)


def test_more_passes_go_on_from_a_checkpoint(tmp_path):
    def learn(epochs, checkpoint=None, one_cycle=True, model=None):
        windows = SequentialWindows(X, 4, 8)
        model = model or small_model()
        history = train(model, windows, epochs=epochs, lr=0.02, one_cycle=one_cycle, checkpoint=checkpoint)
        return model.state_dict(), history

    for one_cycle in (False, True):
        checkpoint = tmp_path / f"{one_cycle}"
        _, short = learn(2, checkpoint, one_cycle)
        weights, longer = learn(4, checkpoint, one_cycle)
        straight_weights, straight = learn(4, one_cycle=one_cycle)
        assert longer.finished
        assert longer.loss[: len(short.loss)] == short.loss
        assert len(longer.loss) == len(straight.loss) == 2 * len(short.loss)
        if not one_cycle:  # at a constant rate, it is as if it had not stopped
            assert longer == straight
            assert all(torch.equal(weights[name], straight_weights[name]) for name in weights)
        assert longer.loss[-1] < short.loss[-1]


def test_a_longer_cycle_goes_on_at_its_place(tmp_path):
    rates = []

    class Recorder(torch.optim.SGD):
        def step(self, closure=None):
            rates.append(self.param_groups[0]["lr"])
            super().step(closure)

    windows = SequentialWindows(X, 4, 8)
    train(small_model(), windows, epochs=2, lr=0.02, optimizer=Recorder, checkpoint=tmp_path / "half")
    rates.clear()
    train(small_model(), windows, epochs=4, lr=0.02, optimizer=Recorder, checkpoint=tmp_path / "half")
    resumed = list(rates)
    rates.clear()
    train(small_model(), windows, epochs=4, lr=0.02, optimizer=Recorder)
    assert resumed == pytest.approx(rates[2 * len(windows) :], abs=1e-12)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"lr": 0.01}, "lr was 0.02, and is 0.01"),
        ({"theta": 2.0}, "theta was inf, and is 2.0"),
        ({"one_cycle": False}, "one_cycle was True, and is False"),
        ({"average": 0.9}, "average was None, and is 0.9"),
        ({"seed": 1}, "seed was 0, and is 1"),
        ({"optimizer": torch.optim.SGD}, "optimizer was AdamW, and is SGD"),
        ({"optimizer": partial(torch.optim.AdamW, weight_decay=0)}, r"is AdamW with {'weight_decay': 0}"),
        ({"epochs": 1}, "has 2 passes behind it, but epochs is 1"),
    ],
    ids=lambda value: str(next(iter(value))) if isinstance(value, dict) else "",
)
def test_a_checkpoint_with_other_settings_is_refused(tmp_path, changed, message):
    settings: dict[str, Any] = {"epochs": 2, "lr": 0.02, "checkpoint": tmp_path / "half"}
    train(small_model(), SequentialWindows(X, 4, 8), **settings)
    with pytest.raises(ValueError, match=message):
        train(small_model(), SequentialWindows(X, 4, 8), **{**settings, **changed})


def test_a_checkpoint_of_another_model_or_text_is_refused(tmp_path):
    settings: dict[str, Any] = {"epochs": 2, "lr": 0.02, "checkpoint": tmp_path / "half"}
    train(small_model(), SequentialWindows(X, 4, 8), **settings)
    with pytest.raises(ValueError, match="model was"):
        train(LanguageModel(RNN(4, 5)), SequentialWindows(X, 4, 8), **settings)
    with pytest.raises(ValueError, match="updates of a pass was"):
        train(small_model(), SequentialWindows(X, 4, 10), **settings)


@pytest.mark.parametrize("momentum", [0.0, 0.5])
def test_a_cycle_leaves_the_momentum_of_sgd_alone(momentum):
    made = []

    def optimizer(parameters, lr):
        made.append(torch.optim.SGD(parameters, lr=lr, momentum=momentum))
        return made[-1]

    train(small_model(), SequentialWindows(X, 4, 8), epochs=1, lr=0.02, optimizer=optimizer)
    assert made[0].param_groups[0]["momentum"] == momentum
    train(small_model(), SequentialWindows(X, 4, 8), epochs=1, lr=0.02, optimizer=torch.optim.Adagrad)


def test_average_is_the_mean_that_its_formula_says():
    def path(average):
        model, seen = small_model(), []
        model.register_forward_pre_hook(lambda *_: seen.append(model.b_m.detach().clone()))
        train(model, SequentialWindows(X, 4, 30), epochs=1, lr=0.1, average=average)
        return seen, model.b_m.detach()

    seen, last = path(None)
    _, averaged = path(0.7)
    mean, *later = *seen[1:], last
    for b_m in later:
        mean = 0.7 * mean + 0.3 * b_m
    torch.testing.assert_close(averaged, mean)
    assert not torch.allclose(averaged, last)


def test_half_precision_learns_and_keeps_single_precision_parameters():
    model = small_model()
    history = train(model, SequentialWindows(X, 4, 8), epochs=20, lr=0.05, precision=torch.bfloat16)
    assert history.loss[-1] < 0.1
    assert {p.dtype for p in model.parameters()} == {torch.float32}
