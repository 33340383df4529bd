"""The system calls that a student's process may not make (Linux on x86-64 and 64-bit ARM).

Files are Landlock's business, see ``confine``. What Landlock knows nothing of is here: processes, sockets, signals, the
memory of others, file modes, and parts of the kernel that a notebook has no use for and that had holes before.
"""

import ctypes
import os
import platform
import struct
import sys

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None

# Numbers on x86-64 and on 64-bit ARM; 0 where there is no such call.
_REFUSED = {
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
    "truncate": (76, 45),  # which Landlock does not see before Linux 6.2
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282),
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    "init_module": (175, 105), "finit_module": (313, 273), "kexec_load": (246, 104), "reboot": (169, 142),
}  # fmt: skip
# Landlock lets these change files that may not even be read. They do nothing and report success: shutil.copy uses them.
_IGNORED = {
    "chmod": (90, 0), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452),
    "chown": (92, 0), "fchown": (93, 55), "lchown": (94, 0), "fchownat": (260, 54),
    "utime": (132, 0), "utimes": (235, 0), "futimesat": (261, 0), "utimensat": (280, 88),
    "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7), "setxattrat": (463, 463),
    "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16), "removexattrat": (466, 466),
}  # fmt: skip
_CLONE, _CLONE3, _TGKILL, _PRLIMIT, _PRCTL = (56, 220), (435, 435), (234, 131), (302, 261), (157, 167)
_MMAP, _FCNTL = (9, 222), (72, 25)
_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # the column above, and the kernel's name

_LOAD, _EQUAL, _AT_LEAST, _HAS_BITS, _ANSWER = 0x20, 0x15, 0x35, 0x45, 0x06
# Places in what a filter is shown; the low half of an argument.
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT, _SECOND_ARGUMENT = 0, 4, 16, 24
_LENGTH, _FLAGS = 24, 40  # of mmap
_ALLOW, _KILL, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000
_EPERM, _ENOSYS, _THREAD, _STACK = 1, 38, 0x00010000, 0x00020000  # CLONE_THREAD, MAP_STACK
_SET_NO_NEW_PRIVS, _SET_SECCOMP, _SET_DEATH_SIGNAL, _SET_LEASE = 38, 22, 1, 1024


def forbid_calls() -> bool:
    """Forbid, from now on, what is listed above; return whether that worked."""
    if _libc is None or platform.machine() not in _ARCHITECTURES or struct.calcsize("P") != 8:
        return False
    program = b"".join(struct.pack("HBBI", *line) for line in _program(*_ARCHITECTURES[platform.machine()]))
    buffer = ctypes.create_string_buffer(program, len(program))
    about = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(buffer))
    _libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    return _libc.prctl(_SET_SECCOMP, 2, about, 0, 0) == 0


def _program(column: int, architecture: int) -> list[tuple[int, int, int, int]]:
    """Lines of (operation, lines to skip if true, if false, operand), in the language of packet filters."""
    lines = [(_LOAD, 0, 0, _ARCHITECTURE), (_EQUAL, 1, 0, architecture), (_ANSWER, 0, 0, _KILL)]
    lines += [(_LOAD, 0, 0, _NUMBER)]
    lines += [(_AT_LEAST, 0, 1, 0x40000000), (_ANSWER, 0, 0, _ERROR | _EPERM)]  # x32, a second set of numbers
    for calls, answer in ((_REFUSED, _ERROR | _EPERM), (_IGNORED, _ERROR)):
        for numbers in calls.values():
            if numbers[column]:
                lines += [(_EQUAL, 0, 1, numbers[column]), (_ANSWER, 0, 0, answer)]
    # The C library then uses clone, whose flags can be seen here; threads are allowed.
    lines += [(_EQUAL, 0, 1, _CLONE3[column]), (_ANSWER, 0, 0, _ERROR | _ENOSYS)]
    load, refuse = (_LOAD, 0, 0, _FIRST_ARGUMENT), (_ANSWER, 0, 0, _ERROR | _EPERM)
    lines += [(_EQUAL, 0, 3, _CLONE[column]), load, (_HAS_BITS, 1, 0, _THREAD), refuse]
    # To signal and to limit itself is allowed; to live on when the grader ends is not.
    lines += [(_EQUAL, 0, 4, _TGKILL[column]), load, (_EQUAL, 1, 0, os.getpid()), refuse, (_ANSWER, 0, 0, _ALLOW)]
    lines += [(_EQUAL, 0, 4, _PRLIMIT[column]), load, (_EQUAL, 1, 0, 0), refuse, (_ANSWER, 0, 0, _ALLOW)]
    lines += [(_EQUAL, 0, 3, _PRCTL[column]), load, (_EQUAL, 0, 1, _SET_DEATH_SIGNAL), refuse]
    # A lease would hold up whoever opens the file, for 45 seconds.
    lines += [(_EQUAL, 0, 3, _FCNTL[column]), (_LOAD, 0, 0, _SECOND_ARGUMENT), (_EQUAL, 0, 1, _SET_LEASE), refuse]
    # Stacks smaller than this would let memory hold a hundred thousand threads, and root's are not counted.
    lines += [(_EQUAL, 0, 8, _MMAP[column]), (_LOAD, 0, 0, _FLAGS), (_HAS_BITS, 0, 4, _STACK)]
    lines += [(_LOAD, 0, 0, _LENGTH + 4), (_EQUAL, 0, 2, 0), (_LOAD, 0, 0, _LENGTH), (_AT_LEAST, 0, 1, 2**20)]
    lines += [(_ANSWER, 0, 0, _ALLOW), refuse]
    return [*lines, (_ANSWER, 0, 0, _ALLOW)]
