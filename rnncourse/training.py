"""The training loop, one for every model of the course."""

import math
from collections.abc import Callable, Iterable, Sized
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from tqdm import tqdm

from rnncourse.text import Minibatch


class Minibatches(Iterable[Minibatch], Sized, Protocol):
    """What ``train`` reads: minibatches, and whether row i of the next one continues row i of the last."""

    carry_state: bool


@dataclass
class History:
    """What happened at each update: ``loss`` in nats a character, and ``norm``, the gradient's before clipping."""

    loss: list[float] = field(default_factory=list)
    norm: list[float] = field(default_factory=list)


def detach(state: Any) -> Any:
    """Return ``state`` (a tensor, a tuple of states, or ``None``) cut off from the steps that led to it."""
    if state is None:
        return None
    return state.detach() if isinstance(state, Tensor) else tuple(detach(part) for part in state)


def train(
    model: nn.Module,
    minibatches: Minibatches,
    *,
    epochs: int,
    lr: float,
    theta: float = math.inf,
    optimizer: Callable[..., torch.optim.Optimizer] = torch.optim.AdamW,
    one_cycle: bool = True,
    seed: int = 0,
) -> History:
    """Train ``model`` in place on ``minibatches`` and return what happened.

    Interrupted from the keyboard, it stops after the last whole update; the model and the history keep what they had.

    Args:
        model: called as ``O, state = model(x, state)``.
        minibatches: one pass over the text each time it is iterated.
        epochs: number of passes.
        lr: learning rate; with ``one_cycle`` its peak, reached after 30 % of the updates from a 25th of it, and left
            for almost zero along half a cosine (Smith and Topin 2018).
        theta: clipping radius of the gradient's norm over all parameters.
        optimizer: called with the parameters and ``lr``.
        seed: of what the model itself may draw, such as dropout.

    Raises:
        FloatingPointError: if the loss is no longer finite.
        ValueError: if there is nothing to do, or ``theta`` is not positive.
    """
    if epochs < 1:
        raise ValueError(f"epochs should be at least 1, but it is {epochs}")
    if not theta > 0:
        raise ValueError(f"theta should be positive, but it is {theta}")
    torch.manual_seed(seed)
    updates = epochs * len(minibatches)
    algorithm = optimizer(model.parameters(), lr=lr)
    schedule = torch.optim.lr_scheduler.OneCycleLR(algorithm, lr, updates) if one_cycle else None
    history = History()
    model.train()
    try:
        with tqdm(total=updates, unit="update") as progress:
            for _ in range(epochs):
                state = None
                for x, y in minibatches:
                    O, state = model(x, detach(state) if minibatches.carry_state else None)
                    loss = F.cross_entropy(O.flatten(0, 1), y.flatten())
                    if not loss.isfinite():
                        raise FloatingPointError(f"the loss is {loss.item()} at update {len(history.loss)}")
                    algorithm.zero_grad()
                    loss.backward()
                    norm = nn.utils.clip_grad_norm_(model.parameters(), theta)
                    algorithm.step()
                    if schedule:
                        schedule.step()
                    history.loss.append(loss.item())
                    history.norm.append(norm.item())
                    progress.set_postfix(loss=f"{loss.item():.3f}", norm=f"{norm.item():.2f}", refresh=False)
                    progress.update()
    except KeyboardInterrupt:
        tqdm.write(f"interrupted after {len(history.loss)} of {updates} updates; the model keeps what it learned")
    return history
