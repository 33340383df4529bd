"""Notebooks as files: read, execute, and write them so that the same content is always the same bytes."""

import copy
import os
import warnings
from pathlib import Path
from typing import cast

import nbformat
from nbformat import NotebookNode

from rnncourse.files import replacing
from rnncourse.kernels import address

METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def loads(content: bytes, name: str) -> NotebookNode:
    """Return the notebook in ``content``, whatever its format, as format 4; ``name`` is what an error calls it.

    A cell without an id, as Colab and older programs save it, gets the one of nbgrader's metadata, or its number.

    Raises:
        ValueError: if the content is not a notebook.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about cells without ids, which older formats do not have
            notebook = cast(NotebookNode, nbformat.reads(content, as_version=4))
        for number, cell in enumerate(notebook.cells):
            cell.setdefault("id", cell.metadata.get("nbgrader", {}).get("grade_id") or f"cell-{number}")
        return notebook
    except Exception as error:
        raise ValueError(f"{name} is not a Jupyter notebook: {error}") from error


def read(path: Path) -> NotebookNode:
    """Return the notebook at ``path``.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if the file is not a notebook.
    """
    return loads(path.read_bytes(), str(path))


def dumps(notebook: NotebookNode) -> str:
    """Return the text of ``notebook``, without what changes from run to run or from machine to machine."""
    notebook = copy.deepcopy(notebook)
    notebook.update(metadata=METADATA, nbformat=4, nbformat_minor=5)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    return nbformat.writes(notebook) + "\n"


def write(notebook: NotebookNode, path: Path) -> bool:
    """Write ``notebook`` to ``path`` in one step; return whether the file changed."""
    text = dumps(notebook)
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    with replacing(path) as draft:
        draft.write_text(text, encoding="utf-8")
    return True


def execute(path: Path, timeout: int) -> bool:
    """Run all cells of the notebook at ``path`` in a new kernel and store their outputs; return whether it changed.

    The file is left alone if a cell fails.

    Args:
        timeout: seconds for one cell.

    Raises:
        ValueError: if the file is not a notebook, or its kernel ends.
        nbclient.exceptions.CellExecutionError: if a cell raises.
        nbclient.exceptions.CellTimeoutError: if a cell takes longer.
    """
    from nbclient import NotebookClient  # here, since most who read a notebook execute none
    from nbclient.exceptions import DeadKernelError
    from traitlets.config import Config

    notebook = read(path)
    client = NotebookClient(
        notebook,
        timeout=timeout,
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(path.parent)}},
        config=Config(KernelManager=address()),
    )
    try:
        # Neither progress bars nor a student's own progress belong to the stored outputs.
        # More threads would add in another order, and a training ends with other last digits.
        client.execute(env={**os.environ, "OMP_NUM_THREADS": "1", "TQDM_DISABLE": "1", "RNNCOURSE_TEST": "1"})
    except (DeadKernelError, AssertionError):  # nbclient asserts that there is a kernel
        raise ValueError("its kernel has ended, for lack of memory perhaps") from None
    return write(notebook, path)
