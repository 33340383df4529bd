"""How the built pages look on a desktop and on a telephone."""

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import FloatRect

SCREENSHOTS = Path(__file__).parents[2] / "_build" / "screenshots"


def test_no_page_scrolls_sideways(screen):
    width = screen.tab.viewport_size["width"]
    assert screen.tab.evaluate("document.documentElement.scrollWidth") <= width
    cut = screen.tab.evaluate(
        """() => [...document.querySelectorAll("article .math")].filter(formula => {
             const box = formula.querySelector("mjx-container")?.getBoundingClientRect();
             const number = formula.querySelector(".eqno")?.getBoundingClientRect();
             const scrolls = formula.matches("div") || getComputedStyle(formula).overflowX === "auto";
             const under = number && number.left < box.right && number.top < box.bottom;
             return box && (under || !scrolls);
           }).map(formula => formula.textContent)"""
    )
    assert cut == [], "formulas under their number, or cut off"


@pytest.mark.chapters
def test_no_width_scrolls_sideways(desktop):
    """Half of the width is what a page has at 200 %: 640 is a window of 1280 pixels, 960 one of 1920."""
    wider = {}
    for width in (320, 640, 768, 960, 1440, 1920):
        desktop.tab.set_viewport_size({"width": width, "height": 800})
        wider[width] = desktop.tab.evaluate("document.documentElement.scrollWidth") - width
    desktop.tab.set_viewport_size({"width": 1280, "height": 800})
    assert max(wider.values()) <= 0, wider


def test_what_scrolls_on_a_telephone_says_so(phone):
    """A figure is as wide as the screen; where its letters would be too small, a shadow shows that it goes on.

    So it does for code, tables and formulas.
    """
    narrow, silent = phone.tab.evaluate(
        """() => {
             const figures = [...document.querySelectorAll(".output:has(> .picture, > .explore)")];
             document.querySelectorAll("article details").forEach(closed => { closed.open = true; });
             const wide = [...document.querySelectorAll("article :not(span.math, svg *)")].filter(
               part => part.scrollWidth > part.clientWidth && getComputedStyle(part).overflowX === "auto");
             return [figures.filter(figure => figure.clientWidth < innerWidth),
                     wide.filter(part => !getComputedStyle(part).backgroundAttachment.includes("local"))]
               .map(some => some.map(part => part.textContent.slice(0, 80)));
           }"""
    )
    assert narrow == []
    assert silent == []
    rows = phone.tab.locator("figure.explore [type=range]").evaluate_all(
        "inputs => inputs.map(input => [input.getBoundingClientRect().left, input.getBoundingClientRect().width])"
    )
    assert len({tuple(row) for row in rows}) <= 1, "all sliders begin and end at the same places"


def test_code_fits_a_desktop(desktop):
    cut = desktop.tab.locator("article pre").evaluate_all(
        "codes => codes.filter(code => code.scrollWidth > code.clientWidth).map(code => code.textContent)"
    )
    assert cut == []


def test_no_bar_under_a_formula_in_a_line(browser_with_bars, html):
    """Where a system draws bars, a letter that leans out of its box gets none."""
    tab = browser_with_bars.new_page(viewport={"width": 1280, "height": 800})
    tab.goto((html / "book/notation.html").as_uri())
    tab.evaluate("window.MathJax?.startup.promise.then(() => null)")
    bars = tab.locator("article span.math").evaluate_all(
        "formulas => formulas.map(formula => formula.offsetHeight - formula.clientHeight)"
    )
    tab.close()
    assert set(bars) == {0}


@pytest.mark.chapters
def test_chapter_is_shown_in_its_theme(screen):
    """A picture of the whole chapter is bright by day and dark by night; it is kept for those who want to look."""
    width = screen.tab.viewport_size["width"]
    height = min(screen.tab.evaluate("document.documentElement.scrollHeight"), 16_000)  # Chromium draws no more
    clip: FloatRect = {"x": 0, "y": 0, "width": width, "height": height}
    SCREENSHOTS.mkdir(exist_ok=True)
    path = SCREENSHOTS / f"{screen.file.stem}-{screen.screen}.jpeg"
    screen.tab.screenshot(path=path, type="jpeg", quality=60, full_page=True, clip=clip)
    with Image.open(path) as picture:
        assert picture.size == (width, height)
        shades = picture.convert("L").histogram()
    background = shades[192:] if screen.screen == "desktop" else shades[:64]
    assert sum(background) > 0.8 * sum(shades)
