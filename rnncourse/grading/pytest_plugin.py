"""A pytest plugin beside nbval; without nbval it does nothing.

A check of an exercise that was not attempted is reported as expected to fail, and whoever runs exercises is told that
they are not protected.
"""

import os

import pytest

from rnncourse.kernels import prepare_nbval

EXERCISE = "exercise of the course"


def pytest_configure(config):
    """If notebooks are run, prepare their kernels: no progress bars, no change to a student's progress, few threads."""
    if not (config.getoption("nbval", False) or config.getoption("nbval_lax", False)):
        return
    config.pluginmanager.register(Exercises())
    prepare_nbval()
    # Colab and other programs lose the ids of cells; nbformat makes new ones.
    config.addinivalue_line("filterwarnings", "ignore::nbformat.warnings.MissingIDFieldWarning")
    # Whatever kernel the notebook was saved with, conda's or Colab's: the course is installed here.
    config.option.nbval_current_env = not config.option.nbval_kernel_name
    os.environ["TQDM_DISABLE"] = os.environ["RNNCOURSE_TEST"] = "1"
    # Kernels side by side, each with a thread for every core, would wait for one another most of the time.
    if "PYTEST_XDIST_WORKER_COUNT" in os.environ:
        threads = (os.cpu_count() or 1) // int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
        os.environ.setdefault("OMP_NUM_THREADS", str(max(1, threads)))


class Exercises:
    """What is added to nbval's reports."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item, call):
        """Turn the failure of a check that raised ``NotAttempted`` into an expected one."""
        from rnncourse.grading.exercise import is_check

        report = yield
        if not hasattr(item, "cell") or not is_check(item.cell):
            return report
        report.user_properties.append((EXERCISE, ""))
        if report.failed and any(output.get("ename") == "NotAttempted" for output in item.test_outputs or ()):
            report.outcome, report.wasxfail = "skipped", "not attempted"
        return report

    def pytest_terminal_summary(self, terminalreporter):
        """Say, after exercises, what pytest does not do for them."""
        reports = [report for some in terminalreporter.stats.values() for report in some]
        if any((EXERCISE, "") in getattr(report, "user_properties", ()) for report in reports):
            terminalreporter.write_line(
                "The exercises ran without protection, with all that you may do here: "
                "to grade what others wrote, use rnncourse grade."
            )
