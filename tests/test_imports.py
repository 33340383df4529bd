"""Imports point one way, and no module brings in more than it needs."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "rnncourse"
TOC = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
FILES = [Path(chapter["file"]).name for chapter in TOC["parts"][0]["chapters"]]
CHAPTERS = [name for name in FILES if name != "scoreboard"]
SHARED = ["shapes", "files", "torch_modules", "text", "language_model", "training", "muon", "kernels", "notebooks"]
READERS = ["figures", "scoreboard", "grading", "cli", "__main__"]  # they know the modules; the command line knows them
# The training loop clips with the function that the chapter derives.
ALLOWED = {("training", "clipping")}


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: Path) -> set[str]:
    """The modules of the package that a file imports, wherever in it; names of functions among them do no harm."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path} has a relative import"
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return {name for name in names if name.startswith("rnncourse.")}


def room(name: str) -> str:
    """The part of the package that a module belongs to: ``gated`` for ``rnncourse.gated.lstm``."""
    return name.split(".")[1]


ARROWS = sorted(
    {
        (room(module_name(path)), room(name))
        for path in PACKAGE.rglob("*.py")
        if path != PACKAGE / "__init__.py"
        for name in imports_of(path)
        if room(module_name(path)) != room(name)
    }
)


def may_import(importer: str, imported: str) -> bool:
    if (importer, imported) in ALLOWED:
        return True
    if imported in READERS:
        return importer == "cli" or (importer, imported) == ("__main__", "cli")
    if importer in READERS:
        return True
    if importer == "fast":
        return imported == "shapes"
    if importer in CHAPTERS:
        earlier = imported in CHAPTERS and CHAPTERS.index(imported) < CHAPTERS.index(importer)
        return earlier or imported in SHARED or (imported == "fast" and importer != "bptt")
    return imported in SHARED


def test_every_room_is_known() -> None:
    rooms = {room(module_name(path)) for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py"}
    assert rooms == {*CHAPTERS, *SHARED, *READERS, "fast"}
    assert ("rnn", "fast") in ARROWS  # or nothing was read


@pytest.mark.parametrize("arrow", ARROWS, ids=" -> ".join)
def test_imports_point_one_way(arrow: tuple[str, str]) -> None:
    assert may_import(*arrow), f"rnncourse/{arrow[0]} must not import rnncourse/{arrow[1]}"


@pytest.mark.parametrize("arrow", [("rnn", "gated"), ("fast", "rnn"), ("bptt", "fast"), ("text", "figures")])
def test_other_arrows_are_refused(arrow: tuple[str, str]) -> None:
    assert not may_import(*arrow)


HEAVY = {"matplotlib", "ipywidgets", "pandas", "IPython", "pytest", "typer", "nbformat", "pydantic"}


def test_importing_a_chapter_brings_in_no_more_than_it_needs() -> None:
    """All in one process: a module is forgotten before the next one is imported, but not torch."""
    code = f"""
import importlib, json, sys
import torch
loaded = {{}}
for chapter in {CHAPTERS}:
    for name in [name for name in sys.modules if name.split(".")[0] == "rnncourse"]:
        del sys.modules[name]
    importlib.import_module(f"rnncourse.{{chapter}}")
    heavy = sorted({HEAVY} & set(sys.modules))
    loaded[chapter] = heavy, sorted({{name.split(".")[1] for name in sys.modules if name.startswith("rnncourse.")}})
print(json.dumps(loaded))
"""
    loaded = json.loads(subprocess.check_output([sys.executable, "-c", code], text=True, cwd=ROOT))
    for number, chapter in enumerate(CHAPTERS):
        heavy, rooms = loaded[chapter]
        assert heavy == [], f"import rnncourse.{chapter} brings in {heavy}"
        assert not set(rooms) & {*CHAPTERS[number + 1 :], *READERS}, f"import rnncourse.{chapter} brings in {rooms}"


def test_figures_load_no_widgets_before_one_is_shown() -> None:
    code = "import sys, rnncourse.figures; print('ipywidgets' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True, cwd=ROOT).strip() == "False"


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_imports_its_module(chapter: str) -> None:
    text = (ROOT / "book" / f"{chapter}.ipynb").read_text(encoding="utf-8")
    assert re.search(rf"from rnncourse\.{chapter}\b", text)
