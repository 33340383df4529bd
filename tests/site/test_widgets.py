"""What can be used in a built page: live figures and questions."""

import json
import re
from itertools import pairwise

import pytest


@pytest.mark.chapters
def test_chapter_has_live_figures_and_questions(desktop):
    assert desktop.tab.locator("figure.explore input").count() >= 1
    assert desktop.tab.locator("fieldset.quiz").count() >= 3


@pytest.mark.chapters
def test_captions_are_numbered_and_typeset(desktop):
    captions = desktop.tab.locator("article :is(.cell, .computed) figcaption").all_text_contents()
    numbers = [re.match(r"Figure (\d+\.)+?(\d+)\. ", caption) for caption in captions]
    assert [int(number[2]) if number else caption for number, caption in zip(numbers, captions, strict=True)] == [
        *range(1, len(captions) + 1)
    ]
    assert len({number[1] for number in numbers if number}) == 1
    assert not any("$" in caption for caption in captions)


STATE = """(figure) => [
    [...figure.querySelectorAll(".frame")].filter((frame) => frame.checkVisibility())
      .map((frame) => [frame.innerHTML, frame.getAttribute("aria-label")]),
    [...figure.querySelectorAll("[type=range]")].map((slider) => slider.getAttribute("aria-valuetext")),
    [...figure.querySelectorAll("output")].map((output) => output.textContent)]"""


def test_live_figures_follow_the_keyboard(desktop):
    """Each place of a control has its own picture; one picture is seen at a time; a slider tells its value."""
    for figure in desktop.tab.locator("figure.explore").all():
        for parameter in figure.locator(".parameter").all():
            values = json.loads(parameter.get_attribute("data-values") or "")
            radios, slider = parameter.get_by_role("radio"), parameter.locator("[type=range]")
            control = slider if slider.count() else radios.first
            control.focus()
            desktop.tab.keyboard.press("Home" if slider.count() else "Space")
            seen = []
            for value in values:
                ((drawing, alt),), spoken, written = figure.evaluate(STATE)
                if slider.count():
                    assert slider.get_attribute("aria-valuetext") == parameter.locator("output").inner_text() == value
                else:
                    assert radios.nth(values.index(value)).is_checked()
                assert spoken == written
                seen.append((drawing, alt))
                desktop.tab.keyboard.press("ArrowRight")
            assert len(seen) > 1
            for before, after in pairwise(seen):
                assert all(old != new for old, new in zip(before, after, strict=True)), after[1]


def test_at_rest_a_live_figure_is_described(desktop):
    for figure in desktop.tab.locator("figure.explore").all():
        control = figure.locator("[type=range], :not(:checked)[type=radio]").first
        control.press("Home")
        control.press("End" if control.get_attribute("type") == "range" else "Space")
        ((_, alt),), *_ = figure.evaluate(STATE)
        figure.locator("[role=status]").filter(has_text=alt).wait_for(state="attached")


@pytest.mark.chapters
def test_a_live_figure_plays_and_pauses(desktop):
    """It plays from the beginning to the end, and then it can be played again."""
    for figure in desktop.tab.locator("figure.explore", has=desktop.tab.locator("[type=range]")).all()[:1]:
        slider = figure.locator("[type=range]").first
        slider.press("End")
        last = slider.input_value()
        figure.get_by_role("button", name="Play").press("Enter")
        assert slider.input_value() == "0"
        figure.get_by_role("button", name="Pause").press("Enter")
        assert slider.input_value() != last
        figure.get_by_role("button", name="Play").press("Enter")
        desktop.tab.wait_for_function(
            "([slider, last]) => slider.value === last", arg=[slider.element_handle(), last], timeout=60_000
        )
        desktop.tab.wait_for_function(
            "(figure) => [...figure.querySelectorAll('.frame')].filter((frame) => !frame.hidden).length === 1",
            arg=figure.element_handle(),
        )
        play = figure.get_by_role("button", name="Play")
        desktop.tab.emulate_media(reduced_motion="reduce")
        assert not play.is_visible()
        desktop.tab.emulate_media(reduced_motion="no-preference")


@pytest.mark.chapters
def test_a_click_on_the_picture_chooses_a_value(desktop):
    for figure in desktop.tab.locator("figure.explore", has=desktop.tab.locator("[data-sets]")).all():
        part = figure.locator(".frame:not([hidden]) [data-sets]").last
        name, value = (part.get_attribute("data-sets") or "").split("=")
        slider = figure.locator(f"[data-name={name}] [type=range]")
        slider.press("Home")
        figure.locator(".frame:not([hidden]) [data-sets]").last.click()
        assert slider.get_attribute("aria-valuetext") == value


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
