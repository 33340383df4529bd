"""The LSTM, built up in four steps on one layout, and the GRU."""

from matplotlib.axes import Axes
from matplotlib.patches import Circle

from rnncourse.figures.diagrams.parts import SIZE, Point, arrow, canvas, fade, node
from rnncourse.figures.picture import INK, Picture, picture, style

ROUND = 0.2  # radius of an operation


def _operation(ax: Axes, place: Point, sign: str) -> None:
    """Draw a product or a sum of entries; ``sign`` is "product" or "sum"."""
    x, y = place
    ax.add_patch(Circle(place, ROUND, fill=False, edgecolor=INK, linewidth=1.4))
    if sign == "product":
        ax.add_patch(Circle(place, 0.055, facecolor=INK, edgecolor="none"))
    else:
        ax.plot([x - 0.11, x + 0.11], [y, y], [x, x], [y - 0.11, y + 0.11], color=INK, linestyle="-", linewidth=1.4)


def _line(ax: Axes, *places: Point) -> None:
    ax.plot(*zip(*places, strict=True), color=INK, linestyle="-", linewidth=1.2, solid_joinstyle="round")


def _dot(ax: Axes, place: Point) -> None:
    ax.add_patch(Circle(place, 0.065, facecolor=INK, edgecolor="none"))


def _note(ax: Axes, place: Point, text: str) -> None:
    ax.text(*place, f"${text}$", ha="left", va="center", fontsize=12)


def _bold(letter: str, step: str = "t") -> str:
    return rf"\mathbf{{{letter}}}_{{{step}}}"


BUS, ROW, MIDDLE, LANE = 1.25, 2.45, 3.5, 4.5  # heights
F, I, G, O, LAST, END = 1.95, 3.0, 4.05, 5.2, 6.15, 7.15  # places along the step


def _gates(ax: Axes) -> None:
    node(ax, (0.45, BUS), "state", _bold("H", "t-1"))
    node(ax, (1.2, 0.45), "input", _bold("X"))
    _line(ax, (0.45 + SIZE, BUS), (O, BUS))
    _line(ax, (1.2, 0.45 + SIZE), (1.2, BUS))
    _dot(ax, (1.2, BUS))
    for x, letter in ((F, "f"), (I, "i"), (O, "o")):
        _dot(ax, (x, BUS))
        arrow(ax, (x, BUS), (x, ROW - SIZE))
        node(ax, (x, ROW), "gate", _bold(letter))
        _note(ax, (x + 0.1, BUS + 0.38), r"\sigma")


def _candidate(ax: Axes) -> None:
    _dot(ax, (G, BUS))
    arrow(ax, (G, BUS), (G, ROW - SIZE))
    node(ax, (G, ROW), "other", _bold("g"))
    _note(ax, (G + 0.1, BUS + 0.38), r"\tanh")


def _memory(ax: Axes) -> None:
    adding = (I + G) / 2
    node(ax, (0.45, LANE), "state", _bold("C", "t-1"))
    arrow(ax, (0.45 + SIZE, LANE), (F - ROUND, LANE))
    arrow(ax, (F, ROW + SIZE), (F, LANE - ROUND))
    _operation(ax, (F, LANE), "product")
    arrow(ax, (F + ROUND, LANE), (adding - ROUND, LANE))
    _operation(ax, (adding, MIDDLE), "product")
    arrow(ax, (I + 0.12, ROW + SIZE), (adding - 0.13, MIDDLE - 0.16))
    arrow(ax, (G - 0.12, ROW + SIZE), (adding + 0.13, MIDDLE - 0.16))
    arrow(ax, (adding, MIDDLE + ROUND), (adding, LANE - ROUND))
    _operation(ax, (adding, LANE), "sum")
    arrow(ax, (adding + ROUND, LANE), (END - SIZE, LANE))
    node(ax, (END, LANE), "state", _bold("C"))


def _hidden(ax: Axes) -> None:
    _dot(ax, (LAST, LANE))
    arrow(ax, (LAST, LANE), (LAST, ROW + ROUND))
    _note(ax, (LAST + 0.12, MIDDLE), r"\tanh")
    arrow(ax, (O + SIZE, ROW), (LAST - ROUND, ROW))
    _operation(ax, (LAST, ROW), "product")
    _line(ax, (LAST, ROW - ROUND), (LAST, BUS))
    arrow(ax, (LAST, BUS), (END - SIZE, BUS))
    node(ax, (END, BUS), "state", _bold("H"))


def _lstm(steps: int, alt: str) -> Picture:
    """Draw the LSTM; what belongs to a later step than ``steps`` is pale."""
    with style():
        figure, ax = canvas(7.6, 5.0)
        for step, draw in enumerate((_gates, _candidate, _memory, _hidden), start=1):
            before = set(ax.get_children())
            draw(ax)
            if step > steps:
                fade(set(ax.get_children()) - before)
        return picture(figure, alt)


def lstm_gates() -> Picture:
    """Draw the three gates of the LSTM, the first of four steps."""
    return _lstm(
        1,
        "A line carries the hidden state H of step t-1 to the right, and the input X of step t joins it. From the line "
        "an arrow marked sigma leads up to each of three gates: f, i and o.",
    )


def lstm_candidate() -> Picture:
    """Draw the gates and the candidate of the LSTM, the second of four steps."""
    return _lstm(
        2,
        "The figure of the gates with one more part: between the gates i and o, an arrow marked tanh leads up from the "
        "same line to the candidate g.",
    )


def lstm_memory() -> Picture:
    """Draw gates, candidate and memory of the LSTM, the third of four steps."""
    return _lstm(
        3,
        "The figure with the memory added: at the top, a line leads from the memory C of step t-1 on the left to that "
        "of step t on the right. On the way it is multiplied by the gate f, and then the product of the gate i and the "
        "candidate g is added.",
    )


def lstm_hidden() -> Picture:
    """Draw the whole LSTM, the last of four steps."""
    return _lstm(
        4,
        "The whole LSTM: from the memory C of step t an arrow marked tanh leads down and is multiplied by the gate o. "
        "The product is the hidden state H of step t, which leaves on the right.",
    )


def gru() -> Picture:
    """Draw the GRU, with the reset gate after the matrix product."""
    with style():
        figure, ax = canvas(7.6, 5.0)
        z, r, reset, g, bus_x, bus_h = 1.85, 3.1, 4.15, 5.4, 0.45, 1.05
        row, middle, lane = 2.45, 3.5, 4.5
        node(ax, (0.45, lane), "state", _bold("H", "t-1"))
        node(ax, (0.45, bus_x), "input", _bold("X"))
        _line(ax, (0.45, lane - SIZE), (0.45, bus_h), (reset, bus_h))
        _line(ax, (0.45 + SIZE, bus_x), (g, bus_x))
        for x, letter in ((z, "z"), (r, "r")):
            _dot(ax, (x, bus_x))
            _dot(ax, (x, bus_h))
            arrow(ax, (x, bus_x), (x, row - SIZE))
            node(ax, (x, row), "gate", _bold(letter))
            _note(ax, (x + 0.1, bus_h + 0.48), r"\sigma")
        # The candidate: its recurrent part is multiplied by the reset gate.
        arrow(ax, (reset, bus_h), (reset, row - ROUND))
        _note(ax, (reset + 0.1, bus_h + 0.48), r"\mathbf{W}_{hg}")
        arrow(ax, (r + SIZE, row), (reset - ROUND, row))
        _operation(ax, (reset, row), "product")
        arrow(ax, (reset + ROUND, row), (g - SIZE, row))
        arrow(ax, (g, bus_x), (g, row - SIZE))
        _note(ax, (g + 0.1, bus_h + 0.48), r"\tanh")
        node(ax, (g, row), "other", _bold("g"))
        # The state: a share z of the old one, a share 1 - z of the candidate.
        arrow(ax, (0.45 + SIZE, lane), (z - ROUND, lane))
        arrow(ax, (z, row + SIZE), (z, lane - ROUND))
        _operation(ax, (z, lane), "product")
        _dot(ax, (z, middle))
        arrow(ax, (z, middle), (g - ROUND, middle), rf"1 - {_bold('z')}", (0, 0.24))
        arrow(ax, (g, row + SIZE), (g, middle - ROUND))
        _operation(ax, (g, middle), "product")
        arrow(ax, (g, middle + ROUND), (g, lane - ROUND))
        arrow(ax, (z + ROUND, lane), (g - ROUND, lane))
        _operation(ax, (g, lane), "sum")
        arrow(ax, (g + ROUND, lane), (END - SIZE, lane))
        node(ax, (END, lane), "state", _bold("H"))
        return picture(
            figure,
            "The GRU: at the top, a line leads from the state H of step t-1 to that of step t. On the way it is "
            "multiplied by the update gate z, and then the candidate g times 1 - z is added. Both gates, z and the "
            "reset gate r, read the input X and the old state. The candidate reads the input, and the product of the "
            "old state with W_hg, multiplied by r.",
        )
