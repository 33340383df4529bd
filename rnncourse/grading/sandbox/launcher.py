"""The judge's side of the processes in which students' code runs: it starts the first one, and asks for workers."""

import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from rnncourse.grading.children import child, private_folder
from rnncourse.grading.sandbox.confinement import PROTECTIONS
from rnncourse.grading.sandbox.limits import START_SECONDS

# A worker gets no more of the environment than this: there may be passwords in it.
_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONHOME")
# -P: a student's torch.py in the current folder must not be imported.
_PYTHON = [sys.executable, "-P", "-m"]


class SandboxBroken(BaseException):
    """The sandbox itself does not work. No ``Exception``, so that it never passes for a student's mistake."""

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]


class Unprotected(SandboxBroken):
    """Students' code is not confined as it has to be; the message says what is missing."""


def missing(protections: Mapping[str, object]) -> list[str]:
    """Return which protections are not among those that a process has reported."""
    return [protection for protection in PROTECTIONS if protections.get(protection) is not True]


def require(protections: Mapping[str, object]) -> None:
    """Compare what a worker reports of itself with what it has to have.

    Raises:
        Unprotected: if anything is missing.
    """
    if lacking := missing(protections):
        raise Unprotected(f"not sandboxed: it is not true here that a notebook {'; '.join(lacking)}")


@contextlib.contextmanager
def serve(hidden: Iterable[Path] = ()) -> Iterator[str]:
    """Start the process from which zygotes are forked, and end it, and them, with the block; yield its address.

    Args:
        hidden: files and folders that no worker can read, in whatever folder they are.
    """
    with (
        private_folder() as folder,
        socket.socket(socket.AF_UNIX) as listener,
    ):
        address = os.path.join(folder, "zygotes")  # nobody else can enter the folder
        listener.bind(address)
        listener.listen()
        command = [*_PYTHON, "rnncourse.grading.sandbox.zygote", str(listener.fileno()), str(os.getpid())]
        command += map(str, hidden)
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        environment.update(OMP_NUM_THREADS="1", MPLBACKEND="agg")
        with child(command, pass_fds=[listener.fileno()], env=environment):
            listener.close()  # when that process ends, who connects is told at once
            yield address


class Zygote:
    """The process from which a judge's workers are forked, one for each submission.

    Args:
        address: what :func:`serve` yields.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self.folder = Path(address).parent  # goes with the first process, and whatever was put there
        self._connect()

    def _connect(self) -> None:
        self._control = socket.socket(socket.AF_UNIX)
        self._control.settimeout(START_SECONDS)
        try:
            self._control.connect(self._address)
        except OSError as error:
            self.close()
            raise SandboxBroken(f"the process from which students' processes are forked has ended: {error}") from None

    def spawn(self, box: Path, plots: bool = False) -> tuple[int, socket.socket]:
        """Fork a worker confined to the folder ``box``; return its number and the connection to it.

        Args:
            plots: import matplotlib, if that was not done before.
        """
        for _ in range(2):
            judges_end, workers_end = socket.socketpair()
            try:
                with workers_end:
                    order = f"{'plots' if plots else 'plain'} {box}".encode()
                    socket.send_fds(self._control, [order], [workers_end.fileno()])
                return int(self._control.recv(64)), judges_end
            except (OSError, ValueError):  # it has ended: out of memory perhaps
                judges_end.close()
                self.close()
                self._connect()
        raise SandboxBroken("no process for a student's notebook can be started")

    def kill(self, pid: int) -> None:
        """End the worker ``pid`` and all that it started.

        Raises:
            SandboxBroken: if the first process has ended, and with it all workers, whatever they were doing.
        """
        with contextlib.suppress(OSError):
            self._control.send(f"kill {pid}".encode())
            if self._control.recv(64):
                return
        self.close()  # the zygote has ended, and its workers with it
        self._connect()

    def close(self) -> None:
        """End the zygote, and its workers with it."""
        self._control.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def protections() -> dict[str, bool]:
    """Return what protects against a student's notebook here; tried in another process, since there is no way back."""
    command = [*_PYTHON, "rnncourse.grading.sandbox.confinement"]
    process = subprocess.run(command, capture_output=True, text=True)
    return json.loads(process.stdout) if process.returncode == 0 else dict.fromkeys(PROTECTIONS, False)
