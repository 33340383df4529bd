"""Answers that students give to an exercise, wrong and right: the tests of its checks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from textwrap import dedent


def source_of(code: str) -> str:
    """Return ``code``, which may be indented as a whole, as it stands in the answer cell."""
    return dedent(code).strip()


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """A wrong answer with one ``fault``: the cell ``check`` has to fail, with a message that matches ``message``.

    It is the solution with some ``edits``: what is written in place of what. Where it is not, ``code`` is the whole
    answer, and in a longer one the comment ``# <-`` points at the line to look at.
    """

    fault: str
    check: str
    message: str
    edits: Mapping[str, str] = field(default_factory=dict)
    code: str = ""


@dataclass(frozen=True, kw_only=True)
class Variant:
    """A right answer, written in another ``way``: every check has to pass."""

    way: str
    code: str


@dataclass(frozen=True, kw_only=True)
class Answers:
    """The answers to one exercise: a right one, its mutants to compare with it, and other right ones."""

    exercise: str
    solution: str
    mutants: list[Mutant]
    variants: list[Variant]

    @property
    def right(self) -> dict[str, str]:
        """The right answers, each under its way."""
        answers = [Variant(way="the solution", code=self.solution), *self.variants]
        return {variant.way: source_of(variant.code) for variant in answers}

    @property
    def wrong(self) -> list[tuple[Mutant, str]]:
        """The mutants, each with its answer.

        Raises:
            ValueError: if what is edited does not stand in the solution, or stands there more than once.
        """
        return [(mutant, self._edited(mutant) if mutant.edits else source_of(mutant.code)) for mutant in self.mutants]

    def _edited(self, mutant: Mutant) -> str:
        source = source_of(self.solution)
        for old, new in mutant.edits.items():
            if source.count(old) != 1:
                raise ValueError(f"{self.exercise}, {mutant.fault}: {old!r} is not once in the solution")
            source = source.replace(old, new)
        return source
