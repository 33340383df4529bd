"""The grader's own child processes, which never outlive it."""

import contextlib
import ctypes
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

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


def die_with_parent() -> bool:
    """Have the kernel kill this process when its parent ends (Linux); return whether it will."""
    return sys.platform == "linux" and ctypes.CDLL(None).prctl(_DEATH_SIGNAL, _SIGKILL, 0, 0, 0) == 0
