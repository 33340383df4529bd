"""The judge under nbval: a notebook in which each check of each submission is a cell."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Generator, Sequence
from pathlib import Path

import nbformat

from rnncourse import notebooks
from rnncourse.grading.children import child, private_folder
from rnncourse.grading.judge.judge import Judge, JudgeEnded, Record, read_records
from rnncourse.grading.judge.submissions import Submission


class NbvalJudge(Judge):
    """Judges in ``jobs`` notebooks, side by side under nbval."""

    def records(self, submissions: Sequence[Submission]) -> Generator[Record, None, None]:
        """Yield what their cells write."""
        jobs = self.jobs or os.cpu_count() or 1
        with contextlib.ExitStack() as stack:
            shares = list(filter(None, (submissions[i::jobs] for i in range(jobs))))
            runs = [_Run(self, share, stack) for share in shares]
            left = len(submissions) * (1 + len(self.sheet.checks))
            for record in read_records(run.stream for run in runs):
                yield record
                left -= 1
                if left == 0:  # to end by itself would take it half a second
                    return
            raise JudgeEnded("\n".join(["nbval ended with:", *(run.printed() for run in runs)]))

    def notebook(self, folder: Path, submissions: Sequence[Submission], results: Path) -> nbformat.NotebookNode:
        """Return a notebook for nbval, which writes into ``results``; it reads the submissions from ``folder``."""
        cells = [
            "from rnncourse.grading.judge.nbval_cells import Cells\n"
            f"cells = Cells({str(results)!r}, {str(self.sheet.path)!r}, {self.address!r}, {self.seed}, {self.trust})"
        ]
        for i, submission in enumerate(submissions):
            path = folder / f"{i}.ipynb"
            path.write_bytes(submission.content)
            cells.append(f"cells.open({submission.file!r}, {str(path)!r})")
            cells += [f"cells.check({check.name!r})" for check in self.sheet.checks]
        return nbformat.v4.new_notebook(cells=list(map(nbformat.v4.new_code_cell, cells)), metadata=notebooks.METADATA)


class _Run:
    """One run of nbval, ended by ``stack``; ``stream`` has what its cells write, and is closed when it ends."""

    def __init__(self, judge: NbvalJudge, submissions: Sequence[Submission], stack: contextlib.ExitStack) -> None:
        folder = stack.enter_context(private_folder())
        notebook, results = folder / "judge.ipynb", folder / "results"
        nbformat.write(judge.notebook(folder, submissions, results), notebook)
        os.mkfifo(results)
        self.stream = os.open(results, os.O_RDONLY | os.O_NONBLOCK)
        stack.callback(os.close, self.stream)
        self._output = folder / "output"
        command = [sys.executable, "-P", "-m", "rnncourse.grading.judge.nbval_run", str(notebook)]
        environment = {**os.environ, "TMPDIR": str(folder), "OMP_NUM_THREADS": "1"}
        writing = os.open(results, os.O_WRONLY)
        try:  # the run holds the other end, so that the stream is open before its kernel writes
            with self._output.open("w") as output:
                run = child(command, env=environment, stdout=output, stderr=subprocess.STDOUT, pass_fds=[writing])
                stack.enter_context(run)
        finally:
            os.close(writing)

    def printed(self) -> str:
        """Return the last lines that it printed."""
        return self._output.read_text(errors="replace")[-4000:]
