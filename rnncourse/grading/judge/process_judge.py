"""The judge without nbval: processes side by side, without a kernel; the marks are the same.

Run as ``python -P -m rnncourse.grading.judge.process_judge ORDER STREAM...`` it is the process that forks them.
"""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

from rnncourse.grading.children import child, die_with_parent, private_folder
from rnncourse.grading.judge.judge import (
    Judge,
    JudgeEnded,
    Record,
    bound_process,
    bound_submission,
    last_line,
    read_records,
    taken_up_line,
)
from rnncourse.grading.judge.submissions import Submission


class ProcessJudge(Judge):
    """Judges in ``jobs`` processes, without a kernel."""

    def records(self, submissions: Sequence[Submission]) -> Generator[Record, None, None]:
        """Yield what they write."""
        with private_folder() as folder, contextlib.ExitStack() as stack:
            files = [(submission.file, str(folder / f"{i}.ipynb")) for i, submission in enumerate(submissions)]
            for submission, (_, path) in zip(submissions, files, strict=True):
                Path(path).write_bytes(submission.content)
            order = {"bench": (str(self.sheet.path), self.address, self.seed, self.trust), "files": files}
            (folder / "order.json").write_text(json.dumps(order))
            pipes = [os.pipe() for _ in range(self.jobs or os.cpu_count() or 1)]
            for reading, _ in pipes:
                stack.callback(os.close, reading)
            streams = [writing for _, writing in pipes]
            # -P: a torch.py among the submissions must not be imported, here nor below.
            command = [sys.executable, "-P", "-m", __name__, str(folder / "order.json"), *map(str, streams)]
            environment = {**os.environ, "OMP_NUM_THREADS": "1"}  # the checks are small, and run side by side
            errors = stack.enter_context(open(folder / "errors", "w+"))
            try:
                judges = child(command, env=environment, stdout=subprocess.DEVNULL, stderr=errors, pass_fds=streams)
                process = stack.enter_context(judges)
            finally:
                for stream in streams:
                    os.close(stream)
            left = len(submissions) * (1 + len(self.sheet.checks))
            for record in read_records(reading for reading, _ in pipes):
                yield record
                left -= 1
                if left == 0:  # to end by itself would take it half a second
                    return
            process.wait()
            errors.seek(0)
            raise JudgeEnded(errors.read()[-2000:].strip().rpartition("\n")[2])


def main(order: dict[str, Any], streams: list[int]) -> None:
    """Judge what ``order`` lists, in one process for each of ``streams``, into which it writes its results."""
    from rnncourse.grading.judge import bench  # noqa: F401  (once for all, before there are threads)

    for stream in streams:
        if os.fork() == 0:
            try:
                die_with_parent()
                for other in streams[streams.index(stream) + 1 :]:
                    os.close(other)
                work(order, stream)
            finally:
                os._exit(0)
        os.close(stream)
    for _ in streams:
        os.wait()


def work(order: dict[str, Any], stream: int) -> None:
    """Judge those of the submissions that no other process has taken up."""
    from rnncourse.grading.judge.bench import Bench

    with os.fdopen(stream, "w", encoding="utf-8") as results:
        try:
            bound_process()
            path, *more = order["bench"]
            bench = Bench(Path(path), *more)
            for file, place in order["files"]:
                try:
                    taken = Path(place).rename(f"{place}.taken")
                except FileNotFoundError:  # by another one
                    continue
                bound_submission()
                print(taken_up_line(file), end="", file=results, flush=True)
                for result in bench.judge(Submission(file, "", "", taken.read_bytes())):
                    print(result.line(), end="", file=results, flush=True)
        except BaseException as error:
            print(last_line(error), end="", file=results, flush=True)


if __name__ == "__main__":
    die_with_parent()
    main(json.loads(Path(sys.argv[1]).read_text()), list(map(int, sys.argv[2:])))
