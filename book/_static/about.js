/* A link to a term, an equation or a source, and a symbol, open what they mean where they stand: under the pointer, with
   the keyboard's focus, or at a tap. */
(() => {
  const DELAY = 200; // ms; a pointer that only passes opens nothing
  let timer;

  const place = (box, trigger) => {
    const { left, top, bottom } = trigger.getBoundingClientRect();
    const { width, height } = box.getBoundingClientRect();
    const room = document.documentElement.clientWidth - 8;
    box.style.left = `${Math.max(8, Math.min(left, room - width))}px`;
    box.style.top = `${bottom + height + 8 < innerHeight ? bottom + 6 : Math.max(8, top - height - 6)}px`;
  };
  const show = (box, trigger) => {
    clearTimeout(timer);
    if (box.matches(":popover-open")) return;
    box.showPopover();
    place(box, trigger);
  };
  const later = (change) => {
    clearTimeout(timer);
    timer = setTimeout(change, DELAY);
  };
  const hide = (box) => box.matches(":popover-open") && box.hidePopover();

  // An equation of this page is shown as it stands there.
  for (const { hash } of document.querySelectorAll('article a[href^="#equation-"]:not(.headerlink)')) {
    const formula = document.getElementById(hash.slice(1))?.querySelector("mjx-container");
    if (!formula || document.querySelector(`.about[data-about="${hash}"]`)) continue;
    const box = document.createElement("div");
    box.className = "about";
    box.popover = "auto";
    box.dataset.about = hash;
    box.append(formula.cloneNode(true));
    document.querySelector("article section").append(box);
  }

  for (const box of document.querySelectorAll(".about[popover]")) {
    const key = CSS.escape(box.dataset.about);
    const triggers = document.querySelectorAll(`article a[href="${key}"], .symbol[data-about="${key}"]`);
    box.addEventListener("pointerenter", () => clearTimeout(timer));
    box.addEventListener("pointerleave", () => later(() => hide(box)));
    for (const trigger of triggers) {
      if (box.contains(trigger)) continue;
      let touched = false;
      trigger.addEventListener("pointerenter", (event) => {
        if (event.pointerType === "mouse") later(() => show(box, trigger));
      });
      trigger.addEventListener("pointerleave", (event) => {
        if (event.pointerType === "mouse") later(() => hide(box));
      });
      trigger.addEventListener("focus", () => trigger.matches(":focus-visible") && show(box, trigger));
      trigger.addEventListener("blur", () => hide(box));
      trigger.addEventListener("keydown", (event) => event.key === "Escape" && hide(box));
      trigger.addEventListener("pointerdown", (event) => {
        touched = event.pointerType !== "mouse" && !box.matches(":popover-open");
      });
      trigger.addEventListener("click", (event) => {
        if (!touched) return; // the second tap follows the link
        event.preventDefault();
        show(box, trigger);
      });
    }
  }
  addEventListener("scroll", () => document.querySelectorAll(".about:popover-open").forEach(hide), { passive: true });
})();
