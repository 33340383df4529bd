"""What a reader sees while a page is opened: its text stands where it will stay."""

import pytest

pytestmark = pytest.mark.chapters

# Adds up what moves without the reader's doing, and gives the faces time enough on a busy machine.
MEASURE = """
    window.moved = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) moved += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
    const later = window.setTimeout;
    window.setTimeout = (act, delay, ...rest) => later(act, delay === 500 ? 30000 : delay, ...rest);
"""


@pytest.fixture
def opened(browser, file):
    """``opened(width, script)`` is a chapter that was just opened after ``script`` was added to it."""
    contexts = []

    def opened(width, script):
        contexts.append(browser.new_context(viewport={"width": width, "height": 800}))
        tab = contexts[-1].new_page()
        tab.add_init_script(script)
        tab.goto(file.as_uri(), wait_until="load")
        return tab

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_jumps(opened, width):
    tab = opened(width, MEASURE)
    tab.locator("html:not(.awaits-faces)").wait_for(state="attached")
    assert tab.evaluate("document.fonts.check('1em \"Source Serif 4\"')")
    tab.evaluate("new Promise((resolve) => requestAnimationFrame(() => requestIdleCallback(resolve)))")
    assert tab.evaluate("moved") < 0.02


def test_without_its_faces_a_page_is_shown_all_the_same(opened):
    tab = opened(1280, "FontFaceSet.prototype.load = () => new Promise(() => {});")
    tab.get_by_role("heading", level=1).wait_for(state="visible")
