"""The files that a student's process may read and write (Landlock, Linux 5.13 and newer)."""

import ctypes
import functools
import os
import struct
import sys
from enum import IntFlag
from pathlib import Path

import rnncourse

_libc = ctypes.CDLL(None, use_errno=True)

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # system calls, the same on all processors
_ASK_VERSION, _RULE_OF_PATH = 1, 1
_SET_NO_NEW_PRIVS = 38


class Access(IntFlag):
    """What can be done to a file or a folder."""

    EXECUTE = 1 << 0
    WRITE_FILE = 1 << 1
    READ_FILE = 1 << 2
    READ_FOLDER = 1 << 3
    REMOVE_FOLDER = 1 << 4
    REMOVE_FILE = 1 << 5
    MAKE_CHARACTER_DEVICE = 1 << 6
    MAKE_FOLDER = 1 << 7
    MAKE_FILE = 1 << 8
    MAKE_SOCKET = 1 << 9
    MAKE_PIPE = 1 << 10
    MAKE_BLOCK_DEVICE = 1 << 11
    MAKE_LINK = 1 << 12
    REFER = 1 << 13  # link or rename from folder to folder
    TRUNCATE = 1 << 14
    CONTROL_DEVICE = 1 << 15


# From which version on the kernel knows an access, or another field of a ruleset; the rest it has always known.
_ACCESS_SINCE = {Access.REFER: 2, Access.TRUNCATE: 3, Access.CONTROL_DEVICE: 5}
_FIELD_SINCE = {"files": 1, "TCP": 4, "signals and abstract sockets to outside": 6}
_ALL_OF_FIELD = 3  # both bits, of TCP and of signals and sockets

READ = Access.EXECUTE | Access.READ_FILE | Access.READ_FOLDER
SPECIAL = Access.MAKE_CHARACTER_DEVICE | Access.MAKE_BLOCK_DEVICE | Access.MAKE_SOCKET | Access.MAKE_PIPE
WRITE = ~(Access.EXECUTE | SPECIAL)  # in a student's own folder: all but these
USE_DEVICE = Access.READ_FILE | Access.WRITE_FILE | Access.TRUNCATE
OF_FILES = Access.EXECUTE | Access.WRITE_FILE | Access.READ_FILE | Access.TRUNCATE | Access.CONTROL_DEVICE

# Of /etc no more than what libraries look up: the rest may hold passwords.
_SYSTEM = (
    *("/usr", "/lib", "/lib32", "/lib64", "/nix/store", "/dev/urandom", "/dev/random", "/dev/zero"),
    *("/etc/ld.so.cache", "/etc/localtime", "/etc/passwd", "/etc/nsswitch.conf", "/etc/fonts", "/etc/mime.types"),
)


@functools.cache
def readable_paths(hidden: tuple[Path, ...] = ()) -> list[Path]:
    """What a student's process may read: Python, packages, the system's libraries; not the course, nor ``hidden``."""
    course = Path(rnncourse.__file__).resolve().parent
    hidden = (course, *(path.resolve() for path in hidden))
    # The folder that holds the course is a checkout, unless it is where packages are installed.
    folders = {*_SYSTEM, sys.prefix, sys.base_prefix, sys.exec_prefix, *filter(_holds_packages, sys.path)}
    paths = {path for name in folders for path in parts_outside(Path(name).resolve(), hidden)}
    return sorted(path for path in paths if path.exists() and not paths & set(path.parents))


def _holds_packages(name: str) -> bool:
    folder = Path(name)
    return folder.is_dir() and (folder.name in ("site-packages", "dist-packages") or (folder / "torch").is_dir())


def parts_outside(path: Path, hidden: tuple[Path, ...]) -> list[Path]:
    """Return ``path``, or as few parts of it as possible, so that nothing ``hidden`` is inside."""
    if any(path.is_relative_to(secret) for secret in hidden):
        return []
    if not any(secret.is_relative_to(path) for secret in hidden):
        return [path]
    # A link is followed by the kernel and judged by where it leads, so it needs no rule here.
    return [part for entry in path.iterdir() if not entry.is_symlink() for part in parts_outside(entry, hidden)]


def known_accesses(version: int) -> Access:
    """Return what a kernel with this ``version`` of Landlock can forbid."""
    return Access(sum(access for access in Access if _ACCESS_SINCE.get(access, 1) <= version))


def lock_files(box: Path, hidden: tuple[Path, ...] = ()) -> bool:
    """Allow reading ``readable_paths`` and writing in ``box``, nothing else; return whether that worked.

    Newer kernels let Landlock also refuse TCP (6.7), and signals and abstract sockets to outside (6.12).
    """
    if sys.platform != "linux":
        return False
    version = _libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _ASK_VERSION)
    if version < 1:
        return False
    known = known_accesses(version)
    fields = sum(since <= version for since in _FIELD_SINCE.values())
    attributes = struct.pack(f"{fields}Q", *(known, _ALL_OF_FIELD, _ALL_OF_FIELD)[:fields])
    ruleset = _libc.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    if ruleset < 0:
        return False
    try:
        rules = [(box, WRITE), (Path(os.devnull), USE_DEVICE), *((path, READ) for path in readable_paths(hidden))]
        if not all(_allow(ruleset, path, access & known) for path, access in rules):
            return False
        _libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        return _libc.syscall(_RESTRICT_SELF, ruleset, 0) == 0
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: Path, access: Access) -> bool:
    handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    rule = struct.pack("=Qi", access if path.is_dir() else access & OF_FILES, handle)
    refused = _libc.syscall(_ADD_RULE, ruleset, _RULE_OF_PATH, rule, 0)
    os.close(handle)
    return not refused
