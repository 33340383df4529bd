/* A formula that is wider than its column scrolls, and can then be reached by keyboard; no other one is a tab stop. */
const watch = new ResizeObserver((entries) => {
  for (const { target } of entries)
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
});
for (const formula of document.querySelectorAll("mjx-container[display]")) watch.observe(formula);
