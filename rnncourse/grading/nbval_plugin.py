"""A pytest plugin beside nbval.

A check of an exercise that was not attempted is reported as expected to fail, and who runs exercises is told that they
are not protected. In the judge's notebook each check also tells which submission it is about: as a property in
the JUnit file and, at once, in the file ``RNNCOURSE_RESULTS``.
"""

import json
import os
import re
from pathlib import Path

import nbval.kernel
import pytest
from nbval.plugin import IPyNbCell, NbCellError

from rnncourse.grading.sheet import REACHED, UNFIT

EXERCISE = "exercise of the course"


def pytest_configure(config):
    """Prepare the kernels: no progress bars, no change to a student's progress, no more threads than cores."""
    os.environ["TQDM_DISABLE"] = os.environ["RNNCOURSE_TEST"] = "1"
    if "RNNCOURSE_RESULTS" in os.environ:
        from rnncourse.grading.confine import die_with_parent  # which Windows cannot import

        die_with_parent()
        # It lays out each message for a log that nobody reads, a millisecond each.
        nbval.kernel.pformat = id  # type: ignore[bad-assignment]
    # Kernels side by side, each with a thread for every core, would wait for one another most of the time.
    if "PYTEST_XDIST_WORKER_COUNT" in os.environ:
        threads = (os.cpu_count() or 1) // int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
        os.environ.setdefault("OMP_NUM_THREADS", str(max(1, threads)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Turn the failure of a check that raised ``NotAttempted`` into an expected one, and keep what the judge found."""
    report = yield
    error = call.excinfo.value if call.excinfo else None
    trace = str(error.inner_traceback or "") if isinstance(error, NbCellError) else ""
    message = re.sub(r"\x1b\[[0-9;]*m", "", trace).strip()
    # Only at the start: further on, a student may have written it.
    kind, _, told = message.partition(": ") if message.startswith(("CheckFailed: ", "NotAttempted: ")) else ("", "", "")
    if kind == "NotAttempted":
        report.outcome, report.wasxfail = "skipped", "not attempted"
    if isinstance(item, IPyNbCell) and item.cell.metadata.get("nbgrader", {}).get("grade"):
        report.user_properties.append((EXERCISE, ""))
    if message.startswith("SandboxBroken: "):
        item.session.shouldstop = f"the judge does not work: {message}"
        return report
    about = item.cell.metadata.get("rnncourse") if isinstance(item, IPyNbCell) and report.when == "call" else None
    if about is not None:
        _keep(item, report, about, kind, told or message.rpartition("\n")[2])
    return report


def pytest_terminal_summary(terminalreporter):
    """Say, after exercises, what pytest does not do for them."""
    reports = [report for some in terminalreporter.stats.values() for report in some]
    if any((EXERCISE, "") in getattr(report, "user_properties", ()) for report in reports):
        terminalreporter.write_line(
            "The exercises ran without protection, with all that you may do here: "
            "to grade what others wrote, use rnncourse grade."
        )


def _keep(item, report, about, kind, message):
    """Write down what a check of the judge's notebook found. What is no student's fault ends the run instead."""
    passed = report.outcome == "passed"
    if not about or not (passed or message):
        if not passed:
            item.session.shouldstop = f"the judge does not work: {message or report.longrepr}"
        return
    if passed and not any(REACHED in output.get("text", "") for output in item.test_outputs):
        passed, message = False, "the check did not reach its end"
    outcome = "passed" if passed else "not attempted" if kind == "NotAttempted" else "failed"
    told = "" if passed else message if kind or message.startswith("the check") else UNFIT + message
    found = {"file": about["file"], "check": about["check"], "outcome": outcome, "message": told}
    item.user_properties += [(name, str(value)) for name, value in about.items()]
    if "RNNCOURSE_RESULTS" in os.environ:
        with Path(os.environ["RNNCOURSE_RESULTS"]).open("a", encoding="utf-8") as file:
            file.write(json.dumps(found) + "\n")
