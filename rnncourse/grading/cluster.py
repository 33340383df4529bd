"""The judge on a Dask cluster, for a course that outgrows one machine; needs the extra ``rnncourse[dask]``."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from rnncourse.grading.fast_judge import judge_in_processes
from rnncourse.grading.sheet import Result, Sheet, sheet
from rnncourse.grading.submissions import Submission
from rnncourse.grading.zygote import serve

SHARE = 10  # submissions a task: what is lost, and judged again, when a worker dies


def judge_on_cluster(address: str, own: Sheet, seed: int, submissions: list[Submission], jobs: int) -> Iterator[Result]:
    """Judge ``submissions`` on the Dask cluster at ``address``, as many at a time as it has workers, not ``jobs``.

    Yield the results of a share as soon as it is done.

    The exercises travel with each task, so the workers need the course's environment but not its folder. A task whose
    worker dies is given to another one.

    Raises:
        RuntimeError: if Dask is not installed, or nothing answers at ``address``.
    """
    try:
        from distributed import Client, as_completed
    except ImportError:
        raise RuntimeError("--dask needs Dask: pip install 'rnncourse[dask]'") from None
    try:
        client = Client(address, timeout="10s")
    except (OSError, ValueError, TimeoutError) as error:
        raise RuntimeError(f"no Dask scheduler answers at {address}: {error}") from None
    source = own.path.read_bytes()
    with client:
        shares = [submissions[i : i + SHARE] for i in range(0, len(submissions), SHARE)]
        tasks = [client.submit(judge_share, own.topic, source, share, seed, pure=False) for share in shares]
        for task in as_completed(tasks):
            yield from task.result()


def judge_share(topic: str, source: bytes, submissions: list[Submission], seed: int) -> list[Result]:
    """Judge ``submissions`` by the notebook ``source``; the task that a worker of the cluster does."""
    with tempfile.TemporaryDirectory(prefix="rnncourse-") as name:
        path = Path(name) / topic / "solution.ipynb"
        path.parent.mkdir()
        path.write_bytes(source)
        with serve([path.parent]) as address:
            return list(judge_in_processes(sheet(path), seed, address, submissions, jobs=1))
