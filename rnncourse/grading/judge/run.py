"""A run of the judge: over all submissions that have no marks yet, then once more over those that were held up."""

import contextlib
import dataclasses
import hashlib
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from rnncourse.grading.exercise import Sheet, read_sheet
from rnncourse.grading.judge.cluster_judge import ClusterJudge
from rnncourse.grading.judge.gradebook import Gradebook
from rnncourse.grading.judge.judge import Judge
from rnncourse.grading.judge.nbval_judge import NbvalJudge
from rnncourse.grading.judge.process_judge import ProcessJudge
from rnncourse.grading.judge.submissions import Submission
from rnncourse.grading.sandbox.launcher import serve


def find_sheet(folder: Path, topic: str) -> Sheet:
    """Return the exercises on ``topic``.

    Raises:
        ValueError: if there are none in ``folder``, or they have no checks.
    """
    path = folder / topic / "solution.ipynb"
    if not path.exists():
        known = ", ".join(sorted(path.parent.name for path in folder.glob("*/solution.ipynb"))) or "none"
        raise ValueError(f"{path} does not exist; topics in {folder}: {known}; --folder is where they are")
    sheet = read_sheet(path)
    if not sheet.checks:
        raise ValueError(f"{path} has no exercises with checks")
    return sheet


def seed_of(sheet: Sheet, submissions: Sequence[Submission]) -> int:
    """Return a seed that no student can know beforehand: it depends on what all hand in, and on hidden checks."""
    files = sorted(hashlib.sha256(submission.content).digest() for submission in submissions)
    files.append(hashlib.sha256(sheet.path.read_bytes()).digest())
    return int.from_bytes(hashlib.sha256(b"".join(files)).digest()[:4], "big") >> 1


def hidden_places(sheet: Sheet, handed_in: Path) -> list[Path]:
    """Return what no student's code may read, wherever it is: the solutions, and what all have ``handed_in``."""
    contains_python = Path(sys.prefix).resolve().is_relative_to(handed_in.resolve())  # which has to stay readable
    return [sheet.path.parent] if contains_python else [sheet.path.parent, handed_in]


@contextlib.contextmanager
def open_judge(
    sheet: Sheet,
    seed: int,
    hidden: Sequence[Path],
    jobs: int,
    fast: bool,
    scheduler: str | None = None,
    trust: bool = False,
) -> Iterator[Judge]:
    """Yield the judge on the cluster of ``scheduler``, or one on this machine, whose sandbox ends with the block.

    Args:
        trust: also where students' code is not confined.
    """
    if scheduler:
        yield ClusterJudge(sheet, seed, scheduler, trust=trust)
    else:
        with serve(hidden) as address:  # at once: what it starts imports torch while the judges do
            yield (ProcessJudge if fast else NbvalJudge)(sheet, seed, address, jobs, trust)


def grade(
    judge: Judge,
    gradebook: Gradebook,
    submissions: Sequence[Submission],
    on_done: Callable[[], object] = lambda: None,
    on_retry: Callable[[int], object] = lambda count: None,
) -> None:
    """Have ``judge`` fill ``gradebook``; call ``on_done`` after each submission.

    Those that were stopped while others were judged, for taking too long or too much memory, are then judged once more,
    one after the other; ``on_retry`` is called with their number.
    """

    def fill(judge: Judge, submissions: Sequence[Submission], on_done: Callable[[], object]) -> None:
        last = gradebook.sheet.checks[-1].name
        with contextlib.closing(judge.judge(submissions)) as results:
            for result in results:
                gradebook.add(result, alone=judge.jobs == 1)
                if result.check == last:
                    on_done()

    if missing := [submission for submission in submissions if not gradebook.is_done(submission)]:
        jobs = judge.jobs and min(judge.jobs, len(missing))
        fill(dataclasses.replace(judge, jobs=jobs), missing, on_done)
    # Another submission's code may have taken the processor from it: once more, with nothing beside it.
    if held_up := list(filter(gradebook.was_held_up, submissions)):
        on_retry(len(held_up))
        fill(dataclasses.replace(judge, jobs=1), held_up, lambda: None)
