"""What the judges have in common: they go on when one of their processes ends in the middle of a submission."""

import contextlib
import json
import os
import resource
import selectors
import signal
from collections import Counter
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rnncourse.grading.exercise import Sheet
from rnncourse.grading.judge.results import JudgeBroken, Result, Verdict, broken_line, result_of
from rnncourse.grading.judge.submissions import Submission
from rnncourse.grading.sandbox.launcher import Unprotected
from rnncourse.grading.sandbox.limits import ALL_SECONDS, START_SECONDS

# For one submission: its own time, and what starting processes and comparing values may take.
SECONDS = int(ALL_SECONDS + 2 * START_SECONDS)
MEMORY = 4 * 2**30  # bytes of a judge's process beyond what is mapped at the start
NOT_JUDGED = "it cannot be judged: "
_TAKEN_UP, _UNPROTECTED = "taken up", "unprotected"
Record = dict[str, object]


class JudgeUnprotected(JudgeBroken):
    """Students' code is not confined as it has to be, where it would run."""


class JudgeEnded(Exception):
    """The judges' processes have ended before they gave all results; the message is what they printed last."""


@dataclass(frozen=True)
class Judge:
    """Runs the checks of ``sheet`` on submissions.

    Args:
        seed: of the checks' random inputs.
        address: where zygotes are forked, from :func:`rnncourse.grading.sandbox.launcher.serve`; or of a scheduler.
        jobs: how many judge at a time; by default as many as there are processors, or workers.
        trust: also where students' code is not confined.
    """

    sheet: Sheet
    seed: int
    address: str
    jobs: int | None = None
    trust: bool = False

    def judge(self, submissions: Sequence[Submission]) -> Generator[Result, None, None]:
        """Yield the results as they come, those of a submission in the order of the checks.

        With whatever submission a process ends, it costs that one: the checks that are left have failed.

        Raises:
            JudgeBroken: if no verdict can be given, and no student is to blame.
            JudgeUnprotected: if a student's process is not confined, and that is not trusted.
        """
        left = {submission.file: submission for submission in submissions}
        while left:
            results, before = Counter[str](), len(left)
            reason = ""
            try:
                with contextlib.closing(self.records(list(left.values()))) as records:
                    for record in records:
                        if _UNPROTECTED in record:
                            raise JudgeUnprotected(str(record[_UNPROTECTED]))
                        if _TAKEN_UP in record:
                            results[str(record[_TAKEN_UP])] = 0
                            continue
                        result = result_of(record)
                        yield result
                        results[result.file] += 1
                        if results[result.file] == len(self.sheet.checks):
                            del left[result.file]
            except JudgeEnded as end:
                reason = str(end)
            for file in [file for file in results if file in left]:
                message = f"{NOT_JUDGED}the process that judges it took longer than {SECONDS} s, or ran out of memory"
                for check in self.sheet.checks[results[file] :]:
                    yield Result(file, check.name, Verdict("failed", message, stopped=True))
                del left[file]
            if len(left) == before:
                raise JudgeBroken(f"the judge has ended: {reason}")

    def records(self, submissions: Sequence[Submission]) -> Generator[Record, None, None]:
        """Yield what the judges' processes write: which submission is taken up, and each result.

        Raises:
            JudgeEnded: if they end before all is there.
        """
        raise NotImplementedError


def longest_seconds(count: int, jobs: int) -> int:
    """Return how long it may take to judge ``count`` submissions, if each is stopped as late as can be.

    With several judges each is then judged once more, alone.
    """
    return SECONDS * (-(-count // jobs) + (count if jobs > 1 else 0))


def taken_up_line(file: str) -> str:
    """Return the line that a judge's process writes before it looks at the submission ``file``."""
    return json.dumps({_TAKEN_UP: file}) + "\n"


def last_line(error: BaseException) -> str:
    """Return the line that a judge's process writes last, if it cannot judge, and no student is to blame."""
    return json.dumps({_UNPROTECTED: str(error)}) + "\n" if isinstance(error, Unprotected) else broken_line(error)


def read_records(streams: Iterable[int]) -> Generator[Record, None, None]:
    """Yield what is written into ``streams``, each a line of JSON, until all are closed.

    Half a line is waited for; one that never ends was being written by a process when that was ended.
    """
    with selectors.DefaultSelector() as selector:
        parts = dict.fromkeys(streams, b"")
        for stream in parts:
            selector.register(stream, selectors.EVENT_READ)
        while selector.get_map():
            for key, _ in selector.select():
                data = os.read(key.fd, 2**16)
                if not data:
                    selector.unregister(key.fd)
                *lines, parts[key.fd] = (parts[key.fd] + data).split(b"\n")
                yield from map(json.loads, lines)


def bound_process() -> None:
    """Bound the memory of this process, which judges: what it cannot have is an error in one check."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        limit = int(statm.read_text().split()[0]) * resource.getpagesize() + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def bound_submission() -> None:
    """Have the kernel end this process if its next submission takes too long, whatever holds it up."""
    signal.alarm(SECONDS)
