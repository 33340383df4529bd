"""Grades: run the judge over many submissions, keep what is done, and write it for students, instructors and an LMS."""

import csv
import hashlib
import html
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import nbformat

from rnncourse.grading.judge import Result, Sheet, judge_fast, judge_notebook, seed_of
from rnncourse.grading.submissions import Submission

Results = dict[str, dict[str, Result]]  # by file, then by check


def key(sheet: Sheet, submission: Submission) -> str:
    """Return what a result depends on, as a short text: this submission, and the exercises as they are."""
    parts = (sheet.path.read_bytes(), submission.file.encode(), submission.content)
    return hashlib.sha256(b"\0".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()[:32]


class Store:
    """Results that are done, a file of lines that only grows; a run that was interrupted goes on from it."""

    def __init__(self, path: Path, sheet: Sheet, submissions: list[Submission]) -> None:
        self.path, self.sheet = path, sheet
        self._keys = {submission.file: key(sheet, submission) for submission in submissions}
        self._lock = threading.Lock()
        self.results: Results = {}
        text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
        for line in text.splitlines():
            try:
                record = json.loads(line)
                result = Result(record["file"], record["check"], record["outcome"], record["message"])
                if record["key"] == self._keys.get(result.file):
                    self.results.setdefault(result.file, {})[result.check] = result
            except (ValueError, KeyError, TypeError):
                continue  # the line at which a run was interrupted
        self._begin = "" if text.endswith("\n") or not text else "\n"  # that line must not swallow the next one

    def is_done(self, submission: Submission) -> bool:
        """Return whether every check of ``submission`` has a result."""
        return self.results.get(submission.file, {}).keys() >= {check.name for check in self.sheet.checks}

    def add(self, result: Result) -> None:
        """Keep ``result``, here and in the file."""
        line = json.dumps({"key": self._keys[result.file], **result._asdict()}) + "\n"
        with self._lock, self.path.open("a", encoding="utf-8") as file:
            self.results.setdefault(result.file, {})[result.check] = result
            file.write(self._begin + line)
            self._begin = ""


def grade(
    sheet: Sheet,
    submissions: list[Submission],
    store: Store,
    jobs: int,
    fast: bool,
    done: Callable[[], None],
    address: str | None = None,
) -> None:
    """Judge what ``store`` has not yet, with ``jobs`` judges at a time; call ``done`` after each submission.

    With the ``address`` of a Dask scheduler its workers judge, as many as there are.
    """
    judge = in_process if fast else _in_nbval
    if address:
        from rnncourse.grading.cluster import judge_on_cluster  # which uses this module

        judge, jobs = partial(judge_on_cluster, address), 1
    todo = [submission for submission in submissions if not store.is_done(submission)]
    seed = seed_of(submissions)
    shares = [todo[i::jobs] for i in range(min(jobs, len(todo)))]
    with ThreadPoolExecutor(max(1, len(shares))) as pool:

        def work(share: list[Submission]) -> None:
            last = sheet.checks[-1].name
            for result in judge(sheet, share, seed):
                store.add(result)
                if result.check == last:
                    done()

        for future in [pool.submit(work, share) for share in shares]:
            future.result()


def in_process(sheet: Sheet, submissions: list[Submission], seed: int) -> Iterator[Result]:
    """Judge in a process of its own, so that several can run side by side; ``seed`` makes the random inputs."""
    with tempfile.TemporaryDirectory(prefix="rnncourse-") as name:
        listing = Path(name) / "submissions.json"
        files = []
        for i, submission in enumerate(submissions):
            (Path(name) / f"{i}.ipynb").write_bytes(submission.content)
            files.append([submission.file, str(Path(name) / f"{i}.ipynb")])
        listing.write_text(json.dumps(files))
        # -P: a torch.py among the submissions must not be imported, here nor below.
        command = [sys.executable, "-P", "-m", "rnncourse.grading.gradebook", str(sheet.path), str(listing), str(seed)]
        with (
            open(Path(name) / "errors", "w+") as errors,
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, encoding="utf-8") as process,
        ):
            assert process.stdout is not None
            for line in process.stdout:
                yield Result(*json.loads(line))
            process.wait()
            errors.seek(0)
            if process.returncode:
                raise RuntimeError(f"the judge has ended: {errors.read()[-2000:].strip().rpartition(chr(10))[2]}")


def _in_nbval(sheet: Sheet, submissions: list[Submission], seed: int) -> Iterator[Result]:
    """Judge in a notebook under nbval; results are read as they come."""
    with tempfile.TemporaryDirectory(prefix="rnncourse-") as name:
        folder = Path(name)
        notebook, found = folder / "judge.ipynb", folder / "results.jsonl"
        nbformat.write(judge_notebook(sheet.path, folder, submissions, seed), notebook)
        found.touch()
        options = ["-q", "-p", "no:xdist", "-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", name, "--tb=no"]
        command = [sys.executable, "-P", "-m", "pytest", *options, "--nbval", "--nbval-current-env", str(notebook)]
        # Options of another run of pytest are not for this one.
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
        environment["RNNCOURSE_RESULTS"] = str(found)
        expected = len(submissions) * len(sheet.checks)
        count = 0
        with (
            subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process,
            found.open(encoding="utf-8") as lines,
        ):
            assert process.stdout is not None
            printed = b""
            for part in iter(lambda: process.stdout.read1(65536), b""):  # type: ignore[union-attr]
                printed = (printed + part)[-4000:]
                for line in lines:
                    count += 1
                    yield Result(**json.loads(line))
            for line in lines:
                count += 1
                yield Result(**json.loads(line))
        if count != expected:
            text = printed.decode(errors="replace")
            raise RuntimeError(f"nbval gave {count} of {expected} results; it ended with:\n{text}")


def points(sheet: Sheet, results: dict[str, Result], exercise: str | None = None) -> int:
    """Return the points of a submission, in ``exercise`` or in all."""
    checks = [check for check in sheet.checks if exercise in (None, check.exercise)]
    return sum(check.points for check in checks if results[check.name].outcome == "passed")


def exercises(sheet: Sheet) -> dict[str, int]:
    """Return the exercises in order, and the points of each."""
    total: Counter[str] = Counter()
    for check in sheet.checks:
        total[check.exercise] += check.points
    return dict(total)


def write_csv(path: Path, sheet: Sheet, submissions: Iterable[Submission], results: Results) -> None:
    """Write one line a submission; Canvas and Moodle find the student by name or number, and a column for the grade."""
    own = exercises(sheet)
    columns = [
        "Student",
        "ID",
        "File",
        *(f"{name} ({most})" for name, most in own.items()),
        f"Total ({sum(own.values())})",
    ]
    aside = path.with_name(path.name + ".part")
    with aside.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for submission in submissions:
            found = results[submission.file]
            names = [_harmless(text) for text in (submission.student, submission.id, submission.file)]
            writer.writerow([*names, *(points(sheet, found, name) for name in own), points(sheet, found)])
    aside.replace(path)


def _harmless(text: str) -> str:
    """A cell that begins like a formula would be computed by a spreadsheet."""
    return "'" + text if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else text


def write_junit(path: Path, sheet: Sheet, submissions: Iterable[Submission], results: Results) -> None:
    """Write one test suite a submission and one test case a check, with exercise and points as properties."""
    root = ElementTree.Element("testsuites", name=sheet.topic)
    for submission in submissions:
        suite = ElementTree.SubElement(
            root, "testsuite", name=_printable(submission.file), tests=str(len(sheet.checks))
        )
        for check in sheet.checks:
            result = results[submission.file][check.name]
            case = ElementTree.SubElement(suite, "testcase", classname=check.exercise, name=check.name)
            properties = ElementTree.SubElement(case, "properties")
            ElementTree.SubElement(properties, "property", name="points", value=str(check.points))
            if result.outcome != "passed":
                kind = "failure" if result.outcome == "failed" else "skipped"
                ElementTree.SubElement(case, kind, message=_printable(told(sheet, result)))
    ElementTree.indent(root)
    ElementTree.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def _printable(text: str) -> str:
    return "".join(character for character in text if character.isprintable() or character in "\n\t")


def told(sheet: Sheet, result: Result) -> str:
    """Return what a student is told of ``result``: of a hidden check, the hint only."""
    check = next(check for check in sheet.checks if check.name == result.check)
    if not check.hidden or result.outcome != "failed":
        return result.message
    return result.message[result.message.rfind("Hint ") :] if "Hint " in result.message else "a hidden check failed"


MARKS = {"passed": "\u2713 passed", "failed": "\u2717 failed", "not attempted": "\u2013 not attempted"}
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ font: 16px/1.5 sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem; color-scheme: light dark; }}
table {{ border-collapse: collapse; width: 100%; }}
th, td {{ text-align: left; vertical-align: top; padding: .4rem; border-bottom: 1px solid #8888; }}
pre {{ margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }}
</style>
</head>
<body>
<h1>{title}</h1>
<p>{total}</p>
<table>
<thead><tr><th>Check</th><th>Points</th><th>Result</th></tr></thead>
<tbody>
{rows}
</tbody>
</table>
</body>
</html>
"""


def write_feedback(folder: Path, sheet: Sheet, submissions: Iterable[Submission], results: Results) -> None:
    """Write a page for each submission, under the name of its file."""
    taken: set[Path] = set()
    for submission in submissions:
        found = results[submission.file]
        rows = []
        for check in sheet.checks:
            result = found[check.name]
            got = check.points if result.outcome == "passed" else 0
            message = f"<pre>{html.escape(told(sheet, result))}</pre>" if result.message else ""
            cells = (html.escape(check.name), f"{got} of {check.points}", MARKS[result.outcome] + message)
            rows.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
        most = sum(check.points for check in sheet.checks)
        page = PAGE.format(
            title=html.escape(f"{sheet.topic}: {submission.student}"),
            total=f"{points(sheet, found)} of {most} points",
            rows="\n".join(rows),
        )
        path = _page(folder, submission.file, taken)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page, encoding="utf-8")


def _page(folder: Path, file: str, taken: set[Path]) -> Path:
    """Return a path of its own in ``folder``; a name that leads elsewhere, or that a file cannot have, is replaced."""
    parts = file.split("/")
    plain = all(part.strip(". ") and part.isprintable() and len(part.encode()) < 200 for part in parts)
    path = folder.joinpath(*parts[:-1], parts[-1].removesuffix(".ipynb") + ".html")
    if not plain or "\\" in file or len(file) > 2000 or {path, *path.parents} & taken:
        path = folder / f"{hashlib.sha256(file.encode()).hexdigest()[:16]}.html"
    taken.add(path)
    return path


def hardest(sheet: Sheet, results: Results) -> list[tuple[str, int]]:
    """Return the checks and how many submissions passed each, the fewest first."""
    passed = {check.name: 0 for check in sheet.checks}
    for found in results.values():
        for name in passed:
            passed[name] += found[name].outcome == "passed"
    return sorted(passed.items(), key=lambda item: item[1])


def main(arguments: list[str]) -> None:
    """Judge the submissions that a file lists, and print each result as a line of JSON."""
    source, listing = map(Path, arguments[:2])
    files: list[list[Any]] = json.loads(listing.read_text())
    submissions = [Submission(file, "", "", Path(path).read_bytes()) for file, path in files]
    for result in judge_fast(source, submissions, int(arguments[2])):
        print(json.dumps(list(result)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
