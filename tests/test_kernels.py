"""Kernels that start side by side cannot take each other's ports: each is reached through files of its own."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from rnncourse.kernels import address
from rnncourse.notebooks import METADATA, execute, write

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name != "posix", reason="there are no such files on Windows")]

TRANSPORT = """\
import json
from ipykernel.connect import get_connection_info
print(json.loads(get_connection_info())["transport"])
"""


@pytest.fixture
def temporary():
    """A folder whose name is short enough for sockets, which pytest's folders are not under xdist."""
    with tempfile.TemporaryDirectory() as folder:
        yield folder


@pytest.fixture
def notebook(tmp_path, temporary, monkeypatch):
    """A notebook that says how its kernel is reached; temporary files go to a folder of their own."""
    monkeypatch.setenv("TMPDIR", temporary)
    monkeypatch.setattr("tempfile.tempdir", None)
    path = tmp_path / "kernel.ipynb"
    cell = new_code_cell(TRANSPORT, execution_count=1, outputs=[new_output("stream", name="stdout", text="ipc\n")])
    write(new_notebook(cells=[cell], metadata=METADATA), path)
    return path


def test_an_executed_notebook_has_a_kernel_without_ports(notebook, temporary):
    assert not execute(notebook, timeout=60)  # its output is what was stored
    assert not list(Path(temporary).glob("kernel-*"))


def test_nbval_has_a_kernel_without_ports(notebook, temporary):
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--nbval", notebook]
    process = subprocess.run(command, cwd=notebook.parent, capture_output=True, text=True)
    assert process.returncode == 0, process.stdout
    assert not list(Path(temporary).glob("kernel-*"))


def test_under_a_long_name_a_kernel_has_ports(monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", "/" + 60 * "é")
    assert address() == {}
    monkeypatch.setattr("tempfile.tempdir", "/" + 60 * "e")
    assert address()["transport"] == "ipc"
