"""How learning management systems and the like name the files that they hand over."""

import contextlib
import datetime
import re

SYSTEMS = {
    # Sortable name without signs, number of the user, number of the file; "doejane_LATE_123_456_rnn.ipynb".
    "canvas": re.compile(
        r"(?:(?P<late_too>LATE_)?(?P<anonymous>anon_[0-9A-Za-z]+)(?=_\d)|(?P<name>[^/]+?)_(?P<late>LATE_)?(?P<id>\d+))"
        r"_(?:(?P<attempt>\d+)_[^/]|(?:text|link)\.html$)"
    ),
    # "Jane Doe_901_assignsubmission_file_/rnn.ipynb", also without the folder; a default group has no number.
    "moodle": re.compile(r"(?P<name>[^/]+?)(?:_(?P<id>\d+))?_assignsubmission_[a-z]+(?=[_/])"),
    # "Exercise 1_jdoe_attempt_2026-10-04-12-30-45_rnn.ipynb".
    "blackboard": re.compile(r"(?P<head>[^/]+?)_attempt_(?P<attempt>\d{4}(?:-\d\d){5})(?=[_.])"),
    # "397063-2557369 - Jane Doe - Sep 24, 2026 926 PM/rnn.ipynb", or " - rnn.ipynb".
    "brightspace": re.compile(
        r"(?P<id>\d+-\d+) - (?P<name>[^/]+?) - "
        r"(?P<date>\w+\.? \d{1,2},? \d{4}|\d{1,2}\.? \w+\.?,? \d{4})(?P<time> \d{3,4}(?: [AP]M)?)?(?=/| - )"
    ),
    # "Doe, Jane(jdoe)/Submission attachment(s)/rnn.ipynb".
    "sakai": re.compile(r"(?P<name>[^/]+?) ?\((?P<id>[^()/]+)\)[/_]Submission attachment\(s\)[/_]"),
    "gradescope": re.compile(r"(?P<name>submission_\d+)/"),
}
# These fit other names, too, and count only if they fit all: "Doe_Jane_jdoe_1234/rnn.ipynb", "rnn - Jane Doe.ipynb".
SYSTEMS_FOR_ALL = {
    "ilias": re.compile(r"(?P<last>[^_/]+)_(?P<first>[^_/]+)_(?P<id>[^/]+)_\d+/"),
    "google": re.compile(r"[^/]+ - (?P<name>[^/]+?)(?: ?\(\d+\))?\.ipynb", re.IGNORECASE),
}
ALL_SYSTEMS = {**SYSTEMS, **SYSTEMS_FOR_ALL}
AROUND = re.compile(r"submitted|.+-submissions")  # the folder around all of nbgrader, and of GitHub Classroom


def time_of(date: str, time: str) -> str:
    """Return a date as Brightspace writes it so that a later one is greater; nothing, if it is in another language."""
    text = f"{re.sub('[,.]', '', date)} {(time or ' 0000').strip().zfill(7 if time.endswith('M') else 4)}"
    for day in ("%b %d %Y", "%B %d %Y", "%d %b %Y", "%d %B %Y"):
        for clock in ("%I%M %p", "%H%M"):
            with contextlib.suppress(ValueError):
                return datetime.datetime.strptime(text, f"{day} {clock}").isoformat()
    return ""
