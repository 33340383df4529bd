"""From one built page to another, and to a notebook on the reader's own disk."""

from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import TimeoutError


@pytest.fixture
def server(html):
    """The book's address on a server: a browser saves no link to a file on disk, but opens it."""
    handler = partial(SimpleHTTPRequestHandler, directory=html)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_notebook_can_be_downloaded(browser, server):
    tab = browser.new_page()
    tab.goto(f"{server}/book/rnn.html", wait_until="domcontentloaded")
    tab.get_by_role("button", name="Download this page").press("Enter")
    with tab.expect_download() as download:
        tab.locator(".dropdown-menu").get_by_role("link", name=".ipynb").press("Enter")
    assert download.value.suggested_filename == "rnn.ipynb"
    notebook = Path(__file__).parents[2] / "book/rnn.ipynb"
    assert download.value.path().read_bytes() == notebook.read_bytes()
    tab.close()


def test_search_finds_a_chapter(visit, html):
    with visit(html / "book/index.html") as page:
        page.tab.keyboard.press("Control+k")
        page.tab.keyboard.type("clipping")
        page.tab.keyboard.press("Enter")
        page.tab.locator("#search-results li a", has_text="Gradient clipping").first.click()
        chapter = (html / "book/clipping.html").as_uri()
        page.tab.wait_for_url(lambda url: url.split("?")[0] == chapter)


def test_a_result_is_a_section_with_an_excerpt(visit, html):
    search = (html / "search.html").as_uri()
    with visit(html / "search.html") as page:
        tab = page.tab

        def ask(words: str) -> None:
            tab.wait_for_load_state("networkidle")  # or the page's icon would be given up with it
            tab.goto(f"{search}?q={words}")

        ask("forget+gates")
        results = tab.locator("#search-results li")
        assert results.count() == int(tab.get_by_role("status").inner_text().split()[0]) > 3
        assert tab.locator(".bd-search-container input").input_value() == "forget gates"
        assert {mark.lower().rstrip("s") for mark in results.first.locator("mark").all_inner_texts()} <= {
            "forget",
            "gate",
        }
        assert results.locator("a[href*='gated.html#']").count() > 0
        ask("derivatve")  # as one types
        assert results.count() > 0
        ask("clip_gradients")
        assert results.locator("a[href$='#rnncourse.clipping.clip_gradients']").count() == 1
        ask("%3Cb%3Exyzzy")
        assert tab.get_by_role("status").inner_text() == "Nothing in the book has “<b>xyzzy”."


@pytest.mark.parametrize("page_name", ["rnn", "bptt", "scoreboard"])
def test_the_contents_follow_the_reader(visit, html, page_name):
    """Beside each section its own line is marked while its heading is near the top of the window."""
    with visit(html / f"book/{page_name}.html") as page:
        tab = page.tab
        tab.set_viewport_size({"width": 1440, "height": 900})
        wrong = []
        for section in tab.locator("article section section[id]:has(> h2)").all():
            name = section.get_attribute("id")
            top = section.evaluate(
                "section => (section.scrollIntoView({ behavior: 'instant' }), section.getBoundingClientRect().top)"
            )
            if top > 200:
                continue  # the page ends before it gets there
            marked = tab.locator(f".bd-sidebar-secondary a.active[href='#{name}']")
            try:
                marked.wait_for(timeout=5000)
            except TimeoutError:
                wrong.append(name)
        assert wrong == []
