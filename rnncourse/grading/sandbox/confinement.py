"""What keeps a student's process from doing harm, or from seeing the answers.

Each protection is a function that returns whether this machine has it; ``rnncourse doctor`` lists them. All but the
limits on resources need Linux. They overlap on purpose: where containers forbid namespaces, ``landlock`` and the filter
of system calls, ``seccomp``, still close files, sockets and processes.
"""

import contextlib
import ctypes
import json
import os
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

from rnncourse.grading.children import die_with_parent, private_folder
from rnncourse.grading.sandbox.landlock import lock_files
from rnncourse.grading.sandbox.limits import FOLDER, NOBODY, cease_to_be_root, limit_resources
from rnncourse.grading.sandbox.seccomp import forbid_calls

LINUX = sys.platform == "linux"
_libc = ctypes.CDLL(None, use_errno=True)

PROTECTIONS = (
    "is alone: no network, no other process",
    "has a folder of its own, of bounded size, and no rights",
    "ends when the grader does",
    "gets bounded memory, processor time and threads",
    "reads no answers and writes only in its folder (Landlock)",
    "starts no processes, opens no sockets (seccomp)",
)

_NEW_MOUNTS, _NEW_IPC, _NEW_USER, _NEW_PROCESSES, _NEW_NETWORK = 1 << 17, 1 << 27, 1 << 28, 1 << 29, 1 << 30
_NO_SUID_NO_DEVICES = 2 | 4
_PRIVATE = (1 << 14) | (1 << 18)  # MS_REC, MS_PRIVATE: what is mounted here is seen here only
_CAPABILITIES = 0x20080522  # version 3 of their layout


def isolate() -> bool:
    """Leave the network and the rights of this user behind, and, from the next fork on, the other processes.

    To be called once, by the first process: a network is slow to make. Being root in there is being nobody outside.
    """
    wanted = _NEW_USER | _NEW_PROCESSES | _NEW_NETWORK | _NEW_MOUNTS | _NEW_IPC
    user, group = os.getuid(), os.getgid()
    if not LINUX:
        return False
    with _mapping_users_of_root() if user == 0 else contextlib.nullcontext():
        if _libc.unshare(wanted):
            return False
    with contextlib.suppress(OSError):  # for root, this has been done
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    return True


@contextlib.contextmanager
def _mapping_users_of_root() -> Iterator[None]:
    """When the block has left for a new namespace of users, let root and ``NOBODY`` be there.

    Only a process that has stayed outside can do that.
    """
    left = os.getpid()
    reading, writing = os.pipe()
    outside = os.fork()
    if outside == 0:
        try:
            os.close(writing)
            os.read(reading, 1)
            Path(f"/proc/{left}/uid_map").write_text(f"0 0 1\n{NOBODY} {NOBODY} 1")
            Path(f"/proc/{left}/gid_map").write_text("0 0 1")
        finally:
            os._exit(0)
    os.close(reading)
    try:
        yield
    finally:
        os.close(writing)
        os.waitpid(outside, 0)


class Forks:
    """Forks into a new namespace of processes each time: with its first process, all in it end."""

    def __init__(self) -> None:
        self._namespace = os.open("/proc/self/ns/pid", os.O_RDONLY)

    def fork(self) -> int:
        """As ``os.fork``."""
        if _libc.unshare(_NEW_PROCESSES):
            raise OSError(ctypes.get_errno(), "no new namespace of processes")
        pid = os.fork()
        if pid:  # without this, the next fork would go into the same namespace
            _libc.setns(self._namespace, _NEW_PROCESSES)
        return pid


def own_folder(box: Path) -> bool:
    """Mount an empty folder of bounded size over ``box``, which goes with the process; then drop all rights."""
    if not LINUX:
        return False
    done = _libc.unshare(_NEW_MOUNTS | _NEW_IPC) == 0 and _libc.mount(None, b"/", None, _PRIVATE, None) == 0
    target = os.fsencode(box)
    done = done and _libc.mount(b"tmpfs", target, b"tmpfs", _NO_SUID_NO_DEVICES, FOLDER.encode()) == 0
    cease_to_be_root()
    header, nothing = struct.pack("Ii", _CAPABILITIES, 0), bytes(24)
    dropped = _libc.capset(header, nothing) == 0  # also of real root, where there are no namespaces of users
    os.chdir(box)
    return done and dropped


def confine(box: Path, hidden: tuple[Path, ...], isolated: bool) -> dict[str, bool]:
    """Confine this process, which is about to run a student's code in ``box``; return which protections there are.

    Args:
        hidden: folders and files that it must not read, wherever they are.
        isolated: what ``isolate`` returned.
    """
    folder = own_folder(box)
    existing = (
        isolated,
        isolated and folder,
        die_with_parent(),
        limit_resources(isolated or os.getuid() == NOBODY),
        lock_files(box, hidden),
        forbid_calls(),
    )
    return dict(zip(PROTECTIONS, existing, strict=True))


def report() -> dict[str, bool]:
    """Return which protections there are here, tried in two processes that end at once."""
    reading, writing = os.pipe()
    with private_folder() as folder:
        first = os.fork()
        if first == 0:
            isolated = isolate()
            if os.fork() == 0:
                os.write(writing, json.dumps(confine(folder, (), isolated)).encode())
                os._exit(0)
            os.wait()
            os._exit(0)
        os.close(writing)
        os.waitpid(first, 0)
    with os.fdopen(reading) as file:
        return json.loads(file.read() or "{}")


if __name__ == "__main__":
    print(json.dumps(report()))
