"""The recurrent network with one hidden layer, unrolled."""

from rnncourse.figures.diagrams.parts import SIZE, arrow, canvas, node
from rnncourse.figures.picture import Picture, picture, style


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
