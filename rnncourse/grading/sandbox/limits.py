"""What a student's code may use. How large a message may be is said in ``wire``."""

import contextlib
import os
import resource
import sys
from pathlib import Path

MEMORY = 3 * 2**30  # bytes beyond what is mapped at the start
PROCESSOR = 120  # seconds
FILE = 16 * 2**20  # bytes of one file
FOLDER = "size=64m,nr_inodes=4096"  # of all files
OPEN_FILES = 64
THREADS = 256
NOBODY = 65533  # a user that no system gives to anybody

# Seconds, as the judge's clock has them; they can be set in the environment, for slow machines and for tests.
CELL_SECONDS = float(os.environ.get("RNNCOURSE_CELL_SECONDS", 20))
CALL_SECONDS = float(os.environ.get("RNNCOURSE_CALL_SECONDS", 10))
ALL_SECONDS = float(os.environ.get("RNNCOURSE_ALL_SECONDS", 300))  # for one submission
START_SECONDS = 60.0  # until a process has started, torch imported


def cease_to_be_root() -> None:
    """Have the kernel count the threads of root's process as another user's: root's are not limited.

    Only the real user changes; the effective one, to whom Python's files may belong, stays. To change back takes a
    system call that ``seccomp`` refuses.
    """
    if os.getuid() == 0 and hasattr(os, "setresuid"):
        with contextlib.suppress(OSError):  # in some containers there is no other user, and root is none
            os.setresuid(NOBODY, 0, 0)


def limit_resources(countable: bool) -> bool:
    """Bound memory, processor time, files and threads; be the first to go when memory runs out.

    Args:
        countable: all processes of this user, here, are students'; else the number of threads cannot be bounded.
    """
    linux = sys.platform == "linux"
    mapped = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize() if linux else 0
    limits = {"AS": mapped + MEMORY, "CPU": PROCESSOR, "FSIZE": FILE, "NOFILE": OPEN_FILES, "CORE": 0}
    for name, limit in limits.items():
        with contextlib.suppress(ValueError, OSError):  # some systems know a limit and refuse it
            resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (limit, limit))
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")
    return linux and countable and _limit_threads()


def _limit_threads() -> bool:
    """Bound the number of threads; return whether the kernel keeps to the bound, which it does not for root."""
    resource.setrlimit(resource.RLIMIT_NPROC, (0, THREADS))
    try:
        if os.fork() == 0:
            os._exit(0)
        os.wait()
        return False
    except OSError:
        return True
    finally:
        resource.setrlimit(resource.RLIMIT_NPROC, (THREADS, THREADS))
