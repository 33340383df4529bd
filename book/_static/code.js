/* One switch opens all code that is folded, on every page, until it is pressed again. */
(() => {
  const folds = document.querySelectorAll("details.fold");
  if (!folds.length) return;
  const button = document.createElement("button");
  button.className = "btn btn-sm pst-navbar-icon show-code";
  button.title = "Show all code";
  button.innerHTML = '<span class="fa-solid fa-code"></span>';
  button.setAttribute("aria-label", button.title);

  const show = (all) => {
    button.setAttribute("aria-pressed", all);
    for (const fold of folds) fold.open = all;
  };
  button.addEventListener("click", () => {
    const all = button.getAttribute("aria-pressed") !== "true";
    localStorage.setItem("code", all ? "all" : "");
    show(all);
  });
  show(localStorage.getItem("code") === "all");
  document.querySelector(".article-header-buttons").prepend(button);
})();
