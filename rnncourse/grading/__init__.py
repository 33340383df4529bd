"""Exercises and grading.

Students' notebooks use :mod:`~rnncourse.grading.checks`, which says what is wrong, and
:mod:`~rnncourse.grading.student`, which gives hints. :mod:`~rnncourse.grading.exercise` reads an exercise, and
:mod:`~rnncourse.grading.release` makes its starter. ``judge/`` leads from submissions to marks and reports;
``sandbox/`` is where students' code runs, under the limits in :mod:`~rnncourse.grading.sandbox.limits`.
"""
