"""What workers are forked from: a first process, which imports NumPy and torch once, and a zygote for each judge.

Run as ``python -P -m rnncourse.grading.sandbox.zygote FD PARENT HIDDEN...``. It knows neither checks nor solutions, and
imports nothing that does: its memory is the students'.
"""

import contextlib
import gc
import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from rnncourse.grading.children import die_with_parent
from rnncourse.grading.sandbox import hugepages
from rnncourse.grading.sandbox.confinement import Forks, isolate
from rnncourse.grading.sandbox.landlock import readable_paths
from rnncourse.grading.sandbox.worker import enter


def start(listener: socket.socket, grader: int, hidden: tuple[Path, ...]) -> None:
    """Leave what a student's process has no business with, then fork a zygote for each judge that calls.

    Ends with the process ``grader``, its parent, even if that has ended already.
    """
    isolated = isolate()
    if isolated:  # the fork is the first in the new namespace: when it ends, so does all that it started
        pid = os.fork()
        if pid:
            listener.close()
            die_with_parent()
            if os.getppid() != grader:
                os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            os._exit(0)
    die_with_parent()
    if not isolated and os.getppid() != grader:
        return
    import numpy  # noqa: F401  (these imports take seconds: once for all)
    import torch
    from IPython.core.inputtransformer2 import TransformerManager  # noqa: F401

    from rnncourse.grading.sandbox import wire  # noqa: F401

    # What torch looks up when it first calculates, it looks up now; from one thread, which a fork does not lose.
    for number in (torch.float32, torch.float64):
        a = torch.ones(2, 2, dtype=number)
        torch.stack([a @ a, a + a]).tanh().softmax(0).sum()
    readable_paths(hidden)  # looked up once, for all workers
    gc.collect()
    gc.freeze()  # so that a worker's collector does not write into, and copy, every page of memory
    hugepages.collapse()
    while True:
        control, _ = listener.accept()
        if os.fork() == 0:
            die_with_parent()
            listener.close()
            with contextlib.suppress(ConnectionError):  # the judge was ended before it had read an answer
                zygote(control, hidden, isolated)
            os._exit(0)
        control.close()
        with contextlib.suppress(ChildProcessError):
            os.waitpid(-1, os.WNOHANG)  # of a judge that has hung up


def zygote(control: socket.socket, hidden: tuple[Path, ...], isolated: bool) -> None:
    """Fork a worker for each connection that arrives; ``kill PID`` ends one. Until the judge hangs up."""
    fork: Callable[[], int] = Forks().fork if isolated else os.fork
    while True:
        message, handles, _, _ = socket.recv_fds(control, 4096, 1)
        if not message:
            return
        word, _, argument = message.decode().partition(" ")
        if word == "kill":
            with contextlib.suppress(ProcessLookupError, ChildProcessError):
                os.kill(int(argument), signal.SIGKILL)
                os.waitpid(int(argument), 0)  # only now can its number be another's
            control.send(b"done")
            continue
        if word == "plots":
            import matplotlib.pyplot  # noqa: F401  (once for all from now on)
        pid = fork()
        if pid == 0:
            control.close()
            enter(socket.socket(fileno=handles[0]), Path(argument), hidden, isolated)
        os.close(handles[0])
        control.send(str(pid).encode())


if __name__ == "__main__":
    start(socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2]), tuple(map(Path, sys.argv[3:])))
