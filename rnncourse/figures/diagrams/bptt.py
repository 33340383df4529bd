"""The graph along which gradients flow back through time, whole and cut."""

from typing import Any

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch

from rnncourse.bptt import state_gradients, window_cuts
from rnncourse.figures.diagrams.parts import SIZE, Point, arrow, canvas, fade, node
from rnncourse.figures.picture import COLOURS, Picture, picture, sets, style

STEPS = 4
ROWS = {"H": 0.9, "L": 2.7}
CUT_STEPS = 6
WAYS = ("windows", "sliding reach")


def bptt_full() -> Picture:
    """Draw four steps with a loss at each: forward arrows, and the gradients that flow against them."""
    with style():
        figure, ax = canvas(2 * STEPS + 1.6, 3.5)
        for t in range(STEPS + 1):
            x = 0.8 + 2 * t
            node(ax, (x, ROWS["H"]), "state", rf"\mathbf{{H}}_{{{t}}}")
            if t == 0:
                continue
            node(ax, (x, ROWS["L"]), "other", f"L_{t}")
            arrow(ax, (x - 0.12, ROWS["H"] + SIZE), (x - 0.12, ROWS["L"] - SIZE))
            _gradient(ax, (x + 0.12, ROWS["L"] - SIZE), (x + 0.12, ROWS["H"] + SIZE))
            left, right = x - 2 + SIZE, x - SIZE
            label = r"\mathbf{W}_{hh}"
            arrow(ax, (left, ROWS["H"] + 0.12), (right, ROWS["H"] + 0.12), label, (0, 0.26))
            _gradient(ax, (right, ROWS["H"] - 0.12), (left, ROWS["H"] - 0.12))
        return picture(
            figure,
            "Hidden states H_0 to H_4 in a row, with arrows marked W_hh from each to the next, and above each of H_1 "
            "to H_4 its loss L_1 to L_4 with an arrow up to it. Beside every arrow a red one runs the other way: "
            "from each loss down to its state, and from each state back to the one before, as far as H_0.",
        )


def first_step(way: str, tau: int, t: int) -> int:
    """Return the earliest step that the gradient of the loss of step ``t`` reaches, cut in ``way`` after ``tau``."""
    cut: dict[str, Any] = {"xi": window_cuts(CUT_STEPS, tau)} if way == "windows" else {"tau": tau}
    loss = torch.zeros(CUT_STEPS, 1, 1)
    loss[t - 1] = 1
    # Linear, with the weight 1: what arrives is 1, or 0 where it was cut.
    dH = state_gradients(loss, loss[0] * 0, torch.zeros(CUT_STEPS + 1, 1, 1), torch.ones(1, 1), **cut, phi="linear")
    return 1 + int(dH[1:].flatten().nonzero().min())


def bptt_cut(t: int, tau: int) -> Figure:
    """Draw six steps twice, and how far back the gradient of the loss of step ``t`` flows if cut in either way."""
    with style():
        figure, ax = canvas(9.0, 6.5)
        for way, low in zip(WAYS, (3.95, 0.6), strict=True):
            first = first_step(way, tau, t)
            reached = f"step {t}" if first == t else f"steps {first} to {t}"
            ax.text(0.2, low + 2.15, rf"{way}, $\tau = {tau}$: $L_{t}$ reaches {reached}", va="center", fontsize=13)
            _cut_graph(ax, low, first, t)
        return figure


def bptt_cut_alt(t: int, tau: int) -> str:
    """Say what :func:`bptt_cut` draws."""
    sentences = []
    for way in WAYS:
        first = first_step(way, tau, t)
        flow = f"flows on as far as H_{first}" if first < t else f"goes no further than H_{t}"
        sentences.append(f"With {way}, it {flow}" + (", where a cross ends it." if first > 1 else "."))
    return (
        f"Two graphs of the states H_1 to H_6 and their losses, with forward arrows from each state to the next. "
        f"From L_{t} a red gradient flows down to its state. {' '.join(sentences)}"
    )


def _cut_graph(ax: Axes, low: float, first: int, t: int) -> None:
    """Draw the states at the height ``low`` and the gradient of L_t back to step ``first``; later steps are pale."""
    high = low + 1.35
    for k in range(1, CUT_STEPS + 1):
        before = set(ax.get_children())
        x = 1.5 * k - 0.6
        node(ax, (x, low), "state", rf"\mathbf{{H}}_{k}")
        left, right = x - 1.5 + SIZE, x - SIZE
        arrow(ax, (max(left, 0), low + 0.12), (right, low + 0.12))
        if k > t:
            fade(set(ax.get_children()) - before)
        before = set(ax.get_children())
        node(ax, (x, high), "other", f"L_{k}")
        arrow(ax, (x - 0.12, low + SIZE), (x - 0.12, high - SIZE))
        if k != t:
            fade(set(ax.get_children()) - before)
        if k == t:
            _gradient(ax, (x + 0.12, high - SIZE), (x + 0.12, low + SIZE))
        if first < k <= t:
            _gradient(ax, (right, low - 0.12), (left, low - 0.12))
        elif first == k > 1:
            _gradient(ax, (right, low - 0.12), (x - 0.72, low - 0.12), head=False)
            ax.plot(x - 0.75, low - 0.12, "x", color=COLOURS["gradient"], markersize=9, markeredgewidth=2.4)
        sets(ax, (x - 0.6, low - 0.5, 1.2, 2.35), "t", k)


def _gradient(ax: Axes, start: Point, end: Point, head: bool = True) -> None:
    look = "-|>" if head else "-"
    colour = COLOURS["gradient"]
    ax.add_patch(FancyArrowPatch(start, end, arrowstyle=look, mutation_scale=12, color=colour, linewidth=2))
