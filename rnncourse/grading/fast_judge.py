"""The judge without nbval: processes side by side, without a kernel; the marks are the same."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rnncourse.grading.children import child
from rnncourse.grading.sheet import Result, Sheet
from rnncourse.grading.submissions import Submission


def judge_in_processes(
    own: Sheet, seed: int, address: str, submissions: list[Submission], jobs: int
) -> Iterator[Result]:
    """Judge without a kernel, ``jobs`` submissions at a time; those of a submission follow one another.

    Another process imports torch, once, and forks the judges.

    Raises:
        RuntimeError: if a judge ends before its work does.
    """
    with tempfile.TemporaryDirectory(prefix="rnncourse-") as name:
        folder = Path(name)
        for i, submission in enumerate(submissions):
            (folder / f"{i}.ipynb").write_bytes(submission.content)
        files = [(one.file, str(folder / f"{i}.ipynb")) for i, one in enumerate(submissions)]
        order = {"path": str(own.path), "address": address, "seed": seed, "jobs": jobs, "files": files}
        (folder / "order.json").write_text(json.dumps(order))
        # -P: a torch.py among the submissions must not be imported, here nor below.
        command = [sys.executable, "-P", "-m", "rnncourse.grading.judge", str(folder / "order.json")]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}  # the checks are small, and run side by side
        with (
            open(folder / "errors", "w+") as errors,
            child(
                command, env=environment, stdout=subprocess.PIPE, stderr=errors, text=True, encoding="utf-8"
            ) as process,
        ):
            assert process.stdout is not None
            for _ in range(len(submissions) * len(own.checks)):
                line = process.stdout.readline()
                if not line:
                    break
                yield Result(*json.loads(line))
            else:
                return  # to end by itself would take it half a second
            process.wait()
            errors.seek(0)
            if process.returncode:
                raise RuntimeError(f"the judge has ended: {errors.read()[-2000:].strip().rpartition(chr(10))[2]}")
