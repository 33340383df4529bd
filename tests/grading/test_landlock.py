"""The files that a student's process may read, and what a kernel's version lets forbid."""

from pathlib import Path

import pytest

import rnncourse
from rnncourse.grading.sandbox.landlock import Access, known_accesses, parts_outside, readable_paths


def test_hidden_places_are_left_out(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "c").write_text("")
    (tmp_path / "d").symlink_to(tmp_path / "a")
    assert parts_outside(tmp_path, (tmp_path / "a" / "b",)) == [tmp_path / "a" / "c"]
    assert parts_outside(tmp_path / "a" / "b", (tmp_path / "a",)) == []
    assert parts_outside(tmp_path, (Path("/nowhere"),)) == [tmp_path]


def test_neither_the_course_nor_secrets_are_readable():
    course = Path(rnncourse.__file__).parent
    readable = readable_paths((Path("/usr/lib"),))
    assert not any(course.is_relative_to(path) or path.is_relative_to(course) for path in readable)
    assert Path("/usr") not in readable
    assert not any(Path("/etc/shadow").is_relative_to(path) for path in readable)


@pytest.mark.parametrize(("version", "bits"), [(1, 13), (2, 14), (3, 15), (4, 15), (5, 16), (7, 16)])
def test_a_kernel_is_asked_for_what_it_knows(version, bits):
    assert known_accesses(version) == 2**bits - 1
    assert bool(known_accesses(version) & Access.TRUNCATE) == (version >= 3)
