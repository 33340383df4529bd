"""What is declared is what is used, and the package works with no more than it asks for."""

import ast
import re
import runpy
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[^\w-]", requirement, maxsplit=1)[0] for requirement in requirements}


EXTRAS = {extra: names(requirements) for extra, requirements in PROJECT["optional-dependencies"].items()}
DECLARED = names(PROJECT["dependencies"]).union(*EXTRAS.values())


def imported_packages(folder: Path) -> set[str]:
    """Return the names on PyPI of what the modules in ``folder`` import, at whatever place."""
    modules: set[str] = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and not node.level:
                modules.add(node.module or "")
    tops = {module.partition(".")[0] for module in modules} - set(sys.stdlib_module_names)
    tops -= {path.stem for path in folder.iterdir()} | {"rnncourse"}
    distributions = packages_distributions()
    return {distributions.get(top, [top])[0].lower() for top in tops}


def test_every_import_of_the_package_is_declared():
    assert imported_packages(ROOT / "rnncourse") - DECLARED == set()


def test_every_dependency_is_pinned_for_the_course():
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert text.splitlines()[1] == f"-e .[{','.join(EXTRAS)}]"
    pinned = set(re.findall(r"^([\w-]+)==", text, re.MULTILINE))
    assert DECLARED - pinned == set()


@pytest.fixture(scope="module")
def environment(tmp_path_factory, lacking) -> Path:
    """The programs of an environment with the package, built as a wheel, and its hard dependencies only."""
    folder = tmp_path_factory.mktemp("environment")
    programs = Path(sys.executable).parent
    if not (shutil.which("uv", path=programs) and shutil.which("pip", path=programs)):
        lacking("uv", "run: make book")
    make = runpy.run_path(str(ROOT / "make.py"))
    pins = re.findall(r"^[\w-]+==[^;#\n]+", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE)
    (folder / "pins.txt").write_text("\n".join(pins))
    subprocess.run([programs / "uv", "venv", "--quiet", "--python", sys.executable, folder / "venv"], check=True)
    command = [programs / "uv", "pip", "install", "--quiet", "--python", folder / "venv", ROOT]
    command += ["--refresh-package", "rnncourse", "--constraints", folder / "pins.txt"]
    subprocess.run([*command, *make["uv_options"](make["pip_settings"]())], check=True)
    return folder / "venv" / programs.name


TRAINING = """
import torch
from rnncourse.language_model import LanguageModel
from rnncourse.rnn import RNN
from rnncourse.text import RandomWindows
from rnncourse.training import train

import rnncourse
assert "site-packages" in rnncourse.__file__, rnncourse.__file__
text = torch.arange(200) % 5
history = train(LanguageModel(RNN(5, 8)), RandomWindows(text, n=4, T=10), epochs=2, lr=0.01)
assert history.finished and history.loss[-1] < history.loss[0], history
"""


@pytest.mark.slow
def test_the_wheel_trains_a_model(environment, tmp_path):
    subprocess.run([environment / "python", "-I", "-c", TRAINING], check=True, cwd=tmp_path)
    (package,) = environment.parent.glob("lib/*/site-packages/rnncourse")
    sources = (path.relative_to(ROOT) for path in (ROOT / "rnncourse").rglob("*.*"))
    files = {path for path in sources if "__pycache__" not in path.parts}
    assert Path("rnncourse/py.typed") in files
    assert {path.relative_to(package.parent) for path in package.rglob("*.*")} >= files


@pytest.mark.slow
def test_the_command_names_the_extra_that_it_lacks(environment, tmp_path):
    result = subprocess.run([environment / "rnncourse", "doctor"], capture_output=True, text=True, cwd=tmp_path)
    assert result.returncode == 1
    assert re.fullmatch(
        r"rnncourse: \w+ is not installed; it comes with: pip install 'rnncourse\[grade\]'\n", result.stderr
    )
