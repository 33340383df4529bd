"""The judge under nbval: a notebook in which each check of each submission is a cell."""

import json
import os
import selectors
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack
from io import BufferedReader
from pathlib import Path
from typing import cast

import nbformat

from rnncourse import notebooks
from rnncourse.grading.children import child
from rnncourse.grading.judge.judge import Judge
from rnncourse.grading.judge.results import JudgeBroken, Result, result_of
from rnncourse.grading.judge.submissions import Submission


class NbvalJudge(Judge):
    """Judges in ``jobs`` notebooks, side by side under nbval."""

    def judge(self, submissions: Sequence[Submission]) -> Generator[Result, None, None]:
        """Yield each result when its cell is done."""
        jobs = self.jobs or os.cpu_count() or 1
        with ExitStack() as stack, selectors.DefaultSelector() as selector:
            for share in filter(None, (submissions[i::jobs] for i in range(jobs))):
                run = _Run(self, share, stack)
                selector.register(run.output, selectors.EVENT_READ, run)
            while selector.get_map():
                for key, _ in selector.select():
                    run = key.data
                    output = run.read_output()
                    yield from run.new_results()
                    if run.count == run.expected:  # to end by itself would take it half a second
                        selector.unregister(run.output)
                        run.process.kill()
                    elif not output:
                        raise JudgeBroken(
                            f"nbval gave {run.count} of {run.expected} results; it ended with:\n{run.printed}"
                        )

    def notebook(self, folder: Path, submissions: Sequence[Submission], results: Path) -> nbformat.NotebookNode:
        """Return a notebook for nbval, which writes into ``results``; it reads the submissions from ``folder``."""
        cells = [
            "from rnncourse.grading.judge.nbval_cells import Cells\n"
            f"cells = Cells({str(results)!r}, {str(self.sheet.path)!r}, {self.address!r}, {self.seed})"
        ]
        for i, submission in enumerate(submissions):
            path = folder / f"{i}.ipynb"
            path.write_bytes(submission.content)
            cells.append(f"cells.open({submission.file!r}, {str(path)!r})")
            cells += [f"cells.check({check.name!r})" for check in self.sheet.checks]
        return nbformat.v4.new_notebook(cells=list(map(nbformat.v4.new_code_cell, cells)), metadata=notebooks.METADATA)


class _Run:
    """One run of nbval, ended by ``stack``; what it prints says that there may be new results, which are in a file."""

    def __init__(self, judge: NbvalJudge, submissions: Sequence[Submission], stack: ExitStack) -> None:
        self.count, self.expected = 0, len(submissions) * len(judge.sheet.checks)
        self.printed = ""
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rnncourse-")))
        notebook, results = folder / "judge.ipynb", folder / "results.jsonl"
        nbformat.write(judge.notebook(folder, submissions, results), notebook)
        results.touch()
        self._lines = stack.enter_context(results.open(encoding="utf-8"))
        self._part = ""  # of a line that is still being written
        command = [sys.executable, "-P", "-m", "rnncourse.grading.judge.nbval_run", str(notebook)]
        environment = {**os.environ, "TMPDIR": str(folder), "OMP_NUM_THREADS": "1"}
        self.process = stack.enter_context(
            child(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        )
        self.output = cast(BufferedReader, self.process.stdout)

    def read_output(self) -> bytes:
        """Return what is printed next; nothing if the run has ended."""
        output = self.output.read1(65536)
        self.printed = (self.printed + output.decode(errors="replace"))[-4000:]
        return output

    def new_results(self) -> Iterator[Result]:
        """Yield the results that were written since."""
        *lines, self._part = (self._part + self._lines.read()).split("\n")
        for line in lines:
            self.count += 1
            yield result_of(json.loads(line))
