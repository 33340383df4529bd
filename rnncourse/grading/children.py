"""The grader's own child processes, which never outlive it."""

import contextlib
import subprocess
from collections.abc import Iterator
from typing import Any

_running: set[subprocess.Popen] = set()


@contextlib.contextmanager
def child(command: list[str], **options: Any) -> Iterator[subprocess.Popen]:
    """Start ``command``; with the block the process ends. ``options`` are those of ``subprocess.Popen``.

    It does not get the terminal's Ctrl-C: that is the grader's, which then ends its children.
    """
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True, **options) as process:
        _running.add(process)
        try:
            yield process
        finally:
            process.kill()
            _running.discard(process)


def end_all() -> None:
    """End all children, so that the threads which wait for them go on."""
    for process in list(_running):
        process.kill()
