"""The recurrent network with one hidden layer, unrolled."""

from matplotlib.figure import Figure

from rnncourse.figures.diagrams.parts import SIZE, arrow, canvas, fade, node
from rnncourse.figures.picture import Picture, picture, sets, style

STEPS = 5


def rnn_single_layer() -> Picture:
    """Draw the recurrent network with one hidden layer at the steps t - 1, t and t + 1."""
    with style():
        figure, ax = canvas(8.6, 4.4)
        rows = {"X": 0.6, "H": 2.2, "O": 3.8}
        for i, step in enumerate(("t-1", "t", "t+1")):
            x = 1.9 + 2.4 * i
            node(ax, (x, rows["X"]), "input", rf"\mathbf{{X}}_{{{step}}}")
            node(ax, (x, rows["H"]), "state", rf"\mathbf{{H}}_{{{step}}}")
            node(ax, (x, rows["O"]), "output", rf"\mathbf{{O}}_{{{step}}}")
            arrow(ax, (x, rows["X"] + SIZE), (x, rows["H"] - SIZE), r"\mathbf{W}_{xh}", (0.42, -0.02))
            arrow(ax, (x, rows["H"] + SIZE), (x, rows["O"] - SIZE), r"\mathbf{W}_{hm}", (0.45, -0.02))
            arrow(ax, (x - 2.4 + SIZE, rows["H"]), (x - SIZE, rows["H"]), r"\mathbf{W}_{hh}", (0, 0.26))
        arrow(ax, (6.7 + SIZE, rows["H"]), (8.5, rows["H"]), r"\mathbf{W}_{hh}", (0, 0.26))
        return picture(
            figure,
            "A recurrent network unrolled over the steps t-1, t and t+1, from left to right. At each step an arrow "
            "marked W_xh leads up from the input X to the hidden state H, and one marked W_hm on to the output O. "
            "Arrows marked W_hh lead from each hidden state to the next. The three weights are the same at every step.",
        )


def rnn_unrolled(t: int) -> Figure:
    """Draw five steps of the recurrence, :eq:`rnn-step`; what the state of step ``t`` does not depend on is pale."""
    with style():
        figure, ax = canvas(9.0, 2.85)
        rows = {"X": 0.55, "H": 2.3}
        node(ax, (0.7, rows["H"]), "state", r"\mathbf{H}_0")
        for step in range(1, STEPS + 1):
            before = set(ax.get_children())
            x = 0.7 + 1.52 * step
            node(ax, (x, rows["X"]), "input", rf"\mathbf{{X}}_{step}")
            state = node(ax, (x, rows["H"]), "state", rf"\mathbf{{H}}_{step}")
            arrow(ax, (x, rows["X"] + SIZE), (x, rows["H"] - SIZE))
            arrow(ax, (x - 1.52 + SIZE, rows["H"]), (x - SIZE, rows["H"]))
            if step == t:
                state.set_linewidth(4)
            if step > t:
                fade(set(ax.get_children()) - before)
            sets(ax, (x - 0.6, 0, 1.2, 2.85), "t", step)
        return figure


def rnn_unrolled_alt(t: int) -> str:
    """Say what :func:`rnn_unrolled` draws."""
    upward = "from X_1 to H_1" if t == 1 else f"from each of the inputs X_1, ..., X_{t} to its state"
    dashed = "Nothing is dashed" if t == STEPS else f"Every later step, from X_{t + 1} on, is pale and dashed"
    return (
        f"A recurrent network unrolled over five steps; H_{t} is marked. Solid arrows lead up {upward}, and from each "
        f"state to the next, from H_0 as far as H_{t}. {dashed}."
    )
