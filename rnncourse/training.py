"""The training loop, one for every model of the course."""

import math
import time
from collections.abc import Callable, Iterable, Sized
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim.lr_scheduler import OneCycleLR
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from tqdm import tqdm

from rnncourse.clipping import clip_gradients
from rnncourse.files import replacing
from rnncourse.text import Minibatch


class Minibatches(Iterable[Minibatch], Sized, Protocol):
    """What ``train`` reads: minibatches, and whether row i of the next one continues row i of the previous one."""

    carry_state: bool


@dataclass
class History:
    """What happened at each update: ``loss`` in nats per character, and ``norm``, the gradient's before clipping.

    ``seconds`` is the processor time of all of it, over all cores, which does not depend on what else the machine does;
    ``finished`` says whether it came to its end.
    """

    loss: list[float] = field(default_factory=list)
    norm: list[float] = field(default_factory=list)
    seconds: float = field(default=0.0, compare=False)
    finished: bool = False


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
    warm_up: float = 0.3,
    average: float | None = None,
    precision: torch.dtype = torch.float32,
    checkpoint: Path | None = None,
    seed: int = 0,
    progress: bool = True,
) -> History:
    """Train ``model`` in place on ``minibatches`` and return what happened.

    Interrupted from the keyboard, it stops; the model keeps what it has learned, and perhaps half of an update.

    Args:
        model: called as ``O, state = model(x, state)``.
        minibatches: one pass over the text each time it is iterated.
        epochs: number of passes.
        lr: learning rate; with ``one_cycle`` its peak: it rises along a cosine from a 25th of it, then falls along a
            cosine to almost zero (Smith and Topin 2018). The first beta of an optimizer that has betas goes the other
            way, from 0.95 to 0.85 and back.
        warm_up: share of the updates in which the learning rate of ``one_cycle`` rises.
        theta: clipping radius of the gradient's norm over all parameters, :func:`rnncourse.clipping.clip_gradients`.
        optimizer: called with the parameters and ``lr``.
        average: if given, ``model`` ends with an exponential moving average of its parameters, in which each update
            weighs ``average`` times what the next one weighs, and not with the last ones.
        precision: ``torch.bfloat16`` computes the products of matrices with 8 significant bits, and is faster where
            the processor has instructions for it.
        checkpoint: file that is written after each pass. If it exists, training goes on from it, to the same result,
            or for more passes: then the learning rate goes on from its place in the longer cycle.
        seed: of what the model itself may draw, such as dropout.
        progress: whether a bar shows how far training is.

    Raises:
        FloatingPointError: if the loss or a gradient is no longer finite.
        ValueError: if there is nothing to do, ``theta`` is not positive, or the checkpoint was made with other settings
            or by more passes.
    """
    if epochs < 1:
        raise ValueError(f"epochs should be at least 1, but it is {epochs}")
    if not theta > 0:
        raise ValueError(f"theta should be positive, but it is {theta}")
    if len(minibatches) == 0:
        raise ValueError("there are no minibatches to train on")
    torch.manual_seed(seed)
    updates = epochs * len(minibatches)
    algorithm = optimizer(model.parameters(), lr=lr)
    averaged = None if average is None else AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(average))
    parts = {"model": model, "algorithm": algorithm, "averaged": averaged}
    settings: dict[str, object] = {
        "model": str(model),
        "updates of a pass": len(minibatches),
        "lr": lr,
        "theta": theta,
        "optimizer": _name(optimizer),
        "one_cycle": one_cycle,
        "warm_up": warm_up,
        "average": average,
        "precision": str(precision),
        "seed": seed,
    }
    history, begin = History(), 0
    if checkpoint and checkpoint.exists():
        history, begin = _restore(checkpoint, epochs, settings, minibatches, parts)
    scheduler = None
    if one_cycle:
        has_betas = "betas" in algorithm.defaults
        scheduler = OneCycleLR(
            algorithm,
            lr,
            updates,
            pct_start=warm_up,
            cycle_momentum=has_betas,
            last_epoch=len(history.loss) - 1,
        )
    model.train()
    start = time.process_time() - history.seconds
    try:
        silent: dict[str, Any] = {} if progress else {"disable": True}  # else as TQDM_DISABLE has it
        with tqdm(total=updates, initial=len(history.loss), unit="update", **silent) as bar:
            for epoch in range(begin, epochs):
                state = None
                for x, y in minibatches:
                    algorithm.zero_grad()
                    loss, state = _backward(model, x, y, state if minibatches.carry_state else None, precision)
                    if not math.isfinite(loss):
                        raise FloatingPointError(f"the loss is {loss} at update {len(history.loss)}")
                    norm = clip_gradients(model.parameters(), theta)
                    algorithm.step()
                    if scheduler:
                        scheduler.step()
                    if averaged:
                        averaged.update_parameters(model)
                    history.loss.append(loss)
                    history.norm.append(norm)
                    bar.set_postfix(loss=f"{loss:.3f}", norm=f"{norm:.2f}", refresh=False)
                    bar.update()
                history.seconds = time.process_time() - start
                if checkpoint:
                    _store(checkpoint, epoch + 1, settings, history, parts)
        history.finished = True
    except KeyboardInterrupt:
        tqdm.write(f"interrupted after {len(history.loss)} of {updates} updates; the model keeps what it learned")
    if averaged:
        model.load_state_dict(averaged.module.state_dict())
    return history


def _backward(model: nn.Module, x: Tensor, y: Tensor, state: Any, precision: torch.dtype) -> tuple[float, Any]:
    """Add the gradient of a minibatch's loss to the parameters' own; return the loss and the state to go on from."""
    with torch.autocast(x.device.type, precision, enabled=precision != torch.float32):
        O, state = model(x, state)
    O = O.to(torch.promote_types(O.dtype, torch.float32))  # half precision is too coarse for a loss
    loss = F.cross_entropy(O.flatten(0, 1), y.flatten())
    loss.backward()
    return loss.item(), detach(state)


def _name(optimizer: Callable[..., torch.optim.Optimizer]) -> str:
    if isinstance(optimizer, partial):
        return f"{_name(optimizer.func)} with {dict(sorted(optimizer.keywords.items()))}"
    return getattr(optimizer, "__qualname__", repr(optimizer))


def _store(checkpoint: Path, epoch: int, settings: dict[str, object], history: History, parts: dict[str, Any]) -> None:
    """Write all that training needs to go on after ``epoch`` passes."""
    states = {name: part.state_dict() for name, part in parts.items() if part}
    record = {"epoch": epoch, "settings": settings, "history": asdict(history), "random": torch.get_rng_state()}
    with replacing(checkpoint) as draft:
        torch.save({**record, "states": states}, draft)


def _restore(
    checkpoint: Path, epochs: int, settings: dict[str, object], minibatches: Minibatches, parts: dict[str, Any]
) -> tuple[History, int]:
    """Take up what ``_store`` has written; return the history and the number of passes done."""
    record = torch.load(checkpoint, map_location="cpu")  # from where each part takes its own
    stored = record.get("settings", {})
    changed = [name for name in settings if settings[name] != stored.get(name)]
    if changed:
        differences = "; ".join(f"{name} was {stored.get(name)}, and is {settings[name]}" for name in changed)
        raise ValueError(f"{checkpoint} was made with other settings: {differences}; remove it to start anew")
    if record["epoch"] > epochs:
        raise ValueError(f"{checkpoint} has {record['epoch']} passes behind it, but epochs is {epochs}")
    for name, part in parts.items():
        if part:
            part.load_state_dict(record["states"][name])
    for _ in range(record["epoch"]):
        next(iter(minibatches))  # draws what that pass drew
    torch.set_rng_state(record["random"])
    return History(**record["history"]), record["epoch"]
