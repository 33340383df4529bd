"""From one built page to another, and to a notebook on the reader's own disk."""

from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest


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
