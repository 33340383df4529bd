"""The network that learns in the page: it learns, diverges, stops and starts anew as a reader would expect."""

import re

import pytest


@pytest.fixture
def learner(visit, html):
    """The figure, with a network that has read nothing."""
    with visit(html / "book" / "index.html") as page:
        figure = page.tab.locator("figure.learner")
        figure.scroll_into_view_if_needed()
        figure.locator(".written:not(:empty)").wait_for()
        yield figure


def until(figure, condition: str) -> None:
    """Wait until a condition holds, in which ``number(name)`` is what stands in a part of the figure."""
    script = f"""(figure) => {{
        const number = (name) => +figure.querySelector("." + name).textContent.replace(",", "");
        return {condition};
    }}"""
    figure.page.wait_for_function(script, arg=figure.element_handle(), timeout=120_000)


def set_slider(figure, name: str, key: str) -> None:
    figure.locator(f"[name={name}]").focus()
    figure.page.keyboard.press(key)


def test_it_learns_to_write_words(learner):
    noise = learner.locator(".written").inner_text()
    learner.get_by_role("button", name="Learn").press("Enter")
    until(learner, "number('perplexity') < 7 && number('count') > 100")
    until(learner, "/ the /.test(figure.querySelector('.written').textContent)")
    assert " the " not in noise
    learner.get_by_role("button", name="Pause").press("Enter")
    assert learner.get_by_role("button", name="Learn").is_visible()


def test_without_clipping_a_high_rate_diverges(learner):
    set_slider(learner, "lr", "End")
    set_slider(learner, "lr", "ArrowLeft")  # 4
    set_slider(learner, "theta", "End")  # none
    learner.get_by_role("button", name="Learn").press("Enter")
    learner.get_by_text("the network has diverged").wait_for(timeout=120_000)
    assert learner.get_by_role("button", name="Learn").is_visible()
    set_slider(learner, "theta", "Home")
    set_slider(learner, "theta", "ArrowRight")  # 0.25
    learner.get_by_role("button", name="Start again").press("Enter")
    until(learner, "number('count') === 0")
    assert learner.locator("[role=status]").inner_text() == ""
    learner.get_by_role("button", name="Learn").press("Enter")
    until(learner, "number('count') > 150 && number('perplexity') < 12")
    assert learner.locator("[role=status]").inner_text() == ""


def test_it_clips_what_is_longer_than_theta(learner):
    set_slider(learner, "theta", "Home")
    learner.get_by_role("button", name="Learn").press("Enter")
    until(learner, "number('count') > 30")
    assert int(learner.locator(".clipped").inner_text()) > 10


def test_other_hidden_units_make_another_network(learner):
    before = learner.locator(".written").inner_text()
    set_slider(learner, "h", "Home")
    learner.page.wait_for_function(
        "([figure, text]) => figure.querySelector('.written').innerText !== text",
        arg=[learner.element_handle(), before],
    )


def test_it_rests_while_it_is_out_of_sight(learner):
    learner.get_by_role("button", name="Learn").press("Enter")
    until(learner, "number('count') > 0")
    learner.page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    learner.locator("button[data-running=false]").wait_for(state="attached")


def test_without_scripts_and_on_paper_there_is_a_picture(browser, html):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto((html / "book" / "index.html").as_uri())
    still = tab.locator("figure.learner .still")
    assert still.is_visible()
    assert re.search(r"after [\d,]+ updates", still.inner_text())
    context.close()
