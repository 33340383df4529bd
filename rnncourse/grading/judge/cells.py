"""The code cells of a notebook that was handed in, made ready to be executed; nothing here trusts the file."""

import ast
import json
import re
from typing import Any

from rnncourse.grading.sandbox.notebook import CHECK

LONGEST_CELL = 2**20  # characters
LONGEST_CODE = 2 * 2**20  # characters of all cells
MOST_CELLS = 5000

# With what stands in it; possessive, since what could be given back of millions of lines would have to be remembered.
CHECKS = re.compile(
    r"^with check\(([\"'](?P<exercise>[\w-]{1,80})[\"'])?[^\n]*+(?:\n(?:[ \t][^\n]*+)?+)*+", re.MULTILINE
)
USES = re.compile(
    r"^from rnncourse\.grading\.checks import (\([^()]{0,500}\)|[^\n(]*)", re.MULTILINE
)  # for checks only

REFUSED = "refused"  # in place of a notebook that could not be read: the reason
LONGEST_REFUSAL = 200


class Refused(ValueError):
    """The notebook could not be read when it was taken up; the message says why."""


def answers(content: bytes) -> list[str]:
    """Return the sources of the code cells of the notebook ``content`` without checks, untouched stubs first.

    Of a check cell stays what is not the check, an answer or a constant perhaps, and the place where the check stood.
    A stub that was copied must not replace the answer above it.

    Raises:
        ValueError: if the content is not a notebook.
    """
    sources = [CHECKS.sub(_place, USES.sub("", source)) for source in code_cells(content)]
    return sorted(sources, key=lambda source: not _is_stub(source))


def _place(check: re.Match[str]) -> str:
    return f"{CHECK}({check['exercise']!r})\n" if check["exercise"] else "\n"


def _is_stub(source: str) -> bool:
    """Return whether ``source`` is a function as it was handed out: comments, a docstring, and the error."""
    if "NotImplementedError" not in source or len(source) > 10_000:
        return False
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError):
        return False
    if len(body) != 1 or not isinstance(body[0], ast.FunctionDef):
        return False
    *before, last = body[0].body
    plain = all(isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant) for part in before)
    error = last.exc if isinstance(last, ast.Raise) else None
    error = error.func if isinstance(error, ast.Call) else error
    return plain and isinstance(error, ast.Name) and error.id == "NotImplementedError"


def code_cells(content: bytes) -> list[str]:
    """Return the source of each code cell of a notebook of format 2, 3 or 4.

    Everything else in the file is passed over: what nbformat would mend or refuse, a lost id or a broken output, has no
    bearing on the answers, and a validation takes minutes on a file made for that. In place of a cell that is too long
    stands an error that says so.

    Raises:
        ValueError: if the content is not a notebook, or there is too much code in it.
    """
    sources = [_bounded(source) for source in _all_sources(content)]
    if len(sources) > MOST_CELLS:
        raise ValueError(f"it has {len(sources):,} code cells, and at most {MOST_CELLS:,} are executed")
    if sum(map(len, sources)) > LONGEST_CODE:
        raise ValueError(f"its code has more than {LONGEST_CODE:,} characters")
    return sources


def _bounded(source: str) -> str:
    if len(source) <= LONGEST_CELL:
        return source
    return f"raise ValueError('a cell of {len(source):,} characters is not executed; at most {LONGEST_CELL:,} may be')"


def _all_sources(content: bytes) -> list[str]:
    try:
        notebook = json.loads(content)
        if refusal := notebook.get(REFUSED):
            raise Refused(str(refusal)[:LONGEST_REFUSAL])
        if "cells" not in notebook and not notebook["worksheets"]:
            raise ValueError("no cells")
        sheets = [notebook, *notebook.get("worksheets", [])]
        cells = [cell for sheet in sheets for cell in sheet.get("cells", []) if isinstance(cell, dict)]
        return [
            _text(cell.get("source", cell.get("input", "")))
            for cell in cells
            if cell.get("cell_type", "code" if "outputs" in cell else "") == "code"
        ]
    except Refused:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ValueError(f"it is not a Jupyter notebook ({type(error).__name__})") from None


def _text(source: Any) -> str:
    text = source if isinstance(source, str) else "".join(source or [])
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.encode(errors="replace").decode()  # half characters would fit nowhere
