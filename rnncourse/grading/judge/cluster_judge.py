"""The judge on a Dask cluster, for a course that outgrows one machine; needs the extra ``rnncourse[dask]``."""

import itertools
import tempfile
from collections.abc import Generator, Sequence
from pathlib import Path

from rnncourse.grading.exercise import read_sheet
from rnncourse.grading.judge.judge import Judge
from rnncourse.grading.judge.process_judge import ProcessJudge
from rnncourse.grading.judge.results import JudgeBroken, Result
from rnncourse.grading.judge.submissions import Submission
from rnncourse.grading.sandbox.launcher import serve

SHARE = 10  # submissions a task: what is lost, and judged again, when a worker dies
ANSWER_SECONDS = 10  # until a scheduler answers


class ClusterJudge(Judge):
    """Judges on the Dask cluster whose scheduler is at ``address``, in ``jobs`` tasks at a time.

    The exercises travel with each task, so the workers need the course's environment but not its folder. A task whose
    worker dies is given to another one.
    """

    def judge(self, submissions: Sequence[Submission]) -> Generator[Result, None, None]:
        """Yield the results of a task when it is done."""
        try:
            from distributed import Client, as_completed
        except ImportError:
            raise JudgeBroken("--dask needs Dask: pip install 'rnncourse[dask]'") from None
        try:
            client = Client(self.address, timeout=ANSWER_SECONDS)
        except (OSError, ValueError, TimeoutError) as error:
            raise JudgeBroken(f"no Dask scheduler answers at {self.address}: {error}") from None
        source = self.sheet.path.read_bytes()
        with client:
            shares = [submissions[i : i + SHARE] for i in range(0, len(submissions), SHARE)]
            orders = ((judge_share, self.sheet.topic, source, share, self.seed) for share in shares)
            tasks = as_completed(client.submit(*order, pure=False) for order in itertools.islice(orders, self.jobs))
            for task in tasks:
                yield from task.result()
                for order in itertools.islice(orders, 1):
                    tasks.add(client.submit(*order, pure=False))


def judge_share(topic: str, source: bytes, submissions: Sequence[Submission], seed: int) -> list[Result]:
    """Judge ``submissions`` by the notebook ``source``; the task that a worker of the cluster does."""
    with tempfile.TemporaryDirectory(prefix="rnncourse-") as name:
        path = Path(name) / topic / "solution.ipynb"
        path.parent.mkdir()
        path.write_bytes(source)
        with serve([path.parent]) as address:
            return list(ProcessJudge(read_sheet(path), seed, address, jobs=1).judge(submissions))
