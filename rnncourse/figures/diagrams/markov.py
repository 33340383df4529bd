"""A Markov model and a latent model side by side: what each of them looks at to predict the next character."""

from rnncourse.figures.diagrams.parts import SIZE, arrow, canvas, node
from rnncourse.figures.picture import Picture, picture, style

STEPS = ("t-2", "t-1", "t")


def markov_and_latent() -> Picture:
    """Draw a trigram model and a latent model that predict the character at t + 1."""
    with style():
        figure, ax = canvas(9.0, 4.6)
        low, middle, high = 0.6, 2.1, 3.6
        markov = [0.7, 1.9, 3.1]
        latent = [5.7, 6.9, 8.1]
        for title, x in (("Markov model, $n = 3$", 1.9), ("latent model", 6.9)):
            ax.text(x, 4.35, title, ha="center", va="center", fontsize=13)
        for x, step in zip(markov, STEPS, strict=True):
            node(ax, (x, low), "input", f"x_{{{step}}}")
            if step != "t-2":
                arrow(ax, (x + (3.1 - x) * 0.11, low + SIZE), (x + (3.1 - x) * 0.84, high - SIZE - 0.04))
        for x, step in zip(latent, STEPS, strict=True):
            node(ax, (x, low), "input", f"x_{{{step}}}")
            node(ax, (x, middle), "state", f"h_{{{step}}}")
            arrow(ax, (x, low + SIZE), (x, middle - SIZE))
            arrow(ax, (x - 1.2 + SIZE, middle), (x - SIZE, middle))
        arrow(ax, (8.1, middle + SIZE), (8.1, high - SIZE - 0.04))
        for x in (3.1, 8.1):
            node(ax, (x, high), "output", "x_{t+1}")
        return picture(
            figure,
            "Two models that predict the character x at t+1. In the Markov model with n = 3, on the left, arrows "
            "lead to it from the characters at t-1 and t only; the one at t-2 has no arrow. In the latent model, on "
            "the right, each character has an arrow to the state above it, each state one to the next state, and only "
            "the last state, h at t, has an arrow to the prediction.",
        )
