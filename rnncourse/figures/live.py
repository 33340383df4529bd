"""Figures that move: one object that Jupyter shows as a widget and the book as pictures drawn beforehand."""

import html
import itertools
import json
import math
import os
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, tostring

from matplotlib.figure import Figure

from rnncourse.figures.picture import Picture, figcaption, inline, with_own_ids, write

MAX_FRAMES = 36
MAX_KILOBYTES = 250
SHORT = 60  # characters; a part that has fewer is no longer than the reference to it
WIDGET = "application/vnd.jupyter.widget-view+json"
HERE = Path(__file__).parent

# Without a script there is one picture, and nothing that does not work.
PAGE = """<figure class="explore">
<style>
{style}</style>
{shared}
{frames}
<div class="controls" hidden>
<button type="button" aria-pressed="false">Play</button>
{sliders}
</div>
<script>
{script}</script>{caption}
</figure>"""

# The slider tells a screen reader its value and what the picture shows; the output would tell the value again.
SLIDER = """<div><label>{label} <input type="range" autocomplete="off" min="0" max="{last}" value="{place}" \
aria-valuetext="{state}" data-values="{texts}"></label>
<output aria-hidden="true" style="min-width: {width}ch">{text}</output></div>"""


def explore(
    draw: Callable[..., Figure],
    alt: Callable[..., str],
    *,
    caption: str = "",
    labels: Mapping[str, str] | None = None,
    start: Mapping[str, Any] | None = None,
    **values: Iterable[Any],
) -> "Explore":
    """Return the figure of ``draw`` with a slider for each of its one or two parameters.

    Jupyter shows a widget that calls ``draw`` again. The book, and whatever else shows a stored notebook, shows the
    same figures drawn beforehand, with sliders that need neither a kernel nor a network.

    Args:
        draw: gets a value of each parameter by its name and returns a figure, always of the same size.
        alt: gets the same and returns a sentence that says what this figure shows.
        caption: plain text that stands below the figure.
        labels: what the slider of a parameter is called, if not by the parameter's name.
        start: the value of a parameter that is shown first, if not its first one.
        values: the values of each parameter, in the order of the slider.

    Raises:
        ValueError: if there is not one parameter or two, each with two values or more; if a label or a start belongs
            to no parameter or value; if an alt is empty; if there are too many figures, or too heavy ones.
        TypeError: if ``draw`` does not return a figure.
    """
    return Explore(draw, alt, {name: list(some) for name, some in values.items()}, labels or {}, start or {}, caption)


class Explore:
    """A figure with sliders, as :func:`explore` makes it."""

    def __init__(
        self,
        draw: Callable[..., Figure],
        alt: Callable[..., str],
        values: dict[str, list[Any]],
        labels: Mapping[str, str],
        start: Mapping[str, Any],
        caption: str,
    ) -> None:
        if not 1 <= len(values) <= 2:
            raise ValueError(f"explore needs one parameter or two with their values, not {len(values)}")
        for name, some in values.items():
            if len(some) < 2:
                raise ValueError(f"the parameter {name} needs two values or more, not {some}")
        for name in sorted({*labels, *start} - {*values}):
            raise ValueError(f"{name} has a label or a start, but it is no parameter; these are: {', '.join(values)}")
        for name, value in start.items():
            if value not in values[name]:
                raise ValueError(f"{name} cannot start at {value!r}, which is not among its values {values[name]}")
        self.draw, self.alt, self.caption, self.values = draw, alt, caption, values
        self.labels = {name: labels.get(name, name) for name in values}
        self.start = {name: start.get(name, some[0]) for name, some in values.items()}
        # Drawn now, so that what is wrong fails the cell; Jupyter only reports what goes wrong in showing a result.
        self.html = self._page()

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        bundle = {"text/plain": repr(self), "text/html": self.html}
        # A run whose outputs are stored leaves no kernel behind that a widget could ask.
        if "RNNCOURSE_TEST" not in os.environ:
            bundle[WIDGET] = self.widget()._repr_mimebundle_()[WIDGET]
        return bundle

    def __repr__(self) -> str:
        return f"Explore: {self.alt(**self.start)}"

    def widget(self) -> Any:
        """Return a new widget that calls ``draw`` whenever a slider has moved."""
        import ipywidgets

        sliders = {
            name: ipywidgets.SelectionSlider(
                options=[(_text(value), value) for value in some],
                value=self.start[name],
                description=self.labels[name],
                continuous_update=False,
                style={"description_width": "initial"},
            )
            for name, some in self.values.items()
        }
        first = next(iter(sliders.values()))
        play = ipywidgets.Play(min=0, max=len(first.options) - 1, value=first.index, interval=1000)
        ipywidgets.link((play, "value"), (first, "index"))
        shown = ipywidgets.HTML()

        def redraw(change: Any = None) -> None:
            values = {name: slider.value for name, slider in sliders.items()}
            try:
                svg, alt = self._frame(values)
                shown.value = Picture(with_own_ids(write(svg), "w"), alt, self.caption)._repr_html_()
            except Exception:  # Jupyter would write it to a log that nobody reads
                shown.value = f'<pre role="alert">{html.escape(traceback.format_exc())}</pre>'

        for slider in sliders.values():
            slider.observe(redraw, "value")
        redraw()
        controls = ipywidgets.HBox([play, *sliders.values()], layout={"flex_flow": "row wrap"})
        return ipywidgets.VBox([shown, controls])

    def _frame(self, values: dict[str, Any]) -> tuple[Element, str]:
        """Draw the figure for ``values``; return it and what it shows."""
        where = ", ".join(f"{name} = {_text(value)}" for name, value in values.items())
        drawing = self.draw(**values)
        if not isinstance(drawing, Figure):
            raise TypeError(f"draw has to return a matplotlib Figure; for {where} it returned {drawing!r}")
        alt = self.alt(**values)
        if not alt.strip():
            raise ValueError(f"alt has to say what the figure shows; for {where} it returned nothing")
        return inline(drawing), alt

    def _page(self) -> str:
        """Return the figure as HTML: all frames, of which one is seen, and the sliders that choose it."""
        count = math.prod(map(len, self.values.values()))
        if count > MAX_FRAMES:
            raise ValueError(f"{count} frames are more than a page should carry, {MAX_FRAMES}: leave values out")
        points = [dict(zip(self.values, point, strict=True)) for point in itertools.product(*self.values.values())]
        drawn, alts = zip(*map(self._frame, points), strict=True)
        sizes = {svg.attrib["viewBox"] for svg in drawn}
        if len(sizes) > 1:
            raise ValueError(f"all frames need one size, but there are {len(sizes)}: {', '.join(sorted(sizes))}")
        shared = write(_shared(drawn))
        frames = []
        for point, svg, alt in zip(points, drawn, alts, strict=True):
            seen = 'class="frame start"' if point == self.start else 'class="frame" hidden'
            frames.append(f'<div {seen} role="img" aria-label="{html.escape(alt)}">{write(svg)}</div>')
        page = PAGE.format(
            style=(HERE / "live.css").read_text(encoding="utf-8"),
            shared=shared,
            frames="\n".join(frames),
            sliders="\n".join(map(self._slider, self.values)),
            script=(HERE / "live.js").read_text(encoding="utf-8"),
            caption="\n" + figcaption(self.caption) if self.caption else "",
        )
        page = with_own_ids(page, "e")
        kilobytes = len(page.encode()) / 1000
        if kilobytes > MAX_KILOBYTES:
            raise ValueError(
                f"{count} frames of {kilobytes:.0f} kB in all are more than a page should carry, {MAX_KILOBYTES} kB: "
                "draw fewer points, or leave values out"
            )
        return page

    def _slider(self, name: str) -> str:
        texts = [_text(value) for value in self.values[name]]
        place = self.values[name].index(self.start[name])
        return SLIDER.format(
            label=html.escape(self.labels[name]),
            last=len(texts) - 1,
            place=place,
            state=html.escape(f"{texts[place]}. {self.alt(**self.start)}"),
            texts=html.escape(json.dumps(texts, ensure_ascii=False)),
            width=max(map(len, texts)),
            text=html.escape(texts[place]),
        )


def _text(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _shared(frames: Sequence[Element]) -> Element:
    """Move what ``frames`` have in common into a drawing of its own, which is returned; they refer to it.

    That is all definitions, and the parts, as large as possible, that are the same in two frames or more.
    """
    shelf = Element("defs")
    defined = set()
    for frame in frames:
        for parent in list(frame.iter()):
            for definitions in parent.findall("defs"):
                parent.remove(definitions)
                for part in definitions:
                    if part.attrib["id"] not in defined:
                        shelf.append(part)
                        defined.add(part.attrib["id"])

    markup = {part: tostring(part, encoding="unicode") for frame in frames for part in frame.iter()}
    uses = Counter(text for frame in frames for text in {markup[part] for part in frame.iter()})
    names: dict[str, str] = {}

    def share(parent: Element, least: int) -> None:
        """Replace the parts of ``parent`` that ``least`` frames have or more."""
        for place, part in enumerate(parent):
            text = markup[part]
            if uses[text] < least or len(text) < SHORT:
                share(part, least)
                continue
            if text not in names:
                names[text] = f"s{len(names)}"
                share(part, uses[text] + 1)  # a part of this part may be in more frames than the whole
                part.set("id", names[text])
                shelf.append(part)
            parent[place] = Element("use", {"href": f"#{names[text]}"})

    for frame in frames:
        share(frame, 2)
    shared = Element("svg", {"aria-hidden": "true", "width": "0", "height": "0"})
    shared.append(shelf)
    return shared
