"""The search for the settings of the scoreboard's models: short runs first, the best go on, all on validation text.

This is random search (Bergstra and Bengio, "Random search for hyper-parameter optimization", JMLR 13, 2012) with
successive halving (Jamieson and Talwalkar, "Non-stochastic best arm identification and hyperparameter optimization",
AISTATS 2016). The table of the runs is all that it remembers: a run that stands there is not made again.
"""

import json
import math
import random
import time
import tomllib
from collections import Counter
from collections.abc import Generator, Iterator
from concurrent.futures import Executor, as_completed
from pathlib import Path
from typing import Any, NamedTuple

from rnncourse.language_model import log_probabilities
from rnncourse.markov import NgramModel
from rnncourse.scoreboard.mixture import best_share, mix
from rnncourse.scoreboard.records import read_rows, write_rows
from rnncourse.scoreboard.settings import Settings, read_tables, settings_of
from rnncourse.scoreboard.texts import Task, Texts
from rnncourse.scoreboard.training import fit, table_of


class Validated(NamedTuple):
    """What one run came to on validation text."""

    perplexity: float  # infinite if the training diverged
    share: float  # of the network in its best mixture with a table
    mixed: float  # perplexity of this mixture
    seconds: float  # processor time of the training


class Trial(NamedTuple):
    """One run of the search, and what it came to: see :class:`Validated`."""

    kind: str
    number: int
    epochs: int
    settings: str  # their digest
    perplexity: float
    share: float
    mixed: float
    seconds: float
    drawn: str  # what was drawn for this trial, as JSON


class Space:
    """What the search tries, from a TOML file.

    ``trials`` and ``epochs`` say how many trials of each kind make how many passes: ``[9, 3, 1]`` and ``[2, 6, 24]``
    train nine for two passes, the best three of these for six, and the best of those for 24. ``mixed_with`` is the n of
    the table that each network is mixed with. In a table ``kinds.NAME`` a list holds the values of a setting that are
    tried, ``{from = a, to = b}`` an interval of which the logarithm is drawn; anything else holds for all trials. A
    kind may have ``epochs`` of its own, for fewer rounds, too.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.kinds = path, read_tables(path, "kinds")
        plan = tomllib.loads(path.read_text(encoding="utf-8"))
        try:
            self.seed, self.mixed_with = plan["seed"], plan["mixed_with"]
            self.trials = plan["trials"]
            self.epochs = {kind: table.pop("epochs", plan["epochs"]) for kind, table in self.kinds.items()}
        except KeyError as error:
            raise ValueError(f"{path} lacks {error}") from None
        for kind in self.kinds:
            self.settings(kind, 0, self.epochs[kind][0])  # names what is wrong before anything is trained

    def rounds(self, kind: str) -> list[tuple[int, int]]:
        """Return for each round how many trials of a kind go on, and their passes; a table reads the text once."""
        rounds = list(zip(self.trials, self.epochs[kind], strict=False))
        return rounds[:1] if self.kinds[kind].get("cell") == "ngram" else rounds

    def drawn(self, kind: str) -> list[dict[str, Any]]:
        """Return what is drawn for each trial of a kind, no two alike."""
        generator = random.Random(f"{self.seed} {kind}")
        drawn: list[dict[str, Any]] = []
        while len(drawn) < self.trials[0]:
            values = {}
            for name, choice in self.kinds[kind].items():
                if isinstance(choice, list):
                    values[name] = generator.choice(choice)
                elif isinstance(choice, dict):
                    exponent = generator.uniform(math.log(choice["from"]), math.log(choice["to"]))
                    values[name] = float(f"{math.exp(exponent):.2g}")
            if values not in drawn:
                drawn.append(values)
        return drawn

    def settings(self, kind: str, number: int, epochs: int) -> Settings:
        """Return the settings of a trial with so many passes.

        Raises:
            ValueError: naming the setting that is missing, unknown, or of the wrong kind.
        """
        table = {**self.kinds[kind], **self.drawn(kind)[number], "epochs": epochs}
        return settings_of(table, f"{self.path}: kinds.{kind}")


class Search:
    """The trials of a space, in the file of the same name that ends in ``.csv``."""

    def __init__(self, space: Space) -> None:
        self.space, self.path = space, space.path.with_suffix(".csv")
        self.unfinished = Path("_build") / "search"

    def trials(self) -> list[Trial]:
        """Return the trials that were made with the space of today, kind by kind, in their order.

        Raises:
            ValueError: if the file is not one of these tables.
        """
        kinds = list(self.space.kinds)
        current = [
            trial
            for trial in read_rows(self.path, Trial)
            if trial.kind in kinds
            and trial.number < self.space.trials[0]
            and trial.settings == self.space.settings(trial.kind, trial.number, trial.epochs).digest()
        ]
        return sorted(current, key=lambda trial: (kinds.index(trial.kind), trial.epochs, trial.number))

    def planned(self) -> int:
        """Return how many runs the whole search has."""
        return sum(count for kind in self.space.kinds for count, _ in self.space.rounds(kind))

    def made(self) -> int:
        """Return how many of the planned runs are made; those of a round that was longer once do not count."""
        runs = Counter((trial.kind, trial.epochs) for trial in self.trials())
        rounds = [(kind, *round) for kind in self.space.kinds for round in self.space.rounds(kind)]
        return sum(min(count, runs[kind, epochs]) for kind, count, epochs in rounds)

    def best(self, kind: str) -> Trial:
        """Return the trial of a kind with the lowest perplexity."""
        return min((trial for trial in self.trials() if trial.kind == kind), key=lambda trial: trial.perplexity)

    def missing(self) -> Iterator[list[tuple[str, int, int]]]:
        """Yield kind, number and passes of the runs that are still to be made, round by round: the best go on."""
        for i in range(len(self.space.trials)):
            runs = []
            for kind in self.space.kinds:
                rounds = self.space.rounds(kind)
                if i >= len(rounds):
                    continue
                _, epochs = rounds[i]
                perplexity = {
                    (trial.number, trial.epochs): trial.perplexity for trial in self.trials() if trial.kind == kind
                }
                numbers = list(range(self.space.trials[0]))
                if i:
                    _, earlier = rounds[i - 1]
                    known = [number for number in numbers if (number, earlier) in perplexity]
                    numbers = sorted(known, key=lambda number: perplexity[number, earlier])[: rounds[i][0]]
                runs += [(kind, number, epochs) for number in numbers if (number, epochs) not in perplexity]
            yield runs

    def run(self, texts: Texts, workers: Executor) -> Generator[Trial, None, None]:
        """Make all trials that are missing; yield each when it is in the table. Test text is not looked at."""
        for runs in self.missing():
            # Wide layers take longest: they go first, so that no worker waits for one at the end.
            runs.sort(key=lambda run: -self.space.settings(*run).h)
            futures = {}
            for run in runs:
                settings = self.space.settings(*run)
                checkpoint = self.unfinished / f"{settings.digest()}-{self.space.seed}"
                task = texts.to_choose(settings, self.space.seed)
                order = settings, self.space.seed, task, self.space.mixed_with, checkpoint
                futures[workers.submit(validate, *order)] = run
            for future in as_completed(futures):
                kind, number, epochs = futures[future]
                drawn = self.space.drawn(kind)[number]
                digest = self.space.settings(kind, number, epochs).digest()
                trial = Trial(kind, number, epochs, digest, *future.result(), json.dumps(drawn))
                write_rows(self.path, Trial, [*self.trials(), trial])
                yield trial


def validate(settings: Settings, seed: int, task: Task, mixed_with: int, checkpoint: Path) -> Validated:
    """Return what a model comes to on the validation text of ``task``, alone and mixed with a table.

    Raises:
        KeyboardInterrupt: if it was interrupted; ``checkpoint`` keeps what was learned.
    """
    x, following, m = task
    begin = time.process_time()
    if settings.cell == "ngram":
        perplexity = round(table_of(settings, x, m).perplexity(following), 4)
        return Validated(perplexity, 0.0, perplexity, round(time.process_time() - begin, 1))
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    try:
        model, history = fit(settings, x, m, seed, checkpoint, progress=False)
    except FloatingPointError:
        return Validated(math.inf, 0.0, math.inf, 0.0)
    if not history.finished:
        raise KeyboardInterrupt
    network = log_probabilities(model, following).numpy()
    table = NgramModel(mixed_with, m).fit(x).log_probabilities(following)
    share = best_share(network, table)
    perplexity, mixed = (math.exp(-ln_p.mean(dtype=float)) for ln_p in (network, mix(network, table, share)))
    checkpoint.unlink()
    return Validated(round(perplexity, 4), share, round(mixed, 4), round(history.seconds, 1))
