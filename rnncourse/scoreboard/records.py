"""Tables of measurements in files: one line for each, checked when it is read."""

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pydantic import TypeAdapter, ValidationError

from rnncourse.files import replacing

Row = TypeVar("Row", bound=NamedTuple)


def read_rows(path: Path, kind: type[Row]) -> list[Row]:
    """Return the lines of a CSV file, each a named tuple of this ``kind``; none if there is no file.

    Raises:
        ValueError: if the file is not one of these tables.
    """
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        heading, *lines = csv.reader(file)
    try:
        return TypeAdapter(list[kind]).validate_python([dict(zip(heading, line, strict=False)) for line in lines])
    except ValidationError as error:
        raise ValueError(f"{path} is not a table of {', '.join(kind._fields)}: {error}") from None


def write_rows(path: Path, kind: type[Any], rows: Iterable[Any]) -> None:
    """Replace the CSV file by these ``rows``, named tuples of this ``kind``."""
    with replacing(path) as draft, draft.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([kind._fields, *rows])
