"""The processes in which students' code runs: they end with the grader, are replaced, and keep to their limits."""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from rnncourse.grading.checks import CheckFailed
from rnncourse.grading.remote import RemoteError
from rnncourse.grading.sandbox import client, limits
from rnncourse.grading.sandbox.client import Sandbox
from rnncourse.grading.sandbox.launcher import SandboxBroken, Zygote, serve

pytestmark = pytest.mark.slow

ECHO = "def f(x):\n    return x"


@pytest.fixture
def sandbox(is_protected):
    """Make a sandbox of cells; where there is no protection, these are trusted."""

    def make(zygote: Zygote, *cells: str, **options: float) -> contextlib.closing[Sandbox]:
        return contextlib.closing(Sandbox(zygote, list(cells), **options, trust=not is_protected))

    return make


def root_of(parents: dict[int, int]) -> int:
    """The process that is no child of the others."""
    (root,) = parents.keys() - {pid for pid, parent in parents.items() if parent in parents}
    return root


def leaf_of(parents: dict[int, int]) -> int:
    """The process that has no child."""
    (leaf,) = parents.keys() - set(parents.values())
    return leaf


def test_a_zygote_that_ends_is_replaced(protected, processes, sandbox):
    mark = "a-mark-of-the-first-test"
    with serve([Path("/nowhere") / mark]) as address, Zygote(address) as zygote:
        with sandbox(zygote, ECHO) as first:
            assert first.call("f", 1) == (1, (1,))
            parents = processes(mark)
            os.kill(parents[leaf_of(parents)], signal.SIGKILL)
        with sandbox(zygote, ECHO) as second:
            assert second.call("f", 1) == (1, (1,))


def test_without_the_first_process_there_is_no_judge():
    with serve() as address:
        zygote = Zygote(address)
        box = Sandbox(zygote, [ECHO])
    with pytest.raises(SandboxBroken, match="has ended"):
        box.call("f", 1)


def test_workers_end_with_the_first_process(protected, processes, wait_until, sandbox):
    mark = "a-mark-of-the-second-test"
    ignore = "import ctypes\nctypes.CDLL(None).prctl(1, 0, 0, 0, 0)\n" + ECHO
    with serve([Path("/nowhere") / mark]) as address, Zygote(address) as zygote, sandbox(zygote, ignore) as box:
        box.call("f", 1)
        assert len(processes(mark)) == 4  # one outside, and in the namespace the first, the zygote and the worker
        os.kill(root_of(processes(mark)), signal.SIGKILL)
        wait_until(lambda: not processes(mark))


def test_nothing_is_left_of_a_grader_that_dies_at_once(protected, tmp_path, processes, wait_until):
    code = """
import os, pathlib
from rnncourse.grading.sandbox.launcher import serve
with serve([pathlib.Path(os.getcwd())]):
    os.kill(os.getpid(), 9)
"""
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path)
    wait_until(lambda: not processes(tmp_path))


def test_a_notebook_has_a_time_in_all(zygote, sandbox):
    with sandbox(zygote, ECHO) as first:
        first.call("f", 1)  # when this is over, torch has been imported
    cell = "import time\ndef f():\n    time.sleep(60)\ndef g():\n    pass"
    with sandbox(zygote, cell, seconds=3.0) as box:
        with pytest.raises(CheckFailed, match="f was stopped: it took longer than") as stopped:
            box.call("f")
        assert stopped.value.stopped
        for _ in range(2):
            with pytest.raises(CheckFailed, match="the notebook was stopped: it took longer than 3 s in all"):
                box.call("g")


def test_experiments_leave_time_for_the_answers(zygote, sandbox):
    with sandbox(zygote, ECHO) as first:
        first.call("f", 1)
    with sandbox(zygote, ECHO, *["import time\ntime.sleep(0.5)"] * 20, seconds=6.0) as box:
        assert box.call("f", 1)[0] == 1
        assert any(error.stopped for error in box.errors.values())


def test_a_function_that_is_missing_is_named_with_the_reasons(zygote, sandbox):
    with sandbox(zygote, "1 / 0", "def f(:") as box:
        with pytest.raises(CheckFailed) as missing:
            box.call("f")
        assert missing.value.undefined
        assert not missing.value.stopped
        errors = (
            "ZeroDivisionError: division by zero, in the line: 1 / 0; SyntaxError: invalid syntax, in the line: def f(:"
        )
        assert missing.value.message == f"the notebook defines no f (its errors: {errors})"


def test_an_error_of_the_students_own_is_not_a_missing_function(zygote, sandbox):
    raises = "def f():\n    raise AttributeError(\"module '__main__' has no attribute 'f'\")"
    with sandbox(zygote, raises) as box, pytest.raises(RemoteError) as error:
        box.call("f")
    assert error.value.kind == "AttributeError"


def test_a_thread_that_cannot_start_may_be_the_fault_of_others(protected, zygote, sandbox):
    threads = (
        "import threading, time\nthreading.stack_size(2**28)\n"
        "def f():\n    for _ in range(100):\n"
        "        threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()\n"
        'def g():\n    raise RuntimeError("can\'t start new thread")'
    )
    with sandbox(zygote, threads) as box:
        for name, stopped in (("f", True), ("g", False)):
            with pytest.raises(RemoteError, match="can't start new thread") as error:
                box.call(name)
            assert error.value.stopped == stopped


def test_torch_compile_needs_no_compiler(zygote, monkeypatch, sandbox):
    monkeypatch.setattr(client, "CELL_SECONDS", 120.0)  # what it imports takes a while
    with sandbox(zygote, "import torch\n@torch.compile\ndef f(x):\n    return x + 1") as box:
        assert box.call("f", 1)[0] == 2


def test_no_lease_holds_up_others(protected, zygote, sandbox):
    lease = "import fcntl\ndef f(name):\n    with open(name) as file:\n        fcntl.fcntl(file, 1024, 1)"
    with sandbox(zygote, lease) as box, pytest.raises(RemoteError, match="Operation not permitted"):
        box.call("f", os.__file__)


def test_huge_pages_change_no_memory():
    code = (
        "from rnncourse.grading.sandbox.hugepages import HUGE, collapse\n"
        "held = [bytes([i]) * 1000 for i in range(256)] * 20 + [bytearray(b'x' * 3 * HUGE)]\n"
        "before = [bytes(part) for part in held]\n"
        "size = collapse()\n"
        "assert size >= 0 and size % HUGE == 0, size\n"
        "assert held == before"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_root_has_no_more_threads_than_others(protected, zygote, sandbox):
    """Root's are not limited, so the kernel counts them as another user's."""
    storm = (
        "import threading, time\n"
        "def f():\n    count = 0\n    try:\n        while count < 1000:\n"
        "            threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()\n            count += 1\n"
        "    except RuntimeError:\n        pass\n    return count\n"
        "def g():\n    import os\n    return os.getuid()"
    )
    with sandbox(zygote, storm) as box:
        assert box.call("g")[0] != 0
        assert 200 < box.call("f")[0] < limits.THREADS


def test_what_has_been_spent_is_not_there_again(zygote, sandbox):
    with sandbox(zygote, ECHO) as first:
        first.call("f", 1)
        assert 0 < first.spent < 60
    message = f"took longer than {client.ALL_SECONDS:g} s in all"
    with sandbox(zygote, ECHO, spent=client.ALL_SECONDS) as box, pytest.raises(CheckFailed, match=message):
        box.call("f", 1)


def test_a_judge_that_hangs_up_at_any_time_leaves_no_traceback(protected, processes, wait_until, tmp_path):
    """The orders it has given are answered to nobody."""
    code = """
import os, socket
from pathlib import Path
from rnncourse.grading.sandbox.launcher import serve
with serve([Path(os.getcwd())]) as address:
    for order in (b"kill 1000000", b"plain " + os.fsencode(Path(address).parent)):
        for answered in (False, True):
            judge = socket.socket(socket.AF_UNIX)
            judge.connect(address)
            ours, theirs = socket.socketpair()
            socket.send_fds(judge, [order], [theirs.fileno()])
            if answered:
                judge.recv(1)
            judge.close()
    last = socket.socket(socket.AF_UNIX)  # served in turn: by then the others have been
    last.connect(address)
    last.send(b"kill 1000000")
    print(last.recv(64))
"""
    process = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    wait_until(lambda: not processes(tmp_path))
    assert process.stdout == "b'done'\n"
    assert process.stderr == ""
