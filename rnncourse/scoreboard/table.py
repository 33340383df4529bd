"""The table of the scoreboard: one line for each model and seed, in a file that grows as they are trained."""

import math
import time
from collections.abc import Callable, Generator
from concurrent.futures import Executor, as_completed
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from rnncourse.language_model import log_probabilities
from rnncourse.scoreboard.records import read_rows, write_rows
from rnncourse.scoreboard.settings import Settings
from rnncourse.scoreboard.surprise import read_afresh, save_surprise
from rnncourse.scoreboard.texts import Task, Texts
from rnncourse.scoreboard.training import count_parameters, fit, load_weights, save_weights, table_of


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


class Table:
    """The runs of the models of a settings file, in the file of the same name that ends in ``.csv``.

    Weights are kept in the folder ``weights`` beside it, surprises in the folder ``surprise``, unfinished runs in
    ``_build/train``.
    """

    def __init__(self, settings: Path, models: dict[str, Settings]) -> None:
        self.path, self.models = settings.with_suffix(".csv"), models
        self.weights, self.surprise = settings.parent / "weights", settings.parent / "surprise"
        self.unfinished = Path("_build") / "train"

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

    def run(self, runs: list[tuple[str, int]], texts: Texts, workers: Executor) -> Generator[Row, None, None]:
        """Train models and score them on test text; yield each row when it is in the table.

        Args:
            runs: name and seed of each.
            texts: what they learn from, and the test text.
            workers: where the models are trained; an interrupted run goes on after its last whole pass.

        Raises:
            FloatingPointError: naming the model and the seed whose training diverged.
        """
        futures = {}
        for name, seed in runs:
            settings = self.models[name]
            checkpoint = self.unfinished / f"{name}-{seed}-{settings.digest()}"
            task = texts.to_score(settings, seed)
            weights, surprise = self.weights_of(name, seed), self.surprise_of(name, seed)
            futures[workers.submit(measure, settings, seed, task, weights, surprise, checkpoint)] = name, seed
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

    def weights_of(self, name: str, seed: int) -> Path | None:
        """Return where the weights of a run are kept, if they are: those of the first seed of a stored network."""
        settings = self.models[name]
        return self.weights / f"{name}.safetensors" if settings.stored and seed == settings.seeds[0] else None

    def surprise_of(self, name: str, seed: int) -> Path | None:
        """Return where a run's surprise at each character of the test text is kept, if it is."""
        settings = self.models[name]
        kept = seed in settings.seeds[: settings.surprise]
        return self.surprise / f"{name}-{seed}.npz" if kept else None

    def _lost(self, name: str, seed: int) -> bool:
        kept = self.weights_of(name, seed), self.surprise_of(name, seed)
        return not all(path.exists() for path in kept if path)


def measure(
    settings: Settings, seed: int, task: Task, weights: Path | None, surprise: Path | None, checkpoint: Path
) -> Measured:
    """Train one model and score it; keep its weights and its surprise, if there are files for them.

    Of an n-gram model, the parameters are the numbers that it stores.

    Raises:
        KeyboardInterrupt: if it was interrupted; ``checkpoint`` keeps what was learned.
    """
    x, following, m = task
    read: Callable[[Tensor], np.ndarray]
    if settings.cell == "ngram":
        begin = time.process_time()
        table = table_of(settings, x, m)
        seconds, parameters, read = time.process_time() - begin, table.stored_count(), table.log_probabilities
    else:
        checkpoint.parent.mkdir(parents=True, exist_ok=True)
        model, history = fit(settings, x, m, seed, checkpoint, progress=False)
        if not history.finished:
            raise KeyboardInterrupt
        seconds, parameters = history.seconds, count_parameters(model)
        if weights:
            save_weights(model, weights)
            load_weights(model, weights)  # the score is that of what is kept

        def read(text: Tensor) -> np.ndarray:
            return log_probabilities(model, text).numpy()

    begin = time.process_time()
    ln_p = read(following)
    microseconds = (time.process_time() - begin) / len(ln_p) * 1e6
    if surprise:
        save_surprise(surprise, ln_p, read_afresh(read, following))
    checkpoint.unlink(missing_ok=True)
    measured = round(math.exp(-ln_p.mean(dtype=float)), 4), round(seconds, 2), round(microseconds, 1)
    return Measured(parameters, *measured, torch.get_num_threads())
