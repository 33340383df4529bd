/* The page of the search: sections of the book, best first, each with the place where the words stand. */
(() => {
  const EXCERPT = 160; // characters
  const index = new MiniSearch({ fields: ["title", "text"], idField: "url", storeFields: ["title", "text", "page"] });
  index.addAll(SECTIONS);

  const long = (length) => (term) => term.length >= length;
  const find = (words) => {
    const options = {
      boost: { title: 3 },
      boostDocument: (url) => (url.includes("#") ? 1 : 2), // a page before its sections
      prefix: long(3),
      fuzzy: (term) => (long(5)(term) ? 1 : false),
    };
    const all = index.search(words, { ...options, combineWith: "AND" });
    return all.length ? all : index.search(words, options);
  };

  // The part of a text with most of the terms, which are marked.
  const excerpt = (text, terms) => {
    const escaped = terms.map((term) => term.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    const pattern = new RegExp(`(?<![\\p{L}\\d])(?:${escaped.join("|")})`, "giu");
    const places = [...text.matchAll(pattern)].map((match) => match.index);
    const near = (start) => places.filter((place) => place >= start && place < start + EXCERPT).length;
    const best = places.reduce((a, b) => (near(b) > near(a) ? b : a), places[0] ?? 0);
    const begin = best < 40 ? 0 : text.indexOf(" ", best - 40) + 1;
    const end = begin + EXCERPT < text.length ? text.lastIndexOf(" ", begin + EXCERPT) : text.length;
    const part = text.slice(begin, end);
    const line = document.createElement("p");
    let after = 0;
    line.append(begin ? "… " : "");
    for (const match of part.matchAll(pattern)) {
      const mark = document.createElement("mark");
      mark.textContent = match[0];
      line.append(part.slice(after, match.index), mark);
      after = match.index + match[0].length;
    }
    line.append(part.slice(after), end < text.length ? " …" : "");
    return line;
  };

  const item = (result) => {
    const link = document.createElement("a");
    link.href = result.id;
    link.textContent = result.title;
    const place = document.createElement("span");
    place.className = "place";
    if (result.page !== result.title) place.textContent = result.page;
    const li = document.createElement("li");
    li.append(link, " ", place, excerpt(result.text, result.terms));
    return li;
  };

  const words = new URLSearchParams(location.search).get("q")?.trim();
  if (!words) return;
  document.querySelector(".bd-search-container input").value = words;
  const results = find(words);
  const count = document.createElement("p");
  count.setAttribute("role", "status");
  const found = results.length === 1 ? "1 section" : `${results.length} sections`;
  count.textContent = results.length ? `${found} with “${words}”` : `Nothing in the book has “${words}”.`;
  const list = document.createElement("ol");
  list.className = "search";
  list.append(...results.slice(0, 40).map(item));
  document.getElementById("search-results").append(count, list);
})();
