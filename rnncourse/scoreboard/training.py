"""The models of the scoreboard: built, trained, stored."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn.utils import parametrize

from rnncourse.deep_rnn import DeepRNN
from rnncourse.gated import GRU, LSTM
from rnncourse.language_model import LanguageModel, VariationalDropout
from rnncourse.markov import NgramModel
from rnncourse.mlp import WindowModel
from rnncourse.muon import Muon
from rnncourse.rnn import RNN
from rnncourse.scoreboard.settings import Settings
from rnncourse.text import SequentialWindows
from rnncourse.training import History, train

CELLS = {"rnn": RNN, "lstm": LSTM, "gru": GRU}
INITIAL = {"orthogonal": nn.init.orthogonal_, "identity": nn.init.eye_}


def build(settings: Settings, m: int, seed: int) -> nn.Module:
    """Return the untrained model for a vocabulary of ``m`` characters.

    A one-hot input picks one row of ``W_xh``, so in the lowest layer that matrix is drawn like a table of vectors, from
    the standard normal distribution.
    """
    torch.manual_seed(seed)
    if settings.cell == "window":
        return WindowModel(m, settings.window, settings.e, settings.h, settings.dropout)
    options: dict[str, Any] = {"rnn": {"phi": settings.phi}, "lstm": {"forget_bias": settings.forget_bias}}.get(
        settings.cell, {}
    )
    cell = DeepRNN(m, settings.h, settings.L, CELLS[settings.cell], **options)
    layers: list[Any] = list(cell.layers)
    nn.init.normal_(layers[0].W_xh)
    if settings.initial != "uniform":
        for layer in layers:
            for block in layer.W_hh.data.split(settings.h, dim=1):  # one for each gate
                block.copy_(INITIAL[settings.initial](torch.empty_like(block)))
    model = LanguageModel(cell if settings.L > 1 else layers[0])
    dropout: Any = (VariationalDropout if settings.variational else nn.Dropout)(settings.dropout)
    model.dropout = cell.dropout = dropout
    return model


def count_parameters(model: nn.Module) -> int:
    """Return the number of the model's parameters, all entries of all of them counted."""
    return sum(p.numel() for p in model.parameters())


def possible(precision: str) -> torch.dtype:
    """Return ``torch.bfloat16`` if that is wanted and the processor has instructions for it, else ``torch.float32``.

    Without them a product of matrices in half precision takes fifty times as long.
    """
    half = precision == "bfloat16" and torch.cpu.get_capabilities().get("avx512_bf16", False)
    return torch.bfloat16 if half else torch.float32


def table_of(settings: Settings, x: Tensor, m: int) -> NgramModel:
    """Return the table of n-grams of the text ``x`` (N,)."""
    table = NgramModel(settings.order, m, settings.smoothing).fit(x)
    return table if settings.kept is None else table.prune(settings.kept)


def fit(
    settings: Settings, x: Tensor, m: int, seed: int, checkpoint: Path | None = None, progress: bool = True
) -> tuple[nn.Module, History]:
    """Return the model trained on the text ``x`` (N,) with the state carried on, and what happened.

    Source of the dropout of ``W_hh``, one draw for all steps of a minibatch: Merity, Keskar and Socher, "Regularizing
    and optimizing LSTM language models", ICLR (2018), section 2.
    """
    model = build(settings, m, seed)
    cells = [part for part in model.modules() if "W_hh" in part._parameters] if settings.weight_dropout else []
    for cell in cells:
        parametrize.register_parametrization(cell, "W_hh", nn.Dropout(settings.weight_dropout))
    history = train(
        model,
        SequentialWindows(x, settings.n, settings.T),
        epochs=settings.epochs,
        lr=settings.lr,
        warm_up=settings.warm_up,
        theta=settings.theta,
        optimizer=_optimizer(settings),
        average=settings.average,
        precision=possible(settings.precision),
        checkpoint=checkpoint,
        seed=seed,
        progress=progress,
    )
    for cell in cells:
        parametrize.remove_parametrizations(cell, "W_hh", leave_parametrized=False)
    return model, history


def _optimizer(settings: Settings) -> Callable[..., torch.optim.Optimizer]:
    if settings.optimizer == "muon":
        return partial(Muon, weight_decay=settings.weight_decay, scale=settings.scale)
    return partial(torch.optim.AdamW, weight_decay=settings.weight_decay)


def save_weights(model: nn.Module, path: Path) -> None:
    """Write the parameters to a safetensors file, rounded to half precision: 2 bytes each."""
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: p.half() for name, p in model.state_dict().items()}, path)


def load_weights(model: nn.Module, path: Path) -> nn.Module:
    """Give ``model`` the parameters of a file of ``save_weights``, and return it."""
    model.load_state_dict({name: p.float() for name, p in load_file(path).items()})
    return model
