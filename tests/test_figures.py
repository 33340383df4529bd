"""Pictures and live figures: the same bytes in every run, readable by a screen reader, following the theme."""

import html
import importlib
import json
import pkgutil
import re
from itertools import combinations
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import nbformat
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from rnncourse import notebooks
from rnncourse.figures import COLOURS, Explore, Picture, diagrams, explore, figure, frames, live, picture, sets
from rnncourse.figures.diagrams.parts import FILLING, PALE
from rnncourse.figures.picture import STYLE

ROOT = Path(__file__).parents[1]


def diagrams_of_the_course() -> list:
    drawings = []
    for info in pkgutil.iter_modules(diagrams.__path__):
        module = importlib.import_module(f"{diagrams.__name__}.{info.name}")
        for name, value in vars(module).items():
            if getattr(value, "__module__", "") == module.__name__ and not name.startswith("_"):
                drawings += [value] if getattr(value, "__annotations__", {}).get("return") is Picture else []
    return drawings


DIAGRAMS = diagrams_of_the_course()


@pytest.mark.parametrize("diagram", DIAGRAMS, ids=lambda diagram: diagram.__name__)
def test_diagram(diagram):
    drawn = diagram()
    assert drawn.svg == diagram().svg
    assert len(drawn.svg) < 60_000
    ElementTree.fromstring(drawn.svg)
    assert "currentColor" in drawn.svg
    assert "#010203" not in drawn.svg
    assert len(drawn.alt.split()) > 10


def test_ids_of_two_pictures_differ():
    pictures = []
    for height in (1, 2):
        fig, ax = figure()
        ax.plot([0, height])
        pictures.append(picture(fig, f"A line up to {height}."))
    first, second = (set(re.findall(r'id="([^"]+)"', drawn.svg)) for drawn in pictures)
    assert first
    assert not first & second
    for drawn, ids in zip(pictures, (first, second), strict=True):
        assert set(re.findall(r'(?:href="|url\()#([^")]+)', drawn.svg)) <= ids


def test_picture_describes_itself():
    fig, _ = figure()
    with pytest.raises(ValueError, match="needs alt"):
        picture(fig, " ")
    html = picture(fig, 'Axes without a "curve".')._repr_html_()
    assert 'role="img" aria-label="Axes without a &quot;curve&quot;."' in html


def test_picture_has_a_caption():
    fig, _ = figure()
    plain, captioned = picture(fig, "Axes."), picture(fig, "Axes.", "Nothing & τ < 1")
    assert "figcaption" not in plain._repr_html_()
    shown = ElementTree.fromstring(captioned._repr_html_())
    assert shown.tag == "figure"
    drawing, caption = shown
    assert (drawing.get("role"), drawing.get("aria-label")) == ("img", "Axes.")
    assert (caption.tag, caption.text) == ("figcaption", "Nothing & τ < 1")
    assert captioned.svg == plain.svg


GROUNDS = {"light": ("#ffffff", "#222832"), "dark": ("#121212", "#ced6dd")}  # the theme's page and text


def over(colour: str, opacity: float, ground: str) -> tuple[float, ...]:
    """Red, green and blue of ``colour`` drawn over ``ground``."""
    pairs = zip(to_rgb(colour), to_rgb(ground), strict=True)
    return tuple(opacity * above + (1 - opacity) * below for above, below in pairs)


def contrast(first: tuple[float, ...], second: tuple[float, ...]) -> float:
    """The contrast ratio of WCAG 2."""

    def luminance(colour: tuple[float, ...]) -> float:
        red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", GROUNDS)
def test_colours_stand_out(theme):
    """Lines have WCAG's 3:1 to the page; text on a filled node, and text that is pale, 4.5:1."""
    ground, ink = GROUNDS[theme]
    page = to_rgb(ground)
    for role, colour in COLOURS.items():
        assert contrast(to_rgb(colour), page) >= 3, role
        filling = over(colour, FILLING, ground)
        assert contrast(to_rgb(ink), filling) >= 4.5, role
    assert contrast(over(ink, PALE, ground), page) >= 4.5


def test_colour_blind_tell_colours_apart():
    """The distance between any two, in CIELAB, for those who lack one kind of cones (Machado et al. 2009)."""
    normal = np.eye(3)
    protan = [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    deutan = [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    tritan = [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    lab = np.array([[0, 116, 0], [500, -500, 0], [0, 200, -200]])
    rgb = np.array([to_rgb(colour) for colour in COLOURS.values()])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    for seen in (normal, protan, deutan, tritan):
        places = np.cbrt((linear @ np.transpose(seen)).clip(0, 1) @ xyz.T / xyz.sum(1)) @ lab.T
        distances = np.linalg.norm(places[:, None] - places, axis=-1)
        assert distances[np.triu_indices(len(rgb), 1)].min() > 15


def test_lines_differ_in_grey():
    """Where two colours are alike in grey, the dashes of their lines differ."""

    def brightness(colour: str) -> float:
        return float(np.dot(to_rgb(colour), (0.2126, 0.7152, 0.0722)))

    cycle: Any = STYLE["axes.prop_cycle"]
    lines = list(cycle)
    assert {line["color"] for line in lines} == set(COLOURS.values())
    for first, second in combinations(lines, 2):
        alike = abs(brightness(first["color"]) - brightness(second["color"])) < 0.1
        assert not (alike and first["linestyle"] == second["linestyle"]), (first, second)


def line(k, height=1.0):
    """Draw a line that ends at the given place."""
    fig, ax = figure(2, 1.5)
    ax.plot([0, k], [0, height])
    ax.set(xlim=(0, 5), ylim=(0, 3), title=f"${k}$")
    return fig


def line_alt(k, height=1.0):
    return f"A line up to {k}, {height}."


def parsed(live_figure: Explore) -> ElementTree.Element:
    """The page's elements; its style and script are no XML."""
    page = re.sub(r"<(style|script)>.*?</\1>", "", live_figure.html, flags=re.DOTALL)
    page = re.sub(r"( hidden| checked)(?=[ >])", r'\1=""', page)
    return ElementTree.fromstring(re.sub(r"(<input [^>]*)>", r"\1/>", page))


def frames_of(live_figure: Explore) -> list[ElementTree.Element]:
    return parsed(live_figure).findall("div[@class='frames']/div[@role='img']")


def ids_and_references(markup: str) -> tuple[list[str], set[str]]:
    return re.findall(r' id="([^"]+)"', markup), set(re.findall(r'(?: href="|url\()#([^")]+)', markup))


def test_numbers_are_rounded_and_factors_are_not():
    fig, ax = figure(3, 3)
    ax.plot([0, 1 / 3], [0, 2 / 3], marker="o")
    svg = picture(fig, "A line.").svg
    assert not re.search(r'(?: (?:d|x|y|width|height)="|translate\()[^")]*\.\d{3}', svg)
    assert "scale(0.015625)" in svg
    assert "<style" not in svg, "a style sheet in a picture is one of the whole page"


def test_letters_stay_readable():
    """On a narrow screen a drawing shrinks until its smallest letters have 8 pixels."""
    fig, ax = figure(3, 3)
    ax.text(0.5, 0.5, "small", fontsize=6)
    width, least = map(int, re.findall(r"width: (\d+)px; min-width: (\d+)px", picture(fig, "A word.").svg)[0])
    assert least == pytest.approx(width * 8 / (6 * 4 / 3), abs=1)


def test_explore_is_the_same_in_every_run():
    first, second = (explore(line, line_alt, k=[1, 2, 3], height=[1.0, 2.0]) for _ in range(2))
    assert first.html == second.html
    assert "#010203" not in first.html
    assert repr(first) == "Explore: A line up to 1, 1.0."


def test_explore_shows_the_start():
    shown = explore(line, line_alt, k=[1, 2, 3], height=[1.0, 2.5], labels={"k": 'place "τ"'}, start={"k": 2})
    frames = frames_of(shown)
    assert [frame.get("aria-label") for frame in frames] == [line_alt(k, y) for k in (1, 2, 3) for y in (1.0, 2.5)]
    assert {frame.get("role") for frame in frames} == {"img"}
    assert ["hidden" in frame.attrib for frame in frames] == [True, True, False, True, True, True]
    assert frames[2].get("class") == "frame start"
    page = parsed(shown)
    (controls,) = page.findall("div/button/..")
    assert "hidden" in controls.attrib, "they need the script"
    first, second = page.findall(".//label")
    assert (first.text, second.text) == ('place "τ" ', "height ")
    sliders = page.findall(".//input")
    assert [(slider.get("max"), slider.get("value")) for slider in sliders] == [("2", "1"), ("1", "0")]
    parameters = [part for part in page.iter() if part.get("class") == "parameter"]
    assert [part.get("data-name") for part in parameters] == ["k", "height"]
    assert [json.loads(part.get("data-values", "")) for part in parameters] == [["1", "2", "3"], ["1", "2.5"]]
    assert sliders[0].get("aria-valuetext") == "2"
    assert [output.text for output in page.iter("output")] == ["2", "1"]
    assert [tick.text for tick in page.iter("i")] == ["1", "2", "3", "1", "2.5"]


def test_names_have_radio_buttons(monkeypatch):
    def draw(k, kind):
        return line(k, len(kind))

    def alt(k, kind):
        return f"A {kind} line up to {k}."

    shown = explore(draw, alt, k=[1, 2], kind=["up", "on < on"], labels={"kind": "which"}, start={"kind": "on < on"})
    (group,) = parsed(shown).iter("fieldset")
    (legend,) = group.iter("legend")
    assert legend.text == "which"
    assert [(radio.get("type"), radio.get("checked")) for radio in group.iter("input")] == [
        ("radio", None),
        ("radio", ""),
    ]
    assert [label[0].tail for label in group.iter("label")] == [" up", " on < on"]
    monkeypatch.delenv("RNNCOURSE_TEST", raising=False)
    _, controls = shown.widget().children
    assert type(controls.children[-1]).__name__ == "RadioButtons"


def test_ticks_that_would_not_fit_have_no_numbers():
    shown = explore(line, line_alt, k=[1000 * k for k in range(1, 8)])
    assert [tick.text for tick in parsed(shown).iter("i")] == ["1,000", *[None] * 5, "7,000"]


def test_a_part_of_a_picture_sets_a_value():
    def draw(k):
        drawing = line(k)
        for value in (1, 2):
            sets(drawing.axes[0], (value, 0, 1, 1), "k", value)
        return drawing

    shown = explore(draw, line_alt, k=[1, 2])
    assert [part.get("data-sets") for part in parsed(shown).iter() if "data-sets" in part.attrib] == ["k=1", "k=2"]


def test_a_question_comes_first():
    assert 'class="question"' not in explore(line, line_alt, k=[1, 2]).html
    shown = explore(line, line_alt, question="Up & away?", k=[1, 2])
    (asked,) = parsed(shown).findall("div[@class='frames']/div[@class='question']")
    assert "hidden" in asked.attrib, "it needs the script"
    assert asked[0].text == "Up & away?"


def test_explore_has_a_caption(monkeypatch):
    assert "figcaption" not in explore(line, line_alt, k=[1, 2]).html
    shown = explore(line, line_alt, caption="To k < 3", k=[1, 2])
    last = list(parsed(shown))[-1]
    assert (last.tag, last.text) == ("figcaption", "To k < 3")
    monkeypatch.delenv("RNNCOURSE_TEST", raising=False)
    view = shown.widget().children[0]
    assert "To k &lt; 3</figcaption>" in view.value
    assert type(view).__name__ == "HTMLMath", "no other widget typesets formulas"


def test_explore_draws_what_frames_share_once():
    shown = explore(line, line_alt, k=[1, 2, 3], height=[1.0, 2.0])
    ids, references = ids_and_references(shown.html)
    assert len(ids) == len(set(ids))
    assert set(ids) == references
    for frame in frames_of(shown):
        assert not list(frame.iter("defs"))
        assert len(ElementTree.tostring(frame)) < 1000
        assert len(list(frame.iter("path"))) == 1, "the line alone differs"
    alone = explore(line, line_alt, k=[1, 2])
    assert not set(ids) & set(ids_and_references(alone.html)[0])


def test_explore_draws_nothing_twice():
    def draw(k):
        drawing = line(k)
        # One axis is the same in two frames, its ticks in all three.
        drawing.axes[0].set_xlabel("far" if k == 3 else "near")
        return drawing

    page = parsed(explore(draw, line_alt, k=[1, 2, 3]))
    for part in page.iter():
        part.attrib.pop("id", None)
    drawn = [ElementTree.tostring(part, encoding="unicode") for part in page.iter() if part.tag in ("g", "path")]
    assert [part for part in drawn if drawn.count(part) > 1 and len(part) >= frames.SHORT] == []


def test_a_frame_has_what_the_picture_has():
    """With all references followed, the drawing is the one before anything was shared."""

    def paths(element, named):
        for part in element:
            if part.tag == "use":
                yield from paths([named[part.get("href")[1:]]], named)
            elif part.tag == "path":
                yield part.get("d"), part.get("style")
            elif part.tag != "defs":
                yield from paths(part, named)

    def named(root):
        return {part.get("id"): part for part in root.iter() if "id" in part.attrib}

    shown = explore(line, line_alt, k=[1, 2, 3], height=[1.0, 2.0])
    page = parsed(shown)
    for frame, (k, height) in zip(frames_of(shown), [(k, y) for k in (1, 2, 3) for y in (1.0, 2.0)], strict=True):
        alone = live.inline(line(k, height))
        assert list(paths(frame, named(page))) == list(paths(alone, named(alone)))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "one parameter or two"),
        ({"a": [1, 2], "b": [1, 2], "c": [1, 2]}, "one parameter or two with their values, not 3"),
        ({"k": []}, "k needs two values"),
        ({"k": [1, 2], "start": {"k": 3}}, "k cannot start at 3"),
        ({"k": [1, 2], "start": {"tau": 3}}, "tau has a label or a start, but it is no parameter; these are: k"),
        ({"k": [1, 2], "labels": {"tau": "τ"}}, "tau has a label"),
        ({"k": range(live.MAX_FRAMES + 1)}, f"37 frames are more than a page should carry, {live.MAX_FRAMES}"),
        ({"k": [1, 2], "alt": lambda k: " " * k}, "alt has to say what the figure shows; for k = 1"),
        ({"k": [1, 2], "draw": lambda k: figure(k, 1)[0]}, "all frames need one size, but there are 2"),
    ],
)
def test_explore_says_what_is_wrong(options, message):
    arguments: dict[str, Any] = {"draw": line, "alt": line_alt, **options}
    with pytest.raises(ValueError, match=message):
        explore(**arguments)


def test_explore_wants_a_figure():
    with_axes: Any = figure
    with pytest.raises(TypeError, match=r"draw has to return a matplotlib Figure; for width = 1 it returned \(<Figure"):
        explore(with_axes, lambda width: "Nothing.", width=[1, 2])


def test_explore_keeps_pages_light(monkeypatch):
    monkeypatch.setattr(live, "MAX_KILOBYTES", 5)
    with pytest.raises(
        ValueError, match=r"2 frames of \d+ kB in all are more than a page should carry, 5 kB: draw few"
    ):
        explore(line, line_alt, k=[1, 2])


def test_widget_draws_again(monkeypatch):
    monkeypatch.delenv("RNNCOURSE_TEST", raising=False)
    drawn = []

    def draw(k, height):
        drawn.append((k, height))
        if (k, height) == (3, 2.0) and drawn.count((3, 2.0)) > 1:
            raise ZeroDivisionError("in <draw>")
        return line(k, height)

    shown = explore(draw, line_alt, k=[1, 2, 3], height=[1.0, 2.0], labels={"k": "place τ"}, start={"k": 2})
    widget = shown.widget()
    view, controls = widget.children
    play, first, second = controls.children
    assert (first.description, first.value, second.value) == ("place τ", 2, 1.0)
    assert not first.continuous_update
    assert 'aria-label="A line up to 2, 1.0."' in view.value
    before = view.value
    play.value = 2
    assert first.value == 3
    assert 'aria-label="A line up to 3, 1.0."' in view.value
    assert drawn[-1] == (3, 1.0)
    second.value = 2.0
    assert "ZeroDivisionError: in &lt;draw&gt;" in view.value
    assert 'role="alert"' in view.value
    first.value, second.value = 2, 1.0
    assert view.value == before


def test_stored_outputs_carry_no_widget(monkeypatch):
    shown = explore(line, line_alt, k=[1, 2])
    plain = {"text/plain": repr(shown), "text/html": shown.html}
    monkeypatch.setenv("RNNCOURSE_TEST", "1")
    assert shown._repr_mimebundle_() == plain
    monkeypatch.delenv("RNNCOURSE_TEST")
    bundle = shown._repr_mimebundle_()
    assert "model_id" in bundle.pop(live.WIDGET)
    assert bundle == plain


STORED = sorted([*(ROOT / "book").glob("*.ipynb"), *(ROOT / "exercises").glob("*/*.ipynb")])


@pytest.mark.parametrize("path", STORED, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_notebook_carries_no_widget(path):
    notebook = notebooks.read(path)
    assert "widgets" not in notebook.metadata
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", []) if "data" in output]
    assert [list(output.data) for output in outputs if live.WIDGET in output.data] == []


@pytest.mark.slow
def test_executed_live_figure_is_stored_as_it_is(tmp_path):
    source = """from rnncourse.figures import explore, figure

def draw(k):
    fig, ax = figure(2, 1)
    ax.plot([0, k])
    ax.set(ylim=(0, 3))
    return fig

explore(draw, lambda k: f"A line up to {k}.", k=[1, 2])"""
    path = tmp_path / "a.ipynb"
    notebooks.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source, id="live")]), path)
    assert notebooks.execute(path, 100)
    (output,) = notebooks.read(path).cells[0].outputs
    assert sorted(output.data) == ["text/html", "text/plain"]
    assert 'aria-label="A line up to 2."' in html.unescape(output.data["text/html"])
    assert not notebooks.execute(path, 100)
