"""Make what students get from an exercise's only source, ``solution.ipynb``: the starter, or a source for nbgrader."""

import copy
import re

from nbformat import NotebookNode

from rnncourse.grading.exercise import MARKER, STUB, is_answer, is_check, is_released, released_source, tags

_BEGIN = re.compile(r"^([ \t]*)### BEGIN SOLUTION\n", re.MULTILINE)
_END = re.compile(r"^([ \t]*)### END SOLUTION$", re.MULTILINE)
_HIDDEN = "### BEGIN HIDDEN TESTS\n{}\n### END HIDDEN TESTS"


def has_answers(notebook: NotebookNode, fresh: NotebookNode) -> bool:
    """Return whether a starter was worked on: a stub has gone, or there is a code cell that ``fresh`` does not have."""
    known = {cell.id for cell in fresh.cells}
    return any(
        cell.cell_type == "code" and (cell.id not in known or (is_answer(cell) and STUB not in cell.source))
        for cell in notebook.cells
    )


def starter(solution: NotebookNode) -> NotebookNode:
    """Return the starter of ``solution``: solutions become stubs; hints, explanations, hidden checks and outputs go.

    Checks are folded, so that what is right does not stand below an empty answer. Jupyter shows the first line of a
    folded cell: it says what the cell is, and how to run it.

    Its cells are marked so that nbval compares no outputs: they are the student's own.

    Raises:
        ValueError: if a marker of a cell has no partner.
    """
    notebook = copy.deepcopy(solution)
    notebook.cells = [cell for cell in notebook.cells if is_released(cell)]
    exercise = ""
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        cell.source = released_source(cell.source)
        if marker := MARKER.search(cell.source):
            raise ValueError(f"cell {cell.id!r}: '{marker[0]}' has no partner")
        cell.outputs, cell.execution_count = [], None
        cell.metadata["tags"] = [*tags(cell), "nbval-ignore-output"]
        if is_answer(cell):
            exercise = cell.id
        if is_check(cell):
            cell.source = f"# check of {exercise}: Shift+Enter runs it\n{cell.source}"
            cell.metadata["jupyter"] = {"source_hidden": True}
    return notebook


def nbgrader_source(solution: NotebookNode) -> NotebookNode:
    """Return ``solution`` so that nbgrader itself takes out all that students must not see.

    Hints and explanations become comments in the solution, whose region nbgrader replaces; a hidden check becomes a
    region of hidden tests, which nbgrader removes and puts back to grade.

    Raises:
        ValueError: if there are hints or an explanation, but no region of a solution to put them in.
    """
    notebook = copy.deepcopy(solution)
    sources = {cell.id: cell.source for cell in notebook.cells}
    kept = []
    for cell in notebook.cells:
        if "hidden" in tags(cell) and is_check(cell):
            if MARKER.search(cell.source):
                raise ValueError(f"cell {cell.id!r}: it is hidden as a whole, and has markers of nbgrader's in it")
            cell.source = _HIDDEN.format(cell.source)
        elif not is_released(cell):
            continue
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        if is_answer(cell):
            cell.source = _explained(cell, sources.get(f"{cell.id}-hints", ""), sources.get(f"{cell.id}-why", ""))
        kept.append(cell)
    notebook.cells = kept
    return notebook


def _explained(answer: NotebookNode, hints: str, why: str) -> str:
    """Return the source of the cell ``answer`` with comments in the region of its solution."""
    begin, end = _BEGIN.search(answer.source), _END.search(answer.source)
    if not (begin and end):
        if hints or why:
            raise ValueError(f"cell {answer.id!r}: no ### BEGIN SOLUTION and ### END SOLUTION, each on its own line")
        return answer.source
    before, inside = answer.source[: begin.end()], answer.source[begin.end() : end.start()]
    return before + _comment(hints, begin[1]) + inside + _comment(why, end[1]) + answer.source[end.start() :]


def _comment(text: str, indent: str) -> str:
    return "".join(f"{indent}# {line}".rstrip() + "\n" for line in text.splitlines())
