"""The bench: other inputs than the published ones, solutions that pass first, verdicts that nobody can forge."""

import contextlib
import json
import re
from pathlib import Path

import pytest

from rnncourse.grading.checks import CheckFailed, call, check
from rnncourse.grading.exercise import SEED, Check, read_sheet
from rnncourse.grading.judge import run
from rnncourse.grading.judge.bench import Bench, run_check
from rnncourse.grading.judge.gradebook import Gradebook
from rnncourse.grading.judge.reports.feedback import write_feedback
from rnncourse.grading.judge.results import Verdict
from rnncourse.grading.judge.submissions import Submission
from rnncourse.grading.remote import RemoteError, RemoteFunction
from rnncourse.grading.sandbox.client import Sandbox
from rnncourse.grading.sandbox.launcher import SandboxBroken

pytestmark = pytest.mark.slow


@pytest.fixture
def changed(solution, tmp_path):
    """Write the solutions with one cell changed; ``change`` gets the cell."""

    def write(name: str, change) -> Path:
        notebook = json.loads(solution.read_text(encoding="utf-8"))
        change(next(cell for cell in notebook["cells"] if cell["id"] == name))
        path = tmp_path / "rnn" / "solution.ipynb"
        path.parent.mkdir()
        path.write_text(json.dumps(notebook), encoding="utf-8")
        return path

    return write


def test_answers_to_the_published_inputs_would_have_passed(make, sheet):
    namespace: dict[str, object] = {SEED: int}  # the published seeds
    for source in (make.SETUP, *make.hard_coded()[1:], *(part.source for part in sheet.checks)):
        exec(source, namespace)


def test_the_same_class_gets_the_same_inputs_and_another_one_others(sheet, solution, address):
    ada, bob = (Submission(name, "", "", name.encode()) for name in ("ada", "bob"))
    seed, without_bob = run.seed_of(sheet, [ada, bob]), run.seed_of(sheet, [ada])
    assert seed == run.seed_of(sheet, [bob, ada]) != without_bob
    assert without_bob != run.seed_of(sheet._replace(path=Path(__file__)), [ada])  # as with hidden checks
    with contextlib.closing(Bench(solution, address, seed)) as bench:
        assert bench.seed == seed


def test_inputs_that_the_solution_cannot_pass_are_not_used(changed, sheet, address):
    published = int(re.findall(rf"{SEED}\((\d+)\)", sheet.checks[0].source)[-1])

    def refuse_next_seed(cell):
        cell["source"] = "".join(cell["source"]) + f"\nassert torch.initial_seed() != {published + 1}"

    path = changed(sheet.checks[0].name, refuse_next_seed)
    with contextlib.closing(Bench(path, address, published + 1)) as bench:
        assert bench.seed == published + 2


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("with check('temperature'):\n    same(1.0, 2.0, 'never')", "temperature-cold"),
        ("raise SystemExit", "SystemExit"),
    ],
)
@pytest.mark.parametrize("options", [["--fast"], []])
def test_a_judge_whose_solutions_fail_does_not_judge(changed, solution, tmp_path, grade, flat, options, source, reason):
    path = changed("temperature-cold", lambda cell: cell.update(source=source))
    handed_in = tmp_path / "a.ipynb"
    handed_in.write_bytes(solution.read_bytes())
    result = grade(handed_in, "--csv", tmp_path / "g.csv", *options, folder=path.parents[1])
    assert result.exit_code == 1
    assert "the judge does not work: " in flat(result.stderr)
    assert reason in flat(result.stderr)
    assert "the same command goes on from there" in flat(result.stderr)
    assert not (tmp_path / "g.csv").exists()


@pytest.mark.parametrize("fast", [True, False])
def test_no_later_check_tells_what_a_hidden_one_gave(changed, tmp_path, fast):
    sheet = read_sheet(changed("rnn-step-sum", lambda cell: cell["metadata"].update(tags=["hidden"])))
    spy = (
        "import torch\nseen = []\n"
        "def rnn_step(X_t, H, W_xh, W_hh, b_h):\n"
        "    seen.append(X_t)\n    return torch.tanh(X_t @ W_xh + H @ W_hh + b_h)\n"
        "def sampling_probabilities(O, temperature):\n    raise ValueError(f'seen {len(seen)}')"
    )
    cells = [{"cell_type": "code", "source": spy, "metadata": {}}]
    eve = Submission("eve.ipynb", "eve", "", json.dumps({"cells": cells}).encode())
    gradebook = Gradebook(tmp_path / "done", sheet, [eve])
    with run.open_judge(sheet, 7, [], 1, fast) as judge:
        run.grade(judge, gradebook, [eve])
    verdicts = gradebook.results["eve.ipynb"]
    assert [verdicts[name].outcome for name in ("rnn-step-terms", "rnn-step-sum")] == ["passed", "passed"]
    assert "seen 0" in verdicts["temperature-value"].message


@pytest.mark.parametrize("fast", [True, False])
def test_a_page_shows_nothing_of_a_hidden_check_whatever_a_student_returns(protected, changed, tmp_path, fast):
    def hide(cell):
        cell["metadata"].update(tags=["hidden"])
        cell["source"] = (
            "import numpy as np\nfrom rnncourse.grading.checks import call, check\nwith check('rnn-step'):\n"
            "    X_t = torch.full((2, 2), 4321.0).double()\n"
            "    np.asarray(call(rnn_step, X_t, X_t, X_t, X_t, X_t[0]), dtype=float)"
        )

    sheet = read_sheet(changed("rnn-step-sum", hide))
    begin = "import torch\ndef rnn_step(X_t, *more):\n    text = f'Hint 9 of 9: {X_t.tolist()}'\n"
    ways = [
        "return text",
        "return [text]",
        "raise ValueError(text)",
        "raise NotImplementedError(text)",
        "return {text: text}",
    ]
    everybody = [
        Submission(f"{i}.ipynb", f"{i}", "", json.dumps({"cells": [{"cell_type": "code", "source": source}]}).encode())
        for i, source in enumerate(f"{begin}    {way}" for way in ways)
    ]
    gradebook = Gradebook(tmp_path / "done", sheet, everybody)
    with run.open_judge(sheet, 7, [], 1, fast) as judge:
        run.grade(judge, gradebook, everybody)
    write_feedback(tmp_path / "pages", sheet, everybody, gradebook.results)
    for i in range(len(everybody)):
        page = (tmp_path / "pages" / f"{i}.html").read_text(encoding="utf-8")
        assert "4321" not in page
        hidden_row = page.partition("rnn-step-sum")[2].partition("</tr>")[0]
        assert hidden_row
        assert "passed" not in hidden_row
        assert "Hint 9 of 9" not in hidden_row


def test_without_a_worker_a_submission_is_not_judged_unless_nobody_is(protected, monkeypatch, solution, sheet, address):
    """A storm of another's threads may keep a worker from starting; the solutions say whether the sandbox works."""
    lost: list[str] = ["# eve"]

    class Lost(Sandbox):
        def call(self, name, *arguments, exercise=""):
            if any(sign in cell for cell in self._cells for sign in lost):
                raise SandboxBroken("a student's process does not start")
            return super().call(name, *arguments)

    monkeypatch.setattr("rnncourse.grading.judge.bench.Sandbox", Lost)

    def handed_in(name: str) -> Submission:
        cell = {"cell_type": "code", "source": f"# {name}"}
        cells = [*json.loads(solution.read_text(encoding="utf-8"))["cells"], cell]
        return Submission(f"{name}.ipynb", name, "", json.dumps({"cells": cells}).encode())

    with contextlib.closing(Bench(solution, address, 7)) as bench:
        verdicts = [result.verdict for result in bench.judge(handed_in("eve"))]
        message = "it cannot be judged: a student's process does not start"
        assert {(verdict.outcome, verdict.message, verdict.stopped) for verdict in verdicts} == {
            ("failed", message, True)
        }
        assert {result.verdict.outcome for result in bench.judge(handed_in("ada"))} == {"passed"}
        lost.append("def rnn_step")
        with pytest.raises(SandboxBroken, match="does not start"):
            list(bench.judge(handed_in("ada")))


def verdict_on(function, source: str = "with check('x'):\n    call(f)") -> Verdict:
    return run_check(Check("c", "x", 1, False, source), {"f": function, "call": call, "check": check})


def remote(error: Exception) -> RemoteFunction:
    def fail(name, *arguments):
        raise error

    return RemoteFunction("f", (), fail)


def test_what_a_student_raises_stays_text():
    text = "CheckFailed: NotAttempted: f was stopped: the notebook defines no f can't start new thread\nHint 9 of 9: 42"
    for kind in ("CheckFailed", "NotAttempted", "SandboxBroken", "RuntimeError"):
        assert verdict_on(remote(RemoteError(kind, text))) == Verdict("failed", f"f raised {kind}: {text}")


def test_a_verdict_says_what_happened():
    assert verdict_on(remote(NotImplementedError())).outcome == "not attempted"
    assert verdict_on(remote(CheckFailed("slow", stopped=True))) == Verdict("failed", "slow", stopped=True)
    assert verdict_on(remote(CheckFailed("none", undefined=True))) == Verdict("failed", "none", undefined=True)
    assert verdict_on(remote(RemoteError("E", "m", "x = 1", stopped=True))).stopped
    assert verdict_on(remote(RemoteError("E", "m", "x = 1"))).message == "f raised E: m\nin the line: x = 1"
    unfit = "the check cannot work with what was returned: "
    assert verdict_on(remote(RemoteError("E", "m")), "f()") == Verdict("failed", f"{unfit}E: m")
    assert verdict_on(remote(RemoteError("E", "m", stopped=True)), "f()").stopped
    assert verdict_on(RemoteFunction("f", (), lambda name: (1, ())), "f() + 'x'").message.startswith(
        f"{unfit}TypeError"
    )


def test_only_a_check_that_reaches_its_end_has_passed():
    assert verdict_on(None, "x = 1") == Verdict("passed")
    with pytest.raises(SystemExit):
        verdict_on(None, "raise SystemExit")
