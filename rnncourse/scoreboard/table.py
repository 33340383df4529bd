"""The table of the scoreboard: one line for each model and seed, in a file that grows as they are trained."""

import time
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn

from rnncourse.language_model import evaluate
from rnncourse.markov import NgramModel
from rnncourse.scoreboard.records import read_rows, write_rows
from rnncourse.scoreboard.settings import Settings
from rnncourse.scoreboard.training import count_parameters, fit, last, load_weights, save_weights
from rnncourse.text import Split


class Row(NamedTuple):
    """One run: ``seconds`` of its training, ``microseconds`` of reading one character of the held-out text.

    Both are processor time, which does not depend on what else the machine does.
    """

    model: str
    seed: int
    settings: str  # their digest
    parameters: int
    perplexity: float
    seconds: float
    microseconds: float
    threads: int


def score(model: nn.Module | NgramModel, x: Tensor) -> tuple[float, float]:
    """Return the perplexity of the text ``x`` (N,), and the microseconds of processor time that a character took."""
    begin = time.process_time()
    perplexity = model.perplexity(x) if isinstance(model, NgramModel) else evaluate(model, x).perplexity
    return perplexity, (time.process_time() - begin) / (len(x) - 1) * 1e6


class Table:
    """The runs of the models of a settings file, in the file of the same name that ends in ``.csv``.

    Weights are kept in the folder ``weights`` beside it, those of unfinished runs in ``_build/train``.
    """

    def __init__(self, settings: Path, models: dict[str, Settings]) -> None:
        self.path, self.models = settings.with_suffix(".csv"), models
        self.weights, self.unfinished = settings.parent / "weights", Path("_build") / "train"

    def rows(self) -> list[Row]:
        """Return the runs that were made with the settings of today, in the order of the settings file.

        Raises:
            ValueError: if the file is not one of these tables.
        """
        places = {name: i for i, name in enumerate(self.models)}
        rows = [
            row
            for row in read_rows(self.path, Row)
            if row.model in places and row.settings == self.models[row.model].digest()
        ]
        return sorted(rows, key=lambda row: (places[row.model], row.seed))

    def missing(self, names: set[str]) -> list[tuple[str, int]]:
        """Return name and seed of each run of these models that is still to be made."""
        done = {(row.model, row.seed) for row in self.rows()}
        runs = [(name, seed) for name in self.models if name in names for seed in self.models[name].seeds]
        return [(name, seed) for name, seed in runs if (name, seed) not in done or self._lost(name, seed)]

    def run(self, name: str, seed: int, text: Split, m: int) -> Row | None:
        """Train one model and add its score on ``text.held_out`` to the table; ``None`` if it was interrupted.

        Of an n-gram model, the parameters are the counts that it stores.
        """
        settings = self.models[name]
        if settings.cell == "ngram":
            begin = time.process_time()
            table = NgramModel(settings.order, m).fit(last(text.train, settings.characters))
            return self._add(name, seed, table, table.stored_count(), time.process_time() - begin, text)
        checkpoint = self.unfinished / f"{name}-{seed}-{settings.digest()}"
        checkpoint.parent.mkdir(parents=True, exist_ok=True)
        model, history = fit(settings, text.train, m, seed, checkpoint)
        if not history.finished:
            return None
        if self._is_kept(name, seed):
            save_weights(model, self.file(name))
            load_weights(model, self.file(name))  # the score is that of what is kept
        row = self._add(name, seed, model, count_parameters(model), history.seconds, text)
        checkpoint.unlink()
        return row

    def file(self, name: str) -> Path:
        """Return where the weights of a model are kept."""
        return self.weights / f"{name}.safetensors"

    def _is_kept(self, name: str, seed: int) -> bool:
        return self.models[name].stored and seed == self.models[name].seeds[0]

    def _lost(self, name: str, seed: int) -> bool:
        return self._is_kept(name, seed) and not self.file(name).exists()

    def _add(
        self, name: str, seed: int, model: nn.Module | NgramModel, parameters: int, seconds: float, text: Split
    ) -> Row:
        perplexity, microseconds = score(model, text.held_out)
        measured = (round(perplexity, 4), round(seconds, 2), round(microseconds, 1), torch.get_num_threads())
        row = Row(name, seed, self.models[name].digest(), parameters, *measured)
        kept = [earlier for earlier in self.rows() if (earlier.model, earlier.seed) != (name, seed)]
        write_rows(self.path, Row, [*kept, row])
        return row
