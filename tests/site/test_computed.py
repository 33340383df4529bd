"""The figures that compute in the page: the package's numbers, and every control changes the picture."""

from pathlib import Path

import numpy as np
import pytest
import torch

from rnncourse.figures import computed

SOURCE = Path(__file__).parents[2] / "book" / "_static" / "computed"
CHAPTER = {"phase": "rnn", "temperature": "rnn", "descent": "clipping", "memory": "gated"}
ALONG = {"phase": "xy", "temperature": "x", "descent": "y", "memory": "y"}  # where a handle follows the finger


@pytest.fixture(scope="module")
def tab(browser):
    """A page that holds nothing but the scripts."""
    tab = browser.new_page()
    for name in ("../network/cells", "computed", *CHAPTER):
        tab.add_script_tag(content=(SOURCE / f"{name}.js").read_text(encoding="utf-8"))
    yield tab
    tab.close()


@pytest.mark.parametrize("entries", [[1.3, 0.3, 0.2, 0.5], [1, 0.6, -0.6, 1], [0, 1.5, 0, 0], [-1.5, 0.1, 0.7, 1.5]])
def test_states_gradients_and_eigenvalues_are_those_of_the_package(tab, entries):
    W_hh = torch.tensor(entries, dtype=torch.float64).view(2, 2)
    starts = torch.tensor([[0.3, -0.8], [0, 0], [-1, 1], [0.9, 0.01]], dtype=torch.float64)
    states, norms, eigenvalues = tab.evaluate(
        """([W_hh, starts]) => {
            const { states, norms, eigenvalues } = window.phase, all = starts.map((h_0) => states(h_0, W_hh));
            return [all, all.map((h) => norms(h, W_hh)), eigenvalues(W_hh)];
        }""",
        [W_hh.tolist(), starts.tolist()],
    )
    H, after = computed.two_units(W_hh, starts)
    assert np.allclose(np.swapaxes(states, 0, 1), H, rtol=1e-9, atol=1e-12)
    assert np.allclose(np.transpose(norms), after, rtol=1e-8, atol=1e-12)
    expected = torch.linalg.eigvals(W_hh).numpy()
    assert np.allclose(np.sort_complex(np.array(eigenvalues) @ [1, 1j]), np.sort_complex(expected))


@pytest.mark.parametrize(("theta", "eta", "w", "b"), [(1, 0.1, 5, -2.3), (1e9, 0.1, 5, -2.3), (0.1, 1, 4.2, -1.9)])
def test_both_descents_are_those_of_the_package(tab, theta, eta, w, b):
    expected = computed.descend(theta, eta, w, b)
    path, steps = tab.evaluate(
        """([given, places]) => {
            const { descend, lossAndGradient } = window.descent;
            const step = ([w, b]) => { const { loss, g } = lossAndGradient(w, b); return [loss, Math.hypot(...g)]; };
            return [descend(...given), places.map(step)];
        }""",
        [[theta, eta, w, b], expected[:, :2].tolist()],
    )
    assert np.shape(path) == expected.shape
    assert np.allclose(steps, expected[:, 2:], rtol=1e-9, atol=1e-12)
    # On the wall a difference in the last digit is multiplied by thousands, again and again.
    assert np.allclose(path[:40], expected[:40], rtol=1e-4, atol=1e-6)


def test_memories_and_hidden_states_are_those_of_the_package(tab):
    gates = torch.rand(3, 20, dtype=torch.float64)
    g = torch.tensor(computed.CANDIDATES, dtype=torch.float64)
    result = tab.evaluate("(given) => window.memory.remember(...given)", [*gates.tolist(), g.tolist()])
    f, i, o = gates
    C, H = computed.remembered(f, i, o, g)
    assert np.allclose(result["C"], C, atol=1e-12)
    assert np.allclose(result["H"], H, atol=1e-12)
    share = tab.evaluate("(f) => [1, 3, 20].map((t) => window.memory.left(f, t))", f.tolist())
    assert np.allclose(share, [f[t:].prod().item() for t in (1, 3, 20)])


@pytest.mark.parametrize("tau", [0.1, 0.7, 1, 10])
def test_probabilities_and_entropy_are_those_of_pytorch(tab, tau):
    O_t = 4 * torch.randn(81, dtype=torch.float64)
    probabilities, entropy = tab.evaluate(
        """([O_t, tau]) => {
            const P = cells().softmax(O_t, O_t.length, tau);
            return [[...P], window.temperature.entropy(P)];
        }""",
        [O_t.tolist(), tau],
    )
    P = (O_t / tau).softmax(0)
    assert np.allclose(probabilities, P, atol=1e-6)
    assert entropy == pytest.approx(torch.special.entr(P).sum().item() / np.log(2), abs=1e-4)


@pytest.fixture(params=CHAPTER)
def figure(visit, html, request):
    """A figure in its chapter, ready to be used."""
    with visit(html / "book" / f"{CHAPTER[request.param]}.html") as page:
        yield ready(page.tab, request.param)


def ready(tab, kind: str):
    figure = tab.locator(f"figure.computed.{kind}")
    figure.scroll_into_view_if_needed()
    figure.locator(".drawing svg").wait_for()
    return figure


def drawn(figure) -> str:
    return figure.locator(".drawing").inner_html()


def changes(figure, before: str) -> None:
    """Wait until the picture is another."""
    figure.page.wait_for_function(
        "([figure, before]) => figure.querySelector('.drawing').innerHTML !== before",
        arg=[figure.element_handle(), before],
    )


def test_every_slider_changes_the_picture_by_keyboard_and_is_said_after_a_pause(figure):
    for slider in figure.locator("[type=range]").all():
        before, value = drawn(figure), slider.input_value()
        slider.press("ArrowLeft" if value == slider.get_attribute("max") else "ArrowRight")
        changes(figure, before)
        assert slider.input_value() != value
        shown = slider.locator("xpath=ancestor::*[contains(@class, 'parameter')]//output")
        assert shown.inner_text().replace("−", "-") == slider.get_attribute("aria-valuetext")
    figure.page.wait_for_function(
        """(figure) => {
            const words = (name) => figure.querySelector(name).textContent;
            return words("[role=status]") === words(".numbers")
                && figure.querySelector(".drawing").ariaLabel.split(" ").length > 10;
        }""",
        arg=figure.element_handle(),
    )


def test_every_button_and_choice_changes_the_picture(figure):
    for choice in figure.locator(".live :is(button, [type=radio]:not(:checked))").all():
        before = drawn(figure)
        choice.press("Space")
        changes(figure, before)


def middle(handle) -> tuple[float, float]:
    box = handle.locator("circle").last.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def values(figure) -> list[str]:
    return figure.locator("[type=range]").evaluate_all("sliders => sliders.map(slider => slider.value)")


def test_every_handle_is_dragged_by_the_pointer_and_takes_its_sliders_along(figure):
    tab = figure.page
    handles = figure.locator(".handle")
    assert handles.count() > 0
    for handle in handles.all():
        handle.scroll_into_view_if_needed()
        before, chosen, (x, y) = drawn(figure), values(figure), middle(handle)
        tab.mouse.move(x, y)
        tab.mouse.down()
        tab.mouse.move(x - 12, y + 9, steps=3)
        tab.mouse.up()
        changes(figure, before)
        assert values(figure) != chosen


def test_a_gate_is_set_at_one_step_or_at_all(visit, html):
    with visit(html / "book" / "gated.html") as page:
        figure = ready(page.tab, "memory")
        forget, step = figure.locator("[name=f]"), figure.locator("[name=t]")
        forget.press("Home")
        step.press("End")
        assert forget.input_value() == "0"  # at all steps
        figure.get_by_role("radio", name="step t").check()
        forget.press("End")
        assert forget.input_value() == "1"
        step.press("Home")
        assert forget.input_value() == "0"  # at the last step alone
        area = figure.locator(".area").first
        area.scroll_into_view_if_needed()
        box = area.bounding_box()
        page.tab.mouse.click(box["x"] + 0.625 * box["width"], box["y"] + 7)
        assert step.input_value() == "13"
        assert float(forget.input_value()) > 0.8
        figure.get_by_text("Step 13:").wait_for()


def test_a_handle_follows_the_finger(browser, html):
    context = browser.new_context(viewport={"width": 360, "height": 800}, has_touch=True)
    for kind, chapter in CHAPTER.items():
        tab = context.new_page()
        tab.goto((html / "book" / f"{chapter}.html").as_uri())
        figure = ready(tab, kind)
        handle = figure.locator(".handle").last
        handle.scroll_into_view_if_needed()
        x, y = middle(handle)
        session = context.new_cdp_session(tab)
        session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
        for k in range(1, 6):
            point = {"x": x - 2 * k, "y": y - 2 * k}
            session.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
        session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        tab.wait_for_function(
            """([circle, x, y, along]) => {
                const { left, top, width, height } = circle.getBoundingClientRect();
                const away = { x: left + width / 2 - x, y: top + height / 2 - y };
                return [...along].every((axis) => Math.abs(away[axis]) < 4);
            }""",
            arg=[handle.locator("circle").last.element_handle(), x - 10, y - 10, ALONG[kind]],
        )
    context.close()


def test_it_rests_while_it_is_out_of_sight(figure):
    tab = figure.page
    tab.evaluate("window.scrollTo(0, 0)")
    slider = figure.locator("[type=range]").first
    requested = tab.evaluate(
        """(slider) => new Promise((done) => {
            let count = 0;
            const request = window.requestAnimationFrame;
            requestAnimationFrame(() => setTimeout(() => { // the observer has been told by now
                window.requestAnimationFrame = (call) => { count++; return request(call); };
                slider.stepUp();
                slider.dispatchEvent(new Event("input"));
                window.requestAnimationFrame = request;
                done(count);
            }, 100));
        })""",
        slider.element_handle(),
    )
    assert requested == 0
    before = drawn(figure)
    figure.scroll_into_view_if_needed()
    changes(figure, before)


def test_letters_can_be_read_on_a_telephone(figure):
    figure.page.set_viewport_size({"width": 360, "height": 800})
    figure.page.wait_for_function(
        "(figure) => figure.querySelector('.drawing svg').clientWidth <= 344", arg=figure.element_handle()
    )
    sizes = (
        figure.locator("svg text, svg tspan")
        .filter(visible=True)
        .evaluate_all(
            """letters => letters.map(letter => parseFloat(getComputedStyle(letter).fontSize)
                                            * letter.getScreenCTM().a)"""
        )
    )
    assert min(sizes) >= 11
    assert figure.page.evaluate("document.documentElement.scrollWidth") <= 360


def test_without_scripts_and_on_paper_there_is_a_picture(browser, figure, html):
    figure.page.emulate_media(media="print")
    assert figure.locator(".still svg").is_visible()
    assert not figure.locator(".live").is_visible()
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(figure.page.url)
    kind = figure.get_attribute("data-kind")
    assert tab.locator(f"figure.{kind} .still svg").is_visible()
    assert not tab.locator(f"figure.{kind} .live").is_visible()
    context.close()
