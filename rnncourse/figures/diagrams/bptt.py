"""The graph along which gradients flow back through time, whole and cut."""

from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch

from rnncourse.figures.diagrams.parts import SIZE, Point, arrow, canvas, node
from rnncourse.figures.picture import COLOURS, Picture, picture, style

STEPS = 4
ROWS = {"H": 0.9, "L": 2.7}


def bptt_full() -> Picture:
    """Draw four steps with a loss at each: forward arrows, and the gradients that flow against them."""
    return _draw(
        None,
        "Hidden states H_0 to H_4 in a row, with arrows marked W_hh from each to the next, and above each of H_1 to "
        "H_4 its loss L_1 to L_4 with an arrow up to it. Beside every arrow an orange one runs the other way: from "
        "each loss down to its state, and from each state back to the one before, as far as H_0.",
    )


def bptt_truncated() -> Picture:
    """Draw the same four steps in two windows of two: no gradient flows from the second window into the first."""
    return _draw(
        2,
        "The same graph, cut between H_2 and H_3: the forward arrow from H_2 to H_3 is still there, but the orange "
        "gradient arrow from H_3 back to H_2 ends at a cross. Inside the two windows nothing has changed.",
    )


def _draw(cut: int | None, alt: str) -> Picture:
    with style():
        figure, ax = canvas(2 * STEPS + 1.6, 3.5)
        for t in range(STEPS + 1):
            x = 0.8 + 2 * t
            node(ax, (x, ROWS["H"]), "state", rf"\mathbf{{H}}_{{{t}}}")
            if t == 0:
                continue
            node(ax, (x, ROWS["L"]), "output", f"L_{t}")
            arrow(ax, (x - 0.12, ROWS["H"] + SIZE), (x - 0.12, ROWS["L"] - SIZE))
            _gradient(ax, (x + 0.12, ROWS["L"] - SIZE), (x + 0.12, ROWS["H"] + SIZE))
            left, right = x - 2 + SIZE, x - SIZE
            label = r"\mathbf{W}_{hh}"
            arrow(ax, (left, ROWS["H"] + 0.12), (right, ROWS["H"] + 0.12), label, (0, 0.26))
            if cut == t - 1:
                _gradient(ax, (right, ROWS["H"] - 0.12), (x - 0.92, ROWS["H"] - 0.12), head=False)
                ax.plot(x - 1, ROWS["H"] - 0.12, "x", color=COLOURS["gradient"], markersize=9, markeredgewidth=2.4)
            else:
                _gradient(ax, (right, ROWS["H"] - 0.12), (left, ROWS["H"] - 0.12))
        return picture(figure, alt)


def _gradient(ax: Axes, start: Point, end: Point, head: bool = True) -> None:
    look = "-|>" if head else "-"
    colour = COLOURS["gradient"]
    ax.add_patch(FancyArrowPatch(start, end, arrowstyle=look, mutation_scale=12, color=colour, linewidth=2))
