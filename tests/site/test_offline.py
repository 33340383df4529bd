"""Built pages ask the network for nothing, and little of the disk."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

HEAVIEST = 1_500_000  # bytes of a page and of all that it loads, its typefaces included


def test_nothing_is_fetched_and_nothing_fails(page):
    """So it is when a page has been opened; whatever is done to it later, its visit ends with the same question."""
    page.nothing_happened()


@pytest.mark.parametrize("script", ["fetch('http://127.0.0.1:9/')", "throw Error('broken')", "console.error('broken')"])
def test_what_is_fetched_or_fails_is_noticed(visit, tmp_path, script):
    file = tmp_path / "page.html"
    file.write_text(f'<html data-theme="light"><script>{script}</script></html>', encoding="utf-8")
    with pytest.raises(AssertionError, match=r"127\.0\.0\.1|broken"), visit(file):
        pass


def test_page_is_light(page):
    files = {Path(unquote(urlsplit(url).path)) for url in page.requests if url.startswith("file:")}
    sizes = {file.name: file.stat().st_size for file in files}
    assert page.file.name in sizes
    assert sum(sizes.values()) < HEAVIEST, sorted(sizes.items(), key=lambda item: -item[1])[:5]
