"""A check whose values are wrong says if another check of its exercise has failed, too, and only then."""

from rnncourse.grading.exercise import Check
from rnncourse.grading.judge.bench import run_check

ALSO = "another check of this exercise has failed, too: begin with the uppermost"
SOURCE = """
from rnncourse.grading.checks import call, check, same
with check({exercise!r}):
    same(call(answer, {number}), {number}, "wrong")
"""


def messages(answer, *numbers: int, exercise: str = "double", namespace: dict | None = None) -> list[str]:
    """What the checks with these ``numbers`` say of ``answer``, which should return its argument."""
    namespace = {} if namespace is None else namespace
    namespace["answer"] = answer
    sources = [SOURCE.format(exercise=exercise, number=number) for number in numbers]
    checks = [Check(f"check-{i}", exercise, 1, False, source) for i, source in enumerate(sources)]
    return [run_check(check, namespace).message for check in checks]


def test_the_second_failure_points_to_the_first():
    first, second = messages(lambda x: x + 1, 3, 4)
    assert ALSO not in first
    assert second.endswith(ALSO)


def test_a_failure_alone_points_nowhere():
    assert [ALSO in message for message in messages(lambda x: x + (x == 4), 3, 4)] == [False, False]


def test_what_was_mended_and_what_belongs_to_others_is_no_failure():
    namespace: dict = {}
    messages(lambda x: x + 1, 3, namespace=namespace)
    messages(lambda x: x, 3, namespace=namespace)
    (mended,) = messages(lambda x: x + 1, 4, namespace=namespace)
    assert ALSO not in mended
    (other,) = messages(lambda x: x + 1, 5, exercise="other", namespace=namespace)
    assert ALSO not in other
