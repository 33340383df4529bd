/* Networks and other figures that compute in the page: each is loaded when the reader comes near it. */
(() => {
  if (window.load) return; // a page with two figures asks for this script twice
  const own = document.currentScript.src.replace(/[^/]*$/, "");
  const loaded = {};
  window.load = (name) => (loaded[name] ??= new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = own + name + ".js";
    script.async = false; // in the order in which they are asked for
    script.onload = done;
    script.onerror = () => {
      delete loaded[name]; // it may be there the next time
      failed(new Error(`${name}.js is missing`));
    };
    document.head.append(script);
  }));
  const near = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      const { kind, scripts } = target.dataset;
      Promise.all(scripts.split(" ").map(load))
        .then(() => window[kind](target))
        .catch((error) => { target.querySelector("[role=status]").textContent = `This figure does not work: ${error.message}.`; });
    }
  }, { rootMargin: "600px" });
  for (const figure of document.querySelectorAll("figure[data-scripts]")) near.observe(figure);
})();
