"""Where kernels of Jupyter are reached, when several start side by side."""

import os
import secrets
import tempfile
from pathlib import Path


def address() -> dict[str, str]:
    """Return the arguments of a ``KernelManager`` whose kernel is reached through files of its own.

    Jupyter's default is a port that is free when it is chosen. The kernel takes it a second later; if anything else on
    the machine has taken it by then, the kernel ends before it replies. Where there are no such files, on Windows, the
    default remains.
    """
    if os.name != "posix":
        return {}
    return {"transport": "ipc", "ip": str(Path(tempfile.gettempdir()) / f"kernel-{secrets.token_hex(8)}")}


def prepare_nbval() -> None:
    """Let nbval start its kernels at an ``address``."""
    import nbval.kernel
    from jupyter_client.manager import KernelManager

    def manager(**arguments: object) -> KernelManager:
        return KernelManager(**arguments, **address())

    nbval.kernel.KernelManager = manager  # type: ignore[bad-assignment]
