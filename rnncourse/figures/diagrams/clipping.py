"""Two ways to clip a gradient: the ball of the norm, and the square of the values."""

import math

from matplotlib.axes import Axes
from matplotlib.patches import Circle, FancyArrowPatch, Patch, Rectangle

from rnncourse.figures.diagrams.parts import Point, canvas
from rnncourse.figures.picture import COLOURS, INK, Picture, picture, style

RADIUS = 1.25
# In units of the radius; the third lies within both the ball and the square.
GRADIENTS: tuple[Point, ...] = ((1.75, 0.45), (0.6, 1.65), (-0.5, 0.4), (-1.55, -1.15))


def ball_and_square() -> Picture:
    """Draw four gradients and what is left of them, :eq:`gradient-clipping` beside :eq:`value-clipping`."""
    with style():
        figure, ax = canvas(9.4, 5.0)
        look = {"facecolor": COLOURS["state"] + "33", "edgecolor": COLOURS["state"], "linewidth": 1.6}
        left, right = (2.4, 2.4), (7.0, 2.4)
        corner = (right[0] - RADIUS, right[1] - RADIUS)
        _panel(ax, left, Circle(left, RADIUS, **look), r"norm clipped to $\theta$")
        _panel(ax, right, Rectangle(corner, 2 * RADIUS, 2 * RADIUS, **look), r"values clipped to $\pm\lambda$")
        for g in GRADIENTS:
            scale = min(1.0, 1.0 / math.hypot(*g))
            _gradient(ax, left, g, (scale * g[0], scale * g[1]))
            _gradient(ax, right, g, (max(-1.0, min(1.0, g[0])), max(-1.0, min(1.0, g[1]))))
        ax.text(left[0] + 0.72, left[1] - 1.32, r"$\theta$", ha="center", va="center", fontsize=13)
        ax.text(right[0] + RADIUS + 0.2, right[1] - 0.22, r"$\lambda$", ha="center", va="center", fontsize=13)
        return picture(
            figure,
            "Two panels with the same four gradients as arrows from the origin. Left: a disc of radius theta. Three "
            "gradients leave it; they are shortened to its rim and point the same way as before. The fourth, inside, "
            "is unchanged. Right: a square of half-width lambda. Three gradients leave it; they are moved to the "
            "nearest point of the square, and point another way than before.",
        )


def _panel(ax: Axes, centre: Point, patch: Patch, title: str) -> None:
    """Draw the region ``patch`` around ``centre`` on two axes."""
    x, y = centre
    for dx, dy, label in ((2.1, 0.0, "$g_1$"), (0.0, 2.1, "$g_2$")):
        ax.plot([x - dx, x + dx], [y - dy, y + dy], color=INK, linewidth=0.6, linestyle="-")
        ax.text(x + 1.06 * dx + 0.05, y + 1.06 * dy, label, ha="center", va="center", fontsize=11)
    ax.add_patch(patch)
    ax.text(x, 0.12, title, ha="center", va="center", fontsize=12)


def _gradient(ax: Axes, centre: Point, g: Point, clipped: Point) -> None:
    """Draw the gradient ``g`` with a thin dashed arrow where it was clipped, and what is left with a thick one."""
    end, new = ((centre[0] + RADIUS * x, centre[1] + RADIUS * y) for x, y in (g, clipped))
    if g != clipped:
        thin = {"linestyle": (0, (4, 2)), "linewidth": 1.2, "color": COLOURS["other"]}
        ax.add_patch(FancyArrowPatch(centre, end, arrowstyle="-|>", mutation_scale=10, shrinkA=0, shrinkB=0, **thin))
        if (
            abs(g[0] * clipped[1] - g[1] * clipped[0]) > 1e-9
        ):  # the way to the nearest point, where it is not along the arrow
            ax.plot([end[0], new[0]], [end[1], new[1]], color=COLOURS["gradient"], linewidth=1.0, linestyle=":")
    thick = {"linewidth": 2.2, "color": COLOURS["gradient"]}
    ax.add_patch(FancyArrowPatch(centre, new, arrowstyle="-|>", mutation_scale=13, shrinkA=0, shrinkB=0, **thick))
