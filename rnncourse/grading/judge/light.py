"""A large notebook without its outputs: run as a process of its own, since understanding it may take all memory."""

import json
import resource
import sys

from rnncourse.grading.judge.cells import code_cells

MEMORY, SECONDS = 1024, 30  # MiB; a notebook of 100 MB with pictures takes a third of it


def main(memory: int) -> None:
    """Read a notebook and write one that has its code cells only, with so many MiB of ``memory``."""
    resource.setrlimit(resource.RLIMIT_AS, (memory * 2**20, memory * 2**20))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    cells = [{"cell_type": "code", "source": source} for source in code_cells(sys.stdin.buffer.read())]
    sys.stdout.write(json.dumps({"cells": cells}))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else MEMORY)
