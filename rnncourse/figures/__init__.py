"""Figures of the book: one visual language, drawn by code, as vector graphics that follow the theme of the page."""

from rnncourse.figures.picture import COLOURS, Picture, figure, picture, style

__all__ = ["COLOURS", "Picture", "figure", "picture", "style"]
