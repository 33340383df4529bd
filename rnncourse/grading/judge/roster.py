"""The students of a course, as the LMS itself exports them, and the same file with marks in it, for the way back.

Canvas takes its gradebook back: the columns that say who a student is have to end with ``Section``, and what follows
is a grade. Moodle takes its grading worksheet back: there the columns ``Identifier``, ``Grade`` and
``Last modified (grade)`` have to stay as they are called. Of any other table, a column is filled or added.
"""

import csv
import io
import re
from dataclasses import dataclass, field
from pathlib import Path

NAMES = {"student", "full name", "name", "student name", "display name", "vollständiger name"}
LAST = {"lastname", "last name", "surname", "family name", "nachname"}
FIRST = {"firstname", "first name", "given name", "vorname"}
IDS = {
    *("id", "sis user id", "sis login id", "student id", "user id", "username", "user name", "login", "id number"),
    *("email", "email address", "e-mail", "orgdefinedid", "sid", "github_username", "display id", "identifier"),
    *("matriculation number", "matrikelnummer", "anmeldename", "e-mail-adresse"),
}
GROUPS = {"group", "groups", "gruppe"}
# What Moodle calls the highest grade and so on, in English and German.
HIGHEST = {"maximum grade", "bestwertung"}
LOCKED, STATUS = {"grade can be changed", "bewertung kann geändert werden"}, {"status"}
LATE = re.compile(r"\blate\b|verspätet", re.IGNORECASE)
UTF_16, BOM = (b"\xff\xfe", b"\xfe\xff"), b"\xef\xbb\xbf"
PARTICIPANT = re.compile(r"(\D+)(\d+)")  # "Participant 901"


@dataclass
class Student:
    """A row of the roster.

    Attributes:
        ids: by the name of the column, all in lower case.
    """

    row: int
    name: str
    ids: dict[str, str]
    group: str = ""
    late: bool = False


@dataclass
class Roster:
    """A table of students.

    Attributes:
        kind: "canvas" (a gradebook), "moodle" (a grading worksheet) or "other".
        table: all rows, the header first.
    """

    path: Path
    kind: str
    table: list[list[str]]
    delimiter: str
    encoding: str
    students: list[Student] = field(default_factory=list)

    @property
    def header(self) -> list[str]:
        """The names of the columns."""
        return self.table[0]

    @property
    def first_grade(self) -> int:
        """The first column that may be a grade; in Canvas, all before are about the student."""
        return self.header.index("Section") + 1 if self.kind == "canvas" else 1

    def column(self, names: set[str]) -> int | None:
        """Return the first column that has one of the ``names``."""
        return next((i for i, title in enumerate(self.header) if title.strip().lower() in names), None)


def read_roster(path: Path) -> Roster:
    """Return the roster in the CSV file at ``path``.

    Raises:
        ValueError: if it cannot be read, or has no column with names or numbers.
    """
    text, encoding = _text(path)
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise ValueError(f"{path} cannot be read: {error}") from None
    table = [row for row in rows if any(map(str.strip, row))]
    if len(table) < 2:
        raise ValueError(f"{path} has no students: expected are a line with the names of the columns, and one for each")
    width = len(table[0])
    table = [row + [""] * (width - len(row)) for row in table]
    roster = Roster(path, _kind(table), table, delimiter, encoding)
    name, last, first_name = roster.column(NAMES), roster.column(LAST), roster.column(FIRST)
    ids = {i: title.strip().lower() for i, title in enumerate(roster.header) if title.strip().lower() in IDS}
    if name is None and last is None and not ids:
        raise ValueError(
            f"{path} has no column with names or numbers of students; there is: {', '.join(roster.header)}"
        )
    group, status = roster.column(GROUPS), roster.column(STATUS)
    for number, row in enumerate(table[1:], 1):
        if roster.kind == "canvas" and _is_no_student(row):
            continue
        parts = [row[i].strip() for i in (first_name, last) if i is not None]
        known = {title: row[i].strip().lower() for i, title in ids.items() if row[i].strip()}
        if roster.kind == "moodle" and (match := PARTICIPANT.fullmatch(row[0].strip())):
            known = {**known, "participant": match[2]}
        late = status is not None and roster.kind == "moodle" and bool(LATE.search(row[status]))
        whole = row[name].strip() if name is not None else " ".join(parts)
        roster.students.append(Student(number, whole, known, row[group].strip() if group is not None else "", late))
    return roster


def _text(path: Path) -> tuple[str, str]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from None
    if data[:2] == b"PK":
        raise ValueError(f"{path} is a file of a spreadsheet: export it as CSV")
    for encoding in ("utf-16",) if data[:2] in UTF_16 else ("utf-8-sig" if data[:3] == BOM else "utf-8", "cp1252"):
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise ValueError(f"{path} cannot be read: it is not a CSV file")


def _kind(table: list[list[str]]) -> str:
    header = [title.strip() for title in table[0]]
    begins = ("Student" in header[0] and "ID" in header[1:2]) or header[:3] == ["LastName", "FirstName", "ID"]
    if begins and "Section" in header:
        return "canvas"
    identifiers = [PARTICIPANT.fullmatch(row[0].strip()) for row in table[1:]]
    prefixes = {match[1] if match else "" for match in identifiers}  # one, such as "Participant "
    is_worksheet = len(prefixes) == 1 and len(min(prefixes)) > 2 and any("(" in title for title in header)
    return "moodle" if is_worksheet else "other"


def _is_no_student(row: list[str]) -> bool:
    """Return whether the row of a Canvas gradebook is about points or posting, or Canvas's own test student."""
    return (
        "Points Possible" in row[0]
        or row[0].strip() == "Student, Test"
        or all(re.fullmatch(r"\s*(Muted|Manual Posting.*)?\s*", cell) for cell in row)
    )
