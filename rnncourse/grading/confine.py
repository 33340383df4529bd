"""What keeps a student's process from doing harm, or from seeing the answers.

Each protection is a function that returns whether this machine has it; ``rnncourse doctor`` lists them. All but the
bounds on resources need Linux. They overlap on purpose: where containers forbid namespaces, Landlock and the filter of
system calls (``seccomp``) still close files, sockets and processes.
"""

import contextlib
import ctypes
import functools
import json
import os
import resource
import struct
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import rnncourse
from rnncourse.grading.seccomp import forbid_calls

LINUX = sys.platform == "linux"
_libc = ctypes.CDLL(None, use_errno=True)

MEMORY = 3 * 2**30  # bytes beyond what is mapped at the start
CPU = 120  # seconds
FILE = 16 * 2**20  # bytes of one file
FOLDER = "size=64m,nr_inodes=4096"  # of all files
OPEN_FILES = 64
THREADS = 256

_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38
_NEW_MOUNTS, _NEW_IPC, _NEW_USER, _NEW_PROCESSES, _NEW_NETWORK = 1 << 17, 1 << 27, 1 << 28, 1 << 29, 1 << 30
_NO_SUID_NO_DEVICES = 2 | 4
_PRIVATE = (1 << 14) | (1 << 18)  # MS_REC, MS_PRIVATE: what is mounted here is seen here only
_CAPABILITIES = 0x20080522  # version 3 of their layout


def die_with_parent() -> bool:
    """Have the kernel kill this process when its parent ends."""
    return LINUX and _libc.prctl(_PR_SET_PDEATHSIG, 9, 0, 0, 0) == 0


def leave() -> bool:
    """Leave the network and the rights of this user behind; the processes, from the next fork on.

    To be called once, by the zygote: a network is slow to make. Being root in there is being nobody outside.
    """
    wanted = _NEW_USER | _NEW_PROCESSES | _NEW_NETWORK | _NEW_MOUNTS | _NEW_IPC
    user, group = os.getuid(), os.getgid()
    if not LINUX or _libc.unshare(wanted):
        return False
    with contextlib.suppress(OSError):
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    return True


class Forks:
    """Forks into a new namespace of processes each time: with its first process, all in it end."""

    def __init__(self) -> None:
        self._here = os.open("/proc/self/ns/pid", os.O_RDONLY)

    def fork(self) -> int:
        """As ``os.fork``."""
        if _libc.unshare(_NEW_PROCESSES):
            raise OSError(ctypes.get_errno(), "no new namespace of processes")
        pid = os.fork()
        if pid:  # without this, the next fork would go into the same namespace
            _libc.setns(self._here, _NEW_PROCESSES)
        return pid


def own_folder(box: Path) -> bool:
    """Mount an empty folder of bounded size over ``box``, which goes with the process; then drop the right to mount."""
    if not LINUX:
        return False
    done = _libc.unshare(_NEW_MOUNTS | _NEW_IPC) == 0 and _libc.mount(None, b"/", None, _PRIVATE, None) == 0
    target = os.fsencode(box)
    done = done and _libc.mount(b"tmpfs", target, b"tmpfs", _NO_SUID_NO_DEVICES, FOLDER.encode()) == 0
    header, nothing = struct.pack("Ii", _CAPABILITIES, 0), bytes(24)
    dropped = _libc.capset(header, nothing) == 0  # also of real root, where there are no namespaces of users
    os.chdir(box)
    return done and dropped


def limit_resources(own_user: bool) -> bool:
    """Bound memory, processor time, the size of files and their number, and be the first to go when memory runs out."""
    mapped = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize() if LINUX else 0
    limits = {"AS": mapped + MEMORY, "CPU": CPU, "FSIZE": FILE, "NOFILE": OPEN_FILES, "CORE": 0}
    if own_user:  # otherwise the user's other processes count, too
        limits["NPROC"] = THREADS
    for name, limit in limits.items():
        with contextlib.suppress(ValueError, OSError):  # some systems know a limit and refuse it
            resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (limit, limit))
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")
    return LINUX


# Of /etc no more than what libraries look up: the rest may hold passwords.
_SYSTEM = (
    *("/usr", "/lib", "/lib32", "/lib64", "/nix/store", "/dev/urandom", "/dev/random", "/dev/zero"),
    *("/etc/ld.so.cache", "/etc/localtime", "/etc/passwd", "/etc/nsswitch.conf", "/etc/fonts", "/etc/mime.types"),
)


@functools.cache
def readable_paths(hidden: tuple[Path, ...] = ()) -> list[Path]:
    """What a student's process may read: Python, packages, the system's libraries; not the course, nor ``hidden``."""
    course = Path(rnncourse.__file__).resolve().parent
    without = [course, *(path.resolve() for path in hidden)]
    # The folder that holds the course is a checkout, unless it is where packages are installed.
    folders = {*_SYSTEM, sys.prefix, sys.base_prefix, sys.exec_prefix, *filter(_holds_packages, sys.path)}
    found = {path for name in folders for path in _without(Path(name).resolve(), without)}
    return sorted(path for path in found if path.exists() and not found & set(path.parents))


def _holds_packages(name: str) -> bool:
    folder = Path(name)
    return folder.is_dir() and (folder.name in ("site-packages", "dist-packages") or (folder / "torch").is_dir())


def _without(path: Path, hidden: list[Path]) -> list[Path]:
    if any(path.is_relative_to(one) for one in hidden):
        return []
    if not any(one.is_relative_to(path) for one in hidden):
        return [path]
    # A link is followed by the kernel and judged by where it leads, so it needs no rule here.
    return [found for entry in path.iterdir() if not entry.is_symlink() for found in _without(entry, hidden)]


def lock_files(box: Path, hidden: tuple[Path, ...] = ()) -> bool:
    """Allow reading ``readable_paths`` and writing in ``box``, nothing else (Landlock, Linux 5.13).

    Newer kernels let Landlock also refuse TCP (6.7), and signals and abstract sockets to outside (6.12).
    """
    if not LINUX:
        return False
    create, add, restrict = 444, 445, 446
    version = _libc.syscall(create, None, ctypes.c_size_t(0), 1)
    if version < 1:
        return False
    everything = (1 << (13 if version == 1 else 14 if version == 2 else 15 if version < 5 else 16)) - 1
    execute, write_file, read_file, read_folder, truncate, devices = 1, 2, 4, 8, 1 << 14, 1 << 15
    of_files = (execute | write_file | read_file | truncate | devices) & everything
    special = 1 << 6 | 1 << 9 | 1 << 10 | 1 << 11  # devices, sockets and pipes with a name
    attributes = struct.pack("QQQ", everything, 3, 3)[: 8 if version < 4 else 16 if version < 6 else 24]
    ruleset = _libc.syscall(create, attributes, ctypes.c_size_t(len(attributes)), 0)
    if ruleset < 0:
        return False
    rules = [(path, execute | read_file | read_folder) for path in readable_paths(hidden)]
    rules += [(box, everything & ~execute & ~special), (Path(os.devnull), read_file | write_file | truncate)]
    for path, access in rules:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
        rule = struct.pack("=Qi", access & (everything if path.is_dir() else of_files), handle)
        failed = _libc.syscall(add, ruleset, 1, rule, 0)
        os.close(handle)
        if failed:
            os.close(ruleset)
            return False
    _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    done = _libc.syscall(restrict, ruleset, 0) == 0
    os.close(ruleset)
    return done


def confine(box: Path, hidden: tuple[Path, ...], left: bool) -> dict[str, bool]:
    """Protect against this process, which is about to run a student's code in ``box``; return what there is.

    Args:
        hidden: folders and files that it must not read, wherever they are.
        left: what ``leave`` returned.
    """
    folder = own_folder(box)
    return {
        "is alone: no network, no other process": left,
        "has a folder of its own, of bounded size, and no rights": left and folder,
        "ends when the grader does": die_with_parent(),
        "gets bounded memory and processor time": limit_resources(left),
        "reads no answers and writes only in its folder (Landlock)": lock_files(box, hidden),
        "starts no processes, opens no sockets (seccomp)": forbid_calls(),
    }


def report(hidden: Iterable[Path] = ()) -> dict[str, bool]:
    """Return what there is, found out in two processes that end at once."""
    reading, writing = os.pipe()
    with tempfile.TemporaryDirectory(prefix="rnncourse-") as name:
        first = os.fork()
        if first == 0:
            left = leave()
            if os.fork() == 0:
                os.write(writing, json.dumps(confine(Path(name), tuple(hidden), left)).encode())
                os._exit(0)
            os.wait()
            os._exit(0)
        os.close(writing)
        os.waitpid(first, 0)
    with os.fdopen(reading) as file:
        return json.loads(file.read() or "{}")


if __name__ == "__main__":
    print(json.dumps(report()))
