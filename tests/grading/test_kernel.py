"""A student at work in Jupyter: what a kernel shows when a front end that tells the cell's id runs the checks."""

import html
import os
import re
from pathlib import Path
from typing import NamedTuple

import pytest
from jupyter_client.manager import KernelManager

from rnncourse import notebooks
from rnncourse.kernels import address

pytestmark = pytest.mark.slow

SOLUTIONS = {"rnn-step": "def rnn_step(X_t, H, W_xh, W_hh, b_h):\n    return torch.tanh(X_t @ W_xh + H @ W_hh + b_h)"}
WRONG = SOLUTIONS["rnn-step"].replace(" + b_h", "")


class Shown(NamedTuple):
    """What stands below a cell."""

    text: str
    html: str
    error: str


class Lab:
    """A notebook that a person has open: cells are changed, saved and run one by one, as JupyterLab does it."""

    def __init__(self, path: Path, starter: Path) -> None:
        self.path, self.notebook = path, notebooks.read(starter)
        self.save()
        environment = {name: value for name, value in os.environ.items() if name != "RNNCOURSE_TEST"}
        self._manager = KernelManager(**address())
        self._manager.start_kernel(env={**environment, "JPY_SESSION_NAME": str(path)}, cwd=str(path.parent))
        self._client = self._manager.client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=120)

    def save(self) -> None:
        notebooks.write(self.notebook, self.path)

    def write(self, name: str, source: str) -> None:
        next(cell for cell in self.notebook.cells if cell.id == name).source = source

    def run(self, name: str) -> Shown:
        """Run the cell ``name`` and return what it shows."""
        source = next(cell.source for cell in self.notebook.cells if cell.id == name)
        return self.run_source(source, name)

    def run_source(self, source: str, name: str) -> Shown:
        content = {"code": source, "silent": False, "store_history": True, "allow_stdin": False, "stop_on_error": True}
        message = self._client.session.msg("execute_request", content, metadata={"cellId": name})
        self._client.shell_channel.send(message)
        text, page, error = "", "", ""
        while True:
            reply = self._client.get_iopub_msg(timeout=120)
            if reply["parent_header"].get("msg_id") != message["header"]["msg_id"]:
                continue
            part = reply["content"]
            if reply["msg_type"] == "status" and part["execution_state"] == "idle":
                return Shown(text, page, error)
            if reply["msg_type"] == "stream":
                text += part["text"]
            if reply["msg_type"] in ("display_data", "execute_result"):
                text, page = text + part["data"]["text/plain"], page + part["data"].get("text/html", "")
            if reply["msg_type"] == "error":
                error += "\n".join(part["traceback"])

    def close(self) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)


@pytest.fixture
def lab(tmp_path, solution):
    (tmp_path / "solution.ipynb").write_bytes(solution.read_bytes())
    opened = Lab(tmp_path / "mine.ipynb", solution.with_name("starter.ipynb"))
    yield opened
    opened.close()


def test_fail_hint_pass_as_a_student_meets_it(lab):
    first = lab.run("rnn-step-terms")  # before anything else
    assert first.error.strip() == (
        "CheckFailed: torch is imported by the first cell with code: run that, then your answer, then this check"
    )
    lab.run("setup")
    assert "name 'rnn_step' is not defined: is it spelled so?" in lab.run("rnn-step-terms").error
    lab.run("rnn-step")
    untouched = lab.run("rnn-step-terms")  # nothing is raised, so that Run All goes on
    assert untouched.error == ""
    assert "not attempted: write rnn_step in the cell above" in untouched.text

    lab.write("rnn-step", WRONG)
    lab.run("rnn-step")
    assert "this is what you get when the term b_h is left out" in lab.run("rnn-step-terms").error
    lab.write("rnn-step", SOLUTIONS["rnn-step"])
    assert "this is what you get when" in lab.run("rnn-step-terms").error  # not saved: that cannot be known
    lab.save()
    stale = lab.run("rnn-step-terms")
    assert "But the answer was changed after it was run, as the saved notebook shows: run its cell" in stale.error

    lab.run("rnn-step")
    passed = lab.run("rnn-step-terms")
    assert (passed.text, passed.error) == ("rnn-step: this check has passed", "")
    assert "#1a7f37" in passed.html
    assert passed.text in html.unescape(re.sub("<[^>]*>", "", passed.html))
    assert "rnn-step                 1 of 2 checks passed" in lab.run("summary").text

    lab.write("rnn-step", WRONG)
    lab.save()
    unrun = lab.run("rnn-step-terms")
    assert "the answer was changed after it was run" in unrun.text
    assert "passed" not in unrun.text


def test_a_run_of_all_cells_reaches_the_summary(lab):
    lab.write("rnn-step", SOLUTIONS["rnn-step"])
    shown = [lab.run(cell.id) for cell in lab.notebook.cells if cell.cell_type == "code"]
    assert [part.error for part in shown] == [""] * len(shown)
    assert [line.split("hints")[0].split()[:3] for line in shown[-1].text.splitlines()] == [
        ["rnn-step", "2", "of"],
        ["rnn-loop", "0", "of"],
        ["perplexity", "0", "of"],
        ["temperature", "0", "of"],
    ]


def test_two_notebooks_in_one_folder_have_their_own_progress(lab, tmp_path, solution):
    lab.write("rnn-step", SOLUTIONS["rnn-step"])
    for name in ("setup", "rnn-step", "rnn-step-terms"):
        lab.run(name)
    assert (tmp_path / ".mine.progress.json").exists()
    other = Lab(tmp_path / "other.ipynb", solution.with_name("starter.ipynb"))
    try:
        other.run("setup")
        assert "0 of 2 checks passed" in other.run("summary").text.splitlines()[0]
    finally:
        other.close()


def test_a_check_leaves_the_kernel_as_it_was(lab):
    lab.run("setup")
    for source in ("import collections", "check = same = call = names = 'mine'", SOLUTIONS["rnn-step"]):
        lab.run_source(source, "rnn-step")
    names = "sorted((name, id(value)) for name, value in globals().items() if name[0] != '_')"
    before = lab.run_source(names, "names").text
    assert "passed" in lab.run("rnn-step-terms").text
    assert "passed" in lab.run("rnn-step-sum").text
    assert lab.run_source(names, "names").text == before
