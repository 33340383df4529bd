"""Grading: the checks of the exercises, and the starters that are released to students."""
