"""The scoreboard: settings that are read strictly, runs that can be interrupted, weights and scores that last."""

import os
import signal
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from rnncourse import cli
from rnncourse.language_model import evaluate, log_probabilities
from rnncourse.markov import NgramModel
from rnncourse.scoreboard import (
    Settings,
    best_share,
    build,
    count_parameters,
    fit,
    load_weights,
    mix,
    read_settings,
    save_weights,
)
from rnncourse.scoreboard.surprise import load_surprise, read_afresh, save_surprise
from rnncourse.scoreboard.table import Row, Table
from rnncourse.scoreboard.texts import Texts, excerpt
from rnncourse.scoreboard.training import possible
from rnncourse.text import Split, Vocabulary, load_addresses

ALL = "[all]\nn = 4\nT = 10\nepochs = 3\nlr = 0.01\ntheta = 1.0\n"
SPLIT = Split(torch.arange(400) % 5, torch.arange(400, 600) % 5, torch.arange(100) % 5)
LEARNED = torch.arange(600) % 5  # training and validation text


class Counting(Texts):
    """Texts that count to five again and again: a corpus, and five addresses."""

    corpus = SPLIT, 5
    addresses = list((torch.arange(20_000) % 5).split(4000)), SPLIT.validation, SPLIT.test, 5


TEXTS = Counting()


def settings(**others) -> Settings:
    values = {"cell": "gru", "h": 6, "n": 4, "T": 10, "epochs": 3, "lr": 0.01, "theta": 1.0, **others}
    return Settings.model_validate(values)


def table(folder: Path, models: str = "[models.one]\ncell = 'gru'\nh = 6\nseeds = [0, 1]\nstored = true\n") -> Table:
    path = folder / "models.toml"
    path.write_text(ALL + models)
    return Table(path, read_settings(path))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "lacks the table"),
        ("[all", "models.toml: "),
        (ALL + "[models.one]\ncell = 'gru'", "gru needs h"),
        (ALL + "[models.one]\ncell = 'gru'\nh = 0", "models.one: h: Input should be greater than or equal to 1"),
        (ALL + "[models.one]\ncell = 'gru'\nh = '6'", "models.one: h: Input should be a valid integer"),
        (ALL + "[models.one]\ncell = 'gru'\nh = 6\nlayers = 2", "models.one: layers: Extra inputs are not permitted"),
        (ALL + "[models.one]\ncell = 'LSTM'\nh = 6", "models.one: cell: Input should be 'ngram', 'window', 'rnn'"),
    ],
)
def test_settings_that_are_wrong_are_named(tmp_path, text, message):
    path = tmp_path / "models.toml"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"models\.toml") as error:
        read_settings(path)
    assert message in str(error.value)


def test_digest_changes_with_what_changes_the_model():
    assert settings().digest() == settings(seeds=[3], stored=True, surprise=1).digest()
    assert len({settings().digest(), settings(h=7).digest(), settings(dropout=0.1).digest()}) == 3


def test_each_kind_has_the_parameters_of_its_formula():
    d = m = 5
    h, L, window, e = 6, 3, 4, 2
    recurrent = d * h + h * h + h
    output = h * m + m
    counts = {
        "window": m * e + window * e * h + h + output,
        "rnn": recurrent + output,
        "lstm": 4 * recurrent + output,
        "gru": 3 * recurrent + h + output,
    }
    for cell, count in counts.items():
        model = build(settings(cell=cell, window=window, e=e), m, seed=0)
        assert count_parameters(model) == count, cell
    upper = 2 * h * h + h
    assert count_parameters(build(settings(cell="rnn", L=L), m, seed=0)) == counts["rnn"] + (L - 1) * upper
    assert count_parameters(build(settings(cell="lstm", L=L), m, seed=0)) == counts["lstm"] + (L - 1) * 4 * upper


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_states_are_mapped_by_the_initial_matrix_in_each_block(cell):
    for initial in ("orthogonal", "identity"):
        model = build(settings(cell=cell, L=2, initial=initial), 5, seed=0)
        for name, W in model.named_parameters():
            if name.endswith("W_hh"):
                for block in W.split(6, dim=1):
                    assert torch.allclose(block @ block.T, torch.eye(6), atol=1e-5)
                    assert torch.equal(block, torch.eye(6)) == (initial == "identity")


def test_activation_and_forget_bias_reach_the_cell():
    relu = build(settings(cell="rnn", phi="relu"), 5, seed=0)
    assert relu.get_submodule("cell").phi == "relu"
    lstm = build(settings(cell="lstm", forget_bias=2.5), 5, seed=0)
    assert torch.equal(lstm.get_parameter("cell.b_h")[6:12], torch.full((6,), 2.5))


def test_variational_dropout_leaves_out_the_same_at_all_steps():
    model = build(settings(cell="rnn", L=2, dropout=0.5, variational=True), 5, seed=0)
    X = torch.ones(7, 3, 6)
    dropout = model.get_submodule("dropout")
    dropped = dropout(X)
    assert torch.equal(dropped, dropped[:1].expand_as(dropped))
    assert set(dropped.unique().tolist()) == {0.0, 2.0}
    assert not torch.equal(dropped[:, 0], dropped[:, 1])
    assert model.get_submodule("cell.dropout") is dropout
    model.eval()
    assert torch.equal(dropout(X), X)


def test_a_window_model_drops_hidden_units():
    model = build(settings(cell="window", window=3, e=2, dropout=0.9), 5, seed=0)
    x = LEARNED[:40].view(20, 2)
    assert not torch.equal(model(x)[0], model(x)[0])
    model.eval()
    assert torch.equal(model(x)[0], model(x)[0])


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("optimizer", ["adamw", "muon"])
def test_dropout_of_the_weights_leaves_no_trace(cell, optimizer):
    wanted = settings(cell=cell, L=2, weight_dropout=0.4, dropout=0.1, optimizer=optimizer)
    model, history = fit(wanted, SPLIT.train, 5, seed=0)
    assert history.finished
    assert model.state_dict().keys() == build(wanted, 5, seed=0).state_dict().keys()
    plain, _ = fit(wanted.model_copy(update={"weight_dropout": 0.0}), SPLIT.train, 5, seed=0)
    different = [name for name, p in model.state_dict().items() if not torch.equal(p, plain.state_dict()[name])]
    assert any(name.endswith("W_hh") for name in different)


def test_half_precision_is_only_for_processors_that_have_it(monkeypatch):
    for has_it, dtype in ((True, torch.bfloat16), (False, torch.float32)):
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda has_it=has_it: {"avx512_bf16": has_it})
        assert possible("bfloat16") == dtype
        assert possible("float32") == torch.float32
    monkeypatch.setattr(torch.cpu, "get_capabilities", dict)  # another kind of processor
    assert possible("bfloat16") == torch.float32


def test_weights_come_back_rounded_to_half_precision(tmp_path):
    model = build(settings(), 5, seed=1)
    save_weights(model, tmp_path / "weights" / "one.safetensors")
    again = load_weights(build(settings(), 5, seed=2), tmp_path / "weights" / "one.safetensors")
    for p, q in zip(model.parameters(), again.parameters(), strict=True):
        assert torch.equal(q, p.half().float())
    assert (tmp_path / "weights" / "one.safetensors").stat().st_size < 2 * count_parameters(model) + 1000


def test_runs_fill_the_table_and_only_what_changed_is_run_again(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    one = table(tmp_path)
    assert one.rows() == []
    assert one.missing({"one"}) == [("one", 0), ("one", 1)]
    with ThreadPoolExecutor(1) as workers:
        [row] = one.run([("one", 0)], TEXTS, workers)
        assert one.rows() == [row]
        assert one.missing({"one"}) == [("one", 1)]
        kept = load_weights(build(one.models["one"], 5, seed=9), one.weights / "one.safetensors")
        assert row.perplexity == pytest.approx(evaluate(kept, SPLIT.test).perplexity, abs=1e-4)
        trained, _ = fit(one.models["one"], LEARNED, 5, seed=0)
        assert all(
            torch.equal(p.half().float(), q) for p, q in zip(trained.parameters(), kept.parameters(), strict=True)
        )
        [_] = one.run([("one", 1)], TEXTS, workers)
    assert one.missing({"one"}) == []
    assert not any((tmp_path / "_build" / "train").iterdir())
    (one.weights / "one.safetensors").unlink()
    assert one.missing({"one"}) == [("one", 0)]
    other = table(tmp_path, "[models.one]\ncell = 'gru'\nh = 7\n")
    assert other.missing({"one"}) == [("one", 0)]
    assert other.missing(set()) == other.rows() == []


def test_surprise_is_kept_for_so_many_seeds(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    one = table(tmp_path, "[models.one]\ncell = 'gru'\nh = 6\nseeds = [0, 1, 2]\nsurprise = 2\n")
    with ThreadPoolExecutor(1) as workers:
        rows = list(one.run([("one", 0), ("one", 1), ("one", 2)], TEXTS, workers))
    assert sorted(file.name for file in one.surprise.iterdir()) == ["one-0.npz", "one-1.npz"]
    for row in rows[:2]:
        surprise = load_surprise(one.surprise / f"one-{row.seed}.npz")
        assert surprise.whole.shape == surprise.fresh.shape == (len(SPLIT.test) - 1,)
        assert 2 ** surprise.whole.mean() == pytest.approx(row.perplexity, rel=0.05)
    (one.surprise / "one-1.npz").unlink()
    assert one.missing({"one"}) == [("one", 1)]


def test_a_fresh_start_forgets_what_stands_before_it():
    model = build(settings(), 5, seed=0)

    def read(x):
        return log_probabilities(model, x).numpy()

    x = torch.arange(450) % 5
    whole, fresh = read(x), read_afresh(read, x)
    assert len(whole) == len(fresh) == 449
    assert fresh[:200] == pytest.approx(whole[:200])
    assert fresh[200] == pytest.approx(read(x[200:202])[0]) != whole[200]
    assert fresh[400:] == pytest.approx(read(x[400:]))


@given(st.lists(st.floats(-40, 0), min_size=1))
def test_surprise_comes_back_in_bits(ln_p):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "surprise" / "one.npz"
        save_surprise(file, np.array(ln_p), np.zeros(len(ln_p)))
        surprise = load_surprise(file)
    assert np.abs(surprise.whole + np.log2(np.e) * np.array(ln_p)).max() <= 1 / 32
    assert not surprise.fresh.any()


@given(st.floats(0, 1), st.lists(st.tuples(st.floats(1e-6, 1), st.floats(1e-6, 1)), min_size=1))
def test_a_mixture_is_the_weighted_mean_of_probabilities(share, pairs):
    network, table = np.array(pairs).T
    assert np.exp(mix(np.log(network), np.log(table), share)) == pytest.approx(share * network + (1 - share) * table)


def test_the_best_share_is_that_of_the_better_one_or_between():
    network, table = np.log([[0.9, 0.1, 0.9], [0.5, 0.5, 0.5]])
    assert best_share(network, network - 1) == 1
    assert best_share(table - 1, table) == 0
    p = {share: mix(network, table, share).sum() for share in np.linspace(0, 1, 21)}
    assert best_share(network, table) == pytest.approx(max(p, key=lambda share: p[share]))
    assert 0 < best_share(network, table) < 1


def test_an_excerpt_takes_the_same_share_of_each_text():
    texts = [torch.arange(1000), torch.arange(2000, 2400)]
    drawn = excerpt(texts, 700, seed=0)
    assert len(drawn) == 700
    for text in texts:
        places = drawn[(drawn >= text[0]) & (drawn <= text[-1])]
        assert len(places) == len(text) / 2
        assert (places.diff() == 1).all()
    assert torch.equal(excerpt(texts, 1400, seed=1).sort().values, torch.cat(texts))
    assert not torch.equal(drawn, excerpt(texts, 700, seed=1))
    with pytest.raises(ValueError, match="1400 characters, fewer than the 1401"):
        excerpt(texts, 1401, seed=0)


def test_settings_say_which_text_is_learned():
    assert torch.equal(TEXTS.to_choose(settings(), 0).x, SPLIT.train)
    assert torch.equal(TEXTS.to_choose(settings(), 0).following, SPLIT.validation)
    assert torch.equal(TEXTS.to_score(settings(), 0).x, LEARNED)
    assert torch.equal(TEXTS.to_score(settings(), 0).following, SPLIT.test)
    assert len(TEXTS.to_score(settings(characters=500), 0).x) == 500


@pytest.mark.slow
def test_no_address_is_in_two_parts_and_no_held_out_year_has_two():
    learned, validation, test, m = Texts().addresses
    addresses = load_addresses()
    vocabulary = Vocabulary("\n".join(address.text for address in addresses))
    assert m == len(vocabulary) == 105
    parts = [vocabulary.decode(part) for part in (torch.cat(learned), validation, test)]
    years = [[address.year for address in addresses if address.text in part] for part in parts]
    assert [len(some) for some in years] == [237 - 12 - 6, 6, 12]
    assert sorted([*years[0], *years[1], *years[2]]) == [address.year for address in addresses]
    assert not set(years[0]) & set(years[1] + years[2])
    assert len(set(years[1] + years[2])) == 12 + 6


def test_an_ngram_model_is_a_line_too(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    one = table(tmp_path, "[models.bigram]\ncell = 'ngram'\norder = 2\nsmoothing = 'witten-bell'\nkept = 6\n")
    with ThreadPoolExecutor(1) as workers:
        [row] = one.run([("bigram", 0)], TEXTS, workers)
    assert row.parameters == 2 * 6  # the characters and one bigram, key and count of each
    model = NgramModel(2, 5, "witten-bell").fit(LEARNED).prune(6)
    assert row.perplexity == pytest.approx(model.perplexity(SPLIT.test), abs=1e-4)
    assert one.rows() == [row]


def test_a_file_that_is_no_table_is_named(tmp_path):
    one = table(tmp_path)
    one.path.write_text("name,points\nAda,3\n")
    with pytest.raises(ValueError, match=r"models\.csv is not a table of model, seed, settings"):
        one.rows()


@pytest.mark.slow
def test_command_is_interrupted_and_goes_on(tmp_path):
    path = table(tmp_path, "[models.one]\ncell = 'gru'\nh = 6\ncharacters = 9000\nseeds = [0, 1]\n").path.with_suffix(
        ".toml"
    )
    path.write_text(path.read_text().replace("epochs = 3", "epochs = 400"))
    command = [sys.executable, "-m", "rnncourse", "train", str(path), "--jobs", "2"]
    begun = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True, start_new_session=True)
    unfinished = tmp_path / "_build" / "train"
    while not (unfinished.is_dir() and len([*unfinished.glob("one-?-????????")]) == 2):
        assert begun.poll() is None
    os.killpg(begun.pid, signal.SIGINT)
    _, message = begun.communicate()
    assert begun.returncode == 130
    assert "the same command goes on after the last whole pass" in " ".join(message.split())
    assert "Traceback" not in message
    passes = {file.name: torch.load(file)["epoch"] for file in unfinished.iterdir()}
    assert all(0 < count < 400 for count in passes.values())
    path.write_text(path.read_text().replace("epochs = 400", f"epochs = {max(passes.values()) + 1}"))
    for file in list(unfinished.iterdir()):  # a shorter training of the same name, to be done sooner
        digest = read_settings(path)["one"].digest()
        file.rename(unfinished / f"{file.name[:-8]}{digest}")
    again = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    assert len(path.with_suffix(".csv").read_text().splitlines()) == 1 + 2
    third = CliRunner().invoke(cli.app, ["train", str(path)])
    assert third.exit_code == 0
    assert "Nothing to do" in third.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.toml"], "missing.toml"),
        (["models.toml", "--only", "two"], "no model two; there are one"),
    ],
)
def test_command_names_what_is_wrong(tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    table(tmp_path)
    result = CliRunner().invoke(cli.app, ["train", *arguments])
    assert result.exit_code == 1
    assert message in result.output
    assert "Traceback" not in result.output


def test_the_books_scores_belong_to_its_settings_and_weights():
    path = Path(__file__).parents[1] / "book" / "scoreboard.toml"
    board = Table(path, read_settings(path))
    assert board.missing(set(board.models)) == []
    weights = sorted(board.weights.glob("*.safetensors"))
    runs = [(name, seed) for name, one in board.models.items() for seed in one.seeds]
    assert set(weights) == {board.weights_of(*run) for run in runs} - {None}
    assert sum(file.stat().st_size for file in weights) < 6_000_000
    perplexity = {board.surprise_of(row.model, row.seed): row.perplexity for row in board.rows()}
    assert set(board.surprise.glob("*.npz")) == perplexity.keys() - {None}
    for path in board.surprise.glob("*.npz"):
        assert 2 ** load_surprise(path).whole.mean() == pytest.approx(perplexity[path], abs=2e-3)
    assert all(isinstance(row, Row) and row.perplexity > 1 for row in board.rows())
