"""Grading on a Dask cluster: the same marks, also when a worker is killed in the middle of the run."""

import os
import signal

import dask
import pytest
from distributed import LocalCluster

from rnncourse.grading.judge import cluster_judge
from rnncourse.grading.judge.cluster_judge import ClusterJudge
from rnncourse.grading.judge.process_judge import ProcessJudge
from rnncourse.grading.judge.results import JudgeBroken, Result, Verdict
from rnncourse.grading.judge.submissions import Submission

# Dask's own clean-up of sockets and loops is not ours to judge.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:::distributed", "ignore::ResourceWarning", "ignore::DeprecationWarning"),
]


@pytest.fixture
def workers():
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as local:
        yield local


@pytest.fixture
def handed_in(solution):
    """Right, untouched and broken notebooks in turn."""
    contents = [solution.read_bytes(), solution.with_name("starter.ipynb").read_bytes(), b"no notebook"]
    return [Submission(f"{i}.ipynb", f"student {i}", "", contents[i % 3]) for i in range(12)]


@pytest.fixture
def right_results(sheet, address, handed_in):
    """What the judge in processes finds."""
    return sorted(ProcessJudge(sheet, 7, address, jobs=1).judge(handed_in))


def test_same_marks_with_a_worker_killed_in_the_middle(workers, monkeypatch, sheet, handed_in, right_results):
    monkeypatch.setattr(cluster_judge, "SHARE", 2)
    results, killed = [], False
    for result in ClusterJudge(sheet, 7, workers.scheduler_address).judge(handed_in):
        results.append(result)
        if not killed:
            os.kill(next(iter(workers.workers.values())).pid, signal.SIGKILL)
            killed = True
    assert sorted(results) == right_results
    assert len(results) == 12 * len(sheet.checks)


def test_same_marks_one_task_after_the_other(workers, monkeypatch, sheet, handed_in, right_results):
    monkeypatch.setattr(cluster_judge, "SHARE", 6)
    assert sorted(ClusterJudge(sheet, 7, workers.scheduler_address, jobs=1).judge(handed_in)) == right_results


def test_a_scheduler_that_does_not_answer_is_named(sheet, handed_in, monkeypatch):
    monkeypatch.setattr(cluster_judge, "ANSWER_SECONDS", 0.5)
    with pytest.raises(JudgeBroken, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9"):
        list(ClusterJudge(sheet, 7, "tcp://127.0.0.1:9").judge(handed_in))


def test_a_submission_with_which_workers_die_costs_itself(monkeypatch, sheet):
    names = [check.name for check in sheet.checks]

    def judge_share(topic, source, submissions, seed, trust):
        if any(submission.content == b"deadly" for submission in submissions):
            os._exit(1)
        return [Result(submission.file, name, Verdict("passed")) for submission in submissions for name in names]

    monkeypatch.setattr(cluster_judge, "judge_share", judge_share)
    everybody = [Submission(f"{i}.ipynb", "", "", b"deadly" if i == 4 else b"") for i in range(6)]
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        LocalCluster(n_workers=1, threads_per_worker=1, processes=True, dashboard_address=None) as local,
    ):
        results = list(ClusterJudge(sheet, 7, local.scheduler_address, jobs=1).judge(everybody))
    assert len(results) == 6 * len(names)
    failed = [result for result in results if result.verdict.outcome != "passed"]
    assert [(result.file, result.check) for result in failed] == [("4.ipynb", name) for name in names]
    assert all(result.verdict.stopped and "it cannot be judged" in result.verdict.message for result in failed)
