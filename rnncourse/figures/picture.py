"""The look that all figures share, and the way from a matplotlib figure to inline SVG that follows light and dark."""

import copy
import hashlib
import html
import io
import math
import re
from contextlib import AbstractContextManager
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import matplotlib as mpl
from cycler import cycler
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

# One colour a role in every figure. Each has a contrast of 3:1 to the light page and to the dark one, and the
# colour-blind can tell them apart.
COLOURS = {
    "input": "#3a86f5",
    "state": "#de7704",
    "output": "#0c7b5a",
    "gate": "#a04f96",
    "gradient": "#b83a10",
    "other": "#929292",
}

SETS = "sets "  # begins the name of a part that chooses a value when it is clicked
LETTERS = 8  # pixels, the least size of letters

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

    def __init__(self, svg: str, alt: str, caption: str = "") -> None:
        self.svg, self.alt, self.caption = svg, alt, caption

    def _repr_html_(self) -> str:
        drawing = f'role="img" aria-label="{html.escape(self.alt)}">{self.svg}</div>'
        if not self.caption:
            return f'<div class="picture" {drawing}'
        return f'<figure class="picture"><div {drawing}\n{figcaption(self.caption)}</figure>'

    def __repr__(self) -> str:
        return f"Picture: {self.alt}"


def figcaption(caption: str) -> str:
    """Return ``caption`` as HTML to stand in a figure, smaller than the text; the book typesets its formulas."""
    # Said here, because Jupyter has no style sheet of the book.
    look = "width: fit-content; max-width: 36rem; margin: .25rem auto 0; text-align: left; "
    look += "font-size: .875em; font-weight: 400; line-height: 1.4"
    return f'<figcaption style="{look}">{html.escape(caption)}</figcaption>'


def picture(drawing: Figure, alt: str, caption: str = "") -> Picture:
    """Return ``drawing`` as a :class:`Picture`.

    ``alt`` says what it shows to those who do not see it; ``caption`` stands below it for everyone; formulas in it
    stand between dollar signs. The same drawing gives the same bytes in every run.

    Raises:
        ValueError: if ``alt`` is empty.
    """
    if not alt.strip():
        raise ValueError("a picture needs alt, a sentence that says what it shows")
    svg = inline(drawing, bbox_inches="tight")
    return Picture(with_own_ids(write(svg), "p"), alt, caption)


def inline(drawing: Figure, **options: Any) -> Element:
    """Return ``drawing`` as SVG to stand in a page, with as little in it as possible; ``options`` are ``savefig``'s.

    It is drawn in the text colour of the page and as wide as the page lets it. Only what is referred to has an id; an
    id is made from what it names, and so it is the same in all drawings that have that part.
    """
    with style(), io.StringIO() as file:
        drawing.savefig(file, format="svg", metadata={"Date": None, "Creator": None}, **options)
        written = file.getvalue()
    # In a page, these names are part of the language.
    written = written[written.index("<svg") :].replace(' xmlns="http://www.w3.org/2000/svg"', "")
    written = written.replace("xlink:href=", "href=").replace(INK, "currentColor")
    svg = ElementTree.fromstring(written)
    width, height = (float(size) for size in svg.attrib["viewBox"].split()[2:])
    svg.attrib.clear()
    svg.attrib["aria-hidden"] = "true"
    svg.attrib["viewBox"] = f"0 0 {width:g} {height:g}"
    # Matplotlib says the last two in a style sheet, which would be that of the whole page.
    width *= 4 / 3
    # A telephone shows the whole drawing, unless letters would be smaller than can be read; then it scrolls sideways.
    letters = [float(scale) * 400 / 3 for scale in re.findall(r"scale\((0\.\d+) -", written)]
    least = width * LETTERS / min(letters, default=math.inf)
    look = f"width: {width:.0f}px; min-width: {least:.0f}px; max-width: 100%; height: auto; "
    svg.attrib["style"] = look + "stroke-linejoin: round; stroke-linecap: butt"
    named = set(re.findall(r'(?:href="|url\()#([^")]+)', written))
    for element in list(svg.iter()):
        for part in list(element):
            unseen = part.tag == "path" and part.get("style") == "fill: none"
            if unseen or part.tag in ("metadata", "style"):
                element.remove(part)
        element.text = element.tail = None
        if element.get("id", "").startswith(SETS):
            element.set("data-sets", element.attrib["id"].removeprefix(SETS))
        if element.get("id") not in named:
            element.attrib.pop("id", None)
        for name in ("d", "points", "x", "y", "width", "height"):
            if name in element.attrib:
                element.set(name, _rounded(element.attrib[name]))
        if "transform" in element.attrib:  # a factor has to keep its digits
            parts = re.split(r"(translate\([^)]*\))", element.attrib["transform"])
            element.set("transform", "".join(_rounded(p) if p.startswith("translate") else p for p in parts))
    return svg


def sets(ax: Any, box: tuple[float, float, float, float], parameter: str, value: Any) -> None:
    """Let a click or a tap within ``box`` choose a value of a figure that moves.

    Args:
        ax: the axes on which the box lies; it is not seen.
        box: left, bottom, width and height, in the numbers of the axes.
        parameter: what the value belongs to, by the name that :func:`~rnncourse.figures.live.explore` is given.
        value: as it is written beside the control.
    """
    left, bottom, width, height = box
    ax.add_patch(Rectangle((left, bottom), width, height, alpha=0, zorder=99, gid=f"{SETS}{parameter}={value}"))


def _rounded(numbers: str) -> str:
    """Return SVG's ``numbers`` with two decimals at most, which is finer than any screen."""
    numbers = re.sub(r"-?\d+\.\d+", lambda number: f"{round(float(number[0]), 2) + 0.0:g}", numbers)
    return re.sub(r"\s*([A-Za-z])\s*", r"\1", numbers).strip() if numbers.startswith("M") else numbers


def write(svg: Element) -> str:
    """Return ``svg`` as text, one element a line, without the groups and definitions that are empty or say nothing."""

    def content(element: Element) -> list[Element]:
        parts = []
        for part in element:
            part[:] = content(part)
            plain = part.tag in ("g", "defs") and not part.attrib
            parts += list(part) if plain and (part.tag == "g" or not len(part)) else [part]
        return parts

    svg = copy.deepcopy(svg)
    svg[:] = content(svg)
    return ElementTree.tostring(svg, encoding="unicode").replace(" />", "/>").replace("><", ">\n<")


def with_own_ids(markup: str, kind: str) -> str:
    """Return ``markup`` with ids that no other figure of the page has: they begin with ``kind`` and with its hash."""
    prefix = kind + hashlib.sha256(markup.encode()).hexdigest()[:8]
    return re.sub(r'( id="| href="#|url\(#)', rf"\g<1>{prefix}-", markup)
