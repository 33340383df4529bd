"""The grader: honest notebooks keep their points, wrong and hostile ones get no more than they earned."""

import contextlib
import csv
import functools
import html
import io
import itertools
import json
import os
import re
import runpy
import shlex
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from typer.testing import CliRunner

from rnncourse import cli
from rnncourse.cli import app
from rnncourse.grading import confine, gradebook, judge, report, sandbox, submissions, wire, zygote
from rnncourse.grading import sheet as sheets
from rnncourse.grading.sheet import Result
from rnncourse.grading.submissions import Submission

ROOT = Path(__file__).parents[1]
SOLUTION = ROOT / "exercises" / "rnn" / "solution.ipynb"
make: Any = SimpleNamespace(**runpy.run_path(str(ROOT / "tests" / "submissions" / "make.py")))

# Everything that the confinement offers is needed for the hostile cases; elsewhere doctor says what is missing.
PROTECTED = sys.platform == "linux" and all(confine.report().values())
OWN = sheets.sheet(SOLUTION)
CASES = make.cases(Path("canary.txt"))


class Class:
    """The corpus, graded by both judges, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        exercises = folder / "exercises" / "rnn"
        shutil.copytree(SOLUTION.parent, exercises, ignore=shutil.ignore_patterns(".*"))
        (folder / "handed-in").mkdir()
        self.canary = folder / "canary.txt"
        self.cases = {f"{case.name}.ipynb": case for case in make.make(folder / "handed-in")}
        os.utime(self.canary, (1e9, 1e9))
        self.submissions = submissions.find(folder / "handed-in")
        self.sheet = sheets.sheet(exercises / "solution.ipynb")

    def grade(self, fast: bool) -> gradebook.Results:
        store = gradebook.Store(self.folder / f"{fast}.done", self.sheet, self.submissions)
        gradebook.grade(self.sheet, self.submissions, store, 2, fast, lambda: None)
        return store.results


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    if not PROTECTED:
        pytest.skip("this machine cannot confine a student's notebook")
    folder = tmp_path_factory.mktemp("class")
    temporary = folder / "temporary"
    temporary.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(temporary))
        patch.setattr("tempfile.tempdir", str(temporary))
        patch.setenv("RNNCOURSE_CELL_SECONDS", "1.5")
        patch.setenv("RNNCOURSE_CALL_SECONDS", "1")
        patch.setenv("GRADERS_PASSWORD", "SECRETS")
        own = Class(folder)
        return own, {fast: own.grade(fast) for fast in (True, False)}


def earned(own: Class, results: dict[str, Result]) -> tuple[int, ...]:
    return tuple(gradebook.points(own.sheet, results, name) for name in gradebook.exercises(own.sheet))


@pytest.mark.parametrize("name", [case.name for case in CASES])
def test_each_gets_what_it_earned(graded, name):
    own, found = graded
    file = f"{name}.ipynb"
    told = {fast: [f"{result.check}: {result.message}" for result in found[fast][file].values()] for fast in found}
    assert earned(own, found[True][file]) == own.cases[file].points, told[True]
    assert earned(own, found[False][file]) == own.cases[file].points, told[False]


def test_both_judges_say_the_same(graded):
    own, found = graded
    for file in own.cases:
        for check, one in found[True][file].items():
            other = found[False][file][check]
            assert one.outcome == other.outcome
            # How far a notebook gets within a second is not always the same.
            if sheets.STOPPED not in one.message + other.message and "Error" not in one.message + other.message:
                assert " ".join(one.message.split()) == " ".join(other.message.split())


def test_nothing_outside_is_read_or_changed(graded):
    own, found = graded
    assert own.canary.read_text() == make.SECRET
    assert own.canary.stat().st_mtime == 1e9
    assert own.canary.stat().st_mode & 0o777 != 0
    assert {path.name for path in own.folder.iterdir()} == {
        "exercises", "handed-in", "canary.txt", "temporary", "True.done", "False.done",
    }  # fmt: skip
    everything = json.dumps([list(map(list, results.values())) for results in found[True].values()])
    assert make.SECRET not in everything
    assert "SECRETS" not in everything
    assert not Path("/dev/shm/canary").exists()


def test_nothing_is_left_over(graded):
    own, _ = graded
    assert list((own.folder / "temporary").iterdir()) == []
    marker = os.fsencode(own.folder / "exercises")
    deadline = time.monotonic() + 10
    while running(marker) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert running(marker) == []


def running(marker: bytes) -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if marker in path.read_bytes() and path.parent.name != str(os.getpid()):
                found.append(path.parent.name)
        except OSError:
            pass
    return found


def test_hints_and_reasons_reach_the_student(graded):
    _, found = graded
    told = {
        name: found[True][f"{name}.ipynb"]["rnn-step-terms"].message for name in ("endless-loop", "os-exit", "async")
    }
    assert told["endless-loop"].startswith("rnn_step was stopped: it took longer than 1 s")
    assert told["os-exit"].startswith("rnn_step was stopped: it ended the process")
    assert "a coroutine was returned" in told["async"]
    assert all("Hint 1 of 3" in message for message in told.values())
    syntax = found[True]["syntax-error.ipynb"]["rnn-step-terms"].message
    assert "the notebook defines no rnn_step (its errors: SyntaxError: " in syntax
    assert found[True]["starter.ipynb"]["temperature-cold"].outcome == "not attempted"
    broken = found[True]["empty.ipynb"]["rnn-step-terms"].message
    assert broken.startswith("nothing can be graded: it is not a Jupyter notebook")
    raised = found[True]["raises-html.ipynb"]["rnn-step-terms"].message
    assert "\nin the line: raise Exception('<script>alert(1)</script>')\n" in raised


def test_pages_csv_and_junit_of_the_class(graded, tmp_path):
    own, found = graded
    report.write_feedback(tmp_path / "pages", own.sheet, own.submissions, found[True])
    report.write_junit(tmp_path / "junit.xml", own.sheet, own.submissions, found[True])
    report.write_csv(tmp_path / "grades.csv", own.sheet, own.submissions, found[True])
    pages = list((tmp_path / "pages").rglob("*.html"))
    assert len(pages) == len(own.cases)
    page = (tmp_path / "pages" / "raises-html.html").read_text(encoding="utf-8")
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    suites = ElementTree.parse(tmp_path / "junit.xml").getroot()
    assert len(suites) == len(own.cases)
    assert suites[0][0][0][0].attrib == {"name": "points", "value": "1"}
    for suite in suites:
        assert int(suite.attrib["failures"]) == len(suite.findall("*/failure"))
        assert int(suite.attrib["skipped"]) == len(suite.findall("*/skipped"))
    with (tmp_path / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0][3:] == ["rnn-step (2)", "rnn-loop (3)", "perplexity (3)", "temperature (2)", "Total (10)"]
    for row in rows[1:]:
        points = tuple(map(int, row[3:]))
        assert points == (*own.cases[row[2]].points, sum(own.cases[row[2]].points))
    assert [row[0] for row in rows if row[2].startswith("ada/")] == ["ada", "ada"]


# In a container there are often no namespaces: Landlock and seccomp have to do alone.
CONTAINED = "right half-done fork-bomb memory-bomb outlives-the-grader network programs signals raw-system-calls "
CONTAINED += "reads-the-canary changes-the-canary changes-the-canarys-mode reads-the-solution loads-the-solution"


@pytest.mark.skipif(not PROTECTED or not shutil.which("unshare"), reason="needs all protections, and unshare")
def test_without_namespaces_the_rest_protects(tmp_path):
    own = Class(tmp_path)
    for path in (tmp_path / "handed-in").rglob("*.ipynb"):
        if path.stem not in CONTAINED.split():
            path.unlink()
    command = [str(Path(sys.executable).with_name("rnncourse")), "grade", "handed-in", "--topic", "rnn", "--fast"]
    script = f"echo 0 > /proc/sys/user/max_user_namespaces && exec {shlex.join(command)}"
    environment = {**os.environ, "RNNCOURSE_CELL_SECONDS": "1.5", "RNNCOURSE_CALL_SECONDS": "1"}
    command = ["unshare", "--user", "--map-root-user", "sh", "-c", script]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "it is not true here that a notebook is alone" in flat(done.stderr)
    with open(tmp_path / "grades.csv", encoding="utf-8") as file:
        total = {row["File"]: int(row["Total (10)"]) for row in csv.DictReader(file)}
    assert total == {f"{name}.ipynb": sum(own.cases[f"{name}.ipynb"].points) for name in CONTAINED.split()}
    assert own.canary.read_text() == make.SECRET
    assert own.canary.stat().st_mtime == 1e9


def test_answers_to_the_published_inputs_would_have_passed():
    namespace: dict[str, object] = {}
    namespace[sheets.SEED] = int  # the published seeds
    for source in (make.SETUP, *make.hard_coded()[1:], *(check.source for check in OWN.checks)):
        exec(source, namespace)


def test_the_same_class_gets_the_same_inputs_and_another_one_others():
    ada, bob = (Submission(name, "", "", name.encode()) for name in ("ada", "bob"))
    one, two = sheets.seed_of(OWN, [ada, bob]), sheets.seed_of(OWN, [ada])
    assert one == sheets.seed_of(OWN, [bob, ada]) != two
    assert two != sheets.seed_of(OWN._replace(path=Path(__file__)), [ada])  # as with hidden checks
    with zygote.serve() as address:
        bench = judge.Bench(SOLUTION, address, one)
        assert bench.start()[sheets.SEED](3) == one
        bench.close()


@pytest.mark.parametrize("fast", [True, False])
def test_no_later_check_tells_what_a_hidden_one_gave(tmp_path, fast):
    notebook = json.loads(SOLUTION.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["id"] == "rnn-step-sum":
            cell["metadata"]["tags"] = ["hidden"]
    path = tmp_path / "rnn" / "solution.ipynb"
    path.parent.mkdir()
    path.write_text(json.dumps(notebook), encoding="utf-8")
    own = sheets.sheet(path)
    spy = (
        "import torch\nseen = []\n"
        "def rnn_step(X_t, H, W_xh, W_hh, b_h):\n"
        "    seen.append(X_t)\n    return torch.tanh(X_t @ W_xh + H @ W_hh + b_h)\n"
        "def sampling_probabilities(O, temperature):\n    raise ValueError(f'seen {len(seen)}')"
    )
    cells = [{"cell_type": "code", "source": spy, "metadata": {}}]
    eve = Submission("eve.ipynb", "eve", "", json.dumps({"cells": cells}).encode())
    store = gradebook.Store(tmp_path / "done", own, [eve])
    gradebook.grade(own, [eve], store, 1, fast, lambda: None)
    found = store.results["eve.ipynb"]
    assert [found[name].outcome for name in ("rnn-step-terms", "rnn-step-sum")] == ["passed", "passed"]
    assert "seen 0" in found["temperature-value"].message


def test_inputs_that_the_solution_cannot_pass_are_not_used(tmp_path):
    notebook = json.loads(SOLUTION.read_text(encoding="utf-8"))
    check = next(cell for cell in notebook["cells"] if cell["id"] == OWN.checks[0].name)
    source = "".join(check["source"])
    published = int(re.findall(r"manual_seed\((\d+)\)", source)[-1])
    check["source"] = f"{source}\nassert torch.initial_seed() != {published + 1}"
    (tmp_path / "solution.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    with zygote.serve() as address:
        bench = judge.Bench(tmp_path / "solution.ipynb", address, published + 1)
        assert bench.start()[sheets.SEED](published) == published + 2
        bench.close()


def test_a_judge_whose_solutions_fail_does_not_judge(tmp_path):
    notebook = json.loads(SOLUTION.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["id"] == "temperature-cold":
            cell["source"] = "with check('temperature'):\n    same(1.0, 2.0, 'never')"
    path = tmp_path / "rnn" / "solution.ipynb"
    path.parent.mkdir()
    path.write_text(json.dumps(notebook), encoding="utf-8")
    handed_in = tmp_path / "a.ipynb"
    handed_in.write_bytes(SOLUTION.read_bytes())
    for options in (["--fast"], []):
        result = run("grade", handed_in, "--topic", "rnn", "--folder", tmp_path, "--csv", tmp_path / "g.csv", *options)
        assert result.exit_code == 1
        assert "do not pass their own checks here: temperature-cold" in flat(result.stderr)
        assert not (tmp_path / "g.csv").exists()


@pytest.mark.skipif(not PROTECTED, reason="needs all protections")
def test_a_zygote_that_ends_is_replaced():
    mark = b"a-mark-of-the-first-test"
    with zygote.serve([Path("/nowhere") / os.fsdecode(mark)]) as address:
        forked = zygote.Zygote(address)
        box = sandbox.Sandbox(forked, ["def f(x):\n    return x"])
        assert box.call("f", 1) == (1, (1,))
        os.kill(sorted(map(int, running(mark)))[-2], signal.SIGKILL)  # the last is the worker
        box.close()
        box = sandbox.Sandbox(forked, ["def f(x):\n    return x"])
        assert box.call("f", 1) == (1, (1,))
        box.close()
        forked.close()


def test_without_the_first_process_there_is_no_judge():
    with zygote.serve() as address:
        forked = zygote.Zygote(address)
        box = sandbox.Sandbox(forked, ["def f(x):\n    return x"])
    with pytest.raises(zygote.SandboxBroken, match="has ended"):
        box.call("f", 1)


def test_what_others_handed_in_is_hidden(tmp_path, monkeypatch):
    served: list[list[Path]] = []

    def serve(hidden):
        served.append(list(hidden))
        raise RuntimeError("enough")

    monkeypatch.setattr(gradebook, "serve", serve)
    for handed_in in (tmp_path, Path(sys.prefix).parent):
        store = gradebook.Store(tmp_path / "done", OWN, [])
        with pytest.raises(RuntimeError, match="enough"):
            gradebook.grade(OWN, [], store, 1, True, lambda: None, None, handed_in)
    assert served == [[OWN.path.parent, tmp_path], [OWN.path.parent]]


@pytest.mark.skipif(not PROTECTED, reason="needs all protections")
def test_nothing_is_left_of_a_grader_that_dies_at_once(tmp_path):
    code = """
import os, pathlib, subprocess
from rnncourse.grading import zygote
with zygote.serve([pathlib.Path(os.getcwd())]):
    os.kill(os.getpid(), 9)
"""
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path)
    deadline = time.monotonic() + 30
    while running(os.fsencode(tmp_path)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert running(os.fsencode(tmp_path)) == []


def in_sandbox(cells: list[str], name: str, *arguments: object, seconds: float = 300.0) -> object:
    with zygote.serve() as address, zygote.Zygote(address) as forked:
        with contextlib.closing(sandbox.Sandbox(forked, ["def f():\n    pass"])) as first:
            first.call("f")  # when this is over, torch has been imported
        with contextlib.closing(sandbox.Sandbox(forked, cells)) as box:
            box._left = seconds
            return box.call(name, *arguments)[0]


def test_torch_compile_needs_no_compiler():
    assert in_sandbox(["import torch\n@torch.compile\ndef f(x):\n    return x + 1"], "f", 1) == 2


def test_experiments_leave_time_for_the_answers():
    cells = ["def f(x):\n    return x", *["import time\ntime.sleep(0.5)"] * 20]
    assert in_sandbox(cells, "f", 1, seconds=4.0) == 1


@pytest.mark.skipif(not PROTECTED, reason="needs all protections")
def test_no_lease_holds_up_others():
    code = "import fcntl\ndef f(name):\n    with open(name) as file:\n        fcntl.fcntl(file, 1024, 1)"
    with pytest.raises(Exception, match="Operation not permitted"):
        in_sandbox([code], "f", sandbox.os.__file__)


@pytest.mark.skipif(not PROTECTED, reason="needs all protections")
def test_workers_end_with_the_first_process():
    mark = b"a-mark-of-the-second-test"
    with zygote.serve([Path("/nowhere") / os.fsdecode(mark)]) as address:
        forked = zygote.Zygote(address)
        box = sandbox.Sandbox(forked, ["import ctypes\nctypes.CDLL(None).prctl(1, 0, 0, 0, 0)\ndef f():\n    pass"])
        box.call("f")
        assert len(running(mark)) == 4  # one outside, and in the namespace the first, the zygote and the worker
        os.kill(min(map(int, running(mark))), signal.SIGKILL)
        deadline = time.monotonic() + 10
        while running(mark) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert running(mark) == []
        box.close()
        forked.close()


def test_a_notebook_has_a_time_in_all(monkeypatch):
    monkeypatch.setattr(sandbox, "ALL_SECONDS", 8.0)  # to import torch, too
    with zygote.serve() as address:
        forked = zygote.Zygote(address)
        box = sandbox.Sandbox(forked, ["import time\ndef f():\n    time.sleep(60)\ndef g():\n    pass"])
        begin = time.monotonic()
        with pytest.raises(Exception, match="f was stopped: it took longer than"):
            box.call("f")
        for _ in range(2):
            with pytest.raises(Exception, match="took longer than 8 s in all"):
                box.call("g")
        assert time.monotonic() - begin < 30
        box.close()
        forked.close()


def test_huge_pages_change_no_memory():
    code = (
        "from rnncourse.grading.hugepages import HUGE, collapse\n"
        "held = [bytes([i]) * 1000 for i in range(256)] * 20 + [bytearray(b'x' * 3 * HUGE)]\n"
        "before = [bytes(one) for one in held]\n"
        "done = collapse()\n"
        "assert done >= 0 and done % HUGE == 0, done\n"
        "assert held == before"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_what_was_stopped_is_judged_once_more_and_alone(tmp_path, monkeypatch):
    asked: list[tuple[list[str], int]] = []

    def judge_all(sheet, seed, address, share, jobs):
        first = not asked
        asked.append(([one.file for one in share], jobs))
        for one in share:
            stopped = first and one.file != "ada.ipynb"
            why = ("failed", f"f {sheets.STOPPED} it took longer than 10 s") if stopped else ("passed", "")
            yield from results(OWN, one.file, *why).values()

    monkeypatch.setattr(gradebook, "judge_in_processes", judge_all)
    handed_in = [Submission(f"{name}.ipynb", name, "", name.encode()) for name in ("ada", "bob", "eve")]
    for jobs, expected in ((2, [(["bob.ipynb", "eve.ipynb"], 1)]), (1, [])):
        asked.clear()
        told: list[int] = []
        done = itertools.count()
        store = gradebook.Store(tmp_path / str(jobs), OWN, handed_in)
        gradebook.grade(OWN, handed_in, store, jobs, True, functools.partial(next, done), again=told.append)
        assert asked == [(["ada.ipynb", "bob.ipynb", "eve.ipynb"], jobs), *expected]
        assert next(done) == 3
        assert told == [2] * len(expected)
        assert gradebook.points(OWN, store.results["bob.ipynb"]) == (10 if expected else 0)
        again = gradebook.Store(tmp_path / str(jobs), OWN, handed_in)
        assert again.results == store.results


def test_hidden_places_are_not_readable(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "c").write_text("")
    (tmp_path / "d").symlink_to(tmp_path / "a")
    assert confine._without(tmp_path, [tmp_path / "a" / "b"]) == [tmp_path / "a" / "c"]
    assert confine._without(tmp_path / "a" / "b", [tmp_path / "a"]) == []
    course = Path(confine.rnncourse.__file__).parent
    readable = confine.readable_paths((Path("/usr/lib"),))
    assert not any(course.is_relative_to(path) or path.is_relative_to(course) for path in readable)
    assert Path("/usr") not in readable
    assert not any(Path("/etc/shadow").is_relative_to(path) for path in readable)


# What crosses between judge and student.

numbers = st.integers() | st.floats() | st.booleans() | st.none() | st.text()
dtypes = st.one_of(arrays.floating_dtypes(sizes=(32, 64)), arrays.integer_dtypes(), arrays.boolean_dtypes())
array = arrays.arrays(dtypes, arrays.array_shapes(min_dims=0, min_side=0, max_side=4))
tensor = arrays.arrays(
    st.sampled_from(["<f4", "<f8", "<i8", "|b1", "<c16"]), arrays.array_shapes(min_dims=0, min_side=0)
)
leaves = numbers | array | tensor.map(torch.from_numpy) | array.filter(lambda a: a.size).map(lambda a: a.flat[0])
values = st.recursive(
    leaves, lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner)
)


def alike(one, two) -> bool:
    if type(one) is not type(two):
        return False
    if isinstance(one, list | tuple):
        return len(one) == len(two) and all(map(alike, one, two))
    if isinstance(one, dict):
        return list(one) == list(two) and all(map(alike, one.values(), two.values()))
    if isinstance(one, torch.Tensor):
        return alike(one.numpy(), two.numpy())
    if isinstance(one, np.ndarray | np.generic):
        return (
            one.dtype == two.dtype
            and one.shape == two.shape
            and np.array_equal(one, two, equal_nan=one.dtype.kind in "fc")
        )
    return one == two or one != one


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(values)
def test_values_cross_unchanged(value):
    assert alike(wire.unpack(wire.pack(value)), value)


@settings(deadline=None)
@given(st.binary() | st.builds(lambda head, rest: len(head).to_bytes(8, "big") + head + rest, st.binary(), st.binary()))
def test_garbage_is_refused(message):
    with contextlib.suppress(ValueError):
        wire.unpack(message)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(values, st.data())
def test_damaged_messages_are_refused_or_plain(value, data):
    message = bytearray(wire.pack(value))
    for _ in range(data.draw(st.integers(1, 3))):
        message[data.draw(st.integers(0, len(message) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(ValueError):
        wire.pack(wire.unpack(bytes(message)))


def framed(value: object, rest: bytes = b"") -> bytes:
    head = json.dumps(value).encode()
    return len(head).to_bytes(8, "big") + head + rest


@pytest.mark.parametrize(
    "message",
    [
        framed({"array": ["<f8", [10**18]]}),
        framed({"array": ["<f8", [-1]]}),
        framed({"array": ["<f8", [2**70]]}),
        framed({"array": ["<f8", ["1"]]}, bytes(8)),
        framed({"array": ["|O", [1]]}, bytes(8)),
        framed({"array": ["<U9", [1]]}, bytes(36)),
        framed({"array": ["|V0", [10**9]]}),
        framed({"tensor": [">f8", [1]]}, bytes(8)),
        framed({"list": [{"array": ["<f8", [2]]}, {"array": ["<f8", [2]]}]}, bytes(16)),
        framed({"dict": [[{"list": []}, 1]]}),
        framed({"dict": [[i * (2**61 - 1), 1] for i in range(1001)]}),
        framed({"list": [], "tuple": []}),
        framed({"set": []}),
        framed([1]),
        framed("\ud800"),
        framed("x" * (5 * 2**20)),
        b"[" * 10**5,
        framed(None)[:-1],
    ],
)
def test_forged_messages_are_refused(message):
    with pytest.raises(ValueError, match="garbled"):
        wire.unpack(message)


def test_a_boolean_is_one_of_two():
    (value,) = wire.unpack(framed({"array": ["|b1", [1]]}, b"\x02")).view(np.uint8)
    assert value == 1


# Files.


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def test_find_in_the_zip_files_of_canvas_and_moodle(tmp_path):
    files = {
        "doejane_123_456_rnn.ipynb": b"1",
        "roejohn_LATE_124_457_rnn-2.ipynb": b"2",
        "Ada Lovelace_77_assignsubmission_file_/rnn.ipynb": b"3",
        "Ada Lovelace_78_assignsubmission_file_/rnn.ipynb": b"4",
        "../../outside.ipynb": b"5",
        "eve/doejane_123_456_rnn.ipynb": b"6",
        "__MACOSX/._rnn.ipynb": b"",
        "a/.ipynb_checkpoints/rnn.ipynb": b"",
        "notes.txt": b"",
    }
    found = submissions.find(zipped(tmp_path / "all.zip", files))
    assert {(one.student, one.id, one.content) for one in found} == {
        ("doejane", "123", b"1"),
        ("roejohn", "124", b"2"),
        ("Ada Lovelace", "77", b"3"),
        ("Ada Lovelace", "78", b"4"),
        ("outside", "", b"5"),
        ("eve", "", b"6"),
    }
    assert len({one.file for one in found}) == 6
    assert sorted(path.name for path in tmp_path.iterdir()) == ["all.zip"]


def test_find_in_a_folder_and_a_file(tmp_path):
    for name in (
        ".bob.ipynb",
        "._ada.ipynb",
        "ada.ipynb",
        "b/solution.ipynb",
        "c/d/ada.ipynb",
        ".ipynb_checkpoints/ada.ipynb",
        "_build/e.ipynb",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).write_text(name)
    (tmp_path / "folder.ipynb").mkdir()
    assert [(one.file, one.student) for one in submissions.find(tmp_path)] == [
        (".bob.ipynb", ".bob"),
        ("ada.ipynb", "ada"),
        ("b/solution.ipynb", "b"),
        ("c/d/ada.ipynb", "c"),  # whose it is, is not for the name of a file to say
    ]
    assert [one.student for one in submissions.find(tmp_path / "ada.ipynb")] == ["ada"]


def test_find_gives_each_file_of_a_zip_a_name_of_its_own(tmp_path):
    with zipfile.ZipFile(tmp_path / "twice.zip", "w") as archive:
        archive.writestr("a.ipynb", b"1")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a.ipynb", b"2")
    assert len({one.file for one in submissions.find(tmp_path / "twice.zip")}) == 2


def test_find_goes_on_after_a_damaged_file_of_a_zip(tmp_path):
    path = zipped(tmp_path / "damaged.zip", {"a.ipynb": b"x" * 1000, "b.ipynb": b"y" * 1000})
    data = bytearray(path.read_bytes())
    data[40] ^= 255
    path.write_bytes(data)
    assert [one.content[:1] for one in submissions.find(path)] == [b"", b"y"]


def test_find_says_what_is_wrong(tmp_path):
    (tmp_path / "corrupt.zip").write_bytes(b"no zip")
    with pytest.raises(ValueError, match="is not a zip file"):
        submissions.find(tmp_path / "corrupt.zip")
    with pytest.raises(FileNotFoundError, match="does not exist"):
        submissions.find(tmp_path / "missing")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="there is no notebook"):
        submissions.find(tmp_path / "empty")
    (tmp_path / "notes.txt").write_text("")
    with pytest.raises(ValueError, match=r"notes\.txt is neither a notebook .* nor a folder nor a zip file"):
        submissions.find(tmp_path / "notes.txt")


def test_a_zip_that_was_packed_again_has_a_folder_around_all(tmp_path):
    files = {
        "all/Ada Lovelace_77_assignsubmission_file_/rnn.ipynb": b"1",
        "all/Bob_B_78_assignsubmission_file_/x_9_assignsubmission_.IPYNB": b"2",
    }
    found = submissions.find(zipped(tmp_path / "a.zip", files))
    assert [(one.student, one.id) for one in found] == [("Ada Lovelace", "77"), ("Bob_B", "78")]
    files["all/eve/doejane_123_456_rnn.ipynb"] = b"3"
    assert {one.student for one in submissions.find(zipped(tmp_path / "b.zip", files))} == {"all"}


def test_a_folder_that_cannot_be_read_is_told(tmp_path, monkeypatch):
    (tmp_path / "closed").mkdir()
    (tmp_path / "a.ipynb").write_text("{}")
    scandir = os.scandir

    def refuse(path):
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    found = submissions.find(tmp_path)
    assert submissions.others(tmp_path, found) == ["closed/ (Permission denied)"]


def test_find_goes_on_after_a_file_that_cannot_be_read(tmp_path, monkeypatch):
    def read(path: Path) -> bytes:
        if path.name == "a.ipynb":
            raise PermissionError
        return b"{}"

    monkeypatch.setattr(submissions, "_start", read)
    for name in ("a.ipynb", "b.ipynb"):
        (tmp_path / name).write_text("{}")
    assert [one.content for one in submissions.find(tmp_path)] == [b"", b"{}"]


def test_large_notebooks_are_kept_without_their_outputs(tmp_path, monkeypatch):
    (tmp_path / "a.ipynb").write_bytes(make.changed(lambda cells: cells[1].update(outputs=["x" * 2 * 2**20])))
    (tmp_path / "b.ipynb").write_bytes(make.changed(lambda cells: cells))
    one, other = submissions.find(tmp_path)
    assert len(one.content) < 2**20
    assert one.cells() == other.cells()
    monkeypatch.setattr(submissions, "LARGEST", 1000)
    (small,) = submissions.find(tmp_path / "b.ipynb")
    with pytest.raises(ValueError, match="more than 1,000 bytes; clear its outputs"):
        small.cells()


def test_find_follows_no_links_and_unpacks_what_is_usual(tmp_path):
    folder = tmp_path / "handed-in"
    (folder / "eve").mkdir(parents=True)
    (folder / "ada.ipynb").write_text("{}")
    (folder / "eve" / "link.ipynb").symlink_to(SOLUTION)
    (folder / "mallory").symlink_to(SOLUTION.parent)
    assert [one.file for one in submissions.find(folder)] == ["ada.ipynb"]
    path = tmp_path / "odd.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.ipynb", b"{}", zipfile.ZIP_DEFLATED)
        archive.writestr("b.ipynb", b"{}", zipfile.ZIP_LZMA)
    assert [one.content for one in submissions.find(path)] == [b"{}", b""]


def test_others_are_what_is_not_graded(tmp_path):
    for name in ("a.ipynb", "b.IPYNB", "c.pdf", "d.zip", ".hidden"):
        (tmp_path / name).write_text("{}")
    found = submissions.find(tmp_path)
    assert [one.student for one in found] == ["a", "b"]
    assert submissions.others(tmp_path, found) == ["c.pdf", "d.zip"]
    path = zipped(tmp_path / "e.zip", {"a.ipynb": b"{}", "notes.txt": b"", "__MACOSX/a.ipynb": b""})
    assert submissions.others(path, submissions.find(path)) == ["notes.txt"]
    assert submissions.others(tmp_path / "a.ipynb", []) == []


def cells_of(*sources: str) -> list[str]:
    cells = [{"cell_type": "code", "source": source} for source in sources]
    return Submission("a.ipynb", "", "", json.dumps({"cells": cells}).encode()).cells()


def test_a_cell_that_only_imports_the_checks_is_kept_without_that():
    checks = "from rnncourse.grading.checks import"
    assert cells_of(f"import torch\n{checks} call, check", "with check('x'):\n    pass") == ["import torch\n"]
    assert cells_of(f"{checks} (\n    call,\n)\nx = 1  # as in rnncourse.grading.checks") == [
        "\nx = 1  # as in rnncourse.grading.checks"
    ]
    answer = "def f():\n    pass\n"
    assert cells_of(f"with check('x'):\n    f()\n\n    f()\n{answer}") == [f"\n{answer}"]


def test_stubs_come_first_and_are_told_in_time():
    stub = 'def f(x):\n    """Say what."""\n    # a note\n    raise NotImplementedError  # your code goes here'
    answer = "def f(x):\n    return x"
    assert cells_of(answer, stub) == [stub, answer]
    checked = "def f(x):\n    if x < 0:\n        raise NotImplementedError\n    return x"
    assert cells_of(answer, checked) == [answer, checked]
    slow = "def f():\n" + '    """a"""\n' * 500 + "    raise NotImplementedError(x"
    begin = time.monotonic()
    assert cells_of(answer, slow) == [answer, slow]
    assert time.monotonic() - begin < 5


def results(sheet: sheets.Sheet, file: str, outcome: str = "passed", message: str = "") -> dict[str, Result]:
    return {check.name: Result(file, check.name, outcome, message) for check in sheet.checks}


def test_store_goes_on_after_an_interruption(tmp_path):
    ada, bob = (Submission(f"{name}.ipynb", name, "", name.encode()) for name in ("ada", "bob"))
    path = tmp_path / "done"
    store = gradebook.Store(path, OWN, [ada, bob])
    for result in [*results(OWN, ada.file).values(), *list(results(OWN, bob.file).values())[:-1]]:
        store.add(result, alone=True)
    with path.open("a") as file:
        file.write('{"key": "')  # the machine went down here
    store = gradebook.Store(path, OWN, [ada, bob])
    assert store.is_done(ada)
    assert not store.is_done(bob)
    store.add(list(results(OWN, bob.file).values())[-1], alone=True)
    assert gradebook.Store(path, OWN, [ada, bob]).is_done(bob)
    changed = ada._replace(content=b"changed")
    assert not gradebook.Store(path, OWN, [changed, bob]).is_done(changed)
    path.write_bytes(b'5\n{"file": 1}\n[]\n\xff\xfe\nnull\n')
    assert gradebook.Store(path, OWN, [ada]).results == {}


def test_csv_holds_no_formulas(tmp_path):
    names = ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "＝1+1", " =1", 'a"b,c\nd; e']
    found = [Submission(f"{i}.ipynb", name, name, b"") for i, name in enumerate(names)]
    report.write_csv(tmp_path / "g.csv", OWN, found, {one.file: results(OWN, one.file) for one in found})
    with (tmp_path / "g.csv").open(newline="") as file:
        rows = list(csv.reader(file))[1:]
    assert [row[0].replace("'", "") for row in rows] == names
    assert [row[0][:1] == "'" for row in rows] == [True] * (len(names) - 1) + [False]
    assert report._harmless("x;=HYPERLINK(1)") == "x;'=HYPERLINK(1)"
    assert all(row[-1] == "10" for row in rows)


def test_feedback_stays_in_its_folder_and_hides_hidden_checks(tmp_path):
    hidden = OWN._replace(checks=tuple(check._replace(hidden=check.name.endswith("-sum")) for check in OWN.checks))
    long = "x" * 300 + ".ipynb"
    files = [
        "a.ipynb",
        "x/../a.ipynb",
        "../a.ipynb",
        "/a.ipynb",
        "a.html/b.ipynb",
        "c.html/d.ipynb",
        "c.ipynb",
        "..ipynb",
        ".ipynb",
        long,
        "\x1b.ipynb",
    ]
    found = [Submission(file, "<b>Ada</b>", "", b"") for file in files]
    message = "expected 42 but got <i>7</i>\nHint 1 of 3: think & try"
    everything = {file: results(hidden, file, "failed", message) for file in files}
    report.write_feedback(tmp_path / "pages", hidden, found, everything)
    pages = [path for path in (tmp_path / "pages").rglob("*") if path.is_file()]
    assert len(pages) == len(files)
    assert [path.name for path in tmp_path.iterdir()] == ["pages"]
    page = (tmp_path / "pages" / "a.html").read_text(encoding="utf-8")
    assert "<i>" not in page
    assert "<b>" not in page
    rows = {row.split("</td>")[0].rpartition("<td>")[2]: html.unescape(row) for row in page.split("<tr>")}
    assert "42" not in rows["rnn-step-sum"]
    assert "Hint 1 of 3: think & try" in rows["rnn-step-sum"]
    assert "42" in rows["rnn-step-terms"]
    nothing = hidden.checks[1]
    assert report.told(hidden, Result("a", nothing.name, "failed", "expected 42")) == "a hidden check failed"


def test_junit_is_xml_whatever_the_names(tmp_path):
    found = [Submission("\x00\x1b<&>\ufffe.ipynb", "", "", b"")]
    everything = {one.file: results(OWN, one.file, "failed", "\x00<&>\x1b[31m") for one in found}
    report.write_junit(tmp_path / "junit.xml", OWN, found, everything)
    case = ElementTree.parse(tmp_path / "junit.xml").getroot()[0][0]
    assert case.find("failure").attrib["message"] == "<&>[31m"  # type: ignore[union-attr]


# The command.


def run(*arguments: object):
    return CliRunner().invoke(app, list(map(str, arguments)))


def flat(text: str) -> str:
    return " ".join(text.split())


def test_grade_says_what_is_wrong(tmp_path):
    folder = SOLUTION.parents[1]
    missing = run("grade", tmp_path / "no[/red]where", "--topic", "rnn", "--folder", folder)
    assert missing.exit_code == 1
    assert "does not exist" in flat(missing.stderr)
    topic = run("grade", tmp_path, "--topic", "rnm", "--folder", folder)
    assert topic.exit_code == 1
    assert "topics in" in flat(topic.stderr)
    assert "rnn" in topic.stderr
    empty = run("grade", tmp_path, "--topic", "rnn", "--folder", folder)
    assert empty.exit_code == 1
    assert "there is no notebook" in flat(empty.stderr)


@pytest.mark.parametrize("place", ["g.csv.part", "g.csv.done", "feedback/a.html", "j.xml"])
def test_grade_has_no_traceback_where_it_cannot_write_or_read(tmp_path, place, monkeypatch):
    (tmp_path / place).mkdir(parents=True)
    (tmp_path / "a.ipynb").write_text("{}")
    monkeypatch.setattr(cli, "_unfit", lambda *_: "")
    start = ["grade", tmp_path / "a.ipynb", "--topic", "rnn", "--folder", SOLUTION.parents[1], "--fast"]
    files = ["--csv", tmp_path / "g.csv", "--junit", tmp_path / "j.xml", "--feedback", tmp_path / "feedback"]
    result = run(*start, *files)
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert f"{place} cannot be" in flat(result.stderr).replace(" ", "").replace("cannotbe", " cannot be")


@pytest.mark.parametrize(("option", "place"), [("--csv", "folder"), ("--junit", "folder"), ("--feedback", "file")])
def test_grade_says_at_once_where_it_cannot_write(tmp_path, option, place):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("")
    own = tmp_path / "a.ipynb"
    own.write_text("{}")
    start = ["grade", own, "--topic", "rnn", "--folder", SOLUTION.parents[1], "--csv", tmp_path / "g.csv"]
    result = run(*start, option, tmp_path / place)
    assert result.exit_code == 1
    assert "cannot be written" in flat(result.stderr)
    assert isinstance(result.exception, SystemExit)
    assert not (tmp_path / "g.csv").exists()
    assert run(*start, "--csv", own).exit_code == 1
    assert own.read_text() == "{}"


def test_grade_writes_the_same_with_two_jobs_and_imports_nothing_of_the_students(tmp_path, monkeypatch):
    handed_in = tmp_path / "handed-in"
    handed_in.mkdir()
    for case in make.cases(tmp_path):
        if case.name in ("right", "starter", "half-done", "empty"):
            (handed_in / f"{case.name}.ipynb").write_bytes(case.content)  # type: ignore[arg-type]
    for name in ("torch", "numpy", "json", "sitecustomize", "conftest"):
        (handed_in / f"{name}.py").write_text(f"open({str(tmp_path / 'imported')!r}, 'w')\nraise SystemExit")
    monkeypatch.chdir(handed_in)
    written = []
    for i, options in enumerate((["--jobs", "1", "--fast"], ["--jobs", "2", "--fast"])):
        files = [
            "--csv",
            tmp_path / str(i) / "g.csv",
            "--junit",
            tmp_path / str(i) / "j.xml",
            "--feedback",
            tmp_path / str(i),
        ]
        result = run("grade", handed_in, "--topic", "rnn", "--folder", SOLUTION.parents[1], *files, *options)
        assert result.exit_code == 0, result.stderr
        assert "4 submissions" in flat(result.stderr)
        written.append({path.name: path.read_bytes() for path in (tmp_path / str(i)).iterdir()})
    assert sorted(written[0]) == ["empty.html", "g.csv", "half-done.html", "j.xml", "right.html", "starter.html"]
    assert written[0] == written[1]
    rows = list(csv.reader(io.StringIO(written[0]["g.csv"].decode())))
    assert {row[0]: row[-1] for row in rows[1:]} == {"right": "10", "starter": "0", "half-done": "5", "empty": "0"}
    assert not (tmp_path / "imported").exists()


@pytest.mark.skipif(not PROTECTED, reason="needs all protections")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
@pytest.mark.parametrize("options", [["--fast"], []])
def test_grade_that_is_interrupted_keeps_its_work_and_leaves_nothing_else(tmp_path, options, sent):
    handed_in = tmp_path / "handed-in"
    (tmp_path / "temporary").mkdir()
    make.make(handed_in)
    (handed_in / "endless-loop.ipynb").rename(tmp_path / "endless.ipynb")
    for path in handed_in.iterdir():
        if path.name != "right.ipynb":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    (tmp_path / "endless.ipynb").rename(handed_in / "the-second.ipynb")
    command = [str(Path(sys.executable).with_name("rnncourse")), "grade", "handed-in", "--topic", "rnn", "--jobs", "1"]
    command += ["--folder", str(SOLUTION.parents[1]), *options]
    environment = {**os.environ, "TMPDIR": str(tmp_path / "temporary"), "RNNCOURSE_CALL_SECONDS": "100"}
    listening = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # a shell's background jobs do not
    process = subprocess.Popen(
        command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True, preexec_fn=listening
    )
    done = tmp_path / "grades.csv.done"
    deadline = time.monotonic() + 120
    while not (done.exists() and len(done.read_text().splitlines()) >= len(OWN.checks)):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    process.send_signal(sent)
    told = process.communicate(timeout=30)[1]
    if sent != signal.SIGKILL:
        assert process.returncode == 130, told
        assert "interrupted; what is graded is kept: the same command goes on from there" in flat(told)
        assert list((tmp_path / "temporary").iterdir()) == []
    assert "Traceback" not in told
    mark = os.fsencode(tmp_path)
    deadline = time.monotonic() + 10
    while running(mark) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert running(mark) == []
    assert not (tmp_path / "grades.csv").exists()
    (handed_in / "the-second.ipynb").unlink()
    again = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert again.returncode == 0, again.stderr
    with open(tmp_path / "grades.csv", encoding="utf-8") as file:
        assert [row["Total (10)"] for row in csv.DictReader(file)] == ["10"]


@pytest.mark.skipif(not PROTECTED, reason="needs all protections")
@pytest.mark.parametrize("options", [["--fast"], []])
def test_grade_stops_when_the_first_process_ends(tmp_path, options):
    """As when memory runs out: that is no student's fault, and is told at once."""
    make.make(tmp_path / "all")
    (tmp_path / "handed-in").mkdir()
    for name in ("endless-loop", "right", "half-done"):
        (tmp_path / "all" / f"{name}.ipynb").rename(tmp_path / "handed-in" / f"{name}.ipynb")
    command = [str(Path(sys.executable).with_name("rnncourse")), "grade", str(tmp_path / "handed-in"), "--topic", "rnn"]
    command += ["--jobs", "1", "--folder", str(SOLUTION.parents[1]), *options]
    environment = {**os.environ, "RNNCOURSE_CALL_SECONDS": "100"}
    process = subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True)
    time.sleep(10)  # it is in the endless loop now
    workers = [int(pid) for pid in running(b"grading.worker") if pid in running(os.fsencode(tmp_path))]
    first = min(workers)
    os.kill(first, signal.SIGKILL)
    told = process.communicate(timeout=30)[1]
    assert process.returncode == 1
    assert "the process from which students' processes are forked has ended" in flat(told)
    assert "what is graded is kept: the same command goes on from there" in flat(told)
    assert "Traceback" not in told
    assert not (tmp_path / "grades.csv").exists()


def test_what_was_held_up_is_judged_again_after_an_interruption(tmp_path, monkeypatch):
    ada, bob = (Submission(f"{name}.ipynb", name, "", name.encode()) for name in ("ada", "bob"))
    stopped = results(OWN, ada.file, "failed", f"f {sheets.STOPPED} it took longer than 10 s")
    path = tmp_path / "done"
    store = gradebook.Store(path, OWN, [ada, bob])
    for result in [*stopped.values(), *results(OWN, bob.file).values()]:
        store.add(result, alone=False)
    asked: list[list[Submission]] = []

    def judge_all(own, seed, address, share, jobs):
        asked.append(share)
        for one in share:
            yield from (stopped if len(asked) == 3 else results(OWN, one.file)).values()

    monkeypatch.setattr(gradebook, "judge_in_processes", judge_all)
    store = gradebook.Store(path, OWN, [ada, bob])
    gradebook.grade(OWN, [ada, bob], store, 2, True, lambda: None)
    assert asked == [[], [ada]]
    assert gradebook.points(OWN, store.results[ada.file]) == 10
    for result in stopped.values():
        store.add(result, alone=True)
    gradebook.grade(OWN, [ada, bob], gradebook.Store(path, OWN, [ada, bob]), 2, True, lambda: None)
    assert asked == [[], [ada], []]


def test_doctor():
    result = run("doctor")
    assert result.exit_code == (0 if PROTECTED else 1)
    assert flat(result.stderr).count("a student's notebook") == 6


@pytest.mark.parametrize(("name", "is_told"), [("exercises/rnn/starter.ipynb", True), ("book/notebook.ipynb", False)])
def test_pytest_on_exercises_says_that_it_does_not_protect(tmp_path, name, is_told):
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    notebook = json.loads(SOLUTION.with_name("starter.ipynb").read_text(encoding="utf-8"))
    if not is_told:
        notebook["cells"] = notebook["cells"][:2]
    path.write_text(json.dumps(notebook), encoding="utf-8")
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--nbval", name]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert ("ran without protection" in done.stdout) == is_told
