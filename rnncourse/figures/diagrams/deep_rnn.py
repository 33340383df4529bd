"""The deep recurrent network, unrolled, and the orders in which its states can be computed."""

from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from rnncourse.figures.diagrams.parts import SIZE, Point, arrow, canvas, node
from rnncourse.figures.picture import COLOURS, INK, Picture, picture, style


def deep_rnn() -> Picture:
    """Draw a deep recurrent network with L layers at the steps t - 1, t and t + 1."""
    with style():
        figure, ax = canvas(9.0, 7.6)
        rows = {"1": 2.05, "2": 3.5, "L": 5.5}
        below, top = 0.6, 6.95
        for i, step in enumerate(("t-1", "t", "t+1")):
            x = 2.0 + 2.5 * i
            node(ax, (x, below), "input", rf"\mathbf{{X}}_{{{step}}}")
            node(ax, (x, top), "output", rf"\mathbf{{O}}_{{{step}}}")
            for layer, y in rows.items():
                node(ax, (x, y), "state", rf"\mathbf{{H}}_{{{step}}}^{{({layer})}}")
                arrow(ax, (x - 2.5 + SIZE, y), (x - SIZE, y), rf"\mathbf{{W}}_{{hh}}^{{({layer})}}", (0, 0.3))
                if i == 2:
                    arrow(ax, (x + SIZE, y), (x + 1.9, y))
            weights = [r"\mathbf{W}_{xh}^{(1)}", r"\mathbf{W}_{xh}^{(2)}", "", r"\mathbf{W}_{hm}"]
            heights = [below, rows["1"], rows["2"], rows["L"], top]
            for (low, high), label in zip(pairwise(heights), weights, strict=True):
                if label:
                    arrow(ax, (x, low + SIZE), (x, high - SIZE), label, (0.5, -0.02))
            arrow(ax, (x, rows["2"] + SIZE), (x, 4.3))
            ax.text(x, 4.5, r"$\vdots$", ha="center", va="center", fontsize=14)
            arrow(ax, (x, 4.6), (x, rows["L"] - SIZE), r"\mathbf{W}_{xh}^{(L)}", (0.5, -0.06))
        return picture(
            figure,
            "A deep recurrent network as a grid: the steps t-1, t and t+1 from left to right, and from bottom to top "
            "the input X, the hidden states of the layers 1, 2 and so on to L, and the output O. Each state receives "
            "two arrows: one marked W_xh of its layer from below, and one marked W_hh of its layer from the same "
            "layer's state at the step before. Only the last layer has an arrow to the output, marked W_hm.",
        )


def evaluation_orders() -> Picture:
    """Draw three orders of computing the states of 3 layers at 4 steps; each state shows the number of its round."""
    layers, steps = 3, 4
    orders = {
        "layer by layer": lambda layer, t: steps * layer + t + 1,
        "step by step": lambda layer, t: layers * t + layer + 1,
        "along diagonals": lambda layer, t: layer + t + 1,
    }
    gap = 0.98
    with style():
        figure, ax = canvas(13.4, 4.25)
        for i, (name, order) in enumerate(orders.items()):
            left = 0.55 + 4.55 * i
            for layer in range(layers):
                for t in range(steps):
                    x, y = left + gap * t, 1.15 + gap * layer
                    _cell(ax, (x, y), order(layer, t))
                    if t + 1 < steps:
                        arrow(ax, (x + 0.3, y), (x + gap - 0.3, y))
                    if layer + 1 < layers:
                        arrow(ax, (x, y + 0.3), (x, y + gap - 0.3))
            middle = left + gap * (steps - 1) / 2
            rounds = order(layers - 1, steps - 1)
            ax.text(middle, 3.85, name, ha="center", va="center", fontsize=16)
            ax.text(middle, 0.35, f"{rounds} rounds", ha="center", va="center", fontsize=16)
        for patch in ax.patches:
            patch.set_clip_on(False)  # all lies inside, and every clip path adds to the page
        return picture(
            figure,
            "Three grids with 4 steps from left to right and 3 layers from bottom to top; each state shows the round "
            "in which it is computed. Layer by layer: the rows are numbered 1 to 4, 5 to 8 and 9 to 12. Step by step: "
            "the columns are numbered 1 to 3, 4 to 6, 7 to 9 and 10 to 12. Along diagonals: all states on a falling "
            "diagonal have the same number, from 1 at the bottom left to 6 at the top right.",
        )


def _cell(ax: Axes, place: Point, number: int) -> None:
    x, y = place
    colour = COLOURS["state"]
    look = {"facecolor": colour + "66", "edgecolor": colour, "linewidth": 1.6}
    ax.add_patch(FancyBboxPatch((x - 0.2, y - 0.2), 0.4, 0.4, boxstyle="round,pad=0.1", **look))
    ax.text(x, y - 0.01, str(number), ha="center", va="center", fontsize=16, color=INK)
