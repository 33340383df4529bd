"""The settings of the scoreboard's models, in a readable file."""

import hashlib
import tomllib
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, Field, ValidationError, model_validator


class Settings(BaseModel, frozen=True, extra="forbid", strict=True):
    """What one model of the scoreboard is and how it is trained.

    Args:
        cell: kind of the model.
        order: length n of the n-grams; such a model needs nothing of what follows but ``smoothing`` and ``kept``.
        smoothing: of :class:`rnncourse.markov.ngram_model.NgramModel`.
        kept: number of k-grams to which the table is pruned; all, if it is None.
        h: hidden units of a layer.
        L: layers.
        window: characters that a window model sees.
        e: length of a character's vector in a window model.
        phi: activation function of an RNN.
        initial: how ``W_hh`` is drawn: uniformly on :math:`\\pm 1/\\sqrt h`, as an orthogonal matrix (Saxe, McClelland
            and Ganguli 2014), or as the identity (Le, Jaitly and Hinton 2015), in each gate's block.
        forget_bias: first value of an LSTM's forget gate's bias.
        n: batch size.
        T: steps of a window of truncated back-propagation through time.
        epochs: passes over the training text.
        optimizer: "adamw", or "muon": :class:`rnncourse.muon.Muon`.
        scale: of Muon.
        lr: peak of the learning rate.
        warm_up: share of the updates in which the learning rate rises.
        theta: radius to which the gradient's norm is clipped.
        dropout: share of each layer's outputs that an update leaves out.
        variational: whether the same outputs are left out at all steps of a window.
        weight_dropout: share of the entries of ``W_hh`` that an update leaves out.
        weight_decay: of the optimizer.
        average: of :func:`rnncourse.training.train`.
        precision: bfloat16 only where the processor has it.
        characters: length of what is read of the addresses of all years; the course's corpus, if it is None.
        seeds: one training for each.
        stored: whether the weights of the first seed are kept.
        surprise: of so many seeds, the first ones, the surprise at each character of the test text is kept.
    """

    cell: Literal["ngram", "window", "rnn", "lstm", "gru"]
    order: int = Field(1, ge=1)
    smoothing: str = "kneser-ney"
    kept: int | None = Field(None, ge=1)
    h: int = Field(1, ge=1)
    L: int = Field(1, ge=1)
    window: int = Field(1, ge=1)
    e: int = Field(1, ge=1)
    phi: Literal["tanh", "relu"] = "tanh"
    initial: Literal["uniform", "orthogonal", "identity"] = "uniform"
    forget_bias: float = 1.0
    n: int = Field(ge=1)
    T: int = Field(ge=1)
    epochs: int = Field(ge=1)
    optimizer: Literal["adamw", "muon"] = "adamw"
    scale: float = Field(2.0, gt=0)
    lr: float = Field(gt=0)
    warm_up: float = Field(0.3, gt=0, lt=1)
    theta: float = Field(gt=0)
    dropout: float = Field(0, ge=0, lt=1)
    variational: bool = False
    weight_dropout: float = Field(0, ge=0, lt=1)
    weight_decay: float = Field(0.01, ge=0)
    average: float | None = Field(None, gt=0, lt=1)
    precision: Literal["float32", "bfloat16"] = "float32"
    characters: int | None = Field(None, ge=2)
    seeds: list[int] = Field([0], min_length=1)
    stored: bool = False
    surprise: int = Field(0, ge=0)

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        needed = {"ngram": {"order"}, "window": {"window", "e", "h"}}.get(self.cell, {"h"})
        if missing := needed - self.model_fields_set:
            raise ValueError(f"{self.cell} needs {', '.join(sorted(missing))}")
        return self

    def digest(self) -> str:
        """Return eight digits that are others as soon as a setting changes that changes the model."""
        description = self.model_dump_json(exclude={"seeds", "stored", "surprise"}, exclude_defaults=True)
        return hashlib.sha256(description.encode()).hexdigest()[:8]


def read_tables(path: Path, group: str) -> dict[str, dict[str, Any]]:
    """Return each table ``GROUP.NAME`` of a TOML file by its name; its table ``all`` holds for all of them.

    Raises:
        OSError: if the file cannot be read.
        ValueError: if it is no TOML file, or a table is missing.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{path}: {error}") from None
    if missing := {"all", group} - tables.keys():
        raise ValueError(f"{path} lacks the table {missing.pop()!r}")
    return {name: {**tables["all"], **table} for name, table in tables[group].items()}


def settings_of(table: dict[str, Any], place: str) -> Settings:
    """Return the settings that a TOML table holds, which stands at ``place``.

    Raises:
        ValueError: naming the place and the setting that is missing, unknown, or of the wrong kind.
    """
    try:
        return Settings(**table)
    except ValidationError as error:
        reasons = "; ".join(": ".join([*map(str, part["loc"]), part["msg"]]) for part in error.errors())
        raise ValueError(f"{place}: {reasons}") from None


def read_settings(path: Path) -> dict[str, Settings]:
    """Return the settings of each table ``models.NAME`` of a TOML file; its table ``all`` holds for all of them.

    Raises:
        OSError: if the file cannot be read.
        ValueError: naming the table and the setting that is missing, unknown, or of the wrong kind.
    """
    tables = read_tables(path, "models")
    return {name: settings_of(table, f"{path}: models.{name}") for name, table in tables.items()}
