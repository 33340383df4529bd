"""Known mistakes and other right solutions of an exercise: the tests of its checks."""

from typing import NamedTuple


class Mutant(NamedTuple):
    """A wrong solution with one fault; ``check`` is the cell that has to fail, with a message that fits ``message``."""

    exercise: str
    fault: str
    code: str
    check: str
    message: str


class Variant(NamedTuple):
    """A right solution, written another way: every check has to pass."""

    exercise: str
    way: str
    code: str
