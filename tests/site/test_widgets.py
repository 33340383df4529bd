"""What can be used in a built page: live figures and questions."""

from itertools import pairwise

import pytest


@pytest.mark.chapters
def test_chapter_has_live_figures_and_questions(desktop):
    assert desktop.tab.locator("figure.explore input[type=range]").count() >= 1
    assert desktop.tab.locator("fieldset.quiz").count() >= 3


def test_live_figures_follow_the_keyboard(desktop):
    """Each place of a slider has its own picture, value and text for screen readers; one picture is seen at a time."""
    for figure in desktop.tab.locator("figure.explore").all():
        for slider in figure.locator("input[type=range]").all():
            slider.press("Home")
            seen = []
            for _ in range(int(slider.get_attribute("max") or 0) + 1):
                frames, text, shown = figure.evaluate(
                    """(figure, slider) => [
                         [...figure.querySelectorAll(".frame")].filter(frame => frame.checkVisibility())
                           .map(frame => [frame.innerHTML, frame.getAttribute("aria-label")]),
                         slider.getAttribute("aria-valuetext"),
                         slider.closest("div").querySelector("output").textContent]""",
                    slider.element_handle(),
                )
                ((drawing, alt),) = frames
                assert alt in text
                seen.append((drawing, text, shown))
                desktop.tab.keyboard.press("ArrowRight")
            assert len(seen) > 1
            for before, after in pairwise(seen):
                assert all(old != new for old, new in zip(before, after, strict=True)), after[1:]


@pytest.mark.chapters
def test_a_live_figure_plays_and_stops(desktop):
    figure = desktop.tab.locator("figure.explore").first
    figure.locator("input").first.press("Home")
    before = figure.locator("input").first.get_attribute("aria-valuetext")
    play = figure.get_by_role("button")
    play.press("Enter")
    assert play.get_attribute("aria-pressed") == "true"
    desktop.tab.wait_for_function(
        "([input, before]) => input.getAttribute('aria-valuetext') !== before",
        arg=[figure.locator("input").first.element_handle(), before],
    )
    play.press("Enter")
    assert play.get_attribute("aria-pressed") == "false"
    desktop.tab.emulate_media(reduced_motion="reduce")
    assert not play.is_visible()
    desktop.tab.emulate_media(reduced_motion="no-preference")


def test_quizzes_are_answered_by_keyboard(desktop):
    for quiz in desktop.tab.locator("fieldset.quiz").all():
        assert quiz.locator("legend").inner_text().strip()
        buttons, reasons = quiz.get_by_role("radio"), quiz.locator("[role=status] p")
        assert 2 <= buttons.count() <= 4
        assert reasons.filter(visible=True).count() == 0
        verdicts = []
        buttons.first.focus()
        for k in range(buttons.count()):
            desktop.tab.keyboard.press("ArrowDown" if k else "Space")
            assert buttons.nth(k).is_checked()
            assert reasons.filter(visible=True).count() == 1
            text = reasons.nth(k).inner_text()
            assert len(text.split()) > 4, text
            verdicts.append(text.split(".")[0])
        assert sorted(verdicts) == sorted(["✓ Right"] + ["✗ Not so"] * (len(verdicts) - 1))
