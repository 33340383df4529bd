"""Text and code make the same claims: equation labels, the shapes of the notation page, the number of exercises.

And the text keeps to one form: captions, percentages, answers to questions.
"""

import importlib
import inspect
import pkgutil
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import rnncourse
from rnncourse import notebooks
from rnncourse.deep_rnn import DeepRNN
from rnncourse.gated import gru_step, lstm_step
from rnncourse.language_model import LanguageModel
from rnncourse.mlp import WindowModel
from rnncourse.rnn import RNN, rnn_step

BOOK = Path(__file__).parents[1] / "book"


@cache
def pages() -> dict[str, str]:
    """The Markdown of each page."""
    texts = {path.name: path.read_text(encoding="utf-8") for path in BOOK.glob("*.md")}
    for path in BOOK.glob("*.ipynb"):
        cells = notebooks.read(path).cells
        texts[path.name] = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    return texts


def docstrings() -> dict[str, str]:
    """The docstring of each public function, class and method of the package."""
    texts = {}
    for info in pkgutil.walk_packages(rnncourse.__path__, "rnncourse."):
        module = importlib.import_module(info.name)
        for name, value in inspect.getmembers(module):
            if getattr(value, "__module__", None) != info.name or name.startswith("_"):
                continue
            texts[f"{info.name}.{name}"] = value.__doc__ or ""
            members = vars(value).items() if inspect.isclass(value) else ()
            for member, attribute in members:
                if not member.startswith("_") and (callable(attribute) or isinstance(attribute, property)):
                    texts[f"{info.name}.{name}.{member}"] = attribute.__doc__ or ""
    return texts


def test_every_labelled_equation_is_named_by_a_docstring_and_back():
    text = "\n".join(pages().values())
    labels = re.findall(r"^\$\$ \(([\w-]+)\)$", text, re.MULTILINE)
    named = set(re.findall(r":eq:`([\w-]+)`", "\n".join(docstrings().values())))
    assert len(labels) == len(set(labels))
    assert set(labels) - named == set(), "labelled in the book, but named by no docstring"
    assert named - set(labels) == set(), "named by a docstring, but not in the book"


def test_every_public_name_has_a_docstring():
    assert [name for name, text in docstrings().items() if not text.strip()] == []


def notation() -> list[tuple[str, str, str]]:
    """The rows of the table of arrays: symbol, shape, and name in the code."""
    table = pages()["notation.md"].split("## Arrays")[1].split("##")[0]
    rows = [[part.strip() for part in line.strip("|").split("|")] for line in table.strip().splitlines()[2:]]
    return [(symbol, shape.strip("$()"), code.strip("`")) for symbol, shape, _, _, code in rows]


# A size of its own for each letter; a language model has as many outputs as inputs.
SIZES = {"d": 7, "h": 5, "m": 7, "e": 3, "L": 2}
MODULES = {
    "RNN": RNN(SIZES["d"], SIZES["h"]),
    "DeepRNN": DeepRNN(SIZES["d"], SIZES["h"], SIZES["L"]),
    "LanguageModel": LanguageModel(RNN(SIZES["m"], SIZES["h"])),
    "WindowModel": WindowModel(SIZES["m"], 2, SIZES["e"], SIZES["h"]),
}
IN_JAXTYPING = str.maketrans("", "", "*{}")  # 4h is "4*h" there, and self.d is "{self.d}"


@pytest.mark.parametrize(("symbol", "shape", "code"), notation())
def test_notation_has_the_shapes_of_the_code(symbol, shape, code):
    axes = [axis.strip() for axis in shape.split(",") if axis.strip()]
    argument = re.fullmatch(r"(\w+)\.([\w.]+)\((\w+)\)", code)
    if argument:  # an argument of a function or a field of its result: the shape in its signature
        value: Any = importlib.import_module(f"rnncourse.{argument[1]}")
        for name in argument[2].split("."):
            value = getattr(value, name)
        annotation = inspect.signature(value).parameters[argument[3]].annotation
        assert annotation.dim_str.translate(IN_JAXTYPING).replace("self.", "").split() == axes
    else:  # a parameter of a module: the shape it has
        module, name = code.split(".", 1)
        assert list(MODULES[module].get_parameter(name).shape) == [SIZES[axis] for axis in axes]


def test_notation_has_the_widths_of_the_cells():
    (row,) = (line for line in pages()["notation.md"].splitlines() if line.startswith(r"| $\mathbf{A}_t$"))
    biases = [inspect.signature(step).parameters["b_h"].annotation for step in (rnn_step, lstm_step, gru_step)]
    assert re.findall(r"\(n, (\w+)\)", row) == [bias.dim_str.translate(IN_JAXTYPING).strip() for bias in biases]


SYMBOL = re.compile(
    r"(?:\\(?:tilde|overleftarrow)\{)?\\mathbf\{\w\}|\\mathrm\{[A-Z]+\}|"
    r"\\(?:alpha|beta|eta|theta|lambda|xi|rho|sigma|tau|phi'?|varepsilon)(?![a-z])"
)


@pytest.mark.parametrize("name", sorted(path.name for path in BOOK.glob("*.ipynb")))
def test_every_symbol_of_an_equation_is_on_the_notation_page(name):
    equations = re.findall(r"^\$\$$(.*?)^\$\$", pages()[name], re.MULTILINE | re.DOTALL)
    used = set(SYMBOL.findall("".join(equations)))
    assert used - set(SYMBOL.findall(pages()["notation.md"])) == set()


@pytest.mark.parametrize("path", sorted(BOOK.glob("*.ipynb")), ids=lambda path: path.stem)
def test_every_figure_has_a_caption(path):
    cells = [cell for cell in notebooks.read(path).cells if cell.id.startswith("figure-") and cell.cell_type == "code"]
    drawn = [output.data["text/html"] for cell in cells for output in cell.outputs]
    assert len(drawn) == len(cells) > 0
    assert [cell.id for cell, html in zip(cells, drawn, strict=True) if "<figcaption" not in html] == []
    others = [cell for cell in notebooks.read(path).cells if cell.cell_type == "code" and cell not in cells]
    data = [output.data for cell in others for output in cell.outputs if "data" in output]
    assert not any("<svg" in bundle.get("text/html", "") for bundle in data), "a figure's cell is named figure-..."


NUMBERS = ("no", "one", "two", "three", "four", "five", "six")


@pytest.mark.parametrize(
    "path", sorted((BOOK.parent / "exercises").glob("*/solution.ipynb")), ids=lambda p: p.parent.name
)
def test_a_chapter_counts_its_exercises(path):
    tasks = sum(cell.id.endswith("-task") for cell in notebooks.read(path).cells)
    topic = path.parent.name
    count = (
        f"`starter.ipynb <../exercises/{topic}/starter.ipynb>` in `exercises/{topic}/` has {NUMBERS[tasks]} exercises:"
    )
    assert count in pages()[f"{topic}.ipynb"]


@pytest.mark.parametrize(("name", "text"), pages().items(), ids=pages())
def test_the_text_has_one_form(name, text):
    assert re.findall(r"\d %|\d\\?%", text) == [], "a percentage is written 90&nbsp;%, which no line cuts"
    cut = r"\$(?:-|&#8209;)gram|\*-gram"  # a line may end after a formula, whatever follows
    assert re.findall(cut, text) == [], "an n-gram is written *n*&#8209;gram"
    answers = re.findall(r"^- \[[ x]\] (.*?) :: (.*)$", text, re.MULTILINE)
    assert [answer for answer, _ in answers if answer.endswith(".")] == [], "an answer has no full stop"
    assert [reason for _, reason in answers if not reason.endswith(".")] == [], "a reason has one"


def test_every_page_is_in_the_table_of_contents():
    toc = (BOOK.parent / "_toc.yml").read_text(encoding="utf-8")
    assert set(re.findall(r"book/(\w+)$", toc, re.MULTILINE)) == {Path(name).stem for name in pages()}
