"""Notebooks that students might hand in, honest, broken and hostile, with the points that each must get.

Run as ``python tests/submissions/make.py FOLDER``: writes them there. The topic is ``rnn``; points are those of the
step, the loop, the perplexity and the temperature, at most 2, 3, 3 and 2.
"""
# ruff: noqa: E501  (a case is a line of the table)

import copy
import json
import sys
import textwrap
from collections.abc import Callable, Collection
from pathlib import Path
from typing import NamedTuple

import nbformat
import torch

from rnncourse import notebooks
from rnncourse.grading.exercise import SEED, is_check, read_sheet

ROOT = Path(__file__).resolve().parents[2]
STARTER = ROOT / "exercises" / "rnn" / "starter.ipynb"
FULL = (2, 3, 3, 2)
NO_STEP = (0, 3, 3, 2)
SECRET = "the canary has been read"

STEP = """
def rnn_step(X_t, H, W_xh, W_hh, b_h):
    return torch.tanh(X_t @ W_xh + H @ W_hh + b_h)
"""
LOOP = """
def rnn_loop(X, H, W_xh, W_hh, b_h):
    outputs = []
    for X_t in X:
        H = torch.tanh(X_t @ W_xh + H @ W_hh + b_h)
        outputs.append(H)
    return torch.stack(outputs), H
"""
PERPLEXITY = """
def perplexity(O, y):
    log_P = O - torch.logsumexp(O, dim=1, keepdim=True)
    return torch.exp(-log_P[torch.arange(len(y)), y].mean())
"""
TEMPERATURE = """
def sampling_probabilities(O, temperature):
    return torch.softmax(O / temperature, dim=0)
"""
SETUP = "import torch\n\nfrom rnncourse.grading.student import hint, progress, solution"
ANSWERS = {"rnn-step": STEP, "rnn-loop": LOOP, "perplexity": PERPLEXITY, "temperature": TEMPERATURE}
REST = [LOOP, PERPLEXITY, TEMPERATURE]


class Case(NamedTuple):
    """A file and the points that it must get; ``content`` is a list of code cells, or the file's bytes, or makes them."""

    name: str
    points: tuple[int, int, int, int]
    content: list[str] | bytes | Callable[[], bytes]


def step(body: str, before: str = "", arguments: str = "X_t, H, W_xh, W_hh, b_h") -> list[str]:
    """The cells of a notebook whose step has ``body``, and which is right otherwise."""
    return [SETUP, f"{before}\ndef rnn_step({arguments}):\n{textwrap.indent(textwrap.dedent(body), '    ')}", *REST]


def at_top(code: str) -> list[str]:
    """The cells of a right notebook with ``code`` in a cell of its own before the answers."""
    return [SETUP, textwrap.dedent(code), STEP, *REST]


def result(expression: str, before: str = "") -> list[str]:
    """The cells of a notebook whose step returns ``expression``; ``right`` is what would be right."""
    return step(f"right = torch.tanh(X_t @ W_xh + H @ W_hh + b_h)\nreturn {expression}", textwrap.dedent(before))


def filled(answers: dict[str, str]) -> nbformat.NotebookNode:
    """The starter, with ``answers`` in place of its stubs."""
    notebook = notebooks.read(STARTER)
    for cell in notebook.cells:
        cell.source = answers.get(cell.id, cell.source)
    return notebook


def changed(change, answers: dict[str, str] = ANSWERS) -> bytes:
    """The filled starter as plain JSON after ``change``, which gets the list of its cells."""
    notebook = json.loads(nbformat.writes(filled(answers)))
    cells = change(notebook["cells"])
    return json.dumps({**notebook, "cells": notebook["cells"] if cells is None else cells}).encode()


def format_3() -> bytes:
    """As an old Jupyter saved it."""
    cells = [
        {"cell_type": "code", "input": source, "outputs": [], "language": "python", "metadata": {}, "collapsed": False}
        for source in [SETUP, *ANSWERS.values()]
    ]
    return json.dumps({"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells}]}).encode()


def with_merged_cells(cells: list[dict]) -> list[dict]:
    """Each answer in one cell with the check below it, as Jupyter's "merge cell below" makes it."""
    merged: list[dict] = []
    for cell in cells:
        if is_check(cell) and merged and merged[-1].get("id") in ANSWERS:
            merged[-1]["source"] = "".join(merged[-1]["source"]) + "\n\n" + "".join(cell["source"])
        else:
            merged.append(cell)
    return merged


def in_check_cells(cells: list[dict]) -> list[dict]:
    """The answers written above the checks, in the checks' own cells."""
    answers = {cell["id"]: "".join(cell["source"]) for cell in cells if cell["id"] in ANSWERS}
    for cell in cells:
        name = cell["id"].rpartition("-")[0]
        if is_check(cell) and name in answers:
            cell["source"] = answers.pop(name) + "\n\n" + "".join(cell["source"])
    return [cell for cell in cells if cell["id"] not in ANSWERS]


def with_copies(cells: list[dict]) -> list[dict]:
    """Every cell twice, and the starter's stubs once more at the end."""
    stubs = [cell for cell in json.loads(STARTER.read_text())["cells"] if cell["id"] in ANSWERS]
    return [copy.deepcopy(cell) for cell in cells for _ in range(2)] + stubs


def hard_coded() -> list[str]:
    """What the published checks expect, in the order of the calls."""
    answers = []

    def rnn_step(X_t, H, W_xh, W_hh, b_h):
        answers.append(torch.tanh(X_t @ W_xh + H @ W_hh + b_h).tolist())
        return torch.tensor(answers[-1], dtype=torch.float64)

    namespace = {"rnn_step": rnn_step, "torch": torch, SEED: int}
    for part in read_sheet(STARTER.with_name("solution.ipynb")).checks:
        if part.exercise == "rnn-step":
            exec(part.source, namespace)
    return step("return torch.tensor(next(ANSWERS), dtype=torch.float64)", f"ANSWERS = iter({answers!r})")


# Code that looks for the connection to the judge and writes into it.
FORGE = """
import os, json, threading, time, torch
def handles():
    for handle in range(3, 64):
        try:
            os.fstat(handle)
            yield handle
        except OSError:
            pass
def write(data):
    for handle in handles():
        try:
            os.write(handle, data)
        except OSError:
            pass
def message(value):
    head = json.dumps(value).encode()
    head = len(head).to_bytes(8, "big") + head
    return len(head).to_bytes(8, "big") + head
NONE = {"dict": [["result", None]]}
REPLY = {"dict": [["result", {"list": []}], ["arguments", {"list": [None] * 5}]]}
"""
# Code that returns the first thing of the right shape and another value than the arguments that it can find.
SEARCH = """
import gc, sys
def fits(value, X_t, b_h):
    return isinstance(value, torch.Tensor) and tuple(value.shape) == (len(X_t), len(b_h))
def names(space):
    return [space[name] for name in ("right", "expected", "one_term", "right_step") if name in space]
"""
READ = f"""
from pathlib import Path
PLACES = [{str(ROOT / "rnncourse" / "rnn.py")!r}, {str(STARTER.with_name("solution.ipynb"))!r}]
PLACES += ["/proc/self/root" + place for place in PLACES]
PLACES += ["/proc/self/cwd/../../.." + place for place in PLACES[:2]]
PLACES += [f"/proc/{{pid}}/{{name}}" for pid in (1, 2) for name in ("environ", "cmdline", "maps")]
PLACES += ["/etc/shadow", "/etc/hostname", "/proc/self/environ", "/root/.ssh", "/home", "/tmp", "/"]
found = []
for place in PLACES:
    try:
        found.append(Path(place).read_text())
    except OSError:
        pass
    try:
        found.append(str(list(Path(place).iterdir())))
    except OSError:
        pass
"""


def cases(canary: Path) -> list[Case]:
    """All cases; ``canary`` is a file that none of them can read or change."""
    kinds = (honest, broken_files, heavy_files, wrong, values, stops, storms, lies, forgeries, refused_calls)
    return [*(case for kind in kinds for case in kind()), *escapes(canary)]


def honest() -> list[Case]:
    """Right, or right in part, in forms that a grader may stumble over."""
    return [
        Case("right", FULL, nbformat.writes(filled(ANSWERS)).encode()),
        Case("starter", (0, 0, 0, 0), STARTER.read_bytes()),
        Case("half-done", (2, 3, 0, 0), nbformat.writes(filled({"rnn-step": STEP, "rnn-loop": LOOP})).encode()),
        Case("no-metadata", FULL, [SETUP, STEP, *REST]),
        Case("no-cell-ids", FULL, changed(lambda cells: [cell.pop("id") and None for cell in cells] and cells)),
        Case("format-3", FULL, format_3()),
        Case("byte-order-mark", FULL, b"\xef\xbb\xbf" + nbformat.writes(filled(ANSWERS)).encode()),
        Case("sources-as-text", FULL, changed(lambda cells: [c.update(source="".join(c["source"])) for c in cells][:0] or cells)),
        Case("reversed", FULL, changed(lambda cells: [cells[1], *reversed(cells)])),
        Case("copied", FULL, changed(with_copies)),
        Case("merged", FULL, changed(with_merged_cells)),
        Case("answers-in-check-cells", FULL, changed(in_check_cells)),
        Case("checks-deleted", FULL, changed(lambda cells: [cell for cell in cells if not is_check(cell)])),
        Case("checks-emptied", (0, 3, 3, 2), changed(
            lambda cells: [c.update(source="pass") for c in cells if is_check(c)][:0] or cells,
            {**ANSWERS, "rnn-step": STEP.replace("+ b_h", "")},
        )),
        Case("only-one-cell", (0, 3, 0, 0), ["import torch\n" + LOOP]),
        Case("split", FULL, [
            SETUP, "def inner(a, b):\n    return a @ b",
            "def rnn_step(X_t, H, W_xh, W_hh, b_h):\n    return torch.tanh(inner(X_t, W_xh) + inner(H, W_hh) + b_h)", *REST,
        ]),
        Case("unicode-Ω≈ç-名前", FULL, result("größe(right)", "def größe(x):\n    return x  # ✓\n")),
        Case("ada/solution", FULL, [SETUP, STEP, *REST]),
        Case("ada/twin/ada", NO_STEP, [SETUP, *REST]),
        Case("ipython", FULL, [
            "%matplotlib inline\n!pip install torch\nfiles = !ls\n%load_ext autoreload", "?torch", "%%html\n<b>no code</b>",
            SETUP, "%%time\n" + STEP, "%%bash\nexit 1", "display(1); get_ipython().run_line_magic('who', '')\n" + LOOP,
            "%time y = 2\n" + PERPLEXITY, TEMPERATURE,
        ]),
        Case("modulo-at-line-start", FULL, at_top("x = (7\n% 3)\nassert x == 1")),
        Case("plots", FULL, at_top("import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.savefig('a.png')\nplt.show()")),
        Case("imports-the-course", FULL, [SETUP, "from rnncourse.rnn import RNN\n" + STEP, *REST]),
        Case("own-rnncourse-module", FULL, at_top(
            "import sys, types\nsys.modules['rnncourse'] = own = types.ModuleType('rnncourse')\nown.__path__ = []",
        )),
        Case("errors-in-other-cells", FULL, [
            SETUP, "1 / 0", "def f(:", "undefined", "raise SystemExit", "raise KeyboardInterrupt", "input()", STEP, *REST, "exit()",
        ]),
        Case("wrong-then-right", FULL, at_top("def rnn_step(*arguments):\n    return 0")),
        Case("decorated", FULL, step("return torch.tanh(X_t @ W_xh + H @ W_hh + b_h)", """
import functools
def logged(function):
    @functools.wraps(function)
    def inner(*arguments):
        print("called")
        return function(*arguments)
    return inner
@logged""")),
        Case("callable-object", FULL, [
            SETUP, "class Step:\n    def __call__(self, X_t, H, W_xh, W_hh, b_h):\n        return torch.tanh(X_t @ W_xh + H @ W_hh + b_h)",
            "rnn_step = Step()", *REST,
        ]),
        Case("lambda", FULL, [SETUP, "rnn_step = lambda X, H, W, V, b: torch.tanh(X @ W + H @ V + b)", *REST]),
        Case("with-gradient", FULL, result("right.requires_grad_()")),
        Case("transposed-in-memory", FULL, result("right.T.contiguous().T")),
        Case("parameter", FULL, result("torch.nn.Parameter(right)")),
        Case("keeps-files", FULL, step("""
            torch.save(X_t, "here.pt")
            shutil.copy("here.pt", Path(tempfile.mkdtemp()) / "there.pt")
            return torch.tanh(X_t @ W_xh + H @ W_hh + b_h)
            """, "import shutil, tempfile\nfrom pathlib import Path")),
        Case("threads", FULL, step("""
            found = []
            thread = threading.Thread(target=lambda: found.append(X_t @ W_xh))
            thread.start(); thread.join()
            return torch.tanh(found[0] + H @ W_hh + b_h)
            """, "import threading")),
        Case("inspects-its-source", FULL, [SETUP, STEP, "import inspect\nassert 'tanh' in inspect.getsource(rnn_step)", *REST]),
        Case("a-future-of-its-own", FULL, [
            SETUP, "from __future__ import annotations", STEP.replace("H,", "H: Undefined,"), *REST,
        ]),
        Case("awaits", FULL, at_top("import asyncio\nawait asyncio.sleep(0)")),
        Case("writes-a-module", FULL, [
            SETUP, "%%writefile helper.py\ndef inner(a, b):\n    return a @ b", "%%writefile -a helper.py\nx = 1",
            "from helper import inner, x", STEP.replace("X_t @ W_xh", "inner(X_t, W_xh)"), *REST,
        ]),
        Case("first-cell-of-colab", FULL, ["%%capture\n!pip install torch\nimport torch", STEP, *REST]),
        Case("commands-above-answers", FULL, [
            SETUP, "%%time\n%matplotlib inline\n" + STEP, "%timeit -n 1 -r 1 torch.ones(3)\n" + LOOP,
            "%%capture out\nprint(1)", "out.show()\n" + PERPLEXITY, "t = %timeit -o torch.ones(3)\nt.best\n" + TEMPERATURE,
        ]),
        Case("fails-before-the-answers", FULL, [
            "files = !ls\nfiles[0]\n1 / 0\nimport torch",
            "from IPython import get_ipython\nget_ipython().run_line_magic('matplotlib', 'inline')\n" + STEP,
            "print(rnn_step(X_t, H, W_xh, W_hh, b_h).shape)\n" + LOOP,
            "import asyncio\nfrom rnncourse.rnn import RNN\n\nclass Mine(RNN):\n    pass\n\nawait asyncio.sleep(0.01)\n" + PERPLEXITY,
            "from rnncourse.grading.checks import same\nsame(1, 1, '')\n" + TEMPERATURE,
        ]),
        Case("runs-a-module", FULL, [SETUP, "%%writefile --append step.py\nimport torch\n" + STEP, "%run step.py", *REST]),
        Case("imports-in-a-check-cell", FULL, changed(lambda cells: next(
            cell for cell in cells if is_check(cell)
        ).update(source="import torch.nn.functional as F\n\nwith check('rnn-step'):\n    pass"), {
            **ANSWERS, "temperature": "def sampling_probabilities(O, temperature):\n    return F.softmax(O / temperature, 0)",
        })),
        Case("graded-by-hand", FULL, changed(lambda cells: [
            cell["metadata"].update(nbgrader={"grade": True, "solution": True}) for cell in cells if not is_check(cell)
        ][:0] or cells)),
        Case("a-deep-stub", FULL, [SETUP, STEP, *REST, "def later(x):\n    raise NotImplementedError(0" + " + 1" * 400 + ")"]),
        Case("imports-without-end", FULL, [SETUP, STEP, *REST, "'''\n" + "from rnncourse.grading.checks import (\n" * 50_000 + "'''"]),
        Case("quiet", FULL, at_top("import contextlib, os\nwith open(os.devnull, 'w') as f, contextlib.redirect_stdout(f):\n    print(1)")),
        Case("a-gigabyte-of-output", FULL, at_top("print(('x' * 10**6 + chr(10)) * 1000)")),
    ]  # fmt: skip


def broken_files() -> list[Case]:
    """No notebooks, or notebooks of the wrong make; nothing may be lost but them."""
    none = (0, 0, 0, 0)
    cell = {"cell_type": "code", "source": SETUP}
    strange = [cell, {"cell_type": "code", "source": [STEP], "metadata": 3}, *({**cell, "source": s} for s in REST)]
    return [
        Case("empty", none, b""),
        Case("not-json", none, b"\x00\xff\x80garbage"),
        Case("truncated", none, nbformat.writes(filled(ANSWERS)).encode()[:-100]),
        Case("a-list", none, b"[]"),
        Case("cells-are-numbers", none, b'{"cells": [1, 2]}'),
        Case("deep-json", none, b"[" * 100_000),
        Case("no-cells", none, b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'),
        Case("strange-metadata", FULL, json.dumps({"cells": strange}).encode()),
        Case("half-characters", FULL, json.dumps({"cells": [*strange, {**cell, "source": "'\ud800'"}]}).encode()),
        Case("a-huge-cell", FULL, [SETUP, "'" + "x" * (6 * 2**20) + "'", STEP, *REST]),
        Case("large-and-blank", none, b" " * (21 * 2**20)),
        Case("empty-worksheets", FULL, changed(lambda cells: cells).replace(b"{", b'{"worksheets": [], ', 1)),
        Case("no-worksheets", none, b'{"worksheets": []}'),
        Case("no-source", FULL, changed(lambda cells: [*cells, {**cell, "source": None}, None, 3])),
        Case(
            "no-cell-type",
            FULL,
            changed(lambda cells: [c.pop("cell_type") for c in cells if "outputs" in c][:0] or cells),
        ),
        Case("much-output", FULL, changed(lambda cells: cells[1].update(outputs=[{"text": "x" * 25 * 2**20}]))),
    ]


def wrong() -> list[Case]:
    """Wrong answers, and answers of a wrong kind."""
    deep = "def nest(x):\n    for _ in range(500):\n        x = [x]\n    return x"
    endless = "loop = []\nloop.append(loop)"
    return [
        Case("right-then-wrong", NO_STEP, [SETUP, STEP, "def rnn_step(*arguments):\n    return arguments[1]", *REST]),
        Case("nothing-returned", NO_STEP, result("None")),
        Case("not-a-number", NO_STEP, result("right * float('nan')")),
        Case("infinite", NO_STEP, result("right / 0")),
        Case("wrong-dtype", NO_STEP, result("right.float()")),
        Case("half-precision", NO_STEP, result("right.bfloat16()")),
        Case("complex", NO_STEP, result("right.to(torch.complex128)")),
        Case("conjugate", NO_STEP, result("right.to(torch.complex128).conj()")),
        Case("wrong-shape", NO_STEP, result("right[None]")),
        Case("sparse", NO_STEP, result("right.to_sparse()")),
        Case("meta-device", NO_STEP, result("right.to('meta')")),
        Case("array-not-tensor", NO_STEP, result("right.numpy()")),
        Case("list-not-tensor", NO_STEP, result("right.tolist()")),
        Case("object-array", NO_STEP, result("right.numpy().astype(object)")),
        Case("structured-array", NO_STEP, result("np.zeros(right.shape, 'f8,f8')", "import numpy as np")),
        Case("text", NO_STEP, result("repr(right)")),
        Case("half-a-character", NO_STEP, result("chr(0xD800)")),
        Case("generator", NO_STEP, result("(x for x in right)")),
        Case("an-object", NO_STEP, result("object()")),
        Case("a-function", NO_STEP, result("lambda: right")),
        Case("a-module", NO_STEP, result("torch.nn.Linear(2, 2)")),
        Case("deep-list", NO_STEP, result("nest(right)", deep)),
        Case("endless-list", NO_STEP, result("loop", endless)),
        Case("huge-array", NO_STEP, result("torch.zeros(2**25).double()")),
        Case("huge-list", NO_STEP, result("[0] * 10**7")),
        Case("huge-number", (2, 3, 0, 2), [SETUP, STEP, LOOP, "def perplexity(O, y):\n    return 10**4000", TEMPERATURE]),
        Case("a-tuple-of-one", (2, 0, 3, 2), [SETUP, STEP, LOOP.replace(", H\n", ",\n"), PERPLEXITY, TEMPERATURE]),
        Case("loop-of-numbers", (2, 0, 3, 2), [SETUP, STEP, "def rnn_loop(*arguments):\n    return 5", PERPLEXITY, TEMPERATURE]),
        Case("async", NO_STEP, [SETUP, STEP.replace("def ", "async def "), *REST]),
        Case("a-class", NO_STEP, [SETUP, "class rnn_step:\n    def __init__(self, *arguments):\n        pass", *REST]),
        Case("not-callable", NO_STEP, [SETUP, "rnn_step = 5", *REST]),
        Case("syntax-error", NO_STEP, [SETUP, STEP.replace("return", "retrun x"), *REST]),
        Case("too-few-arguments", NO_STEP, step("return X_t", arguments="X_t")),
        Case("changes-its-input", NO_STEP, step("H += 1\nreturn torch.tanh(X_t @ W_xh + (H - 1) @ W_hh + b_h)")),
        Case("changes-its-inputs-type", NO_STEP, step("""
            right = torch.tanh(X_t @ W_xh + H @ W_hh + b_h)
            H.data = H.data.float()
            return right""")),
        Case("right-the-first-time-only", NO_STEP, result("right if not seen and not seen.append(1) else 0 * right", "seen = []")),
        Case("right-the-first-time-only-in-a-file", NO_STEP, step("""
            try:
                open("seen", "x")
                return torch.tanh(X_t @ W_xh + H @ W_hh + b_h)
            except FileExistsError:
                return H""")),
        Case("hard-coded", NO_STEP, hard_coded()),
        Case("stable-not", (2, 3, 2, 1), [
            SETUP, STEP, LOOP,
            "def perplexity(O, y):\n    P = O.exp() / O.exp().sum(1, keepdim=True)\n    return torch.exp(-P[torch.arange(len(y)), y].log().mean())",
            "def sampling_probabilities(O, temperature):\n    P = torch.exp(O / temperature)\n    return P / P.sum()",
        ]),
    ]  # fmt: skip


def stops() -> list[Case]:
    """What does not end, or ends too much."""
    swallow = "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass"
    return [
        Case("endless-loop", NO_STEP, step("while True:\n    pass")),
        Case("endless-loop-swallows", NO_STEP, step(swallow)),
        Case("endless-loop-at-top", FULL, at_top(swallow)),
        Case("endless-native-call", NO_STEP, step("sum(range(10**13))")),
        Case("deadlock", NO_STEP, step("lock = threading.Lock()\nlock.acquire()\nlock.acquire()", "import threading")),
        Case("memory-bomb", NO_STEP, step("x = []\nwhile True:\n    x.append(bytearray(10**8))")),
        Case("memory-bomb-at-top", FULL, at_top("x = 'x'\nwhile True:\n    x += x")),
        Case("memory-in-one-go", NO_STEP, step("return torch.ones(10**12)")),
        Case("fork-bomb", NO_STEP, step("while True:\n    os.fork()", "import os")),
        Case("fork-bomb-at-top", FULL, at_top("import os\nwhile True:\n    os.fork()")),
        Case("thread-bomb", FULL, at_top("""
            import threading, time
            threading.stack_size(65536)
            for _ in range(2000):
                threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
            """)),
        Case("os-exit", NO_STEP, step("os._exit(0)", "import os")),
        Case("os-exit-at-top", FULL, at_top("import os\nos._exit(0)")),
        Case("sys-exit", NO_STEP, step("sys.exit()", "import sys")),
        Case("abort", NO_STEP, step("os.abort()", "import os")),
        Case("segmentation-fault", NO_STEP, step("ctypes.string_at(0)", "import ctypes")),
        Case("kills-itself", NO_STEP, step("os.kill(os.getpid(), 9)\nos.kill(-1, 9)", "import os")),
        Case("deep-recursion", NO_STEP, step("return rnn_step(X_t, H, W_xh, W_hh, b_h)")),
        Case("deep-recursion-in-c", NO_STEP, step("sys.setrecursionlimit(10**9)\nreturn rnn_step(X_t, H, W_xh, W_hh, b_h)", "import sys")),
        Case("not-implemented", NO_STEP, step("raise NotImplementedError")),
        Case("threads-left-running", FULL, at_top("""
            import threading
            def spin():
                while True:
                    pass
            threading.Thread(target=spin, daemon=True).start()
            """)),
        Case("fills-its-disk", FULL, at_top("""
            for i in range(10**6):
                with open(f"file{i}", "wb") as file:
                    file.write(bytes(2**23))
            """)),
        Case("very-deep-folders", FULL, at_top("""
            import os
            for _ in range(10**6):
                os.mkdir("d"), os.chdir("d")
            """)),
        Case("huge-file", NO_STEP, step("""
            with open("huge", "wb") as file:
                while True:
                    file.write(bytes(2**20))
            """)),
    ]  # fmt: skip


def escapes(canary: Path) -> list[Case]:
    """Attempts to get at something outside. ``done`` collects what worked, and the step raises it."""
    verdict = "\nif done:\n    raise Exception(str(done))\nreturn H"

    def attempts(*lines: str) -> list[str]:
        each = [f"try:\n    done.append({line})\nexcept Exception:\n    pass" for line in lines]
        return step(
            "\n".join(["done = []", *each, verdict]), f"import os, shutil, socket, subprocess\nC = {str(canary)!r}"
        )

    return [
        Case("reads-the-canary", NO_STEP, attempts(
            "open(C).read()", "open('/proc/self/root' + C).read()", "os.symlink(C, 'a') or open('a').read()",
            "os.link(C, 'b') or open('b').read()", "os.rename(C, 'c') or open('c').read()", "shutil.copy(C, 'd')",
            "os.listdir(os.path.dirname(C))", "os.listdir('/tmp')", "os.listdir('/')",
        )),
        Case("changes-the-canary", NO_STEP, attempts(
            "open(C, 'w')", "open(C, 'a')", "os.truncate(C, 0)", "os.remove(C)", "os.rename('/dev/null', C)",
            "os.replace(C, C + '2')", "open(C + '.new', 'w')", "os.mkdir(C + '.d')", "open('/dev/shm/canary', 'w')",
            "os.mknod('disk', 0o60600, os.makedev(254, 0)) or open('disk', 'rb').read(9)",
        )),
        # These two report success and do nothing.
        Case("changes-the-canarys-mode", NO_STEP, step(f"os.chmod({str(canary)!r}, 0)\nos.utime({str(canary)!r}, (0, 0))\nreturn H", "import os")),
        Case("network", NO_STEP, attempts(
            "socket.create_connection(('127.0.0.1', 22), 1)", "socket.socket(socket.AF_UNIX)", "socket.socketpair()",
            "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 53))",
        )),
        Case("programs", NO_STEP, attempts(
            "os.system('true') == 0 or 1 / 0", "subprocess.run(['true'])", "os.execv('/bin/true', ['true'])",
            "os.posix_spawn('/bin/true', ['true'], {})", "os.fork()", "os.forkpty()",
        )),
        Case("signals", NO_STEP, attempts("os.kill(os.getppid(), 9)", "os.kill(-1, 9)", "os.killpg(0, 9)")),
        Case("reads-the-solution", NO_STEP, step("""
            if any("tanh" in text or "def " in text for text in found):
                return torch.tanh(X_t @ W_xh + H @ W_hh + b_h)
            if found:
                raise Exception(str(found))
            return H""", READ)),
        Case("imports-the-solution", NO_STEP, [SETUP, "import rnncourse.rnn\nfrom rnncourse.rnn import rnn_step", *REST]),
        Case("loads-the-solution", NO_STEP, [SETUP, f"""
            import importlib.util, sys
            sys.meta_path[:] = [finder for finder in sys.meta_path if "StandIns" not in repr(finder)]
            sys.modules = {{name: module for name, module in sys.modules.items() if "rnncourse" not in name}}
            sys.path.insert(0, {str(ROOT)!r})
            spec = importlib.util.spec_from_file_location("right", {str(ROOT / "rnncourse" / "rnn.py")!r})
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            rnn_step = module.rnn_step
            """.replace("\n            ", "\n"), *REST]),
        Case("outlives-the-grader", NO_STEP, step(
            "ctypes.CDLL(None).prctl(1, 0, 0, 0, 0)\nsignal.signal(15, signal.SIG_IGN)\nwhile True:\n    time.sleep(1)",
            "import ctypes, signal, time",
        )),
        Case("raises-its-limits", NO_STEP, step("""
            for name in (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_NOFILE):
                try:
                    resource.setrlimit(name, (resource.RLIM_INFINITY,) * 2)
                    return torch.tanh(X_t @ W_xh + H @ W_hh + b_h)
                except (ValueError, OSError):
                    pass""", "import resource")),
        Case("raw-system-calls", NO_STEP, step("""
            # fork, vfork, clone without a thread, execve, x32 fork, unshare of users, open_by_handle_at, io_uring_setup
            calls = [(57,), (58,), (56, 17), (59, b"/bin/true", 0, 0), (0x40000039,), (272, 1 << 28), (304, 0, 0, 0), (425, 1, 0)]
            libc = ctypes.CDLL(None, use_errno=True)
            if platform.machine() == "x86_64" and any(libc.syscall(*call) >= 0 for call in calls):
                return torch.tanh(X_t @ W_xh + H @ W_hh + b_h)""", "import ctypes, platform")),
        Case("environment", NO_STEP, step("""
            allowed = {"PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONHOME", "OMP_NUM_THREADS",
                       "MPLBACKEND", "TMPDIR", "MPLCONFIGDIR", "TORCHDYNAMO_DISABLE", "KMP_DUPLICATE_LIB_OK", "LC_CTYPE",
                       "KMP_INIT_AT_FORK", "TORCH_CUDA_ARCH_LIST"}
            libc = ctypes.CDLL(None)
            environ = ctypes.POINTER(ctypes.c_char_p).in_dll(libc, "environ")
            names, i = [], 0
            while environ[i]:
                names.append(environ[i].decode().partition("=")[0])
                i += 1
            if {*names, *os.environ} - allowed:
                raise Exception("SECRETS " + str({*names, *os.environ} - allowed))""", "import ctypes, os")),
    ]  # fmt: skip


def lies() -> list[Case]:
    """Attempts to be taken for right by fooling what compares, or by finding what is expected."""
    return [
        Case("lying-tensor", NO_STEP, result("torch.zeros_like(right).as_subclass(Liar)", """
            class Liar(torch.Tensor):
                def __eq__(self, other):
                    return True
                @classmethod
                def __torch_function__(cls, function, types, arguments=(), keywords=None):
                    if function in (torch.equal, torch.allclose):
                        return True
                    return super().__torch_function__(function, types, arguments, keywords or {})
            """)),
        Case("lying-array", NO_STEP, result("np.zeros(right.shape).view(Liar)", """
            import numpy as np
            class Liar(np.ndarray):
                def __eq__(self, other):
                    return True
                def __array_function__(self, *arguments):
                    return True
            """)),
        Case("lying-number", (2, 3, 0, 2), [SETUP, STEP, LOOP, """
class Liar(float):
    def __eq__(self, other):
        return True
    def __sub__(self, other):
        return 0.0
    __rsub__ = __sub__
def perplexity(O, y):
    return Liar(1)
""", TEMPERATURE]),
        Case("patched-libraries", NO_STEP, step("return H", """
            import builtins, numpy as np, pytest, IPython.core.interactiveshell as shell, sys, types
            np.testing.assert_allclose = np.allclose = np.array_equal = lambda *a, **k: True
            torch.equal = torch.allclose = torch.isclose = lambda *a, **k: True
            torch.Tensor.__eq__ = torch.Tensor.equal = lambda *a: True
            pytest.fail = pytest.raises = lambda *a, **k: None
            shell.InteractiveShell.showtraceback = shell.InteractiveShell.run_cell = lambda *a, **k: None
            builtins.AssertionError = builtins.Exception
            """.replace("\n            ", "\n"))),
        Case("fake-modules", NO_STEP, step("return H", """
            import sys, types
            class Fake(types.ModuleType):
                def __getattr__(self, name):
                    return lambda *a, **k: True
            for name in ("numpy", "pytest", "rnncourse.grading.checks", "rnncourse.grading.sandbox.wire"):
                sys.modules[name] = Fake(name)
            """.replace("\n            ", "\n"))),
        Case("patched-wire", NO_STEP, step("""
            for module in gc.get_objects():
                if isinstance(module, dict) and "pack" in module and "unpack" in module:
                    module["same"] = module["is_close"] = module["call"] = lambda *a, **k: True
            return H""", "import gc")),
        Case("walks-frames", NO_STEP, step("""
            frame = sys._getframe()
            while frame:
                for value in [*names(frame.f_locals), *names(frame.f_globals)]:
                    return value(X_t, H, W_xh, W_hh, b_h) if callable(value) else value
                frame = frame.f_back
            return H""", SEARCH)),
        Case("walks-the-garbage-collector", NO_STEP, step("""
            for value in gc.get_objects():
                if isinstance(value, dict) and "same" not in value:
                    for found in names(value):
                        if fits(found, X_t, b_h):
                            return found
                if isinstance(value, str) and "manual_seed(" in value and "### " not in value:
                    return torch.tanh(X_t @ W_xh + H @ W_hh + b_h)
            return H""", SEARCH)),
        Case("reads-its-memory", NO_STEP, step("""
            parts = ("torch.manual_", "seed(0)", "first see that ", "the check above passes")
            with open("/proc/self/mem", "rb") as memory, open("/proc/self/maps") as maps:
                for line in maps:
                    if "[heap]" in line:
                        begin, end = (int(x, 16) for x in line.split()[0].split("-"))
                        memory.seek(begin)
                        if (parts[2] + parts[3]).encode() in memory.read(end - begin):
                            return torch.tanh(X_t @ W_xh + H @ W_hh + b_h)""")),
        Case("traces", NO_STEP, step("return H", "import sys, threading\nsys.settrace(lambda *a: None)\nsys.setprofile(lambda *a: None)")),
        Case("raises-like-the-checks", NO_STEP, step("raise NotAttempted('NotAttempted: CheckFailed: passed')", "class NotAttempted(Exception):\n    pass")),
        Case("raises-half-characters", NO_STEP, step("raise Exception(chr(0xD800) + chr(0) + chr(27) + '[31m')")),
        Case("raises-html", NO_STEP, step("raise Exception('<script>alert(1)</script>')")),
        Case("raises-without-text", NO_STEP, step("raise Bad", "class Bad(Exception):\n    def __str__(self):\n        raise SystemExit")),
        Case("raises-with-a-strange-name", NO_STEP, step("raise type('a b\\nNotAttempted: <b>', (BaseException,), {})('x' * 10**6)")),
        Case("prints-the-end", NO_STEP, step("print('the end of the check')\nraise Exception('the end of the check')")),
        Case("module-level-getattr", NO_STEP, [SETUP, "def __getattr__(name):\n    return lambda *a: a[1]", *REST]),
    ]  # fmt: skip


def forgeries() -> list[Case]:
    """Bytes written into the connection to the judge."""
    many = "[[" + "],[".join(f"{i * (2**61 - 1)}, 1" for i in range(900)) + "]]"
    return [
        Case("forged-reply", NO_STEP, step("write(message(REPLY))\nreturn H", FORGE)),
        Case("forged-reply-and-end", NO_STEP, step("write(message(REPLY))\nos._exit(0)", FORGE)),
        Case("forged-truncated", NO_STEP, step("write(message(REPLY)[:-3])\ntime.sleep(100)", FORGE)),
        Case("forged-oversized", NO_STEP, step("write((2**62).to_bytes(8, 'big'))\ntime.sleep(100)", FORGE)),
        Case("forged-negative", NO_STEP, step("write(bytes([255] * 8))\ntime.sleep(100)", FORGE)),
        Case("forged-garbage", NO_STEP, step("write(bytes([0] * 7 + [9]) + b'garbage!!')\ntime.sleep(100)", FORGE)),
        Case("forged-array", NO_STEP, step("write(message({'array': ['<f8', [10**15]]}))\ntime.sleep(100)", FORGE)),
        Case("forged-pickle", NO_STEP, step("write(message({'array': ['|O', [1]]}))\ntime.sleep(100)", FORGE)),
        Case("forged-dict", NO_STEP, step(f"write(message({{'dict': {many}}}))\ntime.sleep(100)", FORGE)),
        Case("forged-error", NO_STEP, step("write(message({'dict': [['error', 'NotAttempted'], ['message', 'x' * 10**5]]}))\ntime.sleep(9)", FORGE)),
        Case("forged-error-of-a-wrong-kind", NO_STEP, step("write(message({'dict': [['error', 5]]}))\nreturn H", FORGE)),
        Case("forged-number-of-arguments", NO_STEP, step("write(message({'dict': [['result', 1], ['arguments', {'list': []}]]}))\nreturn H", FORGE)),
        Case("flood", NO_STEP, step("while True:\n    write(bytes([255]) * 10**6)", FORGE)),
        Case("flood-of-replies", NO_STEP, step("while True:\n    write(message(REPLY))", FORGE)),
        Case("drip", NO_STEP, step("write((1000).to_bytes(8, 'big'))\nwhile True:\n    write(b'{')\n    time.sleep(0.05)", FORGE)),
        Case("forging-thread", FULL, [SETUP, f"{FORGE}\ndef forge():\n    while True:\n        write(message(REPLY))\nthreading.Thread(target=forge, daemon=True).start()\ntime.sleep(0.5)", STEP, *REST]),
        Case("answers-and-then-does-not-read", FULL, [
            SETUP, f"{FORGE}\nwrite(message(NONE))\ntime.sleep(1000)", "'" + "x" * 2**20 + "'", STEP, *REST,
        ]),
        Case("closes-the-connection", NO_STEP, step("for handle in handles():\n    os.close(handle)\nreturn H", FORGE)),
    ]  # fmt: skip


def heavy_files() -> list[Case]:
    """Files made to take much memory or time to be read; what they do not hold up gets its points.

    They are large, so each is made when it is written.
    """
    none = (0, 0, 0, 0)
    right = [{"cell_type": "code", "source": source} for source in (SETUP, STEP, *REST)]
    stub = 'def f():\n    """' + "a" * 9_800 + '"""\n    raise NotImplementedError'

    def code(source: object) -> dict:
        return {"cell_type": "code", "source": source}

    def notebook(*cells: object, **more: object) -> bytes:
        return json.dumps({**more, "cells": [*right, *cells]}).encode()

    return [
        Case("a-page-to-sign-in", none, b"<!doctype html><title>Sign in</title>"),
        Case("a-script", none, STEP.encode()),
        Case("a-zip-file", none, b"PK\x03\x04" + bytes(100)),
        Case("compressed", none, b"\x1f\x8b\x08" + bytes(100)),
        Case("only-zeros", none, bytes(1000)),
        Case("null", none, b"null"),
        Case("a-number", none, b"1"),
        Case("a-text", none, b'"cells"'),
        Case("true", none, b"true"),
        Case("an-empty-object", none, b"{}"),
        Case("cells-are-null", none, b'{"cells": null}'),
        Case("cells-are-a-text", none, b'{"cells": "text"}'),
        Case("cells-are-an-object", none, b'{"cells": {"a": 1}}'),
        Case("worksheets-are-a-number", none, b'{"worksheets": 1}'),
        Case("a-whole-number-of-5000-digits", none, b'{"cells": [], "n": ' + b"1" * 5000 + b"}"),
        Case("deep-metadata", none, b'{"cells": [], "metadata": ' + b"[" * 200_000),
        Case("millions-of-objects", none, lambda: b'{"cells": [' + b"{}," * 33_000_000 + b"{}]}"),
        Case("too-large", none, lambda: b" " * (100 * 2**20 + 1)),
        Case("9900-stubs", none, lambda: notebook(*[code(stub)] * 9_900)),
        Case("too-many-cells", none, lambda: notebook(*[code("1")] * 5000)),
        Case("a-number-in-a-source", none, notebook(code([1]))),
        Case("a-forged-refusal", none, lambda: notebook(refused="passed" * 10**6)),
        Case("an-empty-refusal", FULL, notebook(refused="")),
        Case("millions-of-lines-in-a-check", FULL, lambda: notebook(code("with check(1):" + "\n" * 23_000_000))),
        Case("a-million-lines-in-a-check", FULL, lambda: notebook(code("with check(1):" + "\n" * 1_000_000))),
        Case("a-million-blanks-in-a-check", FULL, lambda: notebook(code("with check(1):\n" + " \n" * 500_000))),
        Case("hundreds-of-long-stubs", FULL, lambda: notebook(*[code(stub)] * 200)),
        Case("thousands-of-cells", FULL, notebook(*[code("1")] * 2000)),
        Case("a-source-of-a-million-parts", FULL, lambda: notebook(code([""] * 1_000_000))),
        Case("a-source-is-an-object", FULL, notebook(code({"x": 1}))),
        Case("outputs-of-90-megabytes", FULL, lambda: notebook({**code(""), "outputs": ["x" * 90 * 2**20]})),
        Case("cells-in-cells", FULL, notebook({"cell_type": "markdown", "source": "", "cells": right})),
        Case("cells-of-no-kind", FULL, notebook({}, [], None, 1.5, "text")),
        Case("deep-outputs", FULL, notebook({**code(""), "outputs": json.loads("[" * 500 + "]" * 500)})),
        Case(
            "a-name-twice-in-a-cell", FULL, notebook()[:-2] + b', {"cell_type": "code", "source": "x", "source": ""}]}'
        ),
        Case("numbers-without-end", FULL, notebook(metadata={"n": [float("inf"), float("nan"), -1e308]})),
        Case("a-thousand-names-in-a-cell", FULL, notebook({**code(""), **{f"x{i}": i for i in range(1000)}})),
        Case("no-text-at-all", FULL, notebook(code(""), code([]), code(None))),
        Case("only-comments", FULL, notebook(code("# x"), code("\n\n"), code("\\"), code("\x0c"), code("\ufeffx = 1"))),
        Case("in-utf-16", FULL, notebook().decode().encode("utf-16")),
        Case("in-utf-32", FULL, notebook().decode().encode("utf-32")),
        Case("cells-twice", FULL, b'{"cells": [], ' + notebook()[1:]),
    ]


VALUES = {
    "many-axes": "torch.zeros([1] * 64)", "empty": "torch.zeros(0, 4)", "no-axes": "right.sum()", "one-more": "right[None]",
    "infinite": "right / 0", "not-numbers": "right * float('nan')", "complex": "right.cfloat()", "truth-values": "right > 0",
    "half-precision": "right.bfloat16()", "whole-numbers": "right.long()", "sparse": "right.to_sparse()",
    "on-no-device": "right.to('meta')", "nested": "torch.nested.nested_tensor([right, right[:1]])",
    "of-terabytes": "right[0, :1].expand(10**6, 10**6)", "an-array": "right.numpy()", "a-list": "right.tolist()",
    "a-matrix": "np.matrix(right.numpy())", "masked": "np.ma.masked_array(right.numpy(), mask=True)",
    "of-objects": "np.array([right, None], dtype=object)", "of-texts": "np.array(['a', 'b'])", "of-dates": "np.array(['2026-01-01'], 'M8')",
    "of-records": "np.zeros(3, [('a', 'i4')])", "a-date": "np.datetime64('now')", "a-void": "np.void(b'abc')",
    "bytes": "bytes(10)", "a-set": "{1, 2}", "a-range": "range(10)", "a-generator": "(i for i in range(3))",
    "endless": "itertools.count()", "a-type": "int", "a-module": "torch", "a-function": "rnn_step", "itself": "[rnn_step.__globals__]",
    "a-network": "torch.nn.Linear(2, 2)", "nothing": "None", "not-implemented-value": "NotImplemented", "dots": "...",
    "an-error": "ValueError('x')", "a-huge-number": "10**4000", "a-number-of-20000-digits": "1 << 70000", "negative-zero": "-0.0",
    "a-million-numbers": "list(range(1_000_000))", "a-million-lists": "[[]] * 1_000_000", "a-million-arrays": "[right[0, 0]] * 1_000_000",
    "many-keys": "dict.fromkeys(range(2000))", "keys-of-arrays": "{right: 1}", "a-list-of-itself": "LOOP", "twenty-levels": "deep(20)",
    "thirty-levels": "deep(30)", "a-text-of-50-megabytes": "'x' * 50 * 2**20", "an-array-of-80-megabytes": "np.zeros(10**7)",
    "half-a-character": "chr(0xD800)", "a-hint": "'Hint 9 of 9: ' + str(X_t.tolist())", "lines-of-results": "'\\n{\"broken\": \"x\"}\\n' * 1000",
    "a-proxy": "Proxy(right)", "without-a-shape": "Shapeless(right)",
}  # fmt: skip


def values() -> list[Case]:
    """What functions may return; nothing of it is right, and nothing holds up the judge."""
    before = """
import itertools, numpy as np
LOOP = []
LOOP.append(LOOP)
def deep(levels):
    return [deep(levels - 1)] if levels else 1
class Proxy:
    def __init__(self, value):
        self.value = value
    def __getattr__(self, name):
        return getattr(self.value, name)
class Shapeless(np.ndarray):
    def __new__(cls, value):
        return np.zeros(3).view(cls)
    @property
    def shape(self):
        raise SystemExit
"""
    return [Case(f"returns-{name}", NO_STEP, result(value, before)) for name, value in VALUES.items()]


# A call, and what is refused: numbers of system calls are those of x86-64.
REFUSED = {
    "inode-flags": "fcntl.ioctl(FILE, 0x40086602, struct.pack('l', 0x80))",
    "inode-attributes": "fcntl.ioctl(FILE, 0x401C5820, bytes(28))",
    "inode-version": "fcntl.ioctl(FILE, 0x40087602, bytes(8))",
    "attributes-of-a-file": "system_call(469, -100, NAME, bytes(24), 24, 0)",
    "owner-of-signals": "fcntl.fcntl(FILE, fcntl.F_SETOWN, 1)",
    "owner-of-signals-extended": "fcntl.fcntl(FILE, 15, struct.pack('ii', 1, 1))",
    "signal-of-a-file": "fcntl.fcntl(FILE, fcntl.F_SETSIG, 9)",
    "notices-of-a-folder": "fcntl.fcntl(os.open('/usr', os.O_RDONLY), fcntl.F_NOTIFY, 1)",
    "owner-by-ioctl": "fcntl.ioctl(PIPE, 0x8901, struct.pack('i', 1))",
    "group-by-ioctl": "fcntl.ioctl(PIPE, 0x8902, struct.pack('i', 1))",
    "signals-by-ioctl": "fcntl.ioctl(PIPE, 0x5452, struct.pack('i', 1))",
    "memory-in-files": "os.memfd_create('x')",
    "secret-memory": "system_call(447, 0)",
    "another-user": "os.setresuid(0, 0, 0)",
    "another-real-user": "os.setreuid(0, 0)",
    "another-group": "os.setgid(0)",
    "other-groups": "os.setgroups([])",
    "priority": "os.setpriority(os.PRIO_PROCESS, 1, 5)",
    "scheduler": "os.sched_setscheduler(1, os.SCHED_OTHER, os.sched_param(0))",
    "processors": "os.sched_setaffinity(1, {0})",
    "notices": "system_call(254, system_call(253), NAME, 2) == -1 and 1 / 0",
    "mounts": "system_call(457, bytes(24), ctypes.create_string_buffer(512), 512, 0)",
    "list-of-mounts": "system_call(458, bytes(24), ctypes.create_string_buffer(512), 64, 0)",
    "the-kernels-log": "system_call(103, 10, 0, 0)",
}


def refused_calls() -> list[Case]:
    """System calls that reach past the sandbox; the step is right if one is made."""
    before = """
import ctypes, fcntl, os, struct
libc = ctypes.CDLL(None, use_errno=True)
NAME = os.__file__.encode()
FILE = os.open(NAME, os.O_RDONLY)
PIPE = os.pipe()[0]
def system_call(*arguments):
    answer = libc.syscall(*arguments)
    if answer < 0:
        raise OSError(ctypes.get_errno(), "refused")
    return answer
"""
    body = "try:\n    {}\nexcept PermissionError:\n    return H\nreturn torch.tanh(X_t @ W_xh + H @ W_hh + b_h)"
    return [Case(f"calls-{name}", NO_STEP, step(body.format(call), before)) for name, call in REFUSED.items()]


def storms() -> list[Case]:
    """Code that keeps the machine busy: it is stopped, or does no harm."""
    threads = """
import ctypes, os, threading, time
libc = ctypes.CDLL(None, use_errno=True)
def spin():
    while True:
        pass
def storm(run, number=1000):
    for _ in range(number):
        try:
            threading.Thread(target=run, daemon=True).start()
        except RuntimeError:
            break
"""
    # Threads without Python: clone with CLONE_VM, FS, FILES, SIGHAND, THREAD; each loops where it begins.
    raw = """
import mmap
code = mmap.mmap(-1, 4096, prot=7)
code.write(b"\\xeb\\xfe")
loop = ctypes.addressof(ctypes.c_char.from_buffer(code))
def raw_storm():
    stack = ctypes.create_string_buffer(2**16)
    for _ in range(10_000):
        begin = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)(loop)
        libc.clone(begin, ctypes.c_void_p(ctypes.addressof(stack) + 2**15), 0x10F00, None)
"""
    return [
        Case("a-storm-of-threads", NO_STEP, step("storm(spin)\ntime.sleep(1000)", threads)),
        Case("a-storm-of-raw-threads", NO_STEP, step("raw_storm()\ntime.sleep(1000)", threads + raw)),
        Case("a-storm-of-sleeping-threads", FULL, at_top(threads + "storm(lambda: time.sleep(1000))")),
        Case("a-storm-of-signals", NO_STEP, step("time.sleep(1000)", """
import signal, time
signal.signal(signal.SIGALRM, lambda *a: None)
signal.setitimer(signal.ITIMER_REAL, 1e-5, 1e-5)
""")),
        Case("ends-by-an-alarm", NO_STEP, step("signal.alarm(1)\nwhile True:\n    pass", "import signal")),
        Case("ends-by-its-own-signal", NO_STEP, step("signal.raise_signal(signal.SIGTERM)", "import signal")),
        Case("stops-itself", NO_STEP, step("signal.raise_signal(signal.SIGSTOP)", "import signal")),
        Case("endless-finalizers", NO_STEP, step("X()\nreturn right", "class X:\n    def __del__(self):\n        X()\n        while True:\n            pass")),
        Case("endless-error-text", NO_STEP, step("raise Endless", "class Endless(Exception):\n    def __str__(self):\n        while True:\n            pass")),
        Case("endless-attribute", NO_STEP, [SETUP, "def __getattr__(name):\n    while True:\n        pass", *REST]),
        Case("endless-equality", NO_STEP, result("Endless(right.shape)", "class Endless(tuple):\n    def __iter__(self):\n        while True:\n            pass")),
        Case("endless-pattern", NO_STEP, step("import re\nre.match('(a*)*b', 'a' * 40)\nreturn H")),
        Case("endless-power", NO_STEP, step("return 9 ** 9 ** 9")),
        Case("endless-parse", FULL, at_top("x = " + "(" * 90 + "1" + ")" * 90 + "\ny = " + "-" * 5000 + "1")),
        Case("fills-a-pipe", NO_STEP, step("a, b = os.pipe()\nwhile True:\n    os.write(b, bytes(65536))", "import os")),
        Case("opens-all-files", NO_STEP, step("files = [open(os.devnull) for _ in range(10_000)]", "import os")),
        Case("opens-all-files-at-top", FULL, at_top("import os\nfiles = []\nwhile len(files) < 30:\n    files.append(open(os.devnull))")),
        Case("exits-in-a-thread", FULL, at_top("import sys, threading\nthreading.Thread(target=sys.exit).start()")),
        Case("ends-in-a-thread", NO_STEP, step("threading.Thread(target=os._exit, args=(0,)).start()\ntime.sleep(1000)", threads)),
        Case("an-endless-class", FULL, at_top("class M(type):\n    def __call__(cls):\n        return cls()\nclass C(metaclass=M):\n    pass\nC()")),
        Case("a-long-message", NO_STEP, step("raise Exception('x' * 10**7)")),
        Case("messages-as-results", NO_STEP, step("raise Exception('\\n{\"taken up\": \"right.ipynb\"}\\n{\"unprotected\": 1}')")),
        Case("raises-a-hint", NO_STEP, step("raise Exception('Hint 9 of 9: ' + str(X_t.tolist()))")),
        Case("raises-escapes", NO_STEP, step("raise Exception('\\x1b[2J\\x1b]0;title\\x07\\r\\u202e\\0')")),
        Case("raises-a-formula", NO_STEP, step("raise Exception('=HYPERLINK(1)')")),
    ]  # fmt: skip


def make(folder: Path, names: Collection[str] = ()) -> list[Case]:
    """Write the cases ``names``, or all, into ``folder``, the canary beside it, and return them."""
    canary = folder.parent / "canary.txt"
    canary.write_text(SECRET)
    everything = [case for case in cases(canary) if not names or case.name in names]
    for case in everything:
        path = folder / f"{case.name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        content = case.content() if callable(case.content) else case.content
        if not isinstance(content, bytes):
            cells = [nbformat.v4.new_code_cell(source) for source in content]
            content = nbformat.writes(nbformat.v4.new_notebook(cells=cells)).encode()
        path.write_bytes(content)
    return everything


if __name__ == "__main__":
    print(len(make(Path(sys.argv[1]))), "notebooks")
