"""The models of the scoreboard: their settings in a readable file, their training, their weights."""

import hashlib
import tomllib
from functools import partial
from pathlib import Path
from typing import Literal, Self, cast

import torch
from pydantic import BaseModel, Field, ValidationError, model_validator
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn.utils import parametrize

from rnncourse.deep_rnn import DeepRNN
from rnncourse.gated import GRU, LSTM
from rnncourse.language_model import LanguageModel
from rnncourse.rnn import RNN
from rnncourse.text import SequentialWindows
from rnncourse.training import History, train
from rnncourse.window_model import WindowModel


class Settings(BaseModel, frozen=True, extra="forbid", strict=True):
    """What one model of the scoreboard is and how it is trained.

    Args:
        cell: kind of the model.
        order: length n of the n-grams; such a model needs nothing of what follows.
        h: hidden units.
        L: layers of a deep RNN.
        window: characters that a window model sees.
        e: length of a character's vector in a window model.
        n: batch size.
        T: steps of a window of truncated back-propagation through time.
        epochs: passes over the training text.
        lr: peak of the learning rate.
        theta: radius to which the gradient's norm is clipped.
        dropout: share of the cell's outputs that an update leaves out.
        weight_dropout: share of the entries of W_hh that an update leaves out.
        weight_decay: of AdamW.
        average: of :func:`rnncourse.training.train`.
        precision: bfloat16 only where the processor has it.
        characters: that many of the training text are read, the last ones; all, if it is None.
        seeds: one training for each.
        stored: whether the weights of the first seed are kept.
    """

    cell: Literal["ngram", "window", "rnn", "deep_rnn", "lstm", "gru"]
    order: int = Field(1, ge=1)
    h: int = Field(1, ge=1)
    L: int = Field(1, ge=1)
    window: int = Field(1, ge=1)
    e: int = Field(1, ge=1)
    n: int = Field(ge=1)
    T: int = Field(ge=1)
    epochs: int = Field(ge=1)
    lr: float = Field(gt=0)
    theta: float = Field(gt=0)
    dropout: float = Field(0, ge=0, lt=1)
    weight_dropout: float = Field(0, ge=0, lt=1)
    weight_decay: float = Field(0.01, ge=0)
    average: float | None = Field(None, gt=0, lt=1)
    precision: Literal["float32", "bfloat16"] = "float32"
    characters: int | None = Field(None, ge=2)
    seeds: list[int] = Field([0], min_length=1)
    stored: bool = False

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        needed = {"ngram": {"order"}, "window": {"window", "e", "h"}, "deep_rnn": {"h", "L"}}.get(self.cell, {"h"})
        if missing := needed - self.model_fields_set:
            raise ValueError(f"{self.cell} needs {', '.join(sorted(missing))}")
        return self

    def digest(self) -> str:
        """Return eight digits that are others as soon as a setting changes that changes the model."""
        told = self.model_dump_json(exclude={"seeds", "stored"})
        return hashlib.sha256(told.encode()).hexdigest()[:8]


def read_settings(path: Path) -> dict[str, Settings]:
    """Return the settings of each table ``models.NAME`` of a TOML file; its table ``all`` holds for all of them.

    Raises:
        OSError: if the file cannot be read.
        ValueError: naming the table and the setting that is missing, unknown, or of the wrong kind.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{path}: {error}") from None
    if missing := {"all", "models"} - tables.keys():
        raise ValueError(f"{path} lacks the table {missing.pop()!r}")
    found = {}
    for name, own in tables["models"].items():
        try:
            found[name] = Settings(**{**tables["all"], **own})
        except ValidationError as error:
            told = "; ".join(": ".join([*map(str, one["loc"]), one["msg"]]) for one in error.errors())
            raise ValueError(f"{path}: models.{name}: {told}") from None
    return found


def build(settings: Settings, m: int, seed: int) -> nn.Module:
    """Return the untrained model for a vocabulary of ``m`` characters.

    A one-hot input picks one row of ``W_xh``, so in a recurrent cell that matrix is drawn like a table of vectors, from
    the standard normal distribution.
    """
    torch.manual_seed(seed)
    if settings.cell == "window":
        return WindowModel(m, settings.window, settings.e, settings.h)
    if settings.cell == "deep_rnn":
        cell = DeepRNN(m, settings.h, settings.L)
    else:
        cell = {"rnn": RNN, "lstm": LSTM, "gru": GRU}[settings.cell](m, settings.h)
    lowest = cell.layers[0] if isinstance(cell, DeepRNN) else cell
    nn.init.normal_(cast(Tensor, lowest.W_xh))
    return LanguageModel(cell, settings.dropout)


def last(x: Tensor, characters: int | None) -> Tensor:
    """Return the last ``characters`` of the text ``x`` (N,), or all of it."""
    return x if characters is None else x[-characters:]


def parameter_count(model: nn.Module) -> int:
    """Return the number of the model's parameters, all entries of all of them counted."""
    return sum(p.numel() for p in model.parameters())


def possible(precision: str) -> torch.dtype:
    """Return ``torch.bfloat16`` if that is wanted and the processor has instructions for it, else ``torch.float32``.

    Without them a product of matrices in half precision takes fifty times as long.
    """
    half = precision == "bfloat16" and torch.cpu.get_capabilities().get("avx512_bf16", False)
    return torch.bfloat16 if half else torch.float32


def fit(settings: Settings, x: Tensor, m: int, seed: int, checkpoint: Path | None = None) -> tuple[nn.Module, History]:
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
        SequentialWindows(last(x, settings.characters), settings.n, settings.T),
        epochs=settings.epochs,
        lr=settings.lr,
        theta=settings.theta,
        optimizer=partial(torch.optim.AdamW, weight_decay=settings.weight_decay),
        average=settings.average,
        precision=possible(settings.precision),
        checkpoint=checkpoint,
        seed=seed,
    )
    for cell in cells:
        parametrize.remove_parametrizations(cell, "W_hh", leave_parametrized=False)
    return model, history


def save_weights(model: nn.Module, path: Path) -> None:
    """Write the parameters to a safetensors file, rounded to half precision: 2 bytes each."""
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: p.half() for name, p in model.state_dict().items()}, path)


def load_weights(model: nn.Module, path: Path) -> nn.Module:
    """Give ``model`` the parameters of a file of ``save_weights``, and return it."""
    model.load_state_dict({name: p.float() for name, p in load_file(path).items()})
    return model
