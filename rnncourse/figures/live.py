"""Figures that move: one object that Jupyter shows as a widget and the book as pictures drawn beforehand."""

import html
import itertools
import math
import os
import traceback
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from xml.etree.ElementTree import Element

from matplotlib.figure import Figure

from rnncourse.figures.page import is_category, page, parameter, text
from rnncourse.figures.picture import Picture, inline, with_own_ids, write

MAX_FRAMES = 36
MAX_KILOBYTES = 250
WIDGET = "application/vnd.jupyter.widget-view+json"


def explore(
    draw: Callable[..., Figure],
    alt: Callable[..., str],
    *,
    caption: str = "",
    question: str = "",
    labels: Mapping[str, str] | None = None,
    start: Mapping[str, Any] | None = None,
    **values: Iterable[Any],
) -> "Explore":
    """Return the figure of ``draw`` with a control for each of its one or two parameters.

    A parameter whose values are all strings has radio buttons, any other a slider. Jupyter shows a widget that calls
    ``draw`` again. The book, and whatever else shows a stored notebook, shows the same figures drawn beforehand, with
    controls that need neither a kernel nor a network. There, a click on what :func:`~rnncourse.figures.picture.sets`
    has marked chooses the values that belong to it.

    Args:
        draw: gets a value of each parameter by its name and returns a figure, always of the same size.
        alt: gets the same and returns a sentence that says what this figure shows.
        caption: text that stands below the figure; formulas in it stand between dollar signs.
        question: what the book asks the reader before it shows the figure.
        labels: what the control of a parameter is called, if not by the parameter's name.
        start: the value of a parameter that is shown first, if not its first one.
        values: the values of each parameter, in the order of the slider.

    Raises:
        ValueError: if there is not one parameter or two, each with two values or more; if a label or a start belongs
            to no parameter or value; if an alt is empty; if there are too many figures, or too heavy ones.
        TypeError: if ``draw`` does not return a figure.
    """
    return Explore(
        draw, alt, {name: list(some) for name, some in values.items()}, labels or {}, start or {}, question, caption
    )


class Explore:
    """A figure with controls, as :func:`explore` makes it."""

    def __init__(
        self,
        draw: Callable[..., Figure],
        alt: Callable[..., str],
        values: dict[str, list[Any]],
        labels: Mapping[str, str],
        start: Mapping[str, Any],
        question: str,
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
        self.draw, self.alt, self.values = draw, alt, values
        self.question, self.caption = question, caption
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
        """Return a new widget that calls ``draw`` whenever another value is chosen."""
        import ipywidgets

        controls: dict[str, Any] = {}
        for name, some in self.values.items():
            options = [(text(value), value) for value in some]
            look = {"value": self.start[name], "description": self.labels[name]}
            look["style"] = {"description_width": "initial"}
            if is_category(some):
                controls[name] = ipywidgets.RadioButtons(options=options, **look)
            else:
                controls[name] = ipywidgets.SelectionSlider(options=options, continuous_update=False, **look)
        players = []
        for slider in [control for control in controls.values() if hasattr(control, "continuous_update")][:1]:
            last = len(slider.options) - 1
            players = [ipywidgets.Play(min=0, max=last, value=slider.index, interval=333)]
            ipywidgets.link((players[0], "value"), (slider, "index"))
        shown = ipywidgets.HTMLMath()  # formulas in the caption

        def redraw(change: Any = None) -> None:
            values = {name: control.value for name, control in controls.items()}
            try:
                svg, alt = self._frame(values)
                shown.value = Picture(with_own_ids(write(svg), "w"), alt, self.caption)._repr_html_()
            except Exception:  # Jupyter would write it to a log that nobody reads
                shown.value = f'<pre role="alert">{html.escape(traceback.format_exc())}</pre>'

        for control in controls.values():
            control.observe(redraw, "value")
        redraw()
        row = ipywidgets.HBox([*players, *controls.values()], layout={"flex_flow": "row wrap"})
        return ipywidgets.VBox([shown, row])

    def _frame(self, values: dict[str, Any]) -> tuple[Element, str]:
        """Draw the figure for ``values``; return it and what it shows."""
        where = ", ".join(f"{name} = {text(value)}" for name, value in values.items())
        drawing = self.draw(**values)
        if not isinstance(drawing, Figure):
            raise TypeError(f"draw has to return a matplotlib Figure; for {where} it returned {drawing!r}")
        alt = self.alt(**values)
        if not alt.strip():
            raise ValueError(f"alt has to say what the figure shows; for {where} it returned nothing")
        return inline(drawing), alt

    def _page(self) -> str:
        """Return the figure as HTML: all frames, of which one is seen, and the controls that choose it."""
        count = math.prod(map(len, self.values.values()))
        if count > MAX_FRAMES:
            raise ValueError(f"{count} frames are more than a page should carry, {MAX_FRAMES}: leave values out")
        points = [dict(zip(self.values, point, strict=True)) for point in itertools.product(*self.values.values())]
        drawn, alts = zip(*map(self._frame, points), strict=True)
        sizes = {svg.attrib["viewBox"] for svg in drawn}
        if len(sizes) > 1:
            raise ValueError(f"all frames need one size, but there are {len(sizes)}: {', '.join(sorted(sizes))}")
        parameters = [parameter(name, some, self.labels[name], self.start[name]) for name, some in self.values.items()]
        whole = page(drawn, alts, points.index(self.start), parameters, self.question, self.caption)
        kilobytes = len(whole.encode()) / 1000
        if kilobytes > MAX_KILOBYTES:
            raise ValueError(
                f"{count} frames of {kilobytes:.0f} kB in all are more than a page should carry, {MAX_KILOBYTES} kB: "
                "draw fewer points, or leave values out"
            )
        return whole
