"""The grader's own child processes and folders, which never outlive it."""

import contextlib
import ctypes
import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_PREFIX = "rnn-grader-"
_LONGEST = 55  # characters of the folder around: the address of a socket has at most 104
_DEATH_SIGNAL, _SIGKILL = 1, 9  # PR_SET_PDEATHSIG


@contextlib.contextmanager
def child(command: list[str], **options: Any) -> Iterator[subprocess.Popen]:
    """Start ``command``; with the block the process ends. ``options`` are those of ``subprocess.Popen``.

    It does not get the terminal's Ctrl-C: that is the grader's, which then ends its children.
    """
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True, **options) as process:
        try:
            yield process
        finally:
            process.kill()


@contextlib.contextmanager
def private_folder() -> Iterator[Path]:
    """Make a folder that goes with the block; first remove those of graders that were killed.

    While its grader lives, a folder is locked: that ends with the process, however it ends. Sockets can be put there.
    """
    within = tempfile.gettempdir()
    within = within if len(within) <= _LONGEST else "/tmp"
    for leftover in Path(within).glob(f"{_PREFIX}*"):
        if lock := _lock(leftover):
            shutil.rmtree(leftover, ignore_errors=True)
            os.close(lock)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=within))
    while not (lock := _lock(folder)):  # a grader that starts at the same time has taken it for a leftover
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=within))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _lock(folder: Path) -> int | None:
    """Return a handle that keeps ``folder`` locked; none if it is locked already, gone, or not this user's."""
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.stat(folder).st_uid == os.getuid():
            return handle
    except OSError:
        pass
    os.close(handle)
    return None


def die_with_parent() -> bool:
    """Have the kernel kill this process when its parent ends (Linux); return whether it will."""
    return sys.platform == "linux" and ctypes.CDLL(None).prctl(_DEATH_SIGNAL, _SIGKILL, 0, 0, 0) == 0
