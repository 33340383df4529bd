"""Formulas of the built pages are drawn, and no source of them is left in the text."""


def test_formulas_are_typeset(page):
    formulas = page.tab.locator(".math").count()
    assert page.tab.locator(".math mjx-container svg").count() >= formulas
    assert page.tab.locator("[data-mjx-error], mjx-merror").count() == 0


def test_no_source_is_left_in_the_text(page):
    prose = page.tab.evaluate(
        """() => { const page = document.body.cloneNode(true);
                   const others = "pre, code, script, style, mjx-container, figure.network";
                   page.querySelectorAll(others).forEach(e => e.remove());
                   return page.textContent; }"""
    )
    for source in ("\\(", "\\[", "$", "\\mathbf", "\\frac", "{eq}", "{cite", "{doc}"):
        assert source not in prose, source
    assert page.tab.locator("code", has_text="{quiz}").count() == 0
