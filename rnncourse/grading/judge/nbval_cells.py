"""What the cells of the judge's notebook call."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from rnncourse.grading.checks import CheckFailed
from rnncourse.grading.children import die_with_parent
from rnncourse.grading.judge.bench import Bench
from rnncourse.grading.judge.judge import bound_process, bound_submission, last_line, taken_up_line
from rnncourse.grading.judge.results import Result
from rnncourse.grading.judge.submissions import Submission


class Cells:
    """A bench whose verdicts are written, as they come, as lines of the file ``results``."""

    def __init__(self, results: str, path: str, address: str, seed: int, trust: bool) -> None:
        die_with_parent()
        bound_process()
        self._results = Path(results)
        with self._sound():
            self._bench = Bench(Path(path), address, seed, trust)
        self._checks = {check.name: check for check in self._bench.sheet.checks}

    def open(self, file: str, path: str) -> None:
        """Take up the submission ``file``, whose content is at ``path``."""
        self._file = file
        bound_submission()
        self._write(taken_up_line(file))
        with self._sound():
            self._bench.open(Submission(file, "", "", Path(path).read_bytes()))

    def check(self, name: str) -> None:
        """Run a check on the submission taken up, and write down its verdict.

        Raises:
            CheckFailed: if it has not passed, so that the cell fails.
        """
        with self._sound():
            verdict = self._bench.run(self._checks[name])
        self._write(Result(self._file, name, verdict).line())
        if verdict.outcome != "passed":
            raise CheckFailed(verdict.text)

    @contextlib.contextmanager
    def _sound(self) -> Iterator[None]:
        try:
            yield
        except BaseException as error:  # no student is to blame: this ends the run
            self._write(last_line(error))
            raise

    def _write(self, line: str) -> None:
        with self._results.open("a", encoding="utf-8") as file:
            file.write(line)
