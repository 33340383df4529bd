"""Ideas stand before code: what is folded, how much code is left, and how it is opened."""

import pytest

SCREEN = 900  # pixels; the height of a window in which a chapter's length is measured


@pytest.mark.chapters
def test_a_chapter_is_short_and_has_little_code(visit, file):
    """At most 18 screens, and at most a quarter of them code (three tenths where the code is the subject)."""
    with visit(file) as page:
        page.tab.set_viewport_size({"width": 1440, "height": SCREEN})
        screens, share = page.tab.evaluate(
            """screen => {
                 const visible = [...document.querySelectorAll("article .cell_input")].filter(e => e.checkVisibility());
                 const code = visible.reduce((sum, e) => sum + e.getBoundingClientRect().height, 0);
                 const article = document.querySelector("article").getBoundingClientRect().height;
                 return [document.documentElement.scrollHeight / screen, code / article];
               }""",
            SCREEN,
        )
    assert screens <= 18
    assert share <= (0.30 if file.stem == "bptt" else 0.25)


def test_no_assert_is_in_sight(desktop):
    codes = desktop.tab.locator("article .cell_input pre").filter(visible=True).all_inner_texts()
    asserts = [line for code in codes for line in code.splitlines() if line.lstrip().startswith("assert")]
    assert asserts == []


def test_one_switch_opens_all_code_on_every_page(visit, html):
    folds = "details.fold"
    with visit(html / "book/rnn.html") as page:
        tab = page.tab
        switch = tab.get_by_role("button", name="Show all code")
        count = tab.locator(folds).count()
        assert count > 10
        assert tab.locator(f"{folds}[open]").count() == 0
        switch.press("Enter")
        assert switch.get_attribute("aria-pressed") == "true"
        assert tab.locator(f"{folds}[open]").count() == count
        tab.goto((html / "book/mlp.html").as_uri())
        assert tab.locator(f"{folds}[open]").count() == tab.locator(folds).count() > 10
        switch.press("Enter")
        assert tab.locator(f"{folds}[open]").count() == 0
        tab.reload()
        assert tab.locator(f"{folds}[open]").count() == 0
        tab.goto((html / "book/glossary.html").as_uri())
        assert switch.count() == 0


def test_a_fold_opens_by_keyboard(visit, html):
    with visit(html / "book/rnn.html") as page:
        fold = page.tab.locator("details.fold.check").first
        assert not fold.locator("pre").first.is_visible()
        fold.locator("summary").press("Enter")
        assert fold.locator("pre").first.is_visible()
