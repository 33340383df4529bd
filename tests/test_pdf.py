"""The book as one file: its bookmarks are the headings, its links stay within it, its pages are numbered."""

import runpy
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

ROOT = Path(__file__).parents[1]
LONG = "A heading so long that it cannot be set in one line, but needs another one"
PRINT = (ROOT / "book/_static/print.css").as_uri()  # it numbers the pages
PAGE = f"""<!DOCTYPE html>
<html lang="en"><head><title>A page</title><link rel="stylesheet" media="print" href="{PRINT}" />{{head}}</head>
<body><nav>not printed</nav><article>{{article}}</article>
<style>@media print {{{{ nav {{{{ display: none }}}} }}}}</style></body>
</html>"""


@pytest.mark.browser
def test_two_pages_become_one_file(chromium, tmp_path):
    folder = tmp_path / "html/book"
    folder.mkdir(parents=True)
    links = '<a href="rnn.html#exercises">there</a> <a href="#exercises">here</a> <a href="rnn.ipynb">notebook</a>'
    first = f'<h1>The book</h1><p>{links}</p><h2 id="exercises">Exercises</h2>'
    second = f'<h1 style="break-before: page">{LONG}</h1><h2 id="exercises">Exercises</h2>'
    (folder / "index.html").write_text(PAGE.format(head='<link rel="next" href="rnn.html" />', article=first))
    (folder / "rnn.html").write_text(PAGE.format(head="", article=second))
    before = sorted(folder.iterdir())
    runpy.run_path(str(ROOT / "book/pdf.py"))["main"](chromium, tmp_path)
    assert sorted(folder.iterdir()) == before

    file: Any = PdfReader(tmp_path / "book.pdf")
    assert file.metadata.title == "The book"
    assert len(file.pages) == 2
    for number, page in enumerate(file.pages, start=1):
        text = page.extract_text()
        assert text.split()[0] == str(number)
        assert "not printed" not in text
    titles, places = [], []
    for item in file.outline:
        for bookmark in item if isinstance(item, list) else [item]:
            titles.append(bookmark.title)
            places.append(file.get_destination_page_number(bookmark))
    assert titles == ["The book", "Exercises", LONG, "Exercises"]
    assert places == [0, 0, 1, 1]

    targets = file.named_destinations
    linked = [note.get_object() for page in file.pages for note in page.get("/Annots", [])]
    pages = [file.get_destination_page_number(targets[note["/Dest"]]) for note in linked]
    assert pages == [1, 0]
