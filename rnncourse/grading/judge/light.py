"""Large notebooks are read in a process of their own, with bounds, and kept as their code alone.

Run as ``python -P -m rnncourse.grading.judge.light`` it is that process: a notebook goes in, one without outputs comes
out.
"""

import contextlib
import json
import resource
import subprocess
import sys

from rnncourse.grading.judge.cells import REFUSED, code_cells

LARGEST = 100 * 2**20  # bytes of one notebook, outputs included
LIGHT = 2**20  # smaller ones are kept as they are
MEMORY = 2 * 2**30  # bytes
SECONDS = 30


def light(content: bytes) -> bytes:
    """Return the notebook ``content`` without outputs, if it is large; one that says why, if it cannot be read."""
    if len(content) <= LIGHT:
        return content
    if len(content) > LARGEST:
        return _refusal(f"it has more than {LARGEST:,} bytes; clear its outputs")
    command = [sys.executable, "-P", "-m", __name__]
    try:
        process = subprocess.run(command, input=content, capture_output=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return _refusal(f"it cannot be read within {SECONDS} s; clear its outputs")
    if process.returncode:
        return _refusal(f"it cannot be read within {MEMORY / 2**30:g} GB of memory; clear its outputs")
    return process.stdout


def _refusal(reason: str) -> bytes:
    return json.dumps({REFUSED: reason}).encode()


def _lightened(content: bytes) -> bytes:
    try:
        cells = [{"cell_type": "code", "source": source} for source in code_cells(content)]
    except ValueError as error:
        return _refusal(str(error))
    return json.dumps({"cells": cells}).encode()


if __name__ == "__main__":
    for limit, value in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, SECONDS)):
        with contextlib.suppress(ValueError, OSError):  # some systems know a limit and refuse it
            resource.setrlimit(limit, (value, value))
    sys.stdout.buffer.write(_lightened(sys.stdin.buffer.read()))
