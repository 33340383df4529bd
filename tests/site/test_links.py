"""The files of the built book: links that lead somewhere, heads, the notebooks on offer."""

import html
import re
from collections import Counter
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import pytest

ROOT = Path(__file__).parents[2]


def attributes(text: str, tags: str, name: str) -> list[str]:
    """Return the values of an attribute in the HTML ``text``."""
    values = re.findall(rf'<(?:{tags})\b[^>]*?\s{name}="([^"]*)"', text)
    return [html.unescape(value) for value in values]


def test_front_leads_to_the_book(html):
    assert "url=book/index.html" in (html / "index.html").read_text()
    assert (html / "book/index.html").exists()
    assert (html / "search.html").exists()


def test_every_link_and_anchor_exists(html):
    text = {page: page.read_text(encoding="utf-8") for page in html.rglob("*.html") if "_static" not in page.parts}
    ids = {page: set(attributes(text[page], r"[a-z][\w-]*", "id")) for page in text}
    dead = set()
    for page in text:
        for link in attributes(text[page], "a|link|script|img|iframe", "(?:href|src)"):
            url, anchor = urldefrag(urljoin(page.as_uri(), link))
            target = Path(unquote(urlsplit(url).path))
            if url.startswith("file:") and not (target.exists() and (not anchor or anchor in ids.get(target, ()))):
                dead.add(f"{page.name}: {link}")
    assert dead == set()


def test_no_id_occurs_twice(file):
    ids = Counter(attributes(file.read_text(encoding="utf-8"), r"[a-z][\w-]*", "id"))
    assert [name for name, count in ids.items() if count > 1] == []


def test_head(file):
    head = file.read_text(encoding="utf-8").split("</head>")[0]
    (description,) = re.findall('<meta name="description" content="(.*?)"', head)
    assert 20 <= len(html.unescape(description)) <= 160
    assert "\\" not in description
    (icon,) = re.findall('<link rel="icon" href="(.*?)"', head)
    assert (file.parent / icon.split("?")[0]).exists()
    assert re.search('<html lang="en"', head)


@pytest.mark.chapters
def test_chapter_offers_its_notebook(file):
    (link,) = re.findall(r'<a href="([^"]*)"[^>]* download ', file.read_text(encoding="utf-8"))
    offered, source = (file.parent / link).resolve(), ROOT / "book" / file.with_suffix(".ipynb").name
    assert offered.name == source.name
    assert offered.read_bytes() == source.read_bytes()
