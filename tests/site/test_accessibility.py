"""Built pages for those who hear them, or see them otherwise than most."""

from itertools import pairwise

from axe_playwright_python.base import AXE_SCRIPT
from fontTools.ttLib import TTFont


def test_headings_are_in_order(desktop):
    levels = desktop.tab.evaluate(
        """[...document.querySelectorAll("h1, h2, h3, h4, h5, h6")]
             .filter(heading => heading.checkVisibility()).map(heading => +heading.tagName[1])"""
    )
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(below <= above + 1 for above, below in pairwise(levels)), levels


def test_pictures_have_a_text_alternative(page):
    """A picture says what it shows; an icon is hidden from screen readers; a formula has its MathML."""
    lacking = page.tab.evaluate(
        """() => [...document.querySelectorAll("article :is(img, svg, canvas, video, [role=img])")].filter(picture => {
             const words = text => (text ?? "").trim().split(/\\s+/).length > 4;
             if (picture.closest("mjx-container")?.querySelector("math")) return false;
             if (picture.matches("img")) return !words(picture.alt) || picture.loading !== "lazy";
             if (picture.closest("button, summary, [role=slider]")) return false;  // these have names
             if (picture.ariaHidden === "true" && picture.getBoundingClientRect().width === 0) return false;
             return !words(picture.closest("[role=img]")?.getAttribute("aria-label"));
           }).map(picture => picture.outerHTML.slice(0, 200))"""
    )
    assert lacking == []


def test_icons_are_drawn(page, html):
    """The built font has no icon but the book's, so each has to be there."""
    shown = page.tab.evaluate(
        """[...document.querySelectorAll("i[class*=fa-]")].map(icon => getComputedStyle(icon, "::before").content)"""
    )
    fonts = (html / "_static/vendor/fontawesome/webfonts").glob("*.ttf")
    drawn = {chr(code) for font in fonts for code in TTFont(font).getBestCmap() or ()}
    assert shown
    assert {icon.strip('"') for icon in shown} <= drawn


def test_tables_have_headers(page):
    bare = page.tab.evaluate(
        """() => [...document.querySelectorAll("article table")].filter(table => {
             const headers = [...table.querySelectorAll("th")];
             return !headers.length || headers.some(header => !header.textContent.trim());
           }).map(table => table.textContent.trim().slice(0, 80))"""
    )
    assert bare == []


def violations(page):
    """Return what axe finds in the page as it is."""
    page.tab.evaluate("Promise.allSettled(document.getAnimations().map(animation => animation.finished))")
    # A moment after a change of the window, the theme lets the keyboard reach what scrolls.
    page.tab.wait_for_function(
        """() => [...document.querySelectorAll("pre")].every(
             code => code.scrollWidth <= code.clientWidth || code.tabIndex === 0)"""
    )
    return page.tab.evaluate(
        """axe.run({
             preload: false,  // it would fetch
             resultTypes: ["violations"],
             rules: {
               "label-content-name-mismatch": {enabled: true},
               "empty-table-header": {enabled: false},  // it sees no formulas
             },
           }).then(found => found.violations.flatMap(
             rule => rule.nodes.map(node => `${rule.impact} ${rule.id}: ${node.html} ${node.failureSummary}`)))"""
    )


REACHABLE = """() => [...document.querySelectorAll(".pst-scrollable-table-container")].every(
  table => table.scrollWidth <= table.clientWidth || table.tabIndex === 0)"""


def test_axe_finds_nothing(visit, file):
    with visit(file) as page:
        page.tab.evaluate(
            """() => {
               document.querySelectorAll("details").forEach(closed => { closed.open = true; });
               // What is there a thousand times would take minutes: 20 formulas and functions are enough, as is one
               // token of code of each kind.
               for (const many of ["mjx-container", "dl.py"])
                 [...document.querySelectorAll(many)].slice(20).forEach(one => one.replaceWith("…"));
               document.querySelectorAll("article svg :not(title)").forEach(part => part.remove());
               const seen = new Set();
               for (const token of document.querySelectorAll("pre span")) {
                 if (seen.has(token.className)) token.remove();
                 seen.add(token.className);
               }
               }"""
        )
        page.tab.evaluate(AXE_SCRIPT)
        for screen in ("desktop", "phone"):
            page.look(screen)
            page.tab.wait_for_function(REACHABLE)  # the theme gives them their tab stops a moment after a change
            assert violations(page) == []
