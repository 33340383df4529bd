"""The judge without nbval: processes side by side, without a kernel; the marks are the same.

Run as ``python -P -m rnncourse.grading.judge.process_judge ORDER`` it is the process that forks them.
"""

import functools
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Generator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rnncourse.grading.children import child, die_with_parent
from rnncourse.grading.judge.judge import Judge
from rnncourse.grading.judge.results import JudgeBroken, Result, broken_line, result_of
from rnncourse.grading.judge.submissions import Submission

if TYPE_CHECKING:
    from rnncourse.grading.judge.bench import Bench


class ProcessJudge(Judge):
    """Judges in ``jobs`` processes, without a kernel."""

    def judge(self, submissions: Sequence[Submission]) -> Generator[Result, None, None]:
        """Yield the results of a submission when it is done."""
        with tempfile.TemporaryDirectory(prefix="rnncourse-") as name:
            folder = Path(name)
            files = [(submission.file, str(folder / f"{i}.ipynb")) for i, submission in enumerate(submissions)]
            for submission, (_, path) in zip(submissions, files, strict=True):
                Path(path).write_bytes(submission.content)
            order = {"bench": (str(self.sheet.path), self.address, self.seed), "jobs": self.jobs, "files": files}
            (folder / "order.json").write_text(json.dumps(order))
            # -P: a torch.py among the submissions must not be imported, here nor below.
            command = [sys.executable, "-P", "-m", __name__, str(folder / "order.json")]
            environment = {**os.environ, "OMP_NUM_THREADS": "1"}  # the checks are small, and run side by side
            with (
                open(folder / "errors", "w+") as errors,
                child(command, env=environment, stdout=subprocess.PIPE, stderr=errors, encoding="utf-8") as process,
            ):
                assert process.stdout is not None
                for _ in range(len(submissions) * len(self.sheet.checks)):
                    line = process.stdout.readline()
                    if not line:
                        process.wait()
                        errors.seek(0)
                        last = errors.read()[-2000:].strip().rpartition("\n")[2]
                        raise JudgeBroken(f"the judge has ended: {last}")
                    yield result_of(json.loads(line))
                # To end by itself would take it half a second.


def main(order: dict[str, Any]) -> None:
    """Judge what ``order`` lists, and print each result as a line."""
    from rnncourse.grading.judge import bench  # noqa: F401  (here, since the command needs no torch)

    fork = multiprocessing.get_context("fork")  # now, when torch is imported and has no threads yet
    with ProcessPoolExecutor(order["jobs"], fork, initializer=die_with_parent) as pool:
        try:
            for task in as_completed([pool.submit(_judge, order["bench"], *file) for file in order["files"]]):
                print(*task.result(), sep="", end="", flush=True)
        except BaseException as error:
            print(broken_line(error), end="", flush=True)
            raise


def _judge(bench: tuple[str, str, int], file: str, path: str) -> list[str]:
    return [result.line() for result in _bench(*bench).judge(Submission(file, "", "", Path(path).read_bytes()))]


@functools.cache
def _bench(path: str, address: str, seed: int) -> "Bench":
    from rnncourse.grading.judge.bench import Bench

    return Bench(Path(path), address, seed)  # one for each process


if __name__ == "__main__":
    die_with_parent()
    main(json.loads(Path(sys.argv[1]).read_text()))
