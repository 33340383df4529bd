"""What the judges have in common."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass

from rnncourse.grading.exercise import Sheet
from rnncourse.grading.judge.results import Result
from rnncourse.grading.judge.submissions import Submission


@dataclass(frozen=True)
class Judge:
    """Runs the checks of ``sheet`` on submissions.

    Args:
        seed: of the checks' random inputs.
        address: where zygotes are forked, from :func:`rnncourse.grading.sandbox.launcher.serve`; or of a scheduler.
        jobs: how many judge at a time; by default as many as there are processors, or workers.
    """

    sheet: Sheet
    seed: int
    address: str
    jobs: int | None = None

    def judge(self, submissions: Sequence[Submission]) -> Generator[Result, None, None]:
        """Yield the results as they come, those of a submission in the order of the checks.

        Raises:
            JudgeBroken: if no verdict can be given, and no student is to blame.
        """
        raise NotImplementedError
