"""Which column of a roster gets the marks."""

import re
from collections.abc import Iterable

from rnncourse.grading.judge.names import words
from rnncourse.grading.judge.roster import Roster

GRADE = {"grade", "bewertung"}  # what Moodle calls it, in English and German
COMPUTED = re.compile(r"(Current|Final) (Score|Points|Grade)|Override")  # columns that Canvas fills itself


def grade_column(roster: Roster, topic: str, wanted: str | None = None, topics: Iterable[str] = ()) -> int | None:
    """Return the column that gets the marks: ``wanted``, or Moodle's grade, or the one that is called like the topic.

    Return None if there is none, and one has to be added.

    Args:
        topics: all there are: "Deep RNN" speaks of deep_rnn and not of rnn.

    Raises:
        ValueError: if there is no column ``wanted``, more than one may be meant, or the LMS lets nobody change it.
    """
    first = roster.first_grade
    if wanted is not None:
        fitting = [i for i, title in enumerate(roster.header) if title.strip() == wanted.strip()]
        fitting = fitting or [
            i for i, title in enumerate(roster.header) if i >= first and wanted.lower() in title.lower()
        ]
        if not fitting:
            raise ValueError(f"{roster.path} has no column {wanted!r}; there is: {', '.join(roster.header)}")
    elif roster.kind == "moodle":
        column = roster.column(GRADE)
        if column is None:
            there = ", ".join(roster.header)
            raise ValueError(f"{roster.path}: say with --column which column has the grades; there is: {there}")
        return column
    else:
        subject = " ".join(words(topic))
        longer = [other for each in topics if subject in (other := " ".join(words(each))) and other != subject]
        titles = [" ".join(words(re.sub(r"\(\d+\)$", "", title))) for title in roster.header]
        about = [
            i
            for i, title in enumerate(titles)
            if i >= first and f" {subject} " in f" {title} " and not any(other in title for other in longer)
        ]
        about = [i for i in about if not COMPUTED.search(roster.header[i])]
        fitting = [i for i in about if titles[i] == subject] or about
    if len(fitting) > 1:
        titles = ", ".join(roster.header[i] for i in fitting)
        raise ValueError(f"{roster.path}: more than one column may be meant, say one with --column: {titles}")
    if not fitting:
        return None
    if any("Points Possible" in row[0] and "read only" in row[fitting[0]].lower() for row in roster.table):
        raise ValueError(f"{roster.path}: Canvas lets nobody change the column {roster.header[fitting[0]]!r}")
    return fitting[0]
