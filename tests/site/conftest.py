"""The built book in a real browser, from disk: it works for everyone, in any place, and asks nobody for anything."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import BrowserContext, Page, Request, sync_playwright

ROOT = Path(__file__).parents[2]
HTML = ROOT / "_build" / "html"
FRONT = HTML / "index.html"  # leads on to book/index.html
CHAPTERS = [HTML / "book" / path.with_suffix(".html").name for path in sorted((ROOT / "book").glob("*.ipynb"))]
BUILT = [page for page in sorted(HTML.rglob("*.html")) if "_static" not in page.parts and page != FRONT]
PAGES = CHAPTERS + [page for page in BUILT if page not in CHAPTERS]
# Without a network Chromium's own background services would only wait for it.
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
ARGUMENTS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
SCREENS: dict[str, tuple[Literal["light", "dark"], int, Literal["screen", "print"]]] = {
    "desktop": ("light", 1280, "screen"),
    "phone": ("dark", 360, "screen"),
    "paper": ("light", 657, "print"),  # the pixels between the margins of A4
}


def pytest_generate_tests(metafunc):
    """Run a test that wants a ``file`` or a ``page`` for all of them, or for those of the chapters."""
    if "file" in metafunc.fixturenames:
        files = CHAPTERS if metafunc.definition.get_closest_marker("chapters") else PAGES
        metafunc.parametrize("file", files, ids=lambda path: path.name, scope="session")


def pytest_itemcollected(item):
    """Mark what is in this folder, so that ``make quick`` leaves it out."""
    item.add_marker(pytest.mark.browser)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Put the tests into the order that spares the browser most: page by page, and on each, screen by screen.

    They come last, since Playwright occupies the event loop of its process until the end.
    """

    def order(item):
        if Path(__file__).parent not in item.path.parents:
            return (-2, -1)
        parameters = item.callspec.params if hasattr(item, "callspec") else {}
        page = PAGES.index(parameters["file"]) if "file" in parameters else -1
        screens = [name for name in (*item.fixturenames, parameters.get("screen")) if name in SCREENS]
        return (page, list(SCREENS).index(screens[0]) if screens else -1)

    items.sort(key=order)


@pytest.fixture(scope="session", autouse=True)
def html(lacking) -> Path:
    """The folder of the built book."""
    if not FRONT.exists():
        lacking("book", "run: make book")
    return HTML


@pytest.fixture(scope="session")
def browser(chromium):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def browser_with_bars(browser, chromium):
    """Chromium as on systems that draw scroll bars."""
    browser = browser.browser_type.launch(
        executable_path=chromium, args=ARGUMENTS, ignore_default_args=["--hide-scrollbars"]
    )
    yield browser
    browser.close()


@dataclass
class Visit:
    """A page in the browser, and what it asked for and complained about since it was opened."""

    file: Path
    tab: Page
    requests: set[str] = field(default_factory=set)
    trouble: list[str] = field(default_factory=list)
    screen: str = ""

    def look(self, screen: str) -> "Visit":
        """Turn to one of ``SCREENS``, unless the page is there already: each change costs it a new layout."""
        if self.screen != screen:
            theme, width, media = SCREENS[screen]
            self.tab.set_viewport_size({"width": width, "height": 800})
            self.tab.emulate_media(color_scheme=theme, media=media)
            self.tab.locator(f"html[data-theme={theme}]").wait_for(state="attached")
            self.screen = screen
        return self

    def failed(self, request: Request) -> None:
        """Note what could not be loaded; a worker's script is given up when its page is left."""
        if not (request.url.startswith("blob:") and request.failure == "net::ERR_ABORTED"):
            self.trouble.append(f"{request.url}: {request.failure}")

    def nothing_happened(self) -> None:
        """Assert that the page asked no server for anything, and that nothing in it failed."""
        assert [url for url in self.requests if not url.startswith(("file:", "data:", "blob:"))] == []
        assert self.trouble == []


@pytest.fixture(scope="session")
def visit(browser):
    """``with visit(file) as page:`` opens a page of its own; at the end nothing may have failed in it."""
    context: BrowserContext = browser.new_context(viewport={"width": 1280, "height": 800})

    @contextmanager
    def visit(file: Path) -> Iterator[Visit]:
        tab = context.new_page()
        page = Visit(file, tab)
        tab.set_default_timeout(60_000)
        tab.on("request", lambda request: page.requests.add(request.url))
        tab.on("requestfailed", page.failed)
        tab.on("pageerror", lambda error: page.trouble.append(str(error)))
        tab.on("console", lambda message: page.trouble.extend([message.text] * (message.type == "error")))
        tab.goto(file.as_uri(), wait_until="load")
        tab.evaluate("window.MathJax?.startup.promise.then(() => null)")
        try:
            yield page
            page.nothing_happened()
        finally:
            tab.close()

    return visit


@pytest.fixture(scope="session")
def page(visit, file):
    """A page of the book. All its tests share it, so a test may use what is in the page, but removes nothing."""
    with visit(file) as page:
        yield page


@pytest.fixture
def desktop(page):
    return page.look("desktop")


@pytest.fixture
def phone(page):
    return page.look("phone")


@pytest.fixture(params=["desktop", "phone"])
def screen(page, request):
    return page.look(request.param)


@pytest.fixture
def paper(page):
    return page.look("paper")
