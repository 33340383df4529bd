"""Pictures: the same bytes in every run, readable by a screen reader, following the theme."""

import importlib
import pkgutil
import re
from xml.etree import ElementTree

import pytest

from rnncourse.figures import COLOURS, Picture, diagrams, figure, picture


def diagrams_of_the_course() -> list:
    found = []
    for info in pkgutil.iter_modules(diagrams.__path__):
        module = importlib.import_module(f"{diagrams.__name__}.{info.name}")
        for name, value in vars(module).items():
            if getattr(value, "__module__", "") == module.__name__ and not name.startswith("_"):
                found += [value] if getattr(value, "__annotations__", {}).get("return") is Picture else []
    return found


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


def test_colours_differ_in_grey_or_shape():
    def luminance(colour: str) -> float:
        red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    assert len(set(COLOURS.values())) == len(COLOURS)
    assert abs(luminance(COLOURS["state"]) - luminance(COLOURS["output"])) > 0.1
