"""The table of the scoreboard: one line for each model and seed, in a file that grows as they are trained."""

import time
from collections.abc import Generator
from concurrent.futures import Executor, as_completed
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from rnncourse.language_model import evaluate
from rnncourse.markov import NgramModel
from rnncourse.scoreboard.records import read_rows, write_rows
from rnncourse.scoreboard.settings import Settings
from rnncourse.scoreboard.training import count_parameters, fit, load_weights, save_weights, table_of
from rnncourse.text import Split


class Row(NamedTuple):
    """One run: ``seconds`` of its training, ``microseconds`` of reading one character of the test text.

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


class Measured(NamedTuple):
    """What one run came to; the last fields of its row."""

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

    def run(self, runs: list[tuple[str, int]], text: Split, m: int, workers: Executor) -> Generator[Row, None, None]:
        """Train models on ``text.train`` and ``text.validation``; yield each row when it is in the table.

        Args:
            runs: name and seed of each.
            text: its part ``test`` is read for the score alone.
            m: number of characters in the vocabulary.
            workers: where the models are trained; an interrupted run goes on after its last whole pass.

        Raises:
            FloatingPointError: naming the model and the seed whose training diverged.
        """
        x = torch.cat([text.train, text.validation])
        futures = {}
        for name, seed in runs:
            settings = self.models[name]
            checkpoint = self.unfinished / f"{name}-{seed}-{settings.digest()}"
            weights = self.file(name) if self._is_kept(name, seed) else None
            futures[workers.submit(measure, settings, seed, x, text.test, m, weights, checkpoint)] = name, seed
        for future in as_completed(futures):
            name, seed = futures[future]
            try:
                measured = future.result()
            except FloatingPointError as error:
                raise FloatingPointError(f"{name}, seed {seed}: {error}") from None
            row = Row(name, seed, self.models[name].digest(), *measured)
            earlier = [row for row in self.rows() if (row.model, row.seed) != (name, seed)]
            write_rows(self.path, Row, [*earlier, row])
            yield row

    def file(self, name: str) -> Path:
        """Return where the weights of a model are kept."""
        return self.weights / f"{name}.safetensors"

    def _is_kept(self, name: str, seed: int) -> bool:
        return self.models[name].stored and seed == self.models[name].seeds[0]

    def _lost(self, name: str, seed: int) -> bool:
        return self._is_kept(name, seed) and not self.file(name).exists()


def measure(
    settings: Settings, seed: int, x: Tensor, x_test: Tensor, m: int, weights: Path | None, checkpoint: Path
) -> Measured:
    """Train one model on the text ``x`` and score it on ``x_test``; keep its weights, if there is a file for them.

    Of an n-gram model, the parameters are the numbers that it stores.

    Raises:
        KeyboardInterrupt: if it was interrupted; ``checkpoint`` keeps what was learned.
    """
    if settings.cell == "ngram":
        begin = time.process_time()
        model: Any = table_of(settings, x, m)
        seconds, parameters = time.process_time() - begin, model.stored_count()
    else:
        checkpoint.parent.mkdir(parents=True, exist_ok=True)
        model, history = fit(settings, x, m, seed, checkpoint, progress=False)
        if not history.finished:
            raise KeyboardInterrupt
        seconds, parameters = history.seconds, count_parameters(model)
        if weights:
            save_weights(model, weights)
            load_weights(model, weights)  # the score is that of what is kept
    perplexity, microseconds = score(model, x_test)
    checkpoint.unlink(missing_ok=True)
    measured = round(perplexity, 4), round(seconds, 2), round(microseconds, 1)
    return Measured(parameters, *measured, torch.get_num_threads())
