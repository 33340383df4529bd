"""Where kernels of Jupyter are reached, when several start side by side."""

import os
import secrets
import tempfile
from pathlib import Path

LONGEST = 100  # bytes of the name of a socket, with a little left for what is appended to it; macOS allows 103


def address() -> dict[str, str]:
    """Return the arguments of a ``KernelManager`` whose kernel is reached through files of its own.

    Jupyter's default is a port that is free when it is chosen. The kernel takes it a second later; if anything else on
    the machine has taken it by then, the kernel ends before it replies. Where there are no such files, on Windows, or
    where the folder for temporary files has too long a name for them, the default remains.
    """
    path = Path(tempfile.gettempdir()) / f"kernel-{secrets.token_hex(8)}"
    if os.name != "posix" or len(os.fsencode(path)) > LONGEST:
        return {}
    return {"transport": "ipc", "ip": str(path)}


def prepare_nbval() -> None:
    """Let nbval start its kernels at an ``address``."""
    import nbval.kernel
    from jupyter_client.manager import KernelManager

    def manager(**arguments: object) -> KernelManager:
        return KernelManager(**arguments, **address())

    nbval.kernel.KernelManager = manager  # type: ignore[bad-assignment]
