"""A run judges what is missing, and what was held up once more, alone."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from rnncourse.grading.judge import run
from rnncourse.grading.judge.gradebook import Gradebook, points
from rnncourse.grading.judge.judge import Judge
from rnncourse.grading.judge.results import Result, Verdict
from rnncourse.grading.judge.submissions import Submission

ADA, BOB, EVE = (Submission(f"{name}.ipynb", name, "", name.encode()) for name in ("ada", "bob", "eve"))
SLOW = Verdict("failed", "f was stopped: it took longer than 10 s", stopped=True)


@dataclass(frozen=True)
class FakeJudge(Judge):
    """Finds everybody right, but stops ``slow`` unless they are alone; ``calls`` says whom it was given when."""

    slow: tuple[str, ...] = ()
    calls: list[tuple[list[str], int | None]] = field(default_factory=list)

    def judge(self, submissions: Sequence[Submission]):
        """Yield the results."""
        self.calls.append(([submission.file for submission in submissions], self.jobs))
        for submission in submissions:
            stopped = submission.file in self.slow and len(self.calls) == 1
            for check in self.sheet.checks:
                yield Result(submission.file, check.name, SLOW if stopped else Verdict("passed"))


@pytest.mark.parametrize(
    ("jobs", "retried"), [(2, [([BOB.file, EVE.file], 1)]), (1, []), (None, [([BOB.file, EVE.file], 1)])]
)
def test_what_was_stopped_is_judged_once_more_and_alone(tmp_path, sheet, jobs, retried):
    everybody = [ADA, BOB, EVE]
    judge = FakeJudge(sheet, 7, "", jobs, slow=(BOB.file, EVE.file))
    gradebook = Gradebook(tmp_path / "done", sheet, everybody)
    done, retries = [], []
    run.grade(judge, gradebook, everybody, lambda: done.append(1), retries.append)
    assert judge.calls == [([ADA.file, BOB.file, EVE.file], jobs), *retried]
    assert len(done) == 3
    assert retries == [2] * len(retried)
    assert points(sheet.checks, gradebook.results[BOB.file]) == (10 if retried else 0)
    assert Gradebook(tmp_path / "done", sheet, everybody).results == gradebook.results


def test_what_was_held_up_is_judged_again_after_an_interruption(tmp_path, sheet, verdicts):
    gradebook = Gradebook(tmp_path / "done", sheet, [ADA, BOB])
    for check in sheet.checks:
        gradebook.add(Result(ADA.file, check.name, SLOW), alone=False)
        gradebook.add(Result(BOB.file, check.name, Verdict("passed")), alone=False)
    judge = FakeJudge(sheet, 7, "", 2)
    run.grade(judge, Gradebook(tmp_path / "done", sheet, [ADA, BOB]), [ADA, BOB])
    run.grade(judge, Gradebook(tmp_path / "done", sheet, [ADA, BOB]), [ADA, BOB])
    assert judge.calls == [([ADA.file], 1)]
    assert Gradebook(tmp_path / "done", sheet, [ADA]).results[ADA.file] == verdicts()


def test_no_more_judges_than_submissions(tmp_path, sheet):
    judge = FakeJudge(sheet, 7, "", 8)
    run.grade(judge, Gradebook(tmp_path / "done", sheet, [ADA, BOB]), [ADA, BOB])
    assert judge.calls == [([ADA.file, BOB.file], 2)]


def test_what_others_handed_in_is_hidden_unless_python_is_in_it(tmp_path, sheet):
    assert run.hidden_places(sheet, tmp_path) == [sheet.path.parent, tmp_path]
    assert run.hidden_places(sheet, Path(sys.prefix).parent) == [sheet.path.parent]


def test_a_topic_that_is_not_there_is_named_with_those_that_are(solution):
    with pytest.raises(ValueError, match=r"rnm/solution\.ipynb does not exist; topics in .*: bptt, .*, rnn; --folder"):
        run.find_sheet(solution.parents[1], "rnm")
