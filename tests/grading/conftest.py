"""What the tests of the grader share."""

import os
import runpy
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from rnncourse.cli import app
from rnncourse.grading.exercise import Sheet, read_sheet
from rnncourse.grading.judge.results import Outcome, Verdict
from rnncourse.grading.sandbox.launcher import Zygote, protections, serve

ROOT = Path(__file__).parents[2]
SOLUTION = ROOT / "exercises" / "rnn" / "solution.ipynb"


@pytest.fixture(scope="session")
def solution() -> Path:
    """The notebook of the exercises that are graded."""
    return SOLUTION


@pytest.fixture(scope="session")
def sheet() -> Sheet:
    """The exercises in it."""
    return read_sheet(SOLUTION)


@pytest.fixture(scope="session")
def make() -> Any:
    """What makes notebooks that students might hand in."""
    return SimpleNamespace(**runpy.run_path(str(ROOT / "tests" / "submissions" / "make.py")))


@pytest.fixture(scope="session")
def is_protected() -> bool:
    """Whether this machine offers all protections; elsewhere doctor says what is missing."""
    return sys.platform == "linux" and all(protections().values())


@pytest.fixture(scope="session")
def protected(is_protected) -> None:
    """Needed by the hostile cases."""
    if not is_protected:
        pytest.skip("this machine cannot confine a student's notebook")


@pytest.fixture(scope="module")
def address():
    """Where zygotes are forked."""
    with serve() as address:
        yield address


@pytest.fixture(scope="module")
def zygote(address):
    """A judge's connection to the processes in which students' code runs."""
    with Zygote(address) as connected:
        yield connected


@pytest.fixture(scope="session")
def verdicts(sheet) -> Callable[..., dict[str, Verdict]]:
    """Make a verdict of one kind for each check."""

    def same_for_all(outcome: Outcome = "passed", message: str = "", **more: Any) -> dict[str, Verdict]:
        return {check.name: Verdict(outcome, message, **more) for check in sheet.checks}

    return same_for_all


@pytest.fixture(scope="session")
def grade():
    """Call the command ``rnncourse grade`` on the topic rnn."""

    def run(*arguments: object, topic: str = "rnn", folder: Path = SOLUTION.parents[1]):
        options = ["grade", *arguments, "--topic", topic, "--folder", folder]
        return CliRunner().invoke(app, list(map(str, options)))

    return run


@pytest.fixture(scope="session")
def program() -> str:
    """The command as a program."""
    return shutil.which("rnncourse", path=str(Path(sys.executable).parent)) or "rnncourse"


@pytest.fixture(scope="session")
def flat() -> Callable[[str], str]:
    """Undo the line breaks of a terminal."""
    return lambda text: " ".join(text.split())


@pytest.fixture(scope="session")
def processes() -> Callable[[str | os.PathLike], dict[int, int]]:
    """The processes in whose command a text occurs, and the parent of each; this one left out."""

    def running(mark: str | os.PathLike) -> dict[int, int]:
        parents = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if os.fsencode(mark) in (folder / "cmdline").read_bytes() and folder.name != str(os.getpid()):
                    parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                pass
        return parents

    return running


@pytest.fixture(scope="session")
def wait_until() -> Callable[[Callable[[], object]], None]:
    """Wait for an event, which comes on the slowest machine within two minutes."""

    def wait(event: Callable[[], object]) -> None:
        deadline = time.monotonic() + 120
        while not event():
            assert time.monotonic() < deadline
            time.sleep(0.05)

    return wait
