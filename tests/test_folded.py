"""What the book folds: the checks at the end of a cell, and cells that only check."""

import json
import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest

BOOK = Path(__file__).parents[1] / "book"
NOTEBOOKS = sorted(BOOK.glob("*.ipynb"))
with pytest.MonkeyPatch.context() as patch:
    patch.syspath_prepend(BOOK / "_extensions")
    FOLDING = SimpleNamespace(**runpy.run_path(str(BOOK / "_extensions/folding.py")))


@pytest.mark.parametrize(
    ("source", "code", "checks"),
    [
        ("a = 1\n\n# It is odd.\nassert a % 2", "a = 1", "# It is odd.\nassert a % 2"),
        ("# One.\nassert a", "", "# One.\nassert a"),
        ("assert a\nb = 2", "assert a\nb = 2", ""),
        ("a = 1", "a = 1", ""),
        ("a = 1\nfor b in a:\n    assert b", "a = 1", "for b in a:\n    assert b"),
        ("for b in a:\n    print(b)\n    assert b", "for b in a:\n    print(b)\n    assert b", ""),
        ("a = 1  # one\nassert (\n    a\n    == 1\n)", "a = 1  # one", "assert (\n    a\n    == 1\n)"),
    ],
)
def test_checks_at_the_end_are_split_off(source, code, checks):
    assert FOLDING.split(source) == (code, checks)


def test_the_comment_above_says_what_is_checked():
    assert FOLDING.what("# Both are equal,\n# and finite.\nassert a == b") == "Both are equal, and finite."
    assert FOLDING.what("assert a  # no line of its own") == ""


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_each_fold_says_what_it_checks(notebook):
    silent = []
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        tags = cell["metadata"].get("tags", [])
        if cell["cell_type"] != "code" or {"hide-input", "remove-cell"} & set(tags):
            continue
        source = "".join(cell["source"])
        checks = source if "hide-cell" in tags else FOLDING.split(source)[1]
        if checks and not FOLDING.what(checks).endswith("."):
            silent.append(source)
    assert silent == []
