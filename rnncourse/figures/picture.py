"""The look that all figures share, and the way from a matplotlib figure to inline SVG that follows light and dark."""

import hashlib
import html
import io
import re
from contextlib import AbstractContextManager
from typing import Any

import matplotlib as mpl
from cycler import cycler
from matplotlib.figure import Figure

# One colour a role in every figure; from the palette of Okabe and Ito, which the colour-blind can tell apart.
COLOURS = {
    "input": "#56b4e9",
    "state": "#e69f00",
    "output": "#009e73",
    "gate": "#cc79a7",
    "gradient": "#d55e00",
    "other": "#8c8c8c",
}

# Drawn in place of black, and replaced by the text colour of the page.
INK = "#010203"

STYLE = {
    "figure.figsize": (6.4, 3.4),
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": cycler(
        color=[COLOURS[role] for role in ("state", "input", "output", "gate", "gradient", "other")],
        linestyle=["-", "--", "-.", ":", (0, (5, 1, 1, 1)), (0, (1, 1))],
    ),
    "legend.frameon": False,
    "font.size": 11,
    "mathtext.fontset": "cm",
    "svg.fonttype": "path",
    "svg.hashsalt": "rnncourse",
    **{name: INK for name in ("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color")},
}


def style() -> AbstractContextManager[None]:
    """Return a context manager within which matplotlib draws in the style of the book."""
    return mpl.rc_context(STYLE)


def figure(width: float = 6.4, height: float = 3.4, **subplots: Any) -> tuple[Figure, Any]:
    """Return a figure of ``width`` x ``height`` inches and its axes, and draw in the style of the book from now on."""
    mpl.rcParams.update(STYLE)
    drawing = Figure(figsize=(width, height))
    return drawing, drawing.subplots(**subplots)


class Picture:
    """A vector figure with a description for those who do not see it; Jupyter and the book show it as inline SVG."""

    def __init__(self, svg: str, alt: str) -> None:
        self.svg, self.alt = svg, alt

    def _repr_html_(self) -> str:
        return f'<div class="picture" role="img" aria-label="{html.escape(self.alt)}">{self.svg}</div>'

    def __repr__(self) -> str:
        return f"Picture: {self.alt}"


def picture(drawing: Figure, alt: str) -> Picture:
    """Return ``drawing`` as a :class:`Picture`; ``alt`` says what it shows.

    The same drawing gives the same bytes in every run.

    Raises:
        ValueError: if ``alt`` is empty.
    """
    if not alt.strip():
        raise ValueError("a picture needs alt, a sentence that says what it shows")
    with style(), io.StringIO() as file:
        drawing.savefig(file, format="svg", bbox_inches="tight", metadata={"Date": None, "Creator": None})
        written = file.getvalue()
    svg = written[written.index("<svg") :].replace(INK, "currentColor")
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg, flags=re.DOTALL)
    width, height = (float(size) for size in re.findall(r'(?:width|height)="([\d.]+)pt"', svg)[:2])
    opening = f'<svg aria-hidden="true" viewBox="0 0 {width:g} {height:g}" style="width: {width * 4 / 3:.0f}px; '
    opening += 'max-width: 100%; height: auto" xmlns:xlink="http://www.w3.org/1999/xlink">'
    svg = opening + svg[svg.index(">") + 1 :]
    # Several pictures share a page, so each one's ids get its own prefix.
    own = "p" + hashlib.sha256(svg.encode()).hexdigest()[:8]
    svg = re.sub(r'(id="|href="#|url\(#)', rf"\g<1>{own}-", svg)
    return Picture(re.sub(r"\n\s*", "\n", svg).strip(), alt)
