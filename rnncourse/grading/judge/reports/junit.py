"""The results for other programs: JUnit XML, a test suite for each submission and a test case for each check."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree

from rnncourse.grading.exercise import Sheet
from rnncourse.grading.judge.reports.feedback import text_for_student
from rnncourse.grading.judge.results import Results
from rnncourse.grading.judge.submissions import Submission


def write_junit(path: Path, sheet: Sheet, submissions: Iterable[Submission], results: Results) -> None:
    """Write the results, with points as properties of the test cases."""
    root = ElementTree.Element("testsuites", name=sheet.topic)
    for submission in submissions:
        verdicts = results[submission.file]
        outcomes = Counter(verdicts[check.name].outcome for check in sheet.checks)
        suite = ElementTree.SubElement(
            root,
            "testsuite",
            name=_printable(submission.file),
            tests=str(len(sheet.checks)),
            failures=str(outcomes["failed"]),
            errors="0",
            skipped=str(outcomes["not attempted"]),
        )
        for exercise in sheet.exercises:
            for check in exercise.checks:
                verdict = verdicts[check.name]
                case = ElementTree.SubElement(suite, "testcase", classname=exercise.name, name=check.name)
                properties = ElementTree.SubElement(case, "properties")
                ElementTree.SubElement(properties, "property", name="points", value=str(check.points))
                if verdict.outcome != "passed":
                    kind = "failure" if verdict.outcome == "failed" else "skipped"
                    ElementTree.SubElement(case, kind, message=_printable(text_for_student(check, verdict)))
    ElementTree.indent(root)
    ElementTree.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def _printable(text: str) -> str:
    return "".join(character for character in text if character.isprintable() or character in "\n\t")
