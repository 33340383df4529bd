"""Terms, symbols, equations and sources open what they mean where they stand."""

import pytest

OPEN = ".about:popover-open"
KINDS = {
    "term": ("a.term", "glossary.html#term-"),
    "equation": ("article p a[href='#equation-rnn-step']", "#equation-rnn-step"),
    "source": (".bibtex-citation a", "references.html#"),
    "symbol": (".symbol", "symbol "),
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_meant_opens_under_the_pointer(visit, html, kind):
    trigger, key = KINDS[kind]
    with visit(html / "book/rnn.html") as page:
        tab = page.tab
        tab.set_viewport_size({"width": 1280, "height": 900})
        tab.locator(trigger).first.hover()
        tab.locator(OPEN).wait_for()
        assert tab.locator(OPEN).get_attribute("data-about").startswith(key)
        assert tab.locator(OPEN).inner_text().strip() or tab.locator(f"{OPEN} svg").count()
        box = tab.locator(OPEN).bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 1280
        tab.mouse.move(2, 2)
        tab.locator(OPEN).wait_for(state="detached")


def test_the_keyboard_opens_and_closes_it(visit, html):
    with visit(html / "book/rnn.html") as page:
        tab = page.tab
        term = tab.locator("a.term").first
        term.focus()
        tab.keyboard.press("Shift+Tab")
        tab.keyboard.press("Tab")
        assert tab.locator(OPEN).count() == 1
        tab.keyboard.press("Escape")
        assert tab.locator(OPEN).count() == 0
        term.press("Enter")
        tab.wait_for_url("**/glossary.html#term-*")


def test_a_first_tap_opens_and_a_second_follows(browser, html):
    context = browser.new_context(has_touch=True, viewport={"width": 390, "height": 800})
    tab = context.new_page()
    tab.goto((html / "book/rnn.html").as_uri())
    term = tab.locator("a.term").first
    term.tap()
    assert tab.locator(OPEN).count() == 1
    assert tab.locator(OPEN).bounding_box()["width"] <= 390
    term.tap()
    tab.wait_for_url("**/glossary.html#term-*")
    context.close()


def test_a_meaning_has_neither_links_nor_anchors(page):
    assert page.tab.locator(".about :is(a, [id])").count() == 0
