"""The built book in a real browser, from disk: nothing is fetched, nothing fails, every formula is typeset."""

import os
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

HTML = Path(__file__).parents[1] / "_build" / "html"
PAGES = sorted(str(page.relative_to(HTML)) for page in HTML.rglob("*.html") if "_static" not in page.parts)
# Without a network Chromium's own background services would only wait for it.
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
ARGUMENTS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]


def lacking(what: str, remedy: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(f"no {what}: {remedy}")
    pytest.skip(f"no {what}: {remedy}")


@pytest.fixture(scope="module")
def browser():
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    program = next(filter(None, map(shutil.which, names)), None)
    if program is None:
        lacking("Chromium", "install it, on Debian with: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


def test_there_is_a_book():
    if not PAGES:
        lacking("book", "run: make book")
    assert {"index.html", "book/index.html", "book/rnn.html", "book/notation.html"} <= set(PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_page_from_disk(browser, page):
    requests, trouble = [], []
    with browser.new_context(viewport={"width": 360, "height": 800}) as context:
        tab = context.new_page()
        tab.on("request", lambda request: requests.append(request.url))
        tab.on("requestfailed", lambda request: trouble.append(f"{request.url}: {request.failure}"))
        tab.on("pageerror", lambda error: trouble.append(str(error)))
        tab.on("console", lambda message: message.type == "error" and trouble.append(message.text))
        tab.goto((HTML / page).as_uri(), wait_until="load")
        formulas = tab.locator(".math").count()
        if formulas:
            tab.wait_for_function("window.MathJax && MathJax.startup && MathJax.startup.promise")
            tab.evaluate("MathJax.startup.promise.then(() => null)")
            assert tab.locator(".math mjx-container svg").count() >= formulas
            assert tab.locator("[data-mjx-error], mjx-merror").count() == 0
        tab.wait_for_timeout(300)  # what a page asks for late would be asked for by now
        prose = tab.evaluate(
            """() => { const page = document.body.cloneNode(true);
                       page.querySelectorAll('pre, code, script, style, mjx-container').forEach(e => e.remove());
                       return page.textContent; }"""
        )
        assert tab.evaluate("document.documentElement.scrollWidth") <= 360

    assert [url for url in requests if not url.startswith(("file:", "data:", "blob:"))] == []
    assert trouble == []
    for tex in ("\\(", "\\[", "$", "\\mathbf", "\\frac", "{eq}", "{cite", "{doc}"):
        assert tex not in prose, tex
