"""The result of one submission as Gradescope's autograder reads it: a file ``results.json``."""

import json
from pathlib import Path

from rnncourse.files import replacing
from rnncourse.grading.exercise import Check, Sheet
from rnncourse.grading.judge.marks import Mark
from rnncourse.grading.judge.reports.feedback import text_for_student
from rnncourse.grading.judge.results import Results, Verdict

STATUS = {"passed": "passed", "failed": "failed", "not attempted": "failed"}


def write_gradescope(path: Path, sheet: Sheet, mark: Mark, results: Results) -> None:
    """Write the points and the message of each check; the score is the total, also if an instructor decided it."""
    verdicts = results.get(mark.file, {})
    tests = [_test(check, verdicts[check.name]) for check in sheet.checks if check.name in verdicts]
    _write(path, {"score": mark.total or 0, "output": mark.note, "output_format": "text", "tests": tests})


def write_nothing(path: Path, reason: str) -> None:
    """Write that nothing could be graded, and why."""
    _write(path, {"score": 0, "output": reason, "output_format": "text"})


def _write(path: Path, result: dict[str, object]) -> None:
    with replacing(path) as draft:
        draft.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _test(check: Check, verdict: Verdict) -> dict[str, object]:
    passed = verdict.outcome == "passed"
    return {
        "name": f"{check.exercise}: {check.name}",
        "score": check.points if passed else 0,
        "max_score": check.points,
        "status": STATUS[verdict.outcome],
        "output": "" if passed else text_for_student(check, verdict) or verdict.outcome,
        "output_format": "text",  # whatever a student writes stays text
        "visibility": "visible",
    }
