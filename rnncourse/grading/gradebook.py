"""Grades: run the judge over many submissions, keep what is done, and count the points."""

import contextlib
import hashlib
import json
import sys
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from rnncourse.grading import children
from rnncourse.grading.cluster import SHARE, judge_on_cluster
from rnncourse.grading.fast_judge import judge_in_processes
from rnncourse.grading.nbval_judge import judge_in_nbval
from rnncourse.grading.sheet import STOPPED, Result, Sheet, seed_of
from rnncourse.grading.submissions import Submission
from rnncourse.grading.zygote import serve

Results = dict[str, dict[str, Result]]  # by file, then by check


def key(sheet: Sheet, submission: Submission) -> str:
    """Return what a result depends on, as a short text: this submission, and the exercises as they are."""
    parts = (sheet.path.read_bytes(), submission.file.encode(), submission.content)
    return hashlib.sha256(b"\0".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()[:32]


class Store:
    """Results that are done, a file of lines that only grows; a run that was interrupted goes on from it."""

    def __init__(self, path: Path, sheet: Sheet, submissions: list[Submission]) -> None:
        self.path, self.sheet = path, sheet
        self._keys = {submission.file: key(sheet, submission) for submission in submissions}
        self._lock = threading.Lock()
        self.results: Results = {}
        self._alone: dict[tuple[str, str], bool] = {}
        text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
        for line in text.splitlines():
            try:
                record = json.loads(line)
                result = Result(record["file"], record["check"], record["outcome"], record["message"])
                if record["key"] == self._keys.get(result.file):
                    self._alone[result.file, result.check] = record["alone"]
                    self.results.setdefault(result.file, {})[result.check] = result
            except (ValueError, KeyError, TypeError):
                continue  # the line at which a run was interrupted
        self._begin = "" if text.endswith("\n") or not text else "\n"  # that line must not swallow the next one

    def is_done(self, submission: Submission) -> bool:
        """Return whether every check of ``submission`` has a result."""
        return self.results.get(submission.file, {}).keys() >= {check.name for check in self.sheet.checks}

    def was_held_up(self, submission: Submission) -> bool:
        """Return whether ``submission`` was stopped while others were judged, which may have been why."""
        return any(
            sign in result.message and not self._alone[result.file, result.check]
            for result in self.results[submission.file].values()
            for sign in (STOPPED, "can't start new thread")
        )

    def add(self, result: Result, alone: bool) -> None:
        """Keep ``result``, here and in the file, and whether it was found with no other judge at work."""
        line = json.dumps({"key": self._keys[result.file], "alone": alone, **result._asdict()}) + "\n"
        with self._lock, self.path.open("a", encoding="utf-8") as file:
            self._alone[result.file, result.check] = alone
            self.results.setdefault(result.file, {})[result.check] = result
            file.write(self._begin + line)
            self._begin = ""


def grade(
    sheet: Sheet,
    submissions: list[Submission],
    store: Store,
    jobs: int,
    fast: bool,
    done: Callable[[], object],
    cluster: str | None = None,
    handed_in: Path | None = None,
    again: Callable[[int], None] = lambda count: None,
) -> None:
    """Judge what ``store`` has not yet, ``jobs`` submissions at a time; call ``done`` after each.

    Those that were stopped, for taking too long or too much memory, are then judged once more, one after the other;
    ``again`` is called with their number.

    With the address of a Dask scheduler as ``cluster`` its workers judge, as many as there are. ``handed_in`` is where
    the submissions come from: no student's code can read there, in whatever folder that is.
    """
    hidden = [sheet.path.parent]
    if handed_in and not Path(sys.prefix).resolve().is_relative_to(handed_in.resolve()):  # Python has to stay readable
        hidden.append(handed_in)
    seed = seed_of(sheet, submissions)
    todo = [submission for submission in submissions if not store.is_done(submission)]
    jobs = max(1, min(jobs, len(todo)))
    here = contextlib.nullcontext("") if cluster else serve(hidden)
    with here as address:  # at once: what it starts imports torch while the judges do
        if cluster:
            judge = partial(judge_on_cluster, cluster, sheet, seed)
        else:
            judge = partial(judge_in_processes if fast else judge_in_nbval, sheet, seed, address)
        shares = [todo] if cluster or fast else [todo[i::jobs] for i in range(jobs)]

        def work(share: list[Submission], once_more: bool = False) -> None:
            last = sheet.checks[-1].name
            alone = once_more or (jobs == 1 and not cluster)
            for result in judge(share, 1 if alone else jobs):
                store.add(result, alone)
                if result.check == last and not once_more:
                    done()

        with ThreadPoolExecutor(len(shares)) as pool:
            try:
                for future in [pool.submit(work, share) for share in shares]:
                    future.result()
                # Another one's code may have taken the processor from it: once more, with nothing beside it.
                slow = list(filter(store.was_held_up, submissions))
                if slow:
                    again(len(slow))
                size = SHARE if cluster else max(1, len(slow))  # of a share are judged one after the other
                for i in range(0, len(slow), size):
                    pool.submit(work, slow[i : i + size], once_more=True).result()
            except BaseException:  # Ctrl-C, for instance
                children.end_all()
                raise


def points(sheet: Sheet, results: dict[str, Result], exercise: str | None = None) -> int:
    """Return the points of a submission, in ``exercise`` or in all."""
    checks = [check for check in sheet.checks if exercise in (None, check.exercise)]
    return sum(check.points for check in checks if results[check.name].outcome == "passed")


def exercises(sheet: Sheet) -> dict[str, int]:
    """Return the exercises in order, and the points of each."""
    total: Counter[str] = Counter()
    for check in sheet.checks:
        total[check.exercise] += check.points
    return dict(total)


def hardest(sheet: Sheet, results: Results) -> list[tuple[str, int]]:
    """Return the checks and how many submissions passed each, the fewest first."""
    passed = {check.name: 0 for check in sheet.checks}
    for found in results.values():
        for name in passed:
            passed[name] += found[name].outcome == "passed"
    return sorted(passed.items(), key=lambda item: item[1])
