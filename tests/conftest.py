"""What tests ask of the machine, and how they are shared out between processes."""

import os
import re
import shutil

import pytest
from xdist.scheduler import LoadScopeScheduling


class ByPage(LoadScopeScheduling):
    """As ``--dist=loadscope`` does, one file after another goes to whichever process is free; and so do built pages.

    All tests of one page, from whatever file, make one piece of work, so that each page is opened once.
    """

    def _split_scope(self, nodeid: str) -> str:
        page = re.match(r"tests/site/.*\b(\w+\.html)\b", nodeid)
        return page[1] if page else super()._split_scope(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Share out the tests by file and page."""
    return ByPage(config, log) if config.getoption("dist") == "loadscope" else None


@pytest.fixture(scope="session")
def lacking():
    """``lacking(what, remedy)`` skips the test, or lets it fail where everything has to be there."""

    def lacking(what: str, remedy: str) -> None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"no {what}: {remedy}")

    return lacking


@pytest.fixture(scope="session")
def chromium(lacking) -> str:
    """The path of Chromium's program."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    program = next(filter(None, map(shutil.which, names)), None)
    if program is None:
        lacking("Chromium", "install it, on Debian with: apt-get install chromium")
    return str(program)
