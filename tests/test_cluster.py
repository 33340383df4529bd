"""Grading on a Dask cluster: the same marks, also when a worker is killed in the middle of the run."""

import os
import signal
from pathlib import Path

import pytest
from distributed import LocalCluster

from rnncourse.grading import cluster
from rnncourse.grading.fast_judge import judge_in_processes
from rnncourse.grading.sheet import sheet
from rnncourse.grading.submissions import Submission
from rnncourse.grading.zygote import serve

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "exercises" / "rnn" / "solution.ipynb"
# Dask's own clean-up of sockets and loops is not ours to judge.
pytestmark = pytest.mark.filterwarnings("ignore:::distributed", "ignore::ResourceWarning", "ignore::DeprecationWarning")


@pytest.fixture
def workers():
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as local:
        yield local


def submissions(count: int) -> list[Submission]:
    right, untouched = SOURCE.read_bytes(), SOURCE.with_name("starter.ipynb").read_bytes()
    contents = [right, untouched, b"no notebook"]
    return [Submission(f"{i}.ipynb", f"student {i}", "", contents[i % 3]) for i in range(count)]


def test_same_marks_with_a_worker_killed_in_the_middle(workers, monkeypatch):
    monkeypatch.setattr(cluster, "SHARE", 2)
    own, handed_in = sheet(SOURCE), submissions(12)
    results, killed = [], False
    for result in cluster.judge_on_cluster(workers.scheduler_address, own, 7, handed_in, 1):
        results.append(result)
        if not killed:
            os.kill(next(iter(workers.workers.values())).pid, signal.SIGKILL)
            killed = True
    with serve() as address:
        assert sorted(results) == sorted(judge_in_processes(own, 7, address, handed_in, jobs=1))
    assert len(results) == 12 * len(own.checks)


def test_no_scheduler_is_told(monkeypatch):
    with pytest.raises(RuntimeError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9"):
        list(cluster.judge_on_cluster("tcp://127.0.0.1:9", sheet(SOURCE), 7, submissions(1), 1))
