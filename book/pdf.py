"""Print the built book into one file: ``python book/pdf.py CHROMIUM``.

All pages become one, in the order of the table of contents, so that a link
from page to page is one within the file.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

BUILT = Path(__file__).resolve().parents[1] / "_build"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic"]
ARGUMENTS += ["--no-first-run", "--disable-background-networking"]

HEADINGS = ",".join(f"article h{level}:visible" for level in range(1, 7))

# Ids get the page's name before them, and so do the links to them. Ids within
# a picture stay: they differ from page to page, and its parts refer to them.
ARTICLE = """() => {
  const name = url => url.pathname.split("/").pop().replace(".html", "");
  const article = document.querySelector("article");
  const here = name(location);
  for (const part of article.querySelectorAll("[id]:not(svg *)"))
    part.id = `${here}:${part.id}`;
  for (const link of article.querySelectorAll("a[href]")) {
    const url = new URL(link.href);
    if (url.protocol !== "file:") continue;
    if (url.pathname.endsWith(".html"))
      link.setAttribute("href", "#" + name(url) + url.hash.replace("#", ":"));
    else
      link.removeAttribute("href");
  }
  article.id = here;
  return article.outerHTML;
}"""


def collect(tab: Page, address: str) -> list[str]:
    """Return the article of the page at ``address`` and of all after it."""
    articles = []
    following: str | None = address
    while following:
        tab.goto(following)
        articles.append(tab.evaluate(ARTICLE))
        following = tab.evaluate(
            "document.querySelector('link[rel=next]')?.href"
        )
    return articles


def bookmarks(parent: DictionaryObject) -> Iterator[DictionaryObject]:
    """Yield the bookmarks below ``parent``, in their order."""
    item = parent.get("/First")
    while item:
        yield item.get_object()
        yield from bookmarks(item.get_object())
        item = item.get_object().get("/Next")


def rename_bookmarks(file: Path, titles: list[str]) -> None:
    """Name each bookmark after its heading.

    Chromium joins the lines of a long heading without a space, and says one
    twice that it moved to the next page.
    """
    writer = PdfWriter(clone_from=file)
    outline = bookmarks(writer.root_object["/Outlines"].get_object())
    for item, title in zip(outline, titles, strict=True):
        item[NameObject("/Title")] = TextStringObject(title)
    writer.write(file)


def main(chromium: str, built: Path = BUILT) -> None:
    """Write ``book.pdf`` into the folder ``built``."""
    first = built / "html" / "book" / "index.html"
    target = built / "book.pdf"
    whole = first.with_name("print.html")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=ARGUMENTS
        )
        # Without scripts the pages are still as they were written.
        plain = browser.new_context(java_script_enabled=False).new_page()
        articles = collect(plain, first.as_uri())
        html = first.read_text(encoding="utf-8")
        start, end = html.index("<article"), html.index("</article>")
        html = html[:start] + "\n".join(articles) + html[end + 10 :]
        try:
            whole.write_text(html, encoding="utf-8")
            tab = browser.new_page(color_scheme="light")
            tab.set_default_timeout(0)
            tab.goto(whole.as_uri())
            tab.evaluate("window.MathJax?.startup.promise.then(() => null)")
            titles = tab.locator(HEADINGS).all_inner_texts()
            tab.evaluate("title => { document.title = title; }", titles[0])
            tab.pdf(
                path=target,
                prefer_css_page_size=True,
                print_background=True,
                outline=True,
                tagged=True,
            )
        finally:
            whole.unlink(missing_ok=True)
    rename_bookmarks(target, titles)


if __name__ == "__main__":
    main(sys.argv[1])
