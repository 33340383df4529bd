"""Built pages on paper."""

import re

from pypdf import PdfReader


def test_page_prints(paper):
    """Nothing is cut off, and what is only for the screen stays out."""
    assert paper.tab.evaluate("document.documentElement.scrollWidth") <= paper.tab.viewport_size["width"]
    cut = paper.tab.locator("article pre").evaluate_all(
        "codes => codes.filter(code => code.scrollWidth > code.clientWidth).map(code => code.textContent)"
    )
    assert cut == []
    formulas = paper.tab.evaluate(
        """() => [...document.querySelectorAll("article .math")].filter(formula => {
             const drawn = formula.querySelector("svg")?.getBoundingClientRect();
             const room = formula.closest("section, .admonition, td, dd").getBoundingClientRect();
             return drawn && (drawn.right > room.right + 1 || getComputedStyle(formula).overflow !== "visible");
           }).map(formula => formula.textContent)"""
    )
    assert formulas == [], "cut off"
    strokes = paper.tab.locator("mjx-container :is(path, use)").evaluate_all(
        "letters => [...new Set(letters.map(letter => getComputedStyle(letter).stroke))]"
    )
    assert strokes in ([], ["none"]), "bold on paper"
    split = paper.tab.locator("article pre").evaluate_all(
        """codes => codes.filter(code => code.textContent.trim().split("\\n").length < 20
                                         && getComputedStyle(code).breakInside !== "avoid")"""
    )
    assert split == []
    screen = paper.tab.locator("nav, button, dialog, .prev-next-footer, .bd-footer-content, details:not([open])")
    assert screen.filter(visible=True).count() == 0
    assert paper.tab.locator("h1").filter(visible=True).count() == 1
    figures = paper.tab.locator("figure.explore")
    assert figures.locator(".frame").filter(visible=True).count() == figures.count()


def test_paper_is_light(visit, html, tmp_path):
    with visit(html / "book/rnn.html") as page:
        page.look("phone")
        page.tab.evaluate(
            "addEventListener('beforeprint', () => { window.ink = getComputedStyle(document.body).color; })"
        )
        page.tab.emulate_media(media="null")  # the browser's own choice again
        page.tab.pdf(path=tmp_path / "chapter.pdf", prefer_css_page_size=True)
        assert max(map(int, re.findall(r"\d+", page.tab.evaluate("window.ink"))[:3])) < 80
        assert page.tab.locator("html").get_attribute("data-theme") == "dark"
    sheets = PdfReader(tmp_path / "chapter.pdf").pages
    assert 5 < len(sheets) < 30
    assert [round(float(side) / 72 * 25.4) for side in sheets[0].mediabox[2:]] == [210, 297], "A4"
    for number, sheet in enumerate(sheets, start=1):  # the number is drawn first
        found, text = sheet.extract_text().split("\n", 1)
        assert found == str(number)
        assert number > 1 or re.match(r"\d\. Recurrent network", text)
