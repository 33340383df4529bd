"""The judge on a Dask cluster, for a course that outgrows one machine; needs the extra ``rnncourse[dask]``."""

from collections import deque
from collections.abc import Generator, Sequence
from typing import Any

from rnncourse.grading.children import private_folder
from rnncourse.grading.exercise import read_sheet
from rnncourse.grading.judge.judge import NOT_JUDGED, Judge
from rnncourse.grading.judge.process_judge import ProcessJudge
from rnncourse.grading.judge.results import JudgeBroken, Result, Verdict
from rnncourse.grading.judge.submissions import Submission
from rnncourse.grading.sandbox.launcher import serve

SHARE = 10  # submissions a task: what is lost, and judged again, when a worker dies
ANSWER_SECONDS = 10  # until a scheduler answers


class ClusterJudge(Judge):
    """Judges on the Dask cluster whose scheduler is at ``address``, in ``jobs`` tasks at a time.

    The exercises travel with each task, so the workers need the course's environment but not its folder. A task whose
    worker dies is given to another one; one with which several die is divided, so that it costs one submission.
    """

    def judge(self, submissions: Sequence[Submission]) -> Generator[Result, None, None]:
        """Yield the results of a task when it is done."""
        try:
            from distributed import Client, KilledWorker, as_completed
        except ImportError:
            raise JudgeBroken("--dask needs Dask: pip install 'rnncourse[dask]'") from None
        try:
            client = Client(self.address, timeout=ANSWER_SECONDS)
        except (OSError, ValueError, TimeoutError) as error:
            raise JudgeBroken(f"no Dask scheduler answers at {self.address}: {error}") from None
        source = self.sheet.path.read_bytes()
        with client:
            shares = deque(submissions[i : i + SHARE] for i in range(0, len(submissions), SHARE))
            share_of: dict[Any, Sequence[Submission]] = {}

            def submit(share: Sequence[Submission]) -> Any:
                task = client.submit(judge_share, self.sheet.topic, source, share, self.seed, self.trust, pure=False)
                share_of[task] = share
                return task

            first = [shares.popleft() for _ in range(min(self.jobs or len(shares), len(shares)))]
            tasks = as_completed(map(submit, first))
            for task in tasks:
                share = share_of.pop(task)
                try:
                    yield from task.result()
                except KilledWorker as error:
                    if len(share) == 1:
                        verdict = Verdict("failed", f"{NOT_JUDGED}{error}", stopped=True)
                        yield from (Result(share[0].file, check.name, verdict) for check in self.sheet.checks)
                    else:
                        shares.extend([submission] for submission in share)
                while shares and (not self.jobs or len(share_of) < self.jobs):
                    tasks.add(submit(shares.popleft()))


def judge_share(topic: str, source: bytes, submissions: Sequence[Submission], seed: int, trust: bool) -> list[Result]:
    """Judge ``submissions`` by the notebook ``source``; the task that a worker of the cluster does."""
    with private_folder() as folder:
        path = folder / topic / "solution.ipynb"
        path.parent.mkdir()
        path.write_bytes(source)
        with serve([path.parent]) as address:
            return list(ProcessJudge(read_sheet(path), seed, address, 1, trust).judge(submissions))
