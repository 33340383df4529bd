"""Pairs of students whose answers are more alike than a class's answers are: a reason to look, and no proof.

Answers are compared as sequences of tokens, without comments, documentation, and the names that their authors chose.
Short answers to one exercise are much alike anyway: a run of tokens counts only if few have written it, and not at all
if it stands in the starter or in the solution.
"""

import ast
import builtins
import io
import keyword
import re
import tokenize
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from rnncourse.grading.exercise import Sheet

RUN = 9  # tokens that are compared at a time
LEAST = 12  # rare runs, without which an answer cannot be told from others
ALIKE = 0.6  # share of the rare runs of one student that another one has, too
LARGEST = 20_000  # characters of a cell, and ten times as many of a notebook
KNOWN = {*keyword.kwlist, *dir(builtins)}
SKIPPED = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}

Run = tuple[str, ...]


class Pair(NamedTuple):
    """The files of two students; ``share`` of the rare runs of the one who has fewer are in both.

    Attributes:
        exercise: where they have most in common.
        answers: what they wrote there.
    """

    first: str
    second: str
    share: float
    exercise: str
    answers: tuple[str, str]


def similar_pairs(sheet: Sheet, cells_of: Mapping[str, Iterable[str]]) -> list[Pair]:
    """Return the pairs that are suspiciously similar, the most similar first.

    Args:
        cells_of: the code cells of each submission, by file.
    """
    answers = {file: _answers(sheet, cells) for file, cells in cells_of.items()}
    given = {exercise.name: runs(exercise.solution) for exercise in sheet.exercises}
    runs_of = {
        file: {(name, run) for name, answer in each.items() for run in runs(answer) - given[name]}
        for file, each in answers.items()
    }
    files_of: dict[tuple[str, Run], list[str]] = {}
    for file, each in runs_of.items():
        for run in each:
            files_of.setdefault(run, []).append(file)
    few = max(2, len(answers) // 10)
    rare = {run: files for run, files in files_of.items() if len(files) <= few}
    counts = Counter(file for files in rare.values() for file in files)
    common: dict[tuple[str, str], Counter[str]] = {}
    for (name, _), files in rare.items():
        for i, first in enumerate(files):
            for second in files[i + 1 :]:
                common.setdefault((first, second), Counter())[name] += 1
    pairs = []
    for (first, second), by_exercise in common.items():
        fewest = min(counts[first], counts[second])
        if fewest >= LEAST and by_exercise.total() >= ALIKE * fewest:
            name = by_exercise.most_common(1)[0][0]
            texts = answers[first][name], answers[second][name]
            pairs.append(Pair(first, second, by_exercise.total() / fewest, name, texts))
    return sorted(pairs, key=lambda pair: (-pair.share, pair.first, pair.second))


def _answers(sheet: Sheet, cells: Iterable[str]) -> dict[str, str]:
    """Return what is written for each exercise: the last definition of each of its functions."""
    sources: dict[str, str] = {}
    room = 10 * LARGEST
    wanted = re.compile(rf"^def +({'|'.join(map(re.escape, sheet.functions))})\b", re.MULTILINE)
    for cell in cells:
        if len(cell) <= min(LARGEST, room) and wanted.search(cell):
            room -= len(cell)
            sources.update(_functions(cell))
    answers = {
        exercise.name: "\n".join(sources[name] for name in exercise.functions if name in sources)
        for exercise in sheet.exercises
    }
    return {name: answer for name, answer in answers.items() if answer}


def _functions(cell: str) -> dict[str, str]:
    try:
        body = ast.parse(cell).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    return {part.name: ast.get_source_segment(cell, part) or "" for part in body if isinstance(part, ast.FunctionDef)}


def runs(source: str) -> set[Run]:
    """Return all runs of tokens in ``source``; in each, names are numbered in the order of their appearance."""
    tokens = [(token.string, token.type == tokenize.NAME and token.string not in KNOWN) for token in _tokens(source)]
    return {_run(tokens[i : i + RUN]) for i in range(len(tokens) - RUN + 1)}


def _run(tokens: Iterable[tuple[str, bool]]) -> Run:
    names: dict[str, str] = {}
    return tuple(names.setdefault(text, f"name {len(names)}") if is_name else text for text, is_name in tokens)


def _tokens(source: str) -> Iterator[tokenize.TokenInfo]:
    before = tokenize.NEWLINE
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            is_documentation = token.type == tokenize.STRING and before in SKIPPED
            before = token.type
            if token.type not in SKIPPED and not is_documentation:
                yield token
    except (tokenize.TokenError, SyntaxError):  # what is there so far has been compared
        return
