"""Make the starter that students get from an exercise's only source, ``solution.ipynb``."""

import copy
import re

from nbformat import NotebookNode

STUB = "raise NotImplementedError  # your code goes here, in place of this line"
# nbgrader's markers, so that an instructor can use the same file there.
SOLUTION = re.compile(r"^([ \t]*)### BEGIN SOLUTION\n.*?^[ \t]*### END SOLUTION$", re.DOTALL | re.MULTILINE)
HIDDEN = re.compile(r"^[ \t]*### BEGIN HIDDEN TESTS\n.*?^[ \t]*### END HIDDEN TESTS\n?", re.DOTALL | re.MULTILINE)
KEPT = {"hints", "solution", "hidden"}  # cells that the student gets by asking for them, or never
MARKER = re.compile(r"### (BEGIN|END) (SOLUTION|HIDDEN TESTS)")


def has_answers(notebook: NotebookNode, fresh: NotebookNode) -> bool:
    """Return whether a starter was worked on: a stub has gone, or there is a code cell that ``fresh`` does not have."""
    own = {cell.id for cell in fresh.cells}
    return any(
        cell.cell_type == "code"
        and (cell.id not in own or (cell.metadata.get("nbgrader", {}).get("solution") and STUB not in cell.source))
        for cell in notebook.cells
    )


def starter(solution: NotebookNode) -> NotebookNode:
    """Return the starter of ``solution``: solutions become stubs; hints, explanations, hidden checks and outputs go.

    Its cells are marked so that nbval compares no outputs: they are the student's own.

    Raises:
        ValueError: if a marker of a cell has no partner.
    """
    notebook = copy.deepcopy(solution)
    notebook.cells = [cell for cell in notebook.cells if not KEPT & set(cell.metadata.get("tags", []))]
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        source = SOLUTION.sub(lambda found: found[1] + STUB, cell.source)
        cell.source = HIDDEN.sub("", source).rstrip()
        left = MARKER.search(cell.source)
        if left:
            raise ValueError(f"cell {cell.id!r}: '{left[0]}' has no partner")
        cell.outputs, cell.execution_count = [], None
        cell.metadata["tags"] = [*cell.metadata.get("tags", []), "nbval-ignore-output"]
    return notebook
