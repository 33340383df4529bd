"""Run the judge's notebook under nbval: ``python -P -m rnncourse.grading.judge.nbval_run NOTEBOOK``."""

import os
import signal
import sys
from pathlib import Path

import nbval.kernel
import nbval.plugin
import pytest

from rnncourse.grading.children import die_with_parent
from rnncourse.kernels import prepare_nbval


def end_with_kernel(*_: object) -> None:
    """End when the kernel has ended by itself; nbval would wait half an hour for its answer."""
    if os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
        os._exit(1)


class Kernel(nbval.kernel.RunningKernel):
    """A kernel that nbval may end."""

    def stop(self) -> None:
        """End the kernel."""
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        super().stop()


if __name__ == "__main__":
    die_with_parent()
    signal.signal(signal.SIGCHLD, end_with_kernel)
    for name in [name for name in os.environ if name.startswith("PYTEST_")]:
        del os.environ[name]  # options of another run are not for this one
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    prepare_nbval()
    nbval.plugin.RunningKernel = Kernel  # type: ignore[bad-assignment]
    # It lays out each message for a log that nobody reads, a millisecond each.
    nbval.kernel.pformat = id  # type: ignore[bad-assignment]
    notebook = sys.argv[1]
    options = ["-q", "-p", "nbval.plugin", "-p", "no:cacheprovider", "--tb=no", "--assert=plain"]
    options += ["-c", os.devnull, "--rootdir", str(Path(notebook).parent)]
    sys.exit(pytest.main([*options, "--nbval", "--nbval-current-env", notebook]))
