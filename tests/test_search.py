"""The search: what is drawn, who goes on, what is remembered, and who does the work."""

from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import torch
from distributed import LocalCluster
from typer.testing import CliRunner

from rnncourse import cli
from rnncourse.scoreboard import Search, Settings, Space, Trial
from rnncourse.scoreboard.records import read_rows
from rnncourse.scoreboard.search import Validated, validate
from rnncourse.scoreboard.texts import Texts
from rnncourse.scoreboard.workers import open_workers
from rnncourse.text import Split

PLAN = """
seed = 0
mixed_with = 3
trials = [5, 2, 1]
epochs = [1, 2, 4]
[all]
n = 4
T = 10
lr = 0.1
theta = 1.0
[kinds.table]
cell = "ngram"
order = [1, 2, 3, 4, 5]
[kinds.gru]
cell = "gru"
h = [3, 4]
lr = { from = 0.01, to = 0.1 }
"""


class Counting(Texts):
    """A text that counts to five again and again; there is nothing to test on."""

    corpus = Split(torch.arange(400) % 5, torch.arange(100) % 5, torch.zeros(0, dtype=torch.long)), 5


TEXTS = Counting()


def search(folder: Path, plan: str = PLAN) -> Search:
    path = folder / "search.toml"
    path.write_text(plan)
    return Search(Space(path))


class Made(Executor):
    """An executor that trains nothing: a trial's perplexity is its learning rate, and less after more passes."""

    def __init__(self) -> None:
        self.settings: list[Settings] = []

    def submit(self, fn, /, *args, **_):
        assert fn is validate
        settings = args[0]
        self.settings.append(settings)
        future: Future[Any] = Future()
        future.set_result(Validated(1 + settings.lr / settings.epochs + settings.order / 100, 0.5, 1.0, 1.0))
        return future


def test_the_best_go_on(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    trials, workers = search(tmp_path), Made()
    made = list(trials.run(TEXTS, workers))
    assert len(made) == trials.made() == trials.planned() == 5 + (5 + 2 + 1)
    rates = {trial.number: trials.space.settings("gru", trial.number, 1).lr for trial in made if trial.kind == "gru"}
    for epochs, count in ((1, 5), (2, 2), (4, 1)):
        numbers = {trial.number for trial in made if trial.kind == "gru" and trial.epochs == epochs}
        assert numbers == set(sorted(rates, key=lambda number: rates[number])[:count])
    assert trials.best("gru").epochs == 4
    assert trials.space.settings("table", trials.best("table").number, 1).order == 1
    assert all(0.01 <= rate <= 0.1 for rate in rates.values())
    assert sorted(settings.order for settings in workers.settings if settings.cell == "ngram") == [1, 2, 3, 4, 5]


def test_what_is_in_the_table_is_not_run_again_unless_the_space_changed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    first = search(tmp_path)
    runs = first.run(TEXTS, Made())
    for _ in range(7):
        next(runs)
    runs.close()
    again, workers = search(tmp_path), Made()
    assert len(again.trials()) == 7
    list(again.run(TEXTS, workers))
    assert len(workers.settings) == 13 - 7
    assert list(search(tmp_path).run(TEXTS, Made())) == []
    other = search(tmp_path, PLAN.replace("T = 10", "T = 9"))
    assert other.trials() == []


def test_runs_of_a_round_that_was_longer_once_do_not_count_as_made(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert search(tmp_path).made() == 0
    list(search(tmp_path).run(TEXTS, Made()))
    shorter = search(tmp_path, PLAN.replace("[5, 2, 1]", "[5, 1, 1]"))
    assert len(shorter.trials()) == shorter.planned() + 1
    assert shorter.made() == shorter.planned()


def test_a_kind_may_have_passes_of_its_own_and_fewer_rounds(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    trials = search(tmp_path, PLAN.replace("h = [3, 4]", "h = [3, 4]\nepochs = [3, 5]"))
    assert trials.space.rounds("gru") == [(5, 3), (2, 5)]
    assert trials.space.rounds("table") == [(5, 1)]
    made = list(trials.run(TEXTS, Made()))
    assert len(made) == trials.planned() == 5 + (5 + 2)
    assert {trial.epochs for trial in made if trial.kind == "gru"} == {3, 5}


def test_a_trial_is_mixed_with_a_table(tmp_path):
    trials = search(tmp_path)
    settings = trials.space.settings("gru", 0, 1)
    alone = validate(settings, 0, TEXTS.to_choose(settings, 0), 3, tmp_path / "checkpoint")
    assert 1 < alone.mixed < alone.perplexity
    assert alone.share < 0.5  # a table knows how to count, the network has hardly learned
    table = trials.space.settings("table", 0, 1)
    assert validate(table, 0, TEXTS.to_choose(table, 0), 3, tmp_path / "checkpoint").share == 0


def test_trials_really_train_on_a_cluster_as_here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    trials = search(tmp_path)
    with ThreadPoolExecutor(1) as workers:
        here = [trial[:7] for trial in trials.run(TEXTS, workers)]
    assert not any((tmp_path / "_build" / "search").iterdir())
    trials.path.unlink()
    with (
        LocalCluster(n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None) as cluster,
        open_workers(1, cluster.scheduler_address) as workers,
    ):
        there = [trial[:7] for trial in trials.run(TEXTS, workers)]
    assert sorted(here) == sorted(there)
    assert trials.best("gru").perplexity < 5


def test_a_training_that_diverges_is_out(tmp_path):
    settings = search(tmp_path, PLAN.replace("from = 0.01, to = 0.1", "from = 1e30, to = 1e35")).space.settings(
        "gru", 0, 1
    )
    assert validate(settings, 0, TEXTS.to_choose(settings, 0), 3, tmp_path / "checkpoint").perplexity == float("inf")


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        ("seed = 0", "lacks the table"),
        (PLAN.replace("seed = 0", ""), "lacks 'seed'"),
        (PLAN.replace("h = [3, 4]", "h = ['3']"), "kinds.gru: h: Input should be a valid integer"),
        (PLAN.replace("h = [3, 4]", "layers = 2"), "kinds.gru: layers: Extra inputs are not permitted"),
    ],
)
def test_command_names_what_is_wrong(tmp_path, plan, message):
    path = tmp_path / "search.toml"
    path.write_text(plan)
    result = CliRunner().invoke(cli.app, ["search", str(path)])
    assert result.exit_code == 1
    assert message in " ".join(result.output.split())
    assert "Traceback" not in result.output


def test_command_says_which_are_best(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    list(search(tmp_path).run(TEXTS, Made()))
    result = CliRunner().invoke(cli.app, ["search", str(tmp_path / "search.toml")])
    assert result.exit_code == 0
    assert "gru" in result.output
    with_nobody = CliRunner().invoke(cli.app, ["search", str(tmp_path / "new.toml")])
    assert "new.toml" in with_nobody.output


def test_a_scheduler_that_does_not_answer_is_named(monkeypatch):
    monkeypatch.setattr("rnncourse.scoreboard.workers.ANSWER_SECONDS", 1)
    with (
        pytest.raises(RuntimeError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9"),
        open_workers(1, "tcp://127.0.0.1:9"),
    ):
        pass


@pytest.mark.parametrize("name", ["search", "scaling"])
def test_the_books_trials_belong_to_its_spaces(name):
    path = Path(__file__).parents[1] / "book" / f"{name}.toml"
    trials = Search(Space(path))
    assert trials.planned() > len(trials.space.kinds)
    assert len(trials.trials()) == len(read_rows(trials.path, Trial))
