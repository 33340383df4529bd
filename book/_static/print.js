// Short code stays on one page. A style sheet cannot count lines.
for (const code of document.querySelectorAll("article pre")) {
  code.classList.toggle("short", code.textContent.trim().split("\n").length <= 24);
}

// Paper is light, whatever the theme.
(() => {
  const page = document.documentElement;
  let theme;
  addEventListener("beforeprint", () => {
    theme = page.dataset.theme;
    page.dataset.theme = "light";
  });
  addEventListener("afterprint", () => {
    page.dataset.theme = theme;
  });
})();
