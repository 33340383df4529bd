"""A gradient and what is left of it when it is clipped: by its norm to the ball, and by its values to the square."""

import math
from collections.abc import Callable
from typing import Any

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, Rectangle

from rnncourse.clipping import clip_gradients, clip_values
from rnncourse.figures.diagrams.parts import Point, canvas
from rnncourse.figures.picture import COLOURS, INK, style

LENGTH = 2.0  # of the gradient, before
UNIT = 1.1  # of the plane, in units of the canvas
ORIGIN = (3.1, 3.0)  # the largest ball fits
SOLID, DASHED = "-", (0, (3, 1.5))


def gradient(degrees: float) -> Point:
    """Return the gradient of :func:`ball_and_square`: its norm is 2, and ``degrees`` its direction."""
    angle = math.radians(degrees)
    return LENGTH * math.cos(angle), LENGTH * math.sin(angle)


def clipped(clip: Callable[[torch.Tensor, float], float], g: Point, limit: float) -> tuple[Point, float, float]:
    """Return what ``clip`` leaves of ``g``, its length, and by how many degrees it was turned."""
    x = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    x.grad = torch.tensor(g, dtype=torch.float64)
    clip(x, limit)
    new = x.grad[0].item(), x.grad[1].item()
    turned = math.degrees(math.atan2(new[1], new[0]) - math.atan2(g[1], g[0]))
    return new, math.hypot(*new), turned


def ball_and_square(degrees: float, theta: float) -> Figure:
    """Draw a gradient and what :eq:`gradient-clipping` and, with the same limit, :eq:`value-clipping` leave of it."""
    g = gradient(degrees)
    ways = {
        "norm": ("o", SOLID, *clipped(clip_gradients, g, theta)),
        "values": ("s", DASHED, *clipped(clip_values, g, theta)),
    }
    with style():
        figure, ax = canvas(6.4, 7.3)
        (x, y), radius = ORIGIN, UNIT * theta
        ax.plot([0.1, 6.0], [y, y], [x, x], [0.1, 5.9], color=INK, linewidth=0.6, linestyle="-")
        ax.text(6.2, y, "$g_1$", ha="center", va="center")
        ax.text(x, 6.1, "$g_2$", ha="center", va="center")
        edge = {"edgecolor": COLOURS["state"], "linewidth": 1.6}
        ax.add_patch(Circle(ORIGIN, radius, facecolor=COLOURS["state"] + "33", **edge))
        square = (x - radius, y - radius), 2 * radius, 2 * radius
        ax.add_patch(Rectangle(*square, facecolor="none", linestyle=DASHED, **edge))
        _arrow(ax, g, color=COLOURS["other"], linewidth=1.4)
        lines = ax.plot([], [], color=COLOURS["other"], linewidth=1.4, linestyle="-")
        texts = [rf"gradient: length {LENGTH:.2f}"]
        for name, (marker, line, new, length, turned) in ways.items():
            look = {"color": COLOURS["gradient"], "linewidth": 2.4, "linestyle": line}
            # From the gradient to the nearest point of the ball or of the square.
            ends = [_place(g), _place(new)]
            ax.plot(*zip(*ends, strict=True), color=COLOURS["gradient"], linewidth=1.0, linestyle=":")
            _arrow(ax, new, **look)
            ax.plot(*_place(new), marker, color=COLOURS["gradient"], markersize=7)
            lines += ax.plot([], [], marker=marker, **look)
            texts.append(f"{name} clipped: length {length:.2f}, turned by {abs(turned):.0f}°")
        ax.legend(lines, texts, loc="upper left", bbox_to_anchor=(0, 1.01), fontsize=11, handlelength=2.6)
        return figure


def ball_and_square_alt(degrees: float, theta: float) -> str:
    """Say what :func:`ball_and_square` draws."""
    g = gradient(degrees)
    _, by_norm, _ = clipped(clip_gradients, g, theta)
    _, by_values, turned = clipped(clip_values, g, theta)
    return (
        f"An arrow of length {LENGTH:g} at {degrees:g} degrees to the axis, a disc of radius {theta:g} and the square "
        f"around the disc. Clipped by its norm, the arrow has the length {by_norm:.2f} and its old direction; clipped "
        f"by its values, the length {by_values:.2f}, and it is turned by {abs(turned):.0f} degrees."
    )


def _place(g: Point) -> Point:
    """Return where ``g`` lies on the canvas."""
    return ORIGIN[0] + UNIT * g[0], ORIGIN[1] + UNIT * g[1]


def _arrow(ax: Axes, g: Point, **look: Any) -> None:
    ax.add_patch(FancyArrowPatch(ORIGIN, _place(g), arrowstyle="-|>", mutation_scale=13, shrinkA=0, shrinkB=0, **look))
