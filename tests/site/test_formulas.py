"""Formulas of the built pages are drawn, and no source of them is left in the text."""

import pytest


def test_formulas_are_typeset(page):
    formulas = page.tab.locator(".math").count()
    assert page.tab.locator(".math mjx-container svg").count() >= formulas
    assert page.tab.locator("[data-mjx-error], mjx-merror").count() == 0


def test_no_page_loads_a_script_for_formulas(page):
    pytest.importorskip("py_mini_racer", reason="the pages typeset their formulas themselves on this platform")
    assert [url for url in page.requests if "mathjax" in url] == []


def test_only_formulas_that_scroll_are_tab_stops(desktop):
    stops = desktop.tab.locator("mjx-container[tabindex]").evaluate_all(
        "formulas => formulas.filter(formula => formula.scrollWidth <= formula.clientWidth).length"
    )
    assert stops == 0


def test_every_glyph_is_on_the_page(page):
    lacking = page.tab.evaluate(
        """() => [...document.querySelectorAll("mjx-container use")]
                 .map(use => use.getAttribute("href")).filter(href => !document.querySelector(href))"""
    )
    assert lacking == []


def test_a_formula_is_copied_as_tex(visit, html):
    with visit(html / "book" / "rnn.html") as page:
        copied = page.tab.evaluate(
            """() => { const formula = document.querySelector("div.math mjx-container");
                       formula.scrollIntoView();
                       getSelection().selectAllChildren(formula.parentElement);
                       return getSelection().toString(); }"""
        )
        assert r"\mathbf{H}_t" in copied
        assert "<mi>" not in copied


def test_no_source_is_left_in_the_text(page):
    prose = page.tab.evaluate(
        """() => { const page = document.body.cloneNode(true);
                   const others = "pre, code, script, style, mjx-container, .written, .still";
                   page.querySelectorAll(others).forEach(e => e.remove());
                   return page.textContent; }"""
    )
    for source in ("\\(", "\\[", "$", "\\mathbf", "\\frac", "{eq}", "{cite", "{doc}"):
        assert source not in prose, source
    assert page.tab.locator("code", has_text="{quiz}").count() == 0
