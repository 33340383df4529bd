"""Answers that students give to an exercise, wrong and right: the tests of its checks."""

from dataclasses import dataclass
from textwrap import dedent


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a student writes into the answer cell; ``code`` may be indented as a whole."""

    code: str

    @property
    def source(self) -> str:
        """The code as it stands in the cell."""
        return dedent(self.code).strip()


@dataclass(frozen=True, kw_only=True)
class Mutant(Answer):
    """A wrong answer with one ``fault``: the cell ``check`` has to fail, with a message that matches ``message``.

    In a longer function, the comment ``# <-`` points at the line to look at.
    """

    fault: str
    check: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Variant(Answer):
    """A right answer, written in another ``way``: every check has to pass."""

    way: str


@dataclass(frozen=True, kw_only=True)
class Answers:
    """The answers to one exercise: a right one, its mutants to compare with it, and other right ones."""

    exercise: str
    solution: str
    mutants: list[Mutant]
    variants: list[Variant]

    @property
    def right(self) -> list[Variant]:
        """The solution, and the other right answers."""
        return [Variant(way="the solution", code=self.solution), *self.variants]
