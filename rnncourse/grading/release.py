"""Make the starter that students get from an exercise's only source, ``solution.ipynb``."""

import copy

from nbformat import NotebookNode

from rnncourse.grading.exercise import MARKER, STUB, is_answer, is_check, is_released, released_source, tags


def has_answers(notebook: NotebookNode, fresh: NotebookNode) -> bool:
    """Return whether a starter was worked on: a stub has gone, or there is a code cell that ``fresh`` does not have."""
    known = {cell.id for cell in fresh.cells}
    return any(
        cell.cell_type == "code" and (cell.id not in known or (is_answer(cell) and STUB not in cell.source))
        for cell in notebook.cells
    )


def starter(solution: NotebookNode) -> NotebookNode:
    """Return the starter of ``solution``: solutions become stubs; hints, explanations, hidden checks and outputs go.

    Checks are folded, so that what is right does not stand below an empty answer.

    Its cells are marked so that nbval compares no outputs: they are the student's own.

    Raises:
        ValueError: if a marker of a cell has no partner.
    """
    notebook = copy.deepcopy(solution)
    notebook.cells = [cell for cell in notebook.cells if is_released(cell)]
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        cell.source = released_source(cell.source)
        if marker := MARKER.search(cell.source):
            raise ValueError(f"cell {cell.id!r}: '{marker[0]}' has no partner")
        cell.outputs, cell.execution_count = [], None
        cell.metadata["tags"] = [*tags(cell), "nbval-ignore-output"]
        if is_check(cell):
            cell.metadata["jupyter"] = {"source_hidden": True}
    return notebook
