"""The system calls that a student's process may not make (Linux on x86-64 and 64-bit ARM).

Files are the business of ``landlock``. What Landlock knows nothing of is here: processes, sockets, signals, the memory
of others, file modes, and parts of the kernel that a notebook has no use for and that had holes before.
"""

import ctypes
import os
import platform
import struct
import sys
from collections.abc import Iterable
from typing import NamedTuple

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None

# Numbers on x86-64 and on 64-bit ARM; 0 where there is no such call.
REFUSED = {
    "fork": (57, 0), "vfork": (58, 0), "execve": (59, 221), "execveat": (322, 281),
    # Unix sockets lead past the network's namespace, to a Docker daemon for instance.
    "socket": (41, 198), "socketpair": (53, 199), "connect": (42, 203), "bind": (49, 200),
    # Signals, and other processes' memory and file descriptors.
    "kill": (62, 129), "tkill": (200, 130), "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240),
    "pidfd_open": (434, 434), "pidfd_send_signal": (424, 424), "pidfd_getfd": (438, 438),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "shmget": (29, 194), "shmat": (30, 196), "semget": (64, 190), "msgget": (68, 186), "mq_open": (240, 180),
    # io_uring does what the calls listed here do, without making them.
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "unshare": (272, 97), "setns": (308, 268), "chroot": (161, 51), "pivot_root": (155, 41),
    "mount": (165, 40), "umount2": (166, 39), "open_tree": (428, 428), "move_mount": (429, 429),
    "fsopen": (430, 430), "fsconfig": (431, 431), "fsmount": (432, 432), "mount_setattr": (442, 442),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265), "mknod": (133, 0), "mknodat": (259, 33),
    "open_tree_attr": (467, 467), "fspick": (433, 433), "statmount": (457, 457), "listmount": (458, 458),
    "truncate": (76, 45),  # which Landlock does not see before Linux 6.2
    "file_getattr": (468, 468), "file_setattr": (469, 469),  # a file could be made unchangeable, also for its owner
    "memfd_create": (319, 279), "memfd_secret": (447, 447),  # memory that no limit counts
    # The threads of root are limited as those of another user, and stay so.
    "setuid": (105, 146), "setgid": (106, 144), "setreuid": (113, 145), "setregid": (114, 143),
    "setresuid": (117, 147), "setresgid": (119, 149), "setfsuid": (122, 151), "setfsgid": (123, 152),
    "setgroups": (116, 159),
    # What others do: how fast they run, where, and on which files.
    "setpriority": (141, 140), "ioprio_set": (251, 30), "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119), "sched_setattr": (314, 274), "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    "inotify_add_watch": (254, 27), "fanotify_init": (300, 262), "fanotify_mark": (301, 263), "syslog": (103, 116),
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282),
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    "init_module": (175, 105), "finit_module": (313, 273), "kexec_load": (246, 104), "reboot": (169, 142),
}  # fmt: skip
# Landlock lets these change files that may not even be read. They do nothing and report success: shutil.copy uses them.
IGNORED = {
    "chmod": (90, 0), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452),
    "chown": (92, 0), "fchown": (93, 55), "lchown": (94, 0), "fchownat": (260, 54),
    "utime": (132, 0), "utimes": (235, 0), "futimesat": (261, 0), "utimensat": (280, 88),
    "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7), "setxattrat": (463, 463),
    "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16), "removexattrat": (466, 466),
}  # fmt: skip
# Allowed or refused by what they are asked to do; clone3 hides that, and without it the C library uses clone.
TESTED = {
    "clone": (56, 220), "clone3": (435, 435), "tgkill": (234, 131), "prlimit64": (302, 261), "prctl": (157, 167),
    "fcntl": (72, 25), "mmap": (9, 222), "ioctl": (16, 29), "sched_setaffinity": (203, 122),
}  # fmt: skip
ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # the column above, and the kernel's name

# The language of packet filters: one value is at hand, and is loaded, compared, or answered upon.
LOAD, EQUAL, AT_LEAST, HAS_BITS, ANSWER = 0x20, 0x15, 0x35, 0x45, 0x06
# Where a filter finds what it is shown: the number of the call, the architecture, the low halves of six arguments.
NUMBER, ARCHITECTURE, ARGUMENTS, HIGH_HALF = 0, 4, (16, 24, 32, 40, 48, 56), 4
ALLOW, KILL, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000
REFUSE, IGNORE, UNKNOWN = _ERROR | 1, _ERROR, _ERROR | 38  # EPERM; success, and nothing is done; ENOSYS
X32 = 0x40000000  # where a second set of numbers begins

CLONE_THREAD, MAP_STACK, SET_DEATH_SIGNAL = 0x00010000, 0x00020000, 1
# What fcntl does to others: signals (F_SETOWN, F_SETSIG, F_SETOWN_EX, F_NOTIFY), and a lease (F_SETLEASE), which would
# hold up whoever opens the file, for 45 seconds.
OTHERS_BUSINESS = (8, 10, 15, 1026, 1024)
# All that ioctl may do: ask for a terminal, its size and what can be read; close on exec, or not; not wait. Of the
# rest, some set flags of files outside or have signals sent.
OF_OPEN_FILES = (0x5401, 0x802C542A, 0x5413, 0x541B, 0x5450, 0x5451, 0x5421)
SMALLEST_STACK = 2**20
_SET_NO_NEW_PRIVS, _SET_SECCOMP, _FILTER = 38, 22, 2


class Line(NamedTuple):
    """A line of a filter; if a comparison is true, or false, so many lines are skipped."""

    operation: int
    skip_if_true: int
    skip_if_false: int
    operand: int


Program = list[Line]


def forbid_calls() -> bool:
    """Forbid, from now on, what is listed above; return whether that worked."""
    if _libc is None or platform.machine() not in ARCHITECTURES or struct.calcsize("P") != 8:
        return False
    program = b"".join(struct.pack("HBBI", *line) for line in filter_calls(platform.machine(), os.getpid()))
    buffer = ctypes.create_string_buffer(program, len(program))
    about = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(buffer))
    _libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    return _libc.prctl(_SET_SECCOMP, _FILTER, about, 0, 0) == 0


def filter_calls(machine: str, process: int) -> Program:
    """Return the filter for ``process``. Each block answers, so that in the next one the call's number is at hand."""
    column, architecture = ARCHITECTURES[machine]
    program = [*_load(ARCHITECTURE), *_unless(EQUAL, architecture, _answer(KILL)), *_load(NUMBER)]
    program += _when(AT_LEAST, X32, _answer(REFUSE))
    blocks = {name: _answer(REFUSE) for name in REFUSED}
    blocks |= {name: _answer(IGNORE) for name in IGNORED}
    blocks |= {
        "clone3": _answer(UNKNOWN),
        # Threads are allowed.
        "clone": [*_load(ARGUMENTS[0]), *_when(HAS_BITS, CLONE_THREAD, _answer(ALLOW)), *_answer(REFUSE)],
        # To signal and to limit itself is allowed; to live on when the grader ends is not.
        "tgkill": [*_load(ARGUMENTS[0]), *_when(EQUAL, process, _answer(ALLOW)), *_answer(REFUSE)],
        "prlimit64": [*_load(ARGUMENTS[0]), *_when(EQUAL, 0, _answer(ALLOW)), *_answer(REFUSE)],
        "prctl": [*_load(ARGUMENTS[0]), *_when(EQUAL, SET_DEATH_SIGNAL, _answer(REFUSE)), *_answer(ALLOW)],
        "fcntl": [*_load(ARGUMENTS[1]), *_each(OTHERS_BUSINESS, _answer(REFUSE)), *_answer(ALLOW)],
        "ioctl": [*_load(ARGUMENTS[1]), *_each(OF_OPEN_FILES, _answer(ALLOW)), *_answer(REFUSE)],
        "sched_setaffinity": [*_load(ARGUMENTS[0]), *_when(EQUAL, 0, _answer(ALLOW)), *_answer(REFUSE)],
        # Small stacks would let memory hold a hundred thousand threads, and root's are not counted.
        "mmap": [
            *(*_load(ARGUMENTS[3]), *_unless(HAS_BITS, MAP_STACK, _answer(ALLOW))),
            *(*_load(ARGUMENTS[1] + HIGH_HALF), *_unless(EQUAL, 0, _answer(ALLOW))),
            *(*_load(ARGUMENTS[1]), *_when(AT_LEAST, SMALLEST_STACK, _answer(ALLOW))),
            *_answer(REFUSE),
        ],
    }
    for name, numbers in (REFUSED | IGNORED | TESTED).items():
        if numbers[column]:
            program += _when(EQUAL, numbers[column], blocks[name])
    return [*program, *_answer(ALLOW)]


def _load(place: int) -> Program:
    return [Line(LOAD, 0, 0, place)]


def _answer(answer: int) -> Program:
    return [Line(ANSWER, 0, 0, answer)]


def _when(comparison: int, operand: int, block: Program) -> Program:
    return [Line(comparison, 0, len(block), operand), *block]


def _each(operands: Iterable[int], block: Program) -> Program:
    return [line for operand in operands for line in _when(EQUAL, operand, block)]


def _unless(comparison: int, operand: int, block: Program) -> Program:
    return [Line(comparison, len(block), 0, operand), *block]
