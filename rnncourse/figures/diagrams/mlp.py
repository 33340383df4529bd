"""The network without hidden state, forward and backward, and the fixed-window language model."""

from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle

from rnncourse.figures.diagrams.parts import SIZE, Point, arrow, canvas, fade, node
from rnncourse.figures.picture import COLOURS, Picture, picture, sets, style


def _back(ax: Axes, start: Point, end: Point, label: str) -> None:
    """Draw the way of a gradient, dashed, with its ``label`` below."""
    look = {"color": COLOURS["gradient"], "linewidth": 1.4, "linestyle": (0, (3, 1.5))}
    ax.add_patch(FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=12, shrinkA=0, shrinkB=0, **look))
    ax.text((start[0] + end[0]) / 2, start[1] - 0.28, f"${label}$", ha="center", va="center", fontsize=12)


def mlp_forward_backward() -> Picture:
    """Draw the network as a chain from inputs to loss, and the gradients that run back along it."""
    with style():
        figure, ax = canvas(8.6, 2.5)
        places = {"X": 0.8, "H": 3.0, "O": 5.2, "L": 7.6}
        roles = {"X": "input", "H": "state", "O": "output", "L": "other"}
        y = 1.45
        for name, x in places.items():
            node(ax, (x, y), roles[name], "L" if name == "L" else rf"\mathbf{{{name}}}")
        labels = [r"\mathbf{W}_{xh},\ \mathbf{b}_h,\ \phi", r"\mathbf{W}_{hm},\ \mathbf{b}_m", r"\mathrm{softmax},\ y"]
        back = [
            r"\mathrm{d}\mathbf{Z}:\ \mathrm{d}\mathbf{W}_{xh},\ \mathrm{d}\mathbf{b}_h",
            r"\mathrm{d}\mathbf{W}_{hm},\ \mathrm{d}\mathbf{b}_m,\ \mathrm{d}\mathbf{H}",
            r"\mathrm{d}\mathbf{O}",
        ]
        pairs = zip(places.values(), list(places.values())[1:], strict=False)
        for (start, end), above, below in zip(pairs, labels, back, strict=True):
            arrow(ax, (start + SIZE, y + 0.1), (end - SIZE, y + 0.1), above, (0, 0.3))
            _back(ax, (end, y - 0.62), (start + 0.1, y - 0.62), below)
        return picture(
            figure,
            "A chain of four nodes from left to right: the inputs X, the hidden layer H, the output O and the loss L. "
            "Arrows lead forward, marked with the parameters they use: W_xh, b_h and phi; W_hm and b_m; softmax and y. "
            "Dashed arrows below lead back from the loss, marked with the gradients found on the way: dO; then dW_hm, "
            "db_m and dH; then dZ, which gives dW_xh and db_h.",
        )


def window_model() -> Picture:
    """Draw the fixed-window model with a window of three characters, and an older character that it does not see."""
    with style():
        figure, ax = canvas(8.6, 4.6)
        rows = {"x": 0.6, "C": 1.95, "H": 3.3}
        steps = ["t-3", "t-2", "t-1", "t"]
        for i, step in enumerate(steps):
            x = 1.2 + 1.5 * i
            character = node(ax, (x, rows["x"]), "input", rf"x_{{{step}}}")
            if i == 0:
                fade([character, ax.texts[-1]])
                ax.text(x, rows["x"] + 0.56, "not seen", ha="center", va="center", fontsize=11)
                continue
            node(ax, (x, rows["C"]), "input", rf"\mathbf{{C}}_{{x_{{{step}}}}}")
            arrow(ax, (x, rows["x"] + SIZE), (x, rows["C"] - SIZE))
            arrow(ax, (x, rows["C"] + SIZE), (4.2 + 0.18 * (i - 2), rows["H"] - SIZE))
        node(ax, (4.2, rows["H"]), "state", r"\mathbf{H}_t")
        node(ax, (6.6, rows["H"]), "output", r"\mathbf{O}_t")
        ax.text(5.55, 2.72, r"$\mathbf{W}_{xh}$", ha="center", va="center", fontsize=12)
        arrow(ax, (4.2 + SIZE, rows["H"]), (6.6 - SIZE, rows["H"]), r"\mathbf{W}_{hm}", (0, 0.26))
        ax.text(6.6, rows["H"] + 0.68, r"predicts $x_{t+1}$", ha="center", va="center", fontsize=11)
        return picture(
            figure,
            "The fixed-window model with a window of three. An arrow leads from each of the characters x at t-2, t-1 "
            "and t up to its row of the table C; the three rows lead together, through W_xh, to one hidden layer H, "
            "and from there through W_hm to the output O, which predicts the character at t+1. No arrow leads from "
            "the character at t-3: it is not seen.",
        )


def windows_on_text(text: str, t: int, predictions: Mapping[int, tuple[str, float]]) -> Figure:
    """Draw what windows of several sizes see of the first ``t`` characters of ``text``, and what follows from it.

    Args:
        text: one line; at least one character comes after the first ``t``.
        t: number of characters that were read.
        predictions: for each window size the likeliest next character, and the probability of the one that comes.
    """
    size, left, row = 17, 1.0, 0.62
    cell = 0.602 * size / 72 / 0.75  # the width of a character of the font, in units
    bars = left + cell * len(text) + 0.4
    with style():
        figure, ax = canvas(bars + 1.5, row * (len(predictions) + 1))

        def letters(y: float, start: int, characters: str) -> None:
            shown = characters.replace(" ", "␣")
            ax.text(left + cell * start, y - 0.1, shown, fontsize=size, family="monospace")

        def box(y: float, start: int, end: int, role: str) -> None:
            look = {"facecolor": COLOURS[role] + "66", "edgecolor": COLOURS[role], "linewidth": 1.2}
            corner = (left + cell * start, y - 0.24)
            ax.add_patch(Rectangle(corner, cell * (end - start), 0.48, clip_on=False, **look))

        y = row * (len(predictions) + 0.5)
        letters(y, 0, text)
        box(y, t, t + 1, "output")
        ax.text(bars, y - 0.1, f"$P$({text[t].replace(' ', '␣')})", fontsize=12)
        for w, (guess, probability) in predictions.items():
            y -= row
            ax.text(0.1, y - 0.1, f"$w = {w}$", fontsize=12)
            start = max(0, t - w)
            box(y, start, t, "input")
            box(y, t, t + 1, "output" if guess == text[t] else "other")
            letters(y, start, text[start:t] + guess)
            ax.barh(y, 0.8 * round(probability, 2), 0.24, left=bars, color=COLOURS["output"], clip_on=False)
            ax.text(bars + 0.9, y - 0.1, f"{probability:.2f}", fontsize=12)
        for place in range(max(predictions), len(text)):
            sets(ax, (left + cell * place, 0, cell, row * (len(predictions) + 1)), "t", place)
        return figure
