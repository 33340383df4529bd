"""What a class's results say of the checks: which are hard, which tell students apart, what is told most often."""

import re
import statistics
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from rnncourse.grading.exercise import Check, Sheet
from rnncourse.grading.judge.gradebook import points
from rnncourse.grading.judge.results import Results


class Item(NamedTuple):
    """A check in figures.

    Attributes:
        share: of the submissions that pass it.
        discrimination: correlation between passing it and the points for all other checks; None if all or none pass.
    """

    check: Check
    share: float
    discrimination: float | None


class CommonMessage(NamedTuple):
    """A message that ``count`` students got, numbers aside, and the first of them."""

    check: str
    count: int
    example: str
    file: str


def items(sheet: Sheet, results: Results) -> list[Item]:
    """Return the checks in their order."""
    analysed = []
    for check in sheet.checks:
        others = [other for other in sheet.checks if other.name != check.name]
        passed = [float(verdicts[check.name].outcome == "passed") for verdicts in results.values()]
        rest = [float(points(others, verdicts)) for verdicts in results.values()]
        share = statistics.fmean(passed) if passed else 0.0
        varies = len(set(passed)) > 1 and len(set(rest)) > 1
        analysed.append(Item(check, share, statistics.correlation(passed, rest) if varies else None))
    return analysed


def commonest(sheet: Sheet, results: Results, most: int = 3) -> list[CommonMessage]:
    """Return the ``most`` frequent messages of each check."""
    common = []
    for check in sheet.checks:
        messages = [
            (file, verdicts[check.name].message)
            for file, verdicts in results.items()
            if verdicts[check.name].outcome == "failed"
        ]
        counts = Counter(_kind(message) for _, message in messages)
        for kind, count in counts.most_common(most):
            file, example = next((file, message) for file, message in messages if _kind(message) == kind)
            common.append(CommonMessage(check.name, count, example, file))
    return common


def distribution(totals: Sequence[float], highest: float, bars: int = 10) -> list[tuple[str, int]]:
    """Return how many of the ``totals`` are in each of at most ``bars`` ranges up to ``highest``, or above it."""
    width = max(1, -(-int(highest) // bars))
    counts = Counter(min(int(total // width) * width, int(highest)) for total in totals)
    ranges = []
    for low in range(0, int(highest) + 1, width):
        high = min(low + width - 1, int(highest))
        ranges.append((f"{low}" if high == low else f"{low} to {high}", sum(counts[i] for i in range(low, high + 1))))
    return ranges


def _kind(message: str) -> str:
    """Return the first line of ``message`` without numbers, which differ from student to student."""
    return re.sub(r"-?\d[\d.,e+-]*", "#", message.partition("\n")[0])[:200]
