"""The deep recurrent network, unrolled, and the orders in which its states can be computed."""

from collections.abc import Mapping
from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rnncourse.figures.diagrams.parts import SIZE, Point, arrow, canvas, fade, node
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


Rounds = Mapping[tuple[int, int], int]  # of layer l and step t: the round in which their state is computed


def still_needed(rounds: Rounds, now: int) -> set[tuple[int, int]]:
    """Return layer and step of the states that are there after round ``now`` and that a later round reads."""
    readers = {(l, t): ((l + 1, t), (l, t + 1)) for l, t in rounds if rounds[l, t] <= now}
    return {state for state in readers if any(rounds.get(reader, 0) > now for reader in readers[state])}


def evaluation(rounds: Rounds, now: int) -> Figure:
    """Draw the states of a deep recurrent network after round ``now`` of ``rounds``.

    The states of this round are framed, and the arrows from what they read are bold. A state that is there bears the
    number of its round, and is filled as long as it is needed; what is still to come is dashed.
    """
    layers, steps = max(rounds)
    needed, last = still_needed(rounds, now), rounds[layers, steps]
    with style():
        figure, ax = canvas(8.4, 6.1)
        for t in range(1, steps + 1):
            x = 1.2 + _STEP * (t - 1)
            node(ax, (x, _height(0)), "input", rf"\mathbf{{X}}_{{{t}}}")
            for l in range(1, layers + 1):
                y, computed, new = _height(l), rounds[l, t] <= now, rounds[l, t] == now
                state = node(ax, (x, y), "state", rf"\mathbf{{H}}_{{{t}}}^{{({l})}}")
                if new:
                    state.set(edgecolor=INK, linewidth=2.4)
                if (l, t) not in needed:
                    state.set_facecolor("none")
                if computed:
                    ax.text(x + 0.42, y + 0.27, str(rounds[l, t]), fontsize=11)
                else:
                    fade([state, ax.texts[-1]])
                _read(ax, (x, _height(l - 1) + SIZE), (x, y - SIZE), new)
                if t > 1:
                    _read(ax, (x - _STEP + SIZE, y), (x - SIZE, y), new)
            _read(ax, (x, _height(layers) + SIZE), (x, _height(layers + 1) - SIZE), rounds[layers, t] == now)
            output = node(ax, (x, _height(layers + 1)), "output", rf"\mathbf{{O}}_{{{t}}}")
            if rounds[layers, t] > now:
                fade([output, ax.texts[-1]])
        sentence = f"round {now} of {last}" if now <= last else f"round {now}: nothing left to do"
        ax.text(0.8, 5.65, sentence, va="center", fontsize=13)
        ax.text(7.6, 5.65, f"still needed: {len(needed)}", ha="right", va="center", fontsize=13)
        return figure


def evaluation_alt(rounds: Rounds, now: int) -> str:
    """Return what :func:`evaluation` shows."""
    layers, steps = max(rounds)
    new = sorted(state for state in rounds if rounds[state] == now)
    last = rounds[layers, steps]
    sentence = f"Round {now} of {last} computes the state of "
    sentence += " and of ".join(f"layer {l} at step {t}" for l, t in new)
    if not new:
        sentence = f"Round {now} has nothing left to do: all states are there since round {last}"
    outputs = sum(rounds[layers, t] <= now for t in range(1, steps + 1))
    return f"{sentence}. States still needed: {len(still_needed(rounds, now))}. Outputs there: {outputs} of {steps}."


_STEP = 2.0  # from one step to the next


def _height(layer: int) -> float:
    return 0.65 + layer


def _read(ax: Axes, start: Point, end: Point, now: bool) -> None:
    """Draw an arrow along which something is read, now or in another round."""
    arrow(ax, start, end)
    ax.patches[-1].set(color=INK if now else COLOURS["other"], linewidth=2.4 if now else 1)
