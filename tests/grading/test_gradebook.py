"""The gradebook goes on after an interruption, and says whose verdicts may be the fault of others."""

import pytest

from rnncourse.grading.judge.gradebook import Gradebook, hardest, points
from rnncourse.grading.judge.results import Result, Verdict
from rnncourse.grading.judge.submissions import Submission

ADA, BOB = (Submission(f"{name}.ipynb", name, "", name.encode()) for name in ("ada", "bob"))


def fill(gradebook: Gradebook, submission: Submission, verdicts: dict[str, Verdict], alone: bool = True) -> None:
    for check, verdict in verdicts.items():
        gradebook.add(Result(submission.file, check, verdict), alone)


def test_it_goes_on_after_an_interruption(tmp_path, sheet, verdicts):
    path = tmp_path / "done"
    gradebook = Gradebook(path, sheet, [ADA, BOB])
    failed = verdicts("failed", "wrong", hint="Hint 1 of 3: look", stopped=True)
    fill(gradebook, ADA, failed)
    *most, last = verdicts().items()
    fill(gradebook, BOB, dict(most))
    with path.open("a") as file:
        file.write('{"key": "')  # the machine went down here
    gradebook = Gradebook(path, sheet, [ADA, BOB])
    assert gradebook.results[ADA.file] == failed
    assert gradebook.is_done(ADA)
    assert not gradebook.is_done(BOB)
    fill(gradebook, BOB, dict([last]))
    assert Gradebook(path, sheet, [ADA, BOB]).is_done(BOB)


def test_a_submission_that_has_changed_is_graded_anew(tmp_path, sheet, verdicts):
    fill(Gradebook(tmp_path / "done", sheet, [ADA]), ADA, verdicts())
    changed = ADA._replace(content=b"changed")
    assert not Gradebook(tmp_path / "done", sheet, [changed]).is_done(changed)


def test_a_run_that_goes_on_keeps_its_seed_whoever_has_changed(tmp_path, sheet, verdicts):
    gradebook = Gradebook(tmp_path / "done", sheet, [ADA, BOB])
    assert gradebook.keep_seed(7) == 7
    fill(gradebook, ADA, verdicts())
    changed = BOB._replace(content=b"changed")
    assert Gradebook(tmp_path / "done", sheet, [ADA, changed]).keep_seed(8) == 7


def test_lines_of_another_make_are_passed_over(tmp_path, sheet, verdicts):
    path = tmp_path / "done"
    fill(Gradebook(path, sheet, [ADA]), ADA, verdicts())
    text = path.read_text()
    path.write_text(text.replace('"hint"', '"tip"'))
    assert Gradebook(path, sheet, [ADA]).results == {}
    path.write_bytes(b'5\n{"file": 1}\n[]\n\xff\xfe\nnull\n' + text.encode())
    assert Gradebook(path, sheet, [ADA]).is_done(ADA)


def test_a_file_that_cannot_be_read_is_named(tmp_path, sheet):
    with pytest.raises(ValueError, match=r"cannot be read: Is a directory"):
        Gradebook(tmp_path, sheet, [ADA])


def test_only_what_was_stopped_beside_others_was_held_up(tmp_path, sheet, verdicts):
    gradebook = Gradebook(tmp_path / "done", sheet, [ADA, BOB])
    fill(gradebook, BOB, verdicts("failed", "a student can write: f was stopped: can't start new thread"), alone=False)
    assert not gradebook.was_held_up(BOB)
    for alone in (False, True):
        fill(gradebook, ADA, verdicts("failed", "slow", stopped=True), alone)
        assert gradebook.was_held_up(ADA) == (not alone)
        assert Gradebook(tmp_path / "done", sheet, [ADA, BOB]).was_held_up(ADA) == (not alone)


def test_points_and_hardest_checks(sheet, verdicts):
    first, second, *_ = sheet.checks
    ada = {**verdicts(), first.name: Verdict("failed")}
    bob = {**verdicts("failed"), second.name: Verdict("passed")}
    assert [points(sheet.checks, each) for each in (ada, bob)] == [10 - first.points, second.points]
    assert points(sheet.exercises[1].checks, ada) == sheet.exercises[1].points == 3
    assert hardest(sheet, {ADA.file: ada, BOB.file: bob})[0] == (first.name, 0)
    assert hardest(sheet, {ADA.file: ada, BOB.file: bob})[-1] == (second.name, 2)
