"""What all diagrams are made of: nodes, arrows between them, and a canvas."""

import math
from collections.abc import Iterable

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch, Patch, RegularPolygon
from matplotlib.text import Text

from rnncourse.figures.picture import COLOURS, INK

Point = tuple[float, float]
SIZE = 0.36  # half the width of a node
FILLING = 0.4  # the opacity of a node's filling
PALE = 0.65  # the opacity of pale text, which stays readable on any page
DASHES = (0, (2, 2))


def node(ax: Axes, place: Point, role: str, symbol: str) -> Patch:
    """Draw a node at ``place``: its role gives the colour and, for those who see none, the shape."""
    x, y = place
    look = {"facecolor": (COLOURS[role], FILLING), "edgecolor": COLOURS[role], "linewidth": 1.6}
    if role == "input":
        patch: Patch = Circle(place, SIZE, **look)
    elif role == "output":
        patch = RegularPolygon(place, 6, radius=SIZE * 1.12, orientation=math.pi / 2, **look)
    else:
        corner = (x - SIZE + 0.1, y - SIZE + 0.1)
        patch = FancyBboxPatch(corner, 2 * SIZE - 0.2, 2 * SIZE - 0.2, boxstyle="round,pad=0.1", **look)
    ax.add_patch(patch)
    ax.text(x, y, f"${symbol}$", ha="center", va="center", fontsize=13)
    return patch


def arrow(ax: Axes, start: Point, end: Point, label: str = "", side: Point = (0.0, 0.0)) -> None:
    """Draw an arrow with its ``label`` beside the middle, moved by ``side``."""
    ax.add_patch(FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=12, color=INK, linewidth=1.2))
    x, y = (start[0] + end[0]) / 2 + side[0], (start[1] + end[1]) / 2 + side[1]
    ax.text(x, y, f"${label}$" if label else "", ha="center", va="center", fontsize=12)


def fade(artists: Iterable[Artist]) -> None:
    """Draw ``artists`` as what does not count yet, or no longer: grey, thin and dashed, and without a filling."""
    for artist in artists:
        if isinstance(artist, Text):
            artist.set_alpha(PALE)
        elif isinstance(artist, Line2D | FancyArrowPatch):
            artist.set(color=COLOURS["other"], linestyle=DASHES, linewidth=1)
        elif isinstance(artist, Patch):
            dot = to_rgba(artist.get_edgecolor())[3] == 0  # it is nothing but its filling
            look = {"facecolor": COLOURS["other"]} if dot else {"facecolor": "none", "edgecolor": COLOURS["other"]}
            artist.set(linestyle=DASHES, linewidth=1, **look)


def canvas(width: float, height: float) -> tuple[Figure, Axes]:
    """Return a figure and axes of ``width`` x ``height`` units without frame, a unit being 0.75 inch."""
    figure = Figure(figsize=(0.75 * width, 0.75 * height))
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, width), ylim=(0, height), aspect="equal")
    ax.set_axis_off()
    return figure, ax
