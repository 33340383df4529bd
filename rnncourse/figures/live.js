(() => {
  for (const figure of document.querySelectorAll("figure.explore:not([data-live])")) {
    figure.dataset.live = "";
    const frames = [...figure.querySelectorAll(".frame")];
    const inputs = [...figure.querySelectorAll("input")];
    const play = figure.querySelector("button");
    // JupyterLab would take the keys for its cells.
    for (const control of [play, ...inputs]) control.dataset.lmSuppressShortcuts = "true";
    let timer = 0;
    const show = () => {
      const place = inputs.reduce((k, input) => k * (+input.max + 1) + +input.value, 0);
      frames.forEach((frame, k) => { frame.hidden = k !== place; });
      for (const input of inputs) {
        const text = JSON.parse(input.dataset.values)[input.value];
        input.parentElement.nextElementSibling.value = text;
        input.setAttribute("aria-valuetext", `${text}. ${frames[place].getAttribute("aria-label")}`);
      }
    };
    const stop = () => {
      clearInterval(timer);
      play.setAttribute("aria-pressed", "false");
    };
    const step = () => {
      if (document.hidden || !figure.isConnected) return stop();
      inputs[0].stepUp();
      show();
      if (inputs[0].value === inputs[0].max) stop();
    };
    play.addEventListener("click", () => {
      if (play.getAttribute("aria-pressed") === "true") return stop();
      if (inputs[0].value === inputs[0].max) inputs[0].value = 0;
      show();
      play.setAttribute("aria-pressed", "true");
      timer = setInterval(step, 1000);
    });
    figure.addEventListener("input", () => { stop(); show(); });
    matchMedia("(prefers-reduced-motion: reduce)").addEventListener("change", stop);
    new IntersectionObserver((seen) => { if (!seen.at(-1).isIntersecting) stop(); }).observe(figure);
    figure.querySelector(".controls").hidden = false;
  }
})();
