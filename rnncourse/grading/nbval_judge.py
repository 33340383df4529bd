"""The judge under nbval: a notebook in which each check of each submission is a cell."""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import nbformat

from rnncourse import notebooks
from rnncourse.grading.children import child
from rnncourse.grading.sheet import REACHED, Result, Sheet
from rnncourse.grading.submissions import Submission


def judge_notebook(
    own: Sheet, folder: Path, submissions: list[Submission], seed: int, address: str
) -> nbformat.NotebookNode:
    """Return a notebook for nbval: each check of ``own`` on each submission, a cell each.

    The contents of the submissions are written into ``folder``, from where the cells read them.
    """
    code = [
        # The checks have names of their own, but none like these.
        "from pathlib import Path as _Path",
        "from rnncourse.grading.confine import die_with_parent as _die_with_parent",
        "from rnncourse.grading.judge import Bench as _Bench",
        "from rnncourse.grading.submissions import Submission as _Submission",
        f"_bench = _Bench(_Path({str(own.path)!r}), {address!r}, {seed})",
        "_die_with_parent()",
        "_names = set(globals())",
    ]
    tags = ["nbval-ignore-output"]
    ours = {"rnncourse": {}, "tags": tags}  # if one of these fails, the plugin stops: no student is to blame
    cells = [nbformat.v4.new_code_cell("\n".join(code), id="bench", metadata=ours)]
    for i, submission in enumerate(submissions):
        content = folder / f"{i}.ipynb"
        content.write_bytes(submission.content)
        code = [
            "for _name in [_name for _name in globals() if _name not in _names and not _name.startswith('_')]:",
            "    del globals()[_name]",
            f"_content = _Path({str(content)!r}).read_bytes()",
            "globals().update(_bench.start())",
            f"globals().update(_bench.open(_Submission({submission.file!r}, '', '', _content)))",
        ]
        again = code[-1]
        cells.append(nbformat.v4.new_code_cell("\n".join(code), id=f"open-{i}", metadata=ours))
        for k, check in enumerate(own.checks):
            about = {"file": submission.file, "check": check.name, "exercise": check.exercise, "points": check.points}
            data = {"rnncourse": about, "tags": tags}
            # That no error arrived is not enough to have passed: the last line has to be reached.
            source = f"{check.source}\nprint({REACHED!r})"
            cells.append(nbformat.v4.new_code_cell(source, id=f"check-{i}-{k}", metadata=data))
            if check.hidden:  # in a new process nobody can tell what this one was given
                cells.append(nbformat.v4.new_code_cell(again, id=f"again-{i}-{k}", metadata=ours))
    cells.append(nbformat.v4.new_code_cell("_bench.close()", id="close", metadata={"tags": tags}))
    return nbformat.v4.new_notebook(cells=cells, metadata=notebooks.METADATA)


def judge_in_nbval(own: Sheet, seed: int, address: str, submissions: list[Submission], jobs: int) -> Iterator[Result]:
    """Judge in a notebook under nbval, one submission after the other; results are read as they come.

    ``jobs`` is for the other judges: here a share is a notebook, and they are run side by side.

    Raises:
        RuntimeError: if the run ends before it has a result for each check of each submission.
    """
    with tempfile.TemporaryDirectory(prefix="rnncourse-") as name:
        folder = Path(name)
        notebook, found = folder / "judge.ipynb", folder / "results.jsonl"
        nbformat.write(judge_notebook(own, folder, submissions, seed, address), notebook)
        found.touch()
        options = ["-q", "-p", "nbval.plugin", "-p", "rnncourse.grading.nbval_plugin", "-p", "no:cacheprovider"]
        options += ["-c", os.devnull, "--rootdir", name, "--tb=no", "--assert=plain"]
        command = [sys.executable, "-P", "-m", "pytest", *options, "--nbval", "--nbval-current-env", str(notebook)]
        # Options of another run of pytest are not for this one.
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
        environment.update(
            RNNCOURSE_RESULTS=str(found), TMPDIR=name, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1", OMP_NUM_THREADS="1"
        )
        expected = len(submissions) * len(own.checks)
        count = 0
        with (
            child(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process,
            found.open(encoding="utf-8") as lines,
        ):
            assert process.stdout is not None
            printed = b""
            for part in iter(lambda: process.stdout.read1(65536), b""):  # type: ignore[union-attr]
                printed = (printed + part)[-4000:]
                for line in lines:
                    count += 1
                    yield Result(**json.loads(line))
                if count == expected:
                    return  # to end by itself would take it half a second
            for line in lines:
                count += 1
                yield Result(**json.loads(line))
        if count != expected:
            text = printed.decode(errors="replace")
            if why := re.search("! Interrupted: (.*) !", text):  # by the plugin: what nbval prints beside it says less
                raise RuntimeError(why[1])
            raise RuntimeError(f"nbval gave {count} of {expected} results; it ended with:\n{text}")
