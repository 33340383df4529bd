"""The trained models in the page, used as a reader uses them: by keyboard, with pasted text, without scripts."""

import re

import pytest


@pytest.fixture
def reader(visit, html):
    """The figure, ready to be typed to."""
    with visit(html / "book" / "rnn.html") as page:
        page.tab.emulate_media(reduced_motion="reduce")
        figure = page.tab.locator("figure.reader")
        figure.scroll_into_view_if_needed()
        figure.locator(".next li").first.wait_for()
        yield figure


def perplexity(figure) -> float:
    return float(figure.locator(".perplexity").inner_text().removeprefix("perplexity "))


def counted(figure, count: int) -> None:
    """Wait until so many characters have been read."""
    figure.page.wait_for_function(
        """([figure, count]) => count ? figure.querySelector('.bits').textContent.endsWith(` ${count} characters)`)
                                      : figure.querySelector('.perplexity').textContent.startsWith('no')""",
        arg=[figure.element_handle(), count],
    )


def test_what_is_typed_is_read_and_can_be_undone(reader):
    area = reader.locator("textarea")
    area.fill("")
    counted(reader, 0)
    area.press_sequentially("The United States ")
    counted(reader, 18)
    usual = perplexity(reader)
    area.press_sequentially("xqz")
    counted(reader, 21)
    assert perplexity(reader) > usual
    tints = reader.locator(".tint span").evaluate_all("(spans) => spans.map((span) => span.style.background)")
    opacities = [float(re.findall(r"[\d.]+", tint)[3]) for tint in tints]
    assert min(opacities[-3:]) > max(opacities[5:13])  # "nited St" was no surprise
    area.press("Control+z")
    assert area.input_value() != "The United States xqz"
    assert reader.locator(".tint").inner_text().rstrip("\u200b") == area.input_value()


def test_text_and_tints_lie_upon_each_other(reader):
    area = reader.locator("textarea")
    area.fill("wide and narrow letters, a long line that wraps, iiiiiiii WWWWWWWW " * 6)
    counted(reader, 402)
    sizes = reader.evaluate(
        """(figure) => [".tint", "textarea"].map((name) => {
            const { scrollHeight, scrollWidth, offsetLeft, offsetTop } = figure.querySelector(name);
            return [scrollHeight, scrollWidth, offsetLeft, offsetTop];
        })"""
    )
    assert sizes[0] == sizes[1]


def test_unknown_characters_and_long_texts_are_met_with_a_word(reader):
    area, status = reader.locator("textarea"), reader.locator("[role=status]")
    area.fill("Grüße 你好")
    reader.page.wait_for_function("(element) => element.textContent", arg=status.element_handle())
    assert all(character in status.inner_text() for character in "üß你好")
    counted(reader, 4)
    area.fill("")
    area.focus()
    reader.page.evaluate(
        """() => {
            const data = new DataTransfer();
            data.setData("text/plain", "a".repeat(1e6));
            document.activeElement.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
            document.execCommand("insertText", false, "a".repeat(1e6));
        }"""
    )
    counted(reader, 2000)
    assert len(area.input_value()) == 2000
    assert reader.get_by_text("Only 2,000 characters fit").is_visible()
    area.fill("short")
    counted(reader, 5)
    assert status.inner_text() == ""


def test_every_control_works_by_keyboard(reader):
    tab = reader.page
    reader.locator("textarea").fill("The people of the United States")
    counted(reader, 31)
    cells = reader.locator("[role=slider]")
    cells.focus()
    tab.keyboard.press("Home")
    # The second row of 32 runs from right to left: below unit 2 is unit 63, and right of it unit 62.
    for key, unit in [("ArrowRight", 2), ("ArrowDown", 63), ("ArrowRight", 62), ("ArrowUp", 3), ("Home", 1)]:
        tab.keyboard.press(key)
        reader.locator(f"[aria-valuenow='{unit}']").wait_for()
    assert cells.get_attribute("aria-valuetext").startswith("unit 1")
    tab.keyboard.press("End")
    reader.locator(f"[aria-valuenow='{cells.get_attribute('aria-valuemax')}']").wait_for()
    assert reader.locator("[name=paint]").input_value() == "H"
    named = reader.locator(".named button").first
    named.focus()
    tab.keyboard.press("Enter")
    reader.locator(".named [aria-pressed=true]").wait_for()
    change = reader.locator(".change")
    change.focus()
    tab.keyboard.press("Enter")
    tab.keyboard.press("Tab")
    tab.keyboard.type("Q")
    reader.get_by_text("becomes “Q”").wait_for()
    assert "at once" in reader.locator(".apart").inner_text()
    reader.locator("[type=radio]").first.focus()
    tab.keyboard.press("ArrowRight")
    reader.get_by_text("advantage over the RNN").wait_for(state="attached")
    for option in reader.locator("[name=paint] option").all():
        reader.locator("[name=paint]").select_option(option.get_attribute("value"))
        reader.locator(".legend").wait_for()
    tab.wait_for_function(
        "(figure) => figure.querySelector('.legend').textContent.includes('RNN')", arg=reader.element_handle()
    )


def test_it_writes_on_and_stops(reader):
    tab, area, write = reader.page, reader.locator("textarea"), reader.locator(".write")
    area.fill("The people ")
    write.focus()
    tab.keyboard.press("Enter")
    tab.wait_for_function("(figure) => figure.querySelectorAll('.ghost').length > 10", arg=reader.element_handle())
    tab.keyboard.press("Enter")
    written = area.input_value()
    assert len(written) > 20
    assert write.inner_text() == "Write on"
    assert write.evaluate("(button) => button === document.activeElement")
    area.focus()
    tab.keyboard.press("Control+z")
    assert area.input_value() == "The people "


def test_states_follow_the_caret(reader):
    area = reader.locator("textarea")
    area.fill("Mississippi, the")
    counted(reader, 16)
    area.focus()
    first = reader.locator(".next").inner_text()
    reader.page.keyboard.press("Home")
    reader.page.wait_for_function(
        "([figure, text]) => figure.querySelector('.next').innerText !== text", arg=[reader.element_handle(), first]
    )


def test_without_scripts_there_is_a_picture(browser, html):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto((html / "book" / "index.html").as_uri())
    figure = tab.locator("figure.reader")
    assert figure.locator(".still").is_visible()
    assert "xylophones" in figure.inner_text()
    assert not figure.locator(".live").is_visible()
    context.close()


def test_a_word_without_end_stays_in_the_figure(reader):
    reader.locator("textarea").fill("The " + "x" * 200)
    counted(reader, 204)
    assert reader.evaluate("(figure) => document.documentElement.scrollWidth <= innerWidth")


def test_what_is_typed_while_the_model_writes_comes_where_the_caret_is(reader):
    area = reader.locator("textarea")
    area.fill("The people ")
    area.focus()
    area.evaluate("(area) => area.setSelectionRange(3, 3)")
    reader.locator(".write").evaluate("(button) => button.click()")
    reader.locator(".ghost").nth(3).wait_for(state="attached")
    reader.page.keyboard.type("Q")
    assert area.input_value().startswith("TheQ people ")
