"""Large notebooks are read within bounds, and kept as their code alone; one that cannot be read says why."""

import json
import subprocess
from types import SimpleNamespace

import pytest

from rnncourse.grading.judge import light
from rnncourse.grading.judge.cells import LONGEST_CELL, LONGEST_CODE, MOST_CELLS, answers


def notebook(*sources: object, **more: object) -> bytes:
    return json.dumps({**more, "cells": [{"cell_type": "code", "source": source} for source in sources]}).encode()


def test_what_is_small_stays_as_it_is():
    for content in (b"", b"no notebook", notebook("x = 1", metadata={"a": 1})):
        assert light.light(content) == content


def test_what_is_large_loses_its_outputs_only():
    large = notebook("x = 1", "# é", metadata="x" * light.LIGHT)
    assert len(light.light(large)) < 200
    assert answers(light.light(large)) == ["x = 1", "# é"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b" " * (light.LIGHT + 1), r"it is not a Jupyter notebook \(JSONDecodeError\)"),
        (b" " * (light.LARGEST + 1), "it has more than 104,857,600 bytes; clear its outputs"),
        (notebook(*["x" * (LONGEST_CELL - 1)] * 3), f"its code has more than {LONGEST_CODE:,} characters"),
        (notebook(*["x" * 300] * (MOST_CELLS + 1)), f"it has {MOST_CELLS + 1:,} code cells"),
    ],
    ids=["blank", "too large", "too much code", "too many cells"],
)
def test_what_cannot_be_read_says_why_in_few_bytes(content, reason):
    kept = light.light(content)
    assert len(kept) < 200
    with pytest.raises(ValueError, match=reason):
        answers(kept)


def test_a_cell_that_is_too_long_is_an_error_in_its_place():
    first, second = answers(notebook("'" + "x" * LONGEST_CELL + "'", "y = 2"))
    with pytest.raises(ValueError, match="a cell of 1,048,578 characters is not executed"):
        exec(first)
    assert second == "y = 2"


def test_checks_of_a_million_lines_are_cut_in_little_memory():
    assert answers(notebook("import torch\nwith check(1):" + "\n" * 1_000_000 + "x = 1")) == ["import torch\n\nx = 1"]


@pytest.mark.parametrize("memory", ["too little", "too slow"])
def test_what_takes_too_much_to_be_read_says_so(monkeypatch, memory):
    def run(command, **options):
        if memory == "too slow":
            raise subprocess.TimeoutExpired(command, options["timeout"])
        return SimpleNamespace(returncode=1, stdout=b"half of it")

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(ValueError, match=r"it cannot be read within (30 s|2 GB of memory); clear its outputs"):
        answers(light.light(b" " * (light.LIGHT + 1)))


@pytest.mark.slow
def test_the_memory_of_the_process_that_reads_is_bounded():
    with pytest.raises(ValueError, match="it cannot be read within 2 GB of memory"):
        answers(light.light(b'{"cells": [' + b"{}," * 33_000_000 + b"{}]}"))
