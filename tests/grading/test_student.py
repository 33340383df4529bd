"""What a student types: hints one by one, the solution with its reason, the progress, kept in the folder."""

import contextlib
import os
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from IPython.display import Markdown

from rnncourse.grading import student
from rnncourse.grading.checks import CheckFailed, NotAttempted, call, check, numeric_gradient, other_sizes, same


@pytest.fixture
def folder(tmp_path, monkeypatch, solution):
    """A student's folder: the exercises on the recurrent network, and no test environment."""
    (tmp_path / "solution.ipynb").write_bytes(solution.read_bytes())
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RNNCOURSE_TEST", raising=False)
    return tmp_path


def text_of(shown: Markdown) -> str:
    return str(shown.data)


def test_hints_come_one_by_one(folder):
    shown = [text_of(student.hint("rnn-step")) for _ in range(4)]
    assert [text.count("**Hint") for text in shown] == [1, 2, 3, 3]
    assert shown[0].startswith("**Hint 1 of 3.** There are two matrix products")
    assert text_of(student.hint("rnn-loop")).count("**Hint") == 1


def test_solution_shows_code_and_reason(folder):
    shown = text_of(student.solution("rnn-step"))
    assert "return torch.tanh(X_t @ W_xh + H @ W_hh + b_h)" in shown
    assert "SOLUTION" not in shown
    assert "broadcasting adds the bias" in shown


def test_an_unknown_exercise_is_named(folder):
    with pytest.raises(
        ValueError, match="no exercise 'rnn'; there is: rnn-step, rnn-loop, perplexity, temperature"
    ) as e:
        student.hint("rnn")
    assert str(e.value) in vars(type(e.value))["_render_traceback_"](e.value)[0]
    os.remove("solution.ipynb")
    with pytest.raises(ValueError, match=r"none, since there is no solution\.ipynb here"):
        student.solution("rnn-step")


def run_check(monkeypatch, cell: str, got: int) -> None:
    """Run a check as from the notebook's cell of this source."""
    monkeypatch.setattr("IPython.core.getipython.get_ipython", lambda: SimpleNamespace(user_ns={"In": ["", cell]}))
    with check("rnn-step"):
        same(got, 1, "wrong")


def test_failures_bring_the_next_hint_and_success_is_kept(folder, capsys, monkeypatch):
    for place, got in ((1, 2), (1, 2), (2, 3), (3, 4), (3, 5)):  # the same again uses up no hint
        with pytest.raises(CheckFailed, match=rf"wrong\nexpected 1\n but got {got}\nHint {place} of 3:"):
            run_check(monkeypatch, "one", got)
    kept = []
    for cell, got in (("one", 1), ("two", 1), ("one", 2)):
        with contextlib.suppress(CheckFailed):
            run_check(monkeypatch, cell, got)
        capsys.readouterr()
        student.progress()
        kept.append(capsys.readouterr().out.splitlines()[0])
    assert kept[0] == "rnn-step                 1 of 2 checks passed     hints: 3"
    assert kept[1] == "rnn-step                 2 of 2 checks passed     hints: 3"
    assert kept[2] == "rnn-step                 1 of 2 checks passed     hints: 3"


def test_each_check_begins_with_the_hint_that_was_shown_last(folder, monkeypatch):
    for cell, got, place in (("one", 2, 1), ("two", 3, 1), ("two", 4, 2), ("one", 2, 2), ("three", 5, 2)):
        with pytest.raises(CheckFailed, match=f"Hint {place} of 3:"):
            run_check(monkeypatch, cell, got)
    assert "Hint 3" in text_of(student.hint("rnn-step"))


def test_a_check_whose_names_are_not_there_says_what_to_run(folder):
    with (
        pytest.raises(CheckFailed, match=r"'X_t' is not defined: is it spelled so\? If it is, run the cells above"),
        check("rnn-step"),
    ):
        exec("X_t")
    assert not (folder / ".progress.json").exists()


def test_not_attempted_takes_no_hint(folder):
    with pytest.raises(NotAttempted, match=r"^not attempted$"), check("rnn-step"):
        raise NotAttempted("not attempted")
    assert not (folder / ".progress.json").exists()


@pytest.mark.parametrize("text", ["{", "[1]", '{"rnn-step": 3}', '{"rnn-step": {"found": 3}}'])
def test_a_broken_progress_file_is_no_obstacle(folder, text):
    (folder / ".progress.json").write_text(text)
    assert "Hint 1" in text_of(student.hint("rnn-step"))
    with pytest.raises(CheckFailed, match="Hint 1 of 3:"), check("rnn-step"):
        same(2, 1, "wrong")


def test_a_test_run_leaves_the_progress_alone(folder, monkeypatch):
    monkeypatch.setenv("RNNCOURSE_TEST", "1")
    with check("rnn-step"):
        pass
    assert not (folder / ".progress.json").exists()


def test_checks_work_without_the_solution(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CheckFailed, match=r"^wrong\nexpected 1\n but got 2$"), check("rnn-step"):
        same(2, 1, "wrong")


@pytest.mark.parametrize(
    ("got", "expected", "message"),
    [
        (None, torch.ones(2), r"expected a tensor, but got nothing \(is there a return\?\)"),
        (1, torch.ones(2), "expected a tensor, but got a number"),
        (torch.ones(2), 1.0, "expected a number, but got a tensor"),
        (True, 1, "expected a number, but got True or False"),
        ("a", "b", "wrong\nexpected 'b'\n but got 'a'"),
        (torch.ones(3), torch.ones(2), r"expected the shape \(2,\) \(h\), but got \(3,\)"),
        (torch.ones(2).double(), torch.ones(2), "expected the inputs' dtype torch.float32"),
        (torch.ones(2).numpy(), torch.ones(2), "expected a tensor, but got an array"),
        ((1, 2), (1, 2, 3), "expected 3 results, but got 2 results"),
        (1, (1, 2), "expected 2 results, but got a number"),
        ((1, 3), (1, 2), "result number 2: wrong"),
        (torch.tensor([torch.nan, 1]), torch.ones(2), "but got nan, 1$"),
        (torch.tensor([1.0, 2]), torch.ones(2), "but got 1, 2$"),
        (torch.eye(3), torch.ones(3, 3), r"but got 1, 0, 0, 0, \.\.\.$"),
        (torch.ones(6), torch.arange(6) // 5 + 1.0, r"they differ first at \[5\]: expected 2, but got 1$"),
        (1 + 1e-7 * torch.eye(2).double(), torch.ones(2, 2).double(), r"at \[0, 0\]: expected 1, but got 1\.0000001$"),
        (..., 1, "expected a number, but got an ellipsis"),
    ],
)
def test_messages_of_same(got, expected, message):
    with pytest.raises(CheckFailed, match=message):
        same(got, expected, "wrong", "h")


def test_a_known_mistake_is_told():
    mistakes = {"the sum is taken": (torch.tensor(6.0), 1), "something else": (torch.tensor(5.0), 1)}
    with pytest.raises(CheckFailed, match=r"^this is what you get when the sum is taken$"):
        same((torch.tensor(6.0), 1), (torch.tensor(2.0), 1), "wrong", mistakes=mistakes)


def test_call_finds_a_changed_argument():
    def change(x, more):
        more[0].add_(1)

    with pytest.raises(CheckFailed, match="change changes its argument more"):
        call(change, 1, [torch.ones(2)])
    with pytest.raises(CheckFailed, match=r"<lambda> raised ZeroDivisionError: division by zero\nin the line: call\("):
        call(lambda x: x / 0, 1)
    with pytest.raises(CheckFailed, match="expected a function, but found a number; run the cell that defines it"):
        call(3, 1)  # type: ignore[arg-type]
    assert call(lambda x: x, torch.tensor(torch.nan)).isnan()


def test_numeric_gradient():
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=torch.float64)
    torch.testing.assert_close(numeric_gradient(lambda x: (x**3).sum(), x), 3 * x**2, rtol=1e-8, atol=0)


def test_right_answers_in_other_forms_are_accepted():
    pair = torch.ones(2, 3), torch.zeros(2, 3)
    same(torch.stack(pair), pair, "wrong")
    same(np.stack([value.numpy() for value in pair]), tuple(value.numpy() for value in pair), "wrong")
    same(list(pair), pair, "wrong")
    same(np.int64(3), 3, "wrong")
    with pytest.raises(CheckFailed, match="expected 2 results, but got a tensor"):
        same(torch.ones(2), pair, "wrong")


@pytest.mark.parametrize(
    ("got", "expected", "message"),
    [
        (3.0, 3, r"expected a whole number, but got the float 3\.0; compute with whole numbers"),
        (torch.ones(2), torch.ones(2).double(), "but got torch.float32; say dtype=X.dtype"),
        (-torch.ones(2, 2), torch.ones(2, 2), "the sign is wrong"),
    ],
)
def test_what_explains_itself_takes_no_hint(folder, got, expected, message):
    with pytest.raises(CheckFailed, match=message) as failure, check("rnn-step"):
        same(got, expected, "wrong")
    assert "Hint" not in str(failure.value)


def test_a_check_may_name_its_hint(folder, monkeypatch):
    for _ in range(2):
        with pytest.raises(CheckFailed, match="Hint 3 of 3: First make the sum"), check("rnn-step", hint=3):
            same(2, 1, "wrong")


def test_a_failure_for_other_sizes_says_so():
    with (
        pytest.raises(
            CheckFailed, match=r"but not for n = 5, h = 7: is one of them written down.*\nexpected the shape"
        ),
        other_sizes(n=5, h=7),
    ):
        same(torch.ones(4, 7), torch.ones(5, 7), "wrong")
    with pytest.raises(NotAttempted, match=r"^untouched$"), other_sizes(n=5):
        raise NotAttempted("untouched")
