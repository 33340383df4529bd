"""The built book in a real browser, from disk: it works for everyone, in any place, and asks nobody for anything."""

import html
import os
import re
import shutil
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from threading import Thread
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from fontTools.ttLib import TTFont
from playwright.sync_api import FloatRect, Page, sync_playwright
from pypdf import PdfReader

ROOT = Path(__file__).parents[1]
HTML = ROOT / "_build" / "html"
SCREENSHOTS = ROOT / "_build" / "screenshots"
FRONT = HTML / "index.html"  # leads on to book/index.html
CHAPTERS = [HTML / "book" / path.with_suffix(".html").name for path in sorted((ROOT / "book").glob("*.ipynb"))]
OTHERS = [page for page in sorted(HTML.rglob("*.html")) if "_static" not in page.parts and page != FRONT]
PAGES = CHAPTERS + [page for page in OTHERS if page not in CHAPTERS]
PAPER = 657  # pixels, the width of A4 without its margins
HEAVIEST = 1_500_000  # bytes of a page and of all that it loads, but for the library of formulas
FONTS = (HTML / "_static/vendor/fontawesome/webfonts").glob("*.ttf")
ICONS = {chr(code) for font in FONTS for code in TTFont(font).getBestCmap() or ()}
# Without a network Chromium's own background services would only wait for it.
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
ARGUMENTS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]


def lacking(what: str, remedy: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(f"no {what}: {remedy}")
    pytest.skip(f"no {what}: {remedy}")


def chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    return next(filter(None, map(shutil.which, names)), None)


@pytest.fixture(scope="module")
def context():
    if chromium() is None:
        lacking("Chromium", "install it, on Debian with: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield browser.new_context(viewport={"width": 1280, "height": 800})
        browser.close()


@dataclass
class Visit:
    """A page in the browser, and what it asked for and complained about since it was opened."""

    path: Path
    tab: Page
    requests: set[str] = field(default_factory=set)
    trouble: list[str] = field(default_factory=list)

    def look(self, theme: str, width: int) -> None:
        self.tab.set_viewport_size({"width": width, "height": 800})
        self.tab.emulate_media(color_scheme="dark" if theme == "dark" else "light", media="screen")
        self.tab.locator(f"html[data-theme={theme}]").wait_for(state="attached")


@pytest.fixture(scope="module", params=PAGES, ids=lambda path: path.stem)
def page(context, request):
    """A page, opened once: pytest runs all tests of one before it opens the next."""
    tab = context.new_page()
    visit = Visit(request.param, tab)
    tab.set_default_timeout(10_000)
    tab.on("request", lambda request: visit.requests.add(request.url))
    tab.on("requestfailed", lambda request: visit.trouble.append(f"{request.url}: {request.failure}"))
    tab.on("pageerror", lambda error: visit.trouble.append(str(error)))
    tab.on("console", lambda message: visit.trouble.extend([message.text] * (message.type == "error")))
    tab.goto(request.param.as_uri(), wait_until="load")
    tab.evaluate("window.MathJax?.startup.promise.then(() => null)")
    yield visit
    tab.close()


of_each_page = pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
in_each_chapter = pytest.mark.parametrize("page", CHAPTERS, indirect=True, ids=lambda path: path.stem)


def test_there_is_a_book():
    if not FRONT.exists():
        lacking("book", "run: make book")
    assert {*CHAPTERS, HTML / "search.html", HTML / "book/index.html"} <= set(OTHERS)
    assert "url=book/index.html" in FRONT.read_text()


# What needs no browser.


def attributes(text: str, tags: str, name: str) -> list[str]:
    """The values of an attribute in the HTML ``text``."""
    found = re.findall(rf'<(?:{tags})\b[^>]*?\s{name}="([^"]*)"', text)
    return [html.unescape(value) for value in found]


def test_every_link_and_anchor_exists():
    text = {page: page.read_text(encoding="utf-8") for page in PAGES}
    ids = {page: set(attributes(text[page], r"[a-z][\w-]*", "id")) for page in PAGES}
    dead = set()
    for page in PAGES:
        for link in attributes(text[page], "a|link|script|img|iframe", "(?:href|src)"):
            url, anchor = urldefrag(urljoin(page.as_uri(), link))
            target = Path(unquote(urlsplit(url).path))
            if url.startswith("file:") and not (target.exists() and (not anchor or anchor in ids.get(target, ()))):
                dead.add(f"{page.name}: {link}")
    assert dead == set()


@of_each_page
def test_no_id_occurs_twice(path):
    ids = Counter(attributes(path.read_text(encoding="utf-8"), r"[a-z][\w-]*", "id"))
    assert [name for name, count in ids.items() if count > 1] == []


@of_each_page
def test_head(path):
    head = path.read_text(encoding="utf-8").split("</head>")[0]
    (description,) = re.findall('<meta name="description" content="(.*?)"', head)
    assert 20 <= len(html.unescape(description)) <= 160
    assert "\\" not in description
    (icon,) = re.findall('<link rel="icon" href="(.*?)"', head)
    assert (path.parent / icon.split("?")[0]).exists()
    assert re.search('<html lang="en"', head)


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_chapter_offers_its_notebook(path):
    (link,) = re.findall(r'<a href="([^"]*)"[^>]* download ', path.read_text(encoding="utf-8"))
    offered, source = (path.parent / link).resolve(), ROOT / "book" / path.with_suffix(".ipynb").name
    assert offered.name == source.name
    assert offered.read_bytes() == source.read_bytes()


# What the page has, says and looks like. The order matters: the last tests change the page.


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_scrolls_sideways(page, theme, width):
    page.look(theme, width)
    assert page.tab.evaluate("document.documentElement.scrollWidth") <= width
    cut = page.tab.evaluate(
        """() => [...document.querySelectorAll("article .math")].filter(formula => {
             const box = formula.querySelector("mjx-container")?.getBoundingClientRect();
             const number = formula.querySelector(".eqno")?.getBoundingClientRect();
             const scrolls = formula.matches("div") || getComputedStyle(formula).overflowX === "auto";
             const under = number && number.left < box.right && number.top < box.bottom;
             return box && (under || !scrolls);
           }).map(formula => formula.textContent)"""
    )
    assert cut == [], "formulas under their number, or cut off"


def test_what_scrolls_on_a_telephone_says_so(page):
    """A figure is as wide as the screen; where its letters would be too small, a shadow shows that it goes on.

    So it does for code, tables and formulas.
    """
    page.look("light", 360)
    narrow, silent = page.tab.evaluate(
        """() => {
             const figures = [...document.querySelectorAll(".output:has(> .picture, > .explore)")];
             document.querySelectorAll("article details").forEach(closed => { closed.open = true; });
             const wide = [...document.querySelectorAll("article :not(span.math, svg *)")].filter(
               part => part.scrollWidth > part.clientWidth && getComputedStyle(part).overflowX === "auto");
             return [figures.filter(figure => figure.clientWidth < innerWidth),
                     wide.filter(part => !getComputedStyle(part).backgroundAttachment.includes("local"))]
               .map(some => some.map(part => part.textContent.slice(0, 80)));
           }"""
    )
    assert narrow == []
    assert silent == []
    rows = page.tab.locator("figure.explore input").evaluate_all(
        "inputs => inputs.map(input => [input.getBoundingClientRect().left, input.getBoundingClientRect().width])"
    )
    assert len({tuple(row) for row in rows}) <= 1, "all sliders begin and end at the same places"


def test_code_fits_a_desktop(page):
    page.look("light", 1280)
    cut = page.tab.locator("article pre").evaluate_all(
        "codes => codes.filter(code => code.scrollWidth > code.clientWidth).map(code => code.textContent)"
    )
    assert cut == []


def test_no_bar_under_a_formula_in_a_line(context):
    """Where a system draws bars, a letter that leans out of its box gets none."""
    browser = context.browser.browser_type.launch(
        executable_path=chromium(), args=ARGUMENTS, ignore_default_args=["--hide-scrollbars"]
    )
    tab = browser.new_page(viewport={"width": 1280, "height": 800})
    tab.goto((HTML / "book/notation.html").as_uri())
    tab.evaluate("MathJax.startup.promise.then(() => null)")
    bars = tab.locator("article span.math").evaluate_all(
        "formulas => formulas.map(formula => formula.offsetHeight - formula.clientHeight)"
    )
    browser.close()
    assert set(bars) == {0}


def test_formulas_are_typeset(page):
    formulas = page.tab.locator(".math").count()
    assert page.tab.locator(".math mjx-container svg").count() >= formulas
    assert page.tab.locator("[data-mjx-error], mjx-merror").count() == 0


def test_no_source_is_left_in_the_text(page):
    prose = page.tab.evaluate(
        """() => { const page = document.body.cloneNode(true);
                   page.querySelectorAll("pre, code, script, style, mjx-container").forEach(e => e.remove());
                   return page.textContent; }"""
    )
    for source in ("\\(", "\\[", "$", "\\mathbf", "\\frac", "{eq}", "{cite", "{doc}"):
        assert source not in prose, source
    assert page.tab.locator("code", has_text="{quiz}").count() == 0


def test_headings_are_in_order(page):
    levels = page.tab.evaluate(
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
             if (picture.closest("button, summary")) return false;  // these have names
             if (picture.ariaHidden === "true" && picture.getBoundingClientRect().width === 0) return false;
             return !words(picture.closest("[role=img]")?.getAttribute("aria-label"));
           }).map(picture => picture.outerHTML.slice(0, 200))"""
    )
    assert lacking == []


def test_icons_are_drawn(page):
    """The built font has no icon but the book's, so each has to be there."""
    shown = page.tab.evaluate(
        """[...document.querySelectorAll("i[class*=fa-]")].map(icon => getComputedStyle(icon, "::before").content)"""
    )
    assert shown
    assert {icon.strip('"') for icon in shown} <= ICONS


def test_tables_have_headers(page):
    bare = page.tab.evaluate(
        """() => [...document.querySelectorAll("article table")].filter(table => {
             const headers = [...table.querySelectorAll("th")];
             return !headers.length || headers.some(header => !header.textContent.trim());
           }).map(table => table.textContent.trim().slice(0, 80))"""
    )
    assert bare == []


def test_page_is_light(page):
    files = {Path(unquote(urlsplit(url).path)) for url in page.requests if url.startswith("file:")}
    sizes = {file.name: file.stat().st_size for file in files if "mathjax" not in file.parts}
    assert page.path.name in sizes
    assert sum(sizes.values()) < HEAVIEST, sorted(sizes.items(), key=lambda item: -item[1])[:5]


@in_each_chapter
def test_chapter_is_shown(page):
    """Pictures of the whole chapter are kept, for those who want to look."""
    SCREENSHOTS.mkdir(exist_ok=True)
    for theme, width in (("light", 1280), ("dark", 360)):
        page.look(theme, width)
        height = min(page.tab.evaluate("document.documentElement.scrollHeight"), 16_000)  # Chromium draws no more
        clip: FloatRect = {"x": 0, "y": 0, "width": width, "height": height}
        file = SCREENSHOTS / f"{page.path.stem}-{theme}.jpeg"
        page.tab.screenshot(path=file, type="jpeg", quality=60, full_page=True, clip=clip)


def test_page_prints(page):
    """Nothing is cut off, and what is only for the screen stays out."""
    page.look("light", PAPER)
    page.tab.emulate_media(media="print")
    assert page.tab.evaluate("document.documentElement.scrollWidth") <= PAPER
    cut = page.tab.locator("article pre").evaluate_all(
        "codes => codes.filter(code => code.scrollWidth > code.clientWidth).map(code => code.textContent)"
    )
    assert cut == []
    formulas = page.tab.evaluate(
        """() => [...document.querySelectorAll("article .math")].filter(formula => {
             const drawn = formula.querySelector("svg")?.getBoundingClientRect();
             const room = formula.closest("section, .admonition, td, dd").getBoundingClientRect();
             return drawn && (drawn.right > room.right + 1 || getComputedStyle(formula).overflow !== "visible");
           }).map(formula => formula.textContent)"""
    )
    assert formulas == [], "cut off"
    strokes = page.tab.locator("mjx-container :is(path, use)").evaluate_all(
        "letters => [...new Set(letters.map(letter => getComputedStyle(letter).stroke))]"
    )
    assert strokes in ([], ["none"]), "bold on paper"
    split = page.tab.locator("article pre").evaluate_all(
        """codes => codes.filter(code => code.textContent.trim().split("\\n").length < 20
                                         && getComputedStyle(code).breakInside !== "avoid")"""
    )
    assert split == []
    screen = page.tab.locator("nav, button, dialog, .prev-next-footer, .bd-footer-content, details:not([open])")
    assert screen.filter(visible=True).count() == 0
    assert page.tab.locator("h1").filter(visible=True).count() == 1
    figures = page.tab.locator("figure.explore")
    assert figures.locator(".frame").filter(visible=True).count() == figures.count()
    page.tab.emulate_media(media="screen")


def test_paper_is_light(context, tmp_path):
    tab = context.new_page()
    tab.emulate_media(color_scheme="dark")
    tab.goto((HTML / "book/rnn.html").as_uri())
    tab.evaluate("addEventListener('beforeprint', () => { window.ink = getComputedStyle(document.body).color; })")
    tab.pdf(path=tmp_path / "chapter.pdf", format="A4")
    assert max(map(int, re.findall(r"\d+", tab.evaluate("window.ink"))[:3])) < 80
    assert tab.locator("html").get_attribute("data-theme") == "dark"
    tab.close()
    first, *more = PdfReader(tmp_path / "chapter.pdf").pages
    assert re.match(r"\d\. Recurrent network", first.extract_text())
    assert 5 < len(more) < 30


# What can be used.


@in_each_chapter
def test_chapter_has_live_figures_and_questions(page):
    assert page.tab.locator("figure.explore input[type=range]").count() >= 1
    assert page.tab.locator("fieldset.quiz").count() >= 3


def test_live_figures_follow_the_keyboard(page):
    """Each place of a slider has its own picture, value and text for screen readers; one picture is seen at a time."""
    page.look("light", 1280)
    for figure in page.tab.locator("figure.explore").all():
        for slider in figure.locator("input[type=range]").all():
            slider.press("Home")
            seen = []
            for _ in range(int(slider.get_attribute("max") or 0) + 1):
                frames, told, shown = figure.evaluate(
                    """(figure, slider) => [
                         [...figure.querySelectorAll(".frame")].filter(frame => frame.checkVisibility())
                           .map(frame => [frame.innerHTML, frame.getAttribute("aria-label")]),
                         slider.getAttribute("aria-valuetext"),
                         slider.closest("div").querySelector("output").textContent]""",
                    slider.element_handle(),
                )
                ((drawing, alt),) = frames
                assert alt in told
                seen.append((drawing, told, shown))
                page.tab.keyboard.press("ArrowRight")
            assert len(seen) > 1
            for before, after in pairwise(seen):
                assert all(old != new for old, new in zip(before, after, strict=True)), after[1:]


@in_each_chapter
def test_a_live_figure_plays_and_stops(page):
    figure = page.tab.locator("figure.explore").first
    figure.locator("input").first.press("Home")
    before = figure.locator("input").first.get_attribute("aria-valuetext")
    play = figure.get_by_role("button")
    play.press("Enter")
    assert play.get_attribute("aria-pressed") == "true"
    page.tab.wait_for_function(
        "([input, before]) => input.getAttribute('aria-valuetext') !== before",
        arg=[figure.locator("input").first.element_handle(), before],
    )
    play.press("Enter")
    assert play.get_attribute("aria-pressed") == "false"
    page.tab.emulate_media(reduced_motion="reduce")
    assert not play.is_visible()
    page.tab.emulate_media(reduced_motion="no-preference")


def test_quizzes_are_answered_by_keyboard(page):
    for quiz in page.tab.locator("fieldset.quiz").all():
        assert quiz.locator("legend").inner_text().strip()
        buttons, reasons = quiz.get_by_role("radio"), quiz.locator("[role=status] p")
        assert 2 <= buttons.count() <= 4
        assert reasons.filter(visible=True).count() == 0
        verdicts = []
        buttons.first.focus()
        for k in range(buttons.count()):
            page.tab.keyboard.press("ArrowDown" if k else "Space")
            assert buttons.nth(k).is_checked()
            assert reasons.filter(visible=True).count() == 1
            text = reasons.nth(k).inner_text()
            assert len(text.split()) > 4, text
            verdicts.append(text.split(".")[0])
        assert sorted(verdicts) == sorted(["✓ Right"] + ["✗ Not so"] * (len(verdicts) - 1))


@pytest.fixture(scope="module")
def server():
    """The book's address on a server: a browser saves no link to a file on disk, but opens it."""
    handler = partial(SimpleHTTPRequestHandler, directory=HTML)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_notebook_can_be_downloaded(context, server):
    tab = context.new_page()
    tab.goto(f"{server}/book/rnn.html", wait_until="domcontentloaded")
    tab.get_by_role("button", name="Download this page").press("Enter")
    with tab.expect_download() as download:
        tab.locator(".dropdown-menu").get_by_role("link", name=".ipynb").press("Enter")
    assert download.value.suggested_filename == "rnn.ipynb"
    assert download.value.path().read_bytes() == (ROOT / "book/rnn.ipynb").read_bytes()
    tab.close()


def test_search_finds_a_chapter(context):
    tab = context.new_page()
    tab.goto((HTML / "book" / "index.html").as_uri())
    tab.keyboard.press("Control+k")
    tab.keyboard.type("clipping")
    tab.keyboard.press("Enter")
    tab.locator("#search-results li a", has_text="Gradient clipping").first.click()
    chapter = (HTML / "book" / "clipping.html").as_uri()
    tab.wait_for_url(lambda url: url.split("?")[0] == chapter)
    tab.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(page, theme):
    page.look(theme, 1280 if theme == "light" else 360)
    page.tab.evaluate(
        """async () => {
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
             await Promise.allSettled(document.getAnimations().map(animation => animation.finished));
           }"""
    )
    page.tab.wait_for_timeout(0 if theme == "light" else 400)  # the theme waits until a window has its size
    page.tab.evaluate(AXE_SCRIPT)
    violations = page.tab.evaluate(
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
    assert violations == []


def test_nothing_is_fetched_and_nothing_fails(page):
    """All that has happened in the page so far took place on this disk."""
    assert [url for url in page.requests if not url.startswith(("file:", "data:", "blob:"))] == []
    assert page.trouble == []
