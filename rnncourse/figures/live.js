(() => {
  for (const figure of document.querySelectorAll("figure.explore:not([data-live])")) {
    figure.dataset.live = "";
    const all = (selector) => [...figure.querySelectorAll(selector)];
    const [frames, parameters, inputs] = [all(".frame"), all(".parameter"), all("input")];
    const [play] = all(".controls > button"), [status] = all(".shown"), [hint] = all(".hint");
    const values = parameters.map((parameter) => JSON.parse(parameter.dataset.values));
    const sliders = parameters.map((parameter) => parameter.querySelector("[type=range]"));
    const played = sliders.find(Boolean);
    let timer = 0, place = frames.findIndex((frame) => !frame.hidden), pause = 0;
    parameters.forEach((parameter, k) => {
      const name = `choice${Math.random()}`; // radio buttons of one name belong together
      if (!sliders[k]) for (const radio of parameter.querySelectorAll("input")) radio.name = name;
    });
    // JupyterLab would take the keys for its cells.
    for (const control of all("button, input")) control.dataset.lmSuppressShortcuts = "true";

    const chosen = (k) => +(sliders[k] ?? parameters[k].querySelector(":checked")).value;
    const choose = (k, value) => {
      if (sliders[k]) sliders[k].value = value;
      else parameters[k].querySelectorAll("input")[value].checked = true;
    };
    const show = (fade) => {
      const before = frames[place];
      place = parameters.reduce((sum, _, k) => sum * values[k].length + chosen(k), 0);
      if (before !== frames[place]) {
        for (const frame of frames) {
          for (const change of frame.getAnimations()) change.finish();
          frame.hidden = frame !== frames[place];
        }
        if (fade) {
          frames[place].animate({ opacity: [0, 1] }, 200);
          before.hidden = false;
          before.animate({ opacity: [1, 0] }, 200).finished.then(() => { before.hidden = before !== frames[place]; });
        }
      }
      sliders.forEach((slider, k) => {
        if (!slider) return;
        const text = values[k][chosen(k)];
        parameters[k].querySelector("output").value = text;
        slider.setAttribute("aria-valuetext", text);
      });
      clearTimeout(pause);
      if (!timer) pause = setTimeout(() => { status.textContent = frames[place].getAttribute("aria-label"); }, 800);
    };
    const stop = () => {
      clearInterval(timer);
      timer = 0;
      play.textContent = "Play";
    };
    const step = () => {
      if (document.hidden || !figure.isConnected) return stop();
      played.stepUp();
      if (played.value === played.max) stop();
      show(true);
    };
    const start = () => {
      played.value = 0;
      timer = setInterval(step, 333);
      play.textContent = "Pause";
      show(false);
    };
    const follow = () => {
      stop();
      hint.hidden = true;
      show(false);
    };
    play.hidden = !played;
    play.addEventListener("click", () => { if (timer) stop(); else start(); hint.hidden = true; });
    for (const input of inputs) input.addEventListener("input", follow);
    for (const reference of all("use")) { // what frames share is drawn elsewhere
      const { sets } = document.getElementById(reference.getAttribute("href").slice(1))?.dataset ?? {};
      if (sets) reference.dataset.sets = sets;
    }
    figure.addEventListener("click", ({ target }) => {
      const [name, value] = target.closest("[data-sets]")?.dataset.sets.split("=") ?? [];
      const k = parameters.findIndex(({ dataset }) => dataset.name === name);
      if (!values[k]?.includes(value)) return;
      choose(k, values[k].indexOf(value));
      follow();
    });
    const [question] = all(".question");
    if (question) {
      const ask = (asked) => {
        question.hidden = !asked;
        all(".frames, .controls").forEach((part) => { part.classList.toggle("asked", asked); });
      };
      ask(true);
      question.querySelector("button").addEventListener("click", () => { ask(false); inputs[0].focus(); });
    }
    matchMedia("(prefers-reduced-motion: reduce)").addEventListener("change", stop);
    new IntersectionObserver((seen) => { if (!seen.at(-1).isIntersecting) stop(); }).observe(figure);
    hint.hidden = !played || document.querySelector("figure.explore") !== figure;
    figure.querySelector(".controls").hidden = false;
  }
})();
