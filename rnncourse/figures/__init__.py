"""Figures of the book: one visual language, drawn by code, as vector graphics that follow the theme of the page."""

from rnncourse.figures.listing import listing
from rnncourse.figures.live import Explore, explore
from rnncourse.figures.picture import COLOURS, Picture, figure, picture, sets, style

__all__ = ["COLOURS", "Explore", "Picture", "explore", "figure", "listing", "picture", "sets", "style"]
