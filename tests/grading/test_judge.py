"""No submission stops a class: with whatever one a judge's process ends, the others get their marks."""

import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnncourse.grading.exercise import read_sheet
from rnncourse.grading.judge import judge as judges
from rnncourse.grading.judge import run
from rnncourse.grading.judge.gradebook import Gradebook, points
from rnncourse.grading.judge.judge import Judge, JudgeEnded, last_line, longest_seconds, read_records
from rnncourse.grading.judge.results import JudgeBroken, Result, Verdict
from rnncourse.grading.judge.submissions import Submission
from rnncourse.grading.sandbox.confinement import PROTECTIONS
from rnncourse.grading.sandbox.launcher import SandboxBroken, Unprotected, require

ADA, BOB, EVE = (Submission(f"{name}.ipynb", name, "", name.encode()) for name in ("ada", "bob", "eve"))


class Mortal(Judge):
    """Ends with ``deadly`` submissions, after so many of their checks; ``None`` is before it has taken up any."""

    deadly: dict[str, int | None]

    def records(self, submissions):
        """Yield the records of one process."""
        for file in [submission.file for submission in submissions]:
            if file in self.deadly and self.deadly[file] is None:
                raise JudgeEnded("out of memory")
            yield json.loads(judges.taken_up_line(file))
            for i, check in enumerate(self.sheet.checks):
                if self.deadly.get(file) == i:
                    raise JudgeEnded("out of memory")
                yield json.loads(Result(file, check.name, Verdict("passed")).line())


def mortal(sheet, **deadly: int | None) -> Mortal:
    judge = Mortal(sheet, 7, "", 1)
    object.__setattr__(judge, "deadly", {f"{name}.ipynb": count for name, count in deadly.items()})
    return judge


@pytest.mark.parametrize("count", [0, 3, 7])
def test_a_process_that_ends_costs_the_rest_of_one_submission(sheet, count):
    results = list(mortal(sheet, bob=count).judge([ADA, BOB, EVE]))
    assert [result.file for result in results] == [
        name for name in ("ada.ipynb", "bob.ipynb", "eve.ipynb") for _ in range(8)
    ]
    assert [result.check for result in results] == [check.name for check in sheet.checks] * 3
    verdicts = [result.verdict for result in results if result.file == BOB.file]
    assert [verdict.outcome for verdict in verdicts] == ["passed"] * count + ["failed"] * (8 - count)
    assert all(verdict.stopped and "it cannot be judged" in verdict.message for verdict in verdicts[count:])
    assert all(result.verdict.outcome == "passed" for result in results if result.file != BOB.file)


def test_a_process_that_ends_before_it_takes_up_anything_is_no_students_fault(sheet):
    judge = mortal(sheet, bob=None)
    with pytest.raises(JudgeBroken, match="the judge has ended: out of memory"):
        list(judge.judge([BOB]))
    results = judge.judge([ADA, BOB])  # what is found before is kept
    assert [next(results).file for _ in range(8)] == [ADA.file] * 8
    with pytest.raises(JudgeBroken):
        next(results)


@settings(deadline=None)
@given(records=st.lists(st.dictionaries(st.text(), st.text() | st.integers()), max_size=5), data=st.data())
def test_half_a_line_is_waited_for(records, data):
    text = "".join(json.dumps(record) + "\n" for record in records).encode() + b'{"half'
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    pieces = [text[i:j] for i, j in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    reading, writing = os.pipe()
    try:
        found = []
        reader = read_records([reading])
        for piece in pieces:
            os.write(writing, piece)
            whole = text[: sum(map(len, pieces[: pieces.index(piece) + 1]))].count(b"\n")
            while len(found) < whole:
                found.append(next(reader))
        os.close(writing)
        assert [*found, *reader] == records
    finally:
        os.close(reading)


def test_the_kernel_ends_a_judge_that_takes_too_long():
    code = "from rnncourse.grading.judge import judge\njudge.SECONDS = 1\njudge.bound_submission()\n"
    code += "import re\nre.match('(a*)*b', 'a' * 100)"  # no Python code is run meanwhile
    assert subprocess.run([sys.executable, "-c", code]).returncode == -signal.SIGALRM


def test_a_judge_has_bounded_memory():
    code = "from rnncourse.grading.judge import judge\njudge.bound_process()\nbytearray(judge.MEMORY)"
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "MemoryError" in process.stderr


def test_the_longest_time_is_known_beforehand():
    assert longest_seconds(30, 1) == 30 * judges.SECONDS
    assert longest_seconds(30, 4) == (8 + 30) * judges.SECONDS


def test_protections_are_compared_with_what_is_required():
    everything = dict.fromkeys(PROTECTIONS, True)
    require(everything)
    for name in PROTECTIONS:
        for report in (
            {**everything, name: False},
            {**everything, name: 1},
            {k: True for k in everything if k != name},
        ):
            with pytest.raises(Unprotected) as refused:
                require(report)
            assert str(refused.value) == f"not sandboxed: it is not true here that a notebook {name}"
    assert "unprotected" in json.loads(last_line(Unprotected("x")))
    assert "broken" in json.loads(last_line(SandboxBroken("x")))


@pytest.fixture
def deadly(solution, tmp_path):
    """The exercises, with a check that ends the judge's process, or never ends, if a student asks for it."""
    notebook = json.loads(solution.read_text(encoding="utf-8"))
    cell = next(cell for cell in notebook["cells"] if cell["id"] == "perplexity-value")
    more = """
        import os, signal
        try:
            wish = call(perplexity, torch.zeros(1, 2).double(), torch.zeros(1).long())
        except CheckFailed:
            wish = None
        if wish == "end":
            os.kill(os.getpid(), signal.SIGKILL)
    """
    imports = "from rnncourse.grading.checks import CheckFailed, call\n"
    cell["source"] = imports + textwrap.dedent(more) + "\n" + "".join(cell["source"])
    path = tmp_path / "rnn" / "solution.ipynb"
    path.parent.mkdir()
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return read_sheet(path)


@pytest.mark.slow
@pytest.mark.parametrize("fast", [True, False])
@pytest.mark.parametrize("jobs", [1, 2])
def test_whoever_ends_the_judge_does_not_end_the_class(protected, deadly, make, tmp_path, fast, jobs):
    def notebook(perplexity: str) -> bytes:
        cells = [make.SETUP, make.STEP, make.LOOP, perplexity, make.TEMPERATURE]
        return json.dumps({"cells": [{"cell_type": "code", "source": source} for source in cells]}).encode()

    killer = notebook("def perplexity(O, y):\n    return 'end'")
    names = ("ada", "bob", "eve", "mallory", "zoe")
    contents = [notebook(make.PERPLEXITY), killer, notebook(make.PERPLEXITY), killer, notebook(make.PERPLEXITY)]
    everybody = [Submission(f"{n}.ipynb", n, "", content) for n, content in zip(names, contents, strict=True)]
    gradebook = Gradebook(tmp_path / "done", deadly, everybody)
    with run.open_judge(deadly, 7, [], jobs, fast) as judge:
        run.grade(judge, gradebook, everybody)
    total = {file: points(deadly.checks, verdicts) for file, verdicts in gradebook.results.items()}
    assert total == {"ada.ipynb": 10, "bob.ipynb": 5, "eve.ipynb": 10, "mallory.ipynb": 5, "zoe.ipynb": 10}
    message = gradebook.results["bob.ipynb"]["perplexity-value"].message
    assert message.startswith("it cannot be judged: the process that judges it")


NO_NAMESPACES = "echo 0 > /proc/sys/user/max_user_namespaces && exec "


@pytest.mark.slow
@pytest.mark.parametrize("fast", [True, False])
def test_a_worker_without_its_protections_is_not_used(protected, solution, tmp_path, fast):
    """The judge compares by itself: it is asked without the command, which looks beforehand."""
    code = f"""
from pathlib import Path
from rnncourse.grading.exercise import read_sheet
from rnncourse.grading.judge import run
from rnncourse.grading.judge.judge import JudgeUnprotected
from rnncourse.grading.judge.submissions import Submission
sheet = read_sheet(Path({str(solution)!r}))
everybody = [Submission("a.ipynb", "a", "", sheet.path.read_bytes())]
for trust in (False, True):
    with run.open_judge(sheet, 7, [], 1, {fast}, trust=trust) as judge:
        try:
            print({{result.verdict.outcome for result in judge.judge(everybody)}})
        except JudgeUnprotected as error:
            print(error)
"""
    script = Path(tmp_path / "script.py")
    script.write_text(code)
    command = ["unshare", "--user", "--map-root-user", "sh", "-c", f"{NO_NAMESPACES} {sys.executable} {script}"]
    process = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    refused, graded = process.stdout.splitlines()
    assert refused.startswith("not sandboxed: it is not true here that a notebook is alone")
    assert graded == "{'passed'}"
