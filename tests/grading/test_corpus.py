"""A class of honest, broken, wrong and hostile notebooks, graded by both judges: each gets what it has earned.

All of it is in one module, so that one worker grades the class, once.
"""

import contextlib
import csv
import json
import os
import runpy
import shlex
import shutil
import subprocess
from collections.abc import Collection
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import dask
import pytest
from distributed import LocalCluster

from rnncourse.grading.exercise import read_sheet
from rnncourse.grading.judge import run, submissions
from rnncourse.grading.judge.gradebook import Gradebook, points
from rnncourse.grading.judge.reports import Reports
from rnncourse.grading.judge.results import Results, Verdict

# Dask's own clean-up of sockets and loops is not ours to judge.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:::distributed", "ignore::ResourceWarning", "ignore::DeprecationWarning"),
]

ROOT = Path(__file__).parents[2]
make: Any = SimpleNamespace(**runpy.run_path(str(ROOT / "tests" / "submissions" / "make.py")))
CASES = make.cases(Path("canary.txt"))
# They do not end by themselves, so they get little time; all others get as much as in earnest.
STOPPED = [*make.stops(), *make.storms(), *make.forgeries()]
ENDLESS = {f"{case.name}.ipynb" for case in STOPPED} | {"outlives-the-grader.ipynb", "returns-endless.ipynb"}
# What does not end by itself is judged in the first two ways only: each of these takes a second or more.
WAYS = ("nbval", "fast", "fast, two at a time", "dask")
TRIED = [(way, case.name) for way in WAYS for case in CASES if way in WAYS[:2] or f"{case.name}.ipynb" not in ENDLESS]
SHORT = {"RNNCOURSE_CELL_SECONDS": "1.5", "RNNCOURSE_CALL_SECONDS": "1"}


class Class:
    """The corpus in a folder, with the exercises."""

    def __init__(self, folder: Path, names: Collection[str] = ()) -> None:
        self.folder = folder
        exercises = folder / "exercises" / "rnn"
        shutil.copytree(ROOT / "exercises" / "rnn", exercises, ignore=shutil.ignore_patterns(".*"))
        (folder / "handed-in").mkdir()
        self.canary = folder / "canary.txt"
        self.cases = {f"{case.name}.ipynb": case for case in make.make(folder / "handed-in", names)}
        os.utime(self.canary, (1e9, 1e9))
        self.submissions = submissions.find(folder / "handed-in")
        self.sheet = read_sheet(exercises / "solution.ipynb")

    def grade(self, way: str) -> Results:
        gradebook = Gradebook(self.folder / f"{way}.done", self.sheet, self.submissions)
        seed = run.seed_of(self.sheet, self.submissions)
        hidden = run.hidden_places(self.sheet, self.folder / "handed-in")
        for limits in ({}, SHORT) if way in WAYS[:2] else ({},):
            share = [submission for submission in self.submissions if (submission.file in ENDLESS) == bool(limits)]
            with pytest.MonkeyPatch.context() as patch, contextlib.ExitStack() as stack:
                for name, value in limits.items():
                    patch.setenv(name, value)
                scheduler = None
                if way == "dask":
                    place = str(self.folder.with_name("dask"))  # Dask leaves a folder of its own
                    stack.enter_context(dask.config.set({"temporary-directory": place}))
                    cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
                    scheduler = stack.enter_context(cluster).scheduler_address
                jobs = 1 if way == "fast" else 2
                opened = run.open_judge(self.sheet, seed, hidden, jobs, way.startswith("fast"), scheduler)
                run.grade(stack.enter_context(opened), gradebook, share)
        return gradebook.results


@pytest.fixture(scope="module")
def graded(protected, tmp_path_factory):
    folder = tmp_path_factory.mktemp("class")
    temporary = folder / "temporary"
    temporary.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(temporary))
        patch.setattr("tempfile.tempdir", str(temporary))
        patch.setenv("GRADERS_PASSWORD", "SECRETS")
        students = Class(folder)
        return students, {way: students.grade(way) for way in WAYS}


def earned(students: Class, verdicts: dict[str, Verdict]) -> tuple[int, ...]:
    return tuple(points(exercise.checks, verdicts) for exercise in students.sheet.exercises)


@pytest.mark.parametrize(("way", "name"), TRIED)
def test_each_gets_what_it_earned(graded, way, name):
    students, results = graded
    verdicts = results[way][f"{name}.ipynb"]
    texts = [f"{check}: {verdict.text}" for check, verdict in verdicts.items()]
    assert earned(students, verdicts) == students.cases[f"{name}.ipynb"].points, texts


@pytest.mark.parametrize("way", WAYS[1:])
def test_all_judges_say_the_same(graded, way):
    _, results = graded
    assert len(results[way]) >= 250
    for file, others in results[way].items():
        for check, other in others.items():
            nbval = results["nbval"][file][check]
            assert other.outcome == nbval.outcome
            # How far a notebook gets before it is stopped is not always the same.
            if not (file in ENDLESS or other.stopped or nbval.stopped):
                assert other == nbval


def test_the_corpus_is_large_and_each_case_has_a_name_of_its_own():
    assert len({case.name for case in CASES}) == len(CASES) >= 250


def test_nothing_outside_is_read_or_changed(graded):
    students, results = graded
    assert students.canary.read_text() == make.SECRET
    assert students.canary.stat().st_mtime == 1e9
    assert students.canary.stat().st_mode & 0o777 != 0
    assert {path.name for path in students.folder.iterdir()} == {
        "exercises", "handed-in", "canary.txt", "temporary", *(f"{way}.done" for way in WAYS),
    }  # fmt: skip
    everything = json.dumps(results)
    assert make.SECRET not in everything
    assert "SECRETS" not in everything
    assert not Path("/dev/shm/canary").exists()


def test_nothing_is_left_over(graded, processes, wait_until):
    students, _ = graded
    assert list((students.folder / "temporary").iterdir()) == []
    wait_until(lambda: not processes(students.folder / "exercises"))


def test_hints_and_reasons_reach_the_student(graded):
    _, results = graded

    def verdict(name: str, check: str = "rnn-step-terms") -> Verdict:
        return results["fast"][f"{name}.ipynb"][check]

    assert verdict("endless-loop").message.startswith("rnn_step was stopped: it took longer than 1 s")
    assert verdict("os-exit").message.startswith("rnn_step was stopped: it ended the process")
    assert "a coroutine is in it" in verdict("async").message
    for name in ("endless-loop", "os-exit", "async"):
        assert verdict(name).hint.startswith("Hint 1 of 3: There are two matrix products")
        assert verdict(name).stopped == (name != "async")
    assert "the notebook defines no rnn_step (its errors: SyntaxError: " in verdict("syntax-error").message
    assert verdict("syntax-error").undefined
    assert not verdict("endless-loop").undefined
    assert verdict("starter", "temperature-cold").outcome == "not attempted"
    assert verdict("empty").message.startswith("nothing can be graded: it is not a Jupyter notebook")
    assert verdict("raises-html").message.endswith("\nin the line: raise Exception('<script>alert(1)</script>')")


def test_pages_csv_and_junit_of_the_class(graded, tmp_path):
    students, results = graded
    reports = Reports(tmp_path / "grades.csv", tmp_path / "junit.xml", tmp_path / "pages")
    reports.write(students.sheet, students.submissions, results["fast"])
    pages = list((tmp_path / "pages").rglob("*.html"))
    assert len(pages) == len(students.cases)
    page = (tmp_path / "pages" / "raises-html.html").read_text(encoding="utf-8")
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    suites = ElementTree.parse(tmp_path / "junit.xml").getroot()
    assert len(suites) == len(students.cases)
    assert suites[0][0][0][0].attrib == {"name": "points", "value": "1"}
    for suite in suites:
        assert int(suite.attrib["failures"]) == len(suite.findall("*/failure"))
        assert int(suite.attrib["skipped"]) == len(suite.findall("*/skipped"))
    with (tmp_path / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0][:4] == ["Student", "ID", "Section", "File"]
    exercises = ["rnn-step [2]", "rnn-loop [3]", "perplexity [3]", "temperature [2]"]
    assert rows[0][4:] == ["Late", "Note", *exercises, "Total [10]"]
    for row in rows[1:]:
        expected = students.cases[row[3]].points
        assert tuple(map(int, row[6:])) == (*expected, sum(expected))
    assert [row[0] for row in rows if row[3].startswith("ada/")] == ["ada", "ada"]


# In a container there are often no namespaces: Landlock and seccomp have to do alone.
CONTAINED = "right half-done fork-bomb memory-bomb outlives-the-grader network programs signals raw-system-calls "
CONTAINED += " ".join(case.name for case in make.refused_calls()) + " "
CONTAINED += "reads-the-canary changes-the-canary changes-the-canarys-mode reads-the-solution loads-the-solution"


@pytest.mark.skipif(not shutil.which("unshare"), reason="needs unshare")
def test_without_namespaces_the_rest_protects(protected, tmp_path, program, flat):
    students = Class(tmp_path, CONTAINED.split())

    def grade(*options: str) -> subprocess.CompletedProcess[str]:
        command = [program, "grade", "handed-in", "--topic", "rnn", "--fast", *options]
        script = f"echo 0 > /proc/sys/user/max_user_namespaces && exec {shlex.join(command)}"
        command = ["unshare", "--user", "--map-root-user", "sh", "-c", script]
        return subprocess.run(command, cwd=tmp_path, env={**os.environ, **SHORT}, capture_output=True, text=True)

    process = grade()
    assert process.returncode == 3, process.stderr
    assert "it is not true here that a notebook is alone" in flat(process.stderr)
    assert "nothing is graded" in flat(process.stderr)
    assert not (tmp_path / "grades.csv").exists()
    process = grade("--trust")
    assert process.returncode == 0, process.stderr
    assert "it is not true here that a notebook is alone" in flat(process.stderr)
    with open(tmp_path / "grades.csv", encoding="utf-8") as file:
        total = {row["File"]: int(row["Total [10]"]) for row in csv.DictReader(file)}
    assert total == {f"{name}.ipynb": sum(students.cases[f"{name}.ipynb"].points) for name in CONTAINED.split()}
    assert students.canary.read_text() == make.SECRET
    assert students.canary.stat().st_mtime == 1e9
