"""Results cross from process to process as lines: whatever a student wrote, a line stays one line and says the same."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnncourse.grading.judge.results import JudgeBroken, Result, Verdict, broken_line, result_of

TEXT = st.text(st.characters(exclude_categories=())) | st.sampled_from(['"}\n{"broken": "x"}', "Hint 1 of 3: x"])
VERDICTS = st.builds(Verdict, st.sampled_from(["passed", "failed", "not attempted"]), TEXT, TEXT, st.booleans())


@given(st.builds(Result, TEXT, TEXT, VERDICTS))
def test_a_result_is_one_line_and_read_as_it_was(result):
    (line,) = result.line(key="k").splitlines()
    assert result_of(json.loads(line)) == result


def test_a_judge_that_does_not_work_says_so():
    with pytest.raises(JudgeBroken, match=r"^the judge does not work: OSError: no memory$"):
        result_of(json.loads(broken_line(OSError("no memory"))))


def test_a_line_of_another_make_is_no_result():
    with pytest.raises(KeyError):
        result_of({"file": "a.ipynb", "check": "c", "outcome": "passed", "message": ""})
