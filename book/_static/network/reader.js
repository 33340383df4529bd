/* A trained model to type to. The text stands in a textarea; a layer behind it has the same text and carries the tints. */
function reader(figure) { // eslint-disable-line no-unused-vars
  "use strict";
  const SLICE = 10, PACE = 60, REDRAW = 100; // milliseconds: of reading at a time, between two characters, two pictures
  const LAGS = [1, 5, 20, 80];
  const { tint, visible, showNext, showCells, afterKey, under, showBars } = views();
  const { draw } = cells();
  const part = (name) => figure.querySelector(`.${name}`), field = (name) => figure.querySelector(`[name="${name}"]`);
  const text = figure.querySelector("textarea"), status = figure.querySelector("[role=status]");
  const paint = field("paint"), temperature = field("temperature"), letter = field("letter"), grid = part("cells");
  const canvas = grid.firstElementChild;
  const names = JSON.parse(figure.dataset.models), models = {};
  const { read, places, distances } = reading(models);
  let current = Object.keys(names)[0], unit = 0, at = -1; // at: the letter that is changed, if one is
  let ghost = "", writing = 0, frame = 0, drawn = 0, notice = "";

  const characters = () => [...text.value + ghost];
  const other = () => (paint.value.startsWith("against ") ? paint.value.slice(8) : null);
  const isUnit = () => paint.value !== "surprise" && !other();
  const namedUnit = () => models[current].named?.find((named) => named.unit === unit);

  /** Have a model at hand, and remember what its characters are. */
  async function need(name) {
    await window.load(`data/${name}`);
    if (models[name]) return;
    const model = bring(name), vocabulary = [...model.characters];
    models[name] = { ...model, vocabulary, place: Object.fromEntries(vocabulary.map((character, k) => [character, k])) };
  }

  /** Read on, and show what there is, in the next frame. */
  function work() {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(async () => {
      const asked = [current, other()].filter((name) => name !== null);
      try {
        await Promise.all(asked.map(need));
      } catch (error) {
        status.textContent = `${error.message}.`;
        return;
      }
      const whole = characters(), until = performance.now() + SLICE;
      const isRead = asked.map((name) => read(name, whole, until)).every(Boolean);
      if (isRead || performance.now() > drawn + REDRAW) show(whole);
      if (!isRead) work();
    });
  }

  /** The place whose state is shown: the caret, or the end while the model writes. */
  const caret = () => (ghost ? characters().length : [...text.value.slice(0, text.selectionStart)].length);

  /** What a character is tinted by, from -1 to 1. */
  function strength(i) {
    const here = places(current)[i + 1], what = paint.value;
    if (!here) return 0;
    if (what === "surprise") return (here.bits ?? 0) / 8;
    if (other()) return ((places(other())[i + 1]?.bits ?? here.bits ?? 0) - (here.bits ?? 0)) / 4;
    if (what === "H") return Math.sign(namedUnit()?.correlation ?? 1) * scaled(here.state.H, unit);
    return what === "C" ? Math.tanh(here.state.C[unit]) : (here.state.gates?.[what][unit] ?? 0);
  }
  const scaled = (H, j) => H[j] / (models[current].largest[j] || 1);

  function legend() {
    if (other()) return `Orange: less surprised than the ${names[other()]}; blue: more.`;
    if (paint.value === "surprise") return "The stronger, the more surprised: up to 8 bits, a probability of 1/256.";
    if (!"HC".includes(paint.value)) return "The stronger, the further open.";
    return paint.value === "H" && namedUnit()
      ? `Orange: the unit says “${namedUnit().feature}”; blue: it says the opposite.` : "Orange: above zero; blue: below.";
  }

  function show(whole) {
    drawn = performance.now();
    const model = models[current], list = places(current), { length } = [...text.value];
    part("legend").textContent = legend();
    part("tint").replaceChildren(...whole.map((character, i) => {
      const span = document.createElement("span");
      span.textContent = character;
      span.style.background = tint(strength(i));
      span.classList.toggle("unknown", i + 1 < list.length && list[i + 1].bits === undefined);
      span.classList.toggle("ghost", i >= length);
      span.classList.toggle("changed", i === at);
      return span;
    }), "\u200b"); // so that a line that is still empty has its height
    const measured = list.flatMap(({ bits }) => bits ?? []);
    const mean = measured.reduce((a, b) => a + b, 0) / measured.length;
    part("perplexity").textContent = measured.length
      ? `perplexity ${(2 ** mean).toFixed(2)}` : "no character read yet";
    part("bits").textContent = measured.length ? `(${mean.toFixed(2)} bits for each of ${measured.length} characters)` : "";
    const unknown = [...new Set(whole.filter((_, i) => i + 1 < list.length && list[i + 1].bits === undefined))];
    status.textContent = [notice, unknown.length
      ? `Not among the ${model.m} characters of the text, and skipped: ${unknown.slice(0, 10).join(" ")}` : ""].join(" ").trim();
    const { state } = list[Math.min(caret(), list.length - 1)];
    showNext(part("next"), model, model.predict(state));
    showState(model, state);
    if (at >= 0) showChange(model, whole);
  }

  function showState(model, { H }) {
    part("state").hidden = !H;
    part("stateless").hidden = Boolean(H);
    part("stateless").textContent = `A table has no state: it looks at the last ${model.n - 1} characters.`;
    if (!H) return;
    showCells(canvas, H.map((_, j) => scaled(H, j)), unit);
    const named = namedUnit(), value = H[unit].toFixed(2);
    grid.setAttribute("aria-valuemax", H.length);
    grid.setAttribute("aria-valuenow", unit + 1);
    grid.setAttribute("aria-valuetext", `unit ${unit + 1}${named ? `, ${named.feature}` : ""}: ${value}`);
    part("unit").textContent = `Unit ${unit + 1} is ${value}.${named ? ` Its correlation with “${named.feature}” is ${named.correlation}.` : ""}`;
    for (const button of part("named").children) button.setAttribute("aria-pressed", +button.value === unit && isUnit());
  }

  /** Offer what the model has: units with names, gates, other models to compare it with. */
  function offer() {
    const { h, kind, named = [] } = models[current], kept = paint.value;
    const options = [["surprise", "surprise"]];
    if (h) options.push(["H", "the state of a unit"]);
    if (kind === "gru") options.push(["r", "its reset gate"], ["z", "its update gate"]);
    if (kind === "lstm") options.push(["C", "its memory"], ["i", "its input gate"], ["f", "its forget gate"], ["o", "its output gate"]);
    for (const name in names) if (name !== current) options.push([`against ${name}`, `advantage over the ${names[name]}`]);
    paint.replaceChildren(...options.map(([value, label]) => new Option(label, value)));
    if (options.some(([value]) => value === kept)) paint.value = kept;
    part("named").replaceChildren(...named.map(({ unit, feature }) => {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", value: unit, textContent: feature });
      button.addEventListener("click", () => choose(unit));
      return button;
    }));
    unit = named[0]?.unit ?? 0;
  }

  function choose(j) {
    unit = j;
    if (!isUnit()) paint.value = "H";
    work();
  }

  function showChange(model, whole) {
    const before = places(current)[at], after = places(current)[at + 1];
    const possible = Boolean(model.h && after?.bits !== undefined);
    for (const name of ["change-what", "distance"]) part(name).hidden = !possible;
    letter.disabled = !model.h;
    if (!possible) {
      part("apart").textContent = model.h ? "Put the caret behind the letter that is to change."
        : `A table has no state: after ${model.n - 1} characters, nothing of the change is left.`;
      return;
    }
    const p = model.predict(before.state);
    const likely = [...p.keys()].filter((k) => model.vocabulary[k] !== whole[at]).sort((a, b) => p[b] - p[a])[0];
    const k = model.place[letter.value] ?? likely, values = distances(current, at, k, LAGS.at(-1) + 1);
    letter.placeholder = model.vocabulary[likely];
    part("change-what").textContent = `“${visible(whole[at])}” becomes “${visible(model.vocabulary[k])}”`
      + (letter.value && model.place[letter.value] === undefined ? `, since no text here has “${letter.value}”` : "");
    const number = (value) => (value < 0.001 ? "below 0.001" : value.toFixed(3));
    const later = LAGS.filter((lag) => lag < values.length).map((lag) => `${number(values[lag])} after ${lag} more`);
    part("apart").textContent =
      `Distance of the two states, where 1 is that of two unrelated places: ${[`${number(values[0])} at once`, ...later].join(", ")}.`;
    showBars(part("distance"), values, LAGS.at(-1) + 1);
  }

  /** Where the letter is that is changed at first: before the caret, or else early in the text. */
  function firstChange() {
    const all = [...text.value], isLetter = (i) => /\p{L}/u.test(all[i]);
    if (caret() < all.length) return Math.max(caret() - 1, 0);
    const letters = [...all.keys()].filter(isLetter);
    return letters[Math.floor(letters.length / 4)] ?? 0;
  }

  function write() {
    const whole = characters();
    if (whole.length >= text.maxLength) return stop(`The text is full: ${text.maxLength.toLocaleString("en")} characters fit.`);
    if (read(current, whole, performance.now() + SLICE)) {
      const model = models[current], { state } = places(current).at(-1);
      ghost += model.vocabulary[draw(model.predict(state, +temperature.value), Math.random())];
      work();
    }
    writing = setTimeout(write, PACE);
  }

  function turn(running) {
    part("write").dataset.running = running;
    part("write").textContent = running ? "Stop" : "Write on";
  }

  /** What was written becomes part of the text, in one step that can be undone. */
  function stop(message = "") {
    clearTimeout(writing);
    writing = 0;
    notice = message;
    turn(false);
    const written = ghost, { selectionStart, selectionEnd } = text, before = document.activeElement;
    const wasAtEnd = selectionStart === text.value.length;
    ghost = "";
    if (written) {
      text.focus({ preventScroll: true });
      text.setSelectionRange(text.value.length, text.value.length);
      if (!document.execCommand("insertText", false, written)) text.value += written;
      if (!wasAtEnd) text.setSelectionRange(selectionStart, selectionEnd);
      if (before !== text) {
        text.blur();
        before?.focus({ preventScroll: true });
      }
    }
    work();
  }

  text.addEventListener("beforeinput", () => { if (writing) stop(); });
  text.addEventListener("input", () => {
    notice = "";
    work();
  });
  text.addEventListener("paste", ({ clipboardData }) => {
    const left = text.maxLength - text.value.length + text.selectionEnd - text.selectionStart;
    if (clipboardData.getData("text").length > left)
      setTimeout(() => {
        notice = `Only ${text.maxLength.toLocaleString("en")} characters fit.`;
        work();
      });
  });
  document.addEventListener("selectionchange", () => {
    if (document.activeElement !== text || ghost) return;
    if (at >= 0 && caret() > 0) at = caret() - 1;
    work();
  });
  for (const radio of figure.querySelectorAll("[type=radio]"))
    radio.addEventListener("change", () => {
      if (writing) stop();
      const name = radio.value;
      need(name).then(() => {
        if (!radio.checked) return; // another was chosen meanwhile
        current = name;
        offer();
        work();
      }, (error) => { status.textContent = `${error.message}.`; });
    });
  paint.addEventListener("change", work);
  temperature.addEventListener("input", () => { part("heat").textContent = temperature.value; });
  letter.addEventListener("input", work);
  part("write").addEventListener("click", () => {
    if (writing) return stop();
    turn(true);
    write();
  });
  part("change").addEventListener("click", ({ currentTarget }) => {
    at = at >= 0 ? -1 : firstChange();
    currentTarget.setAttribute("aria-expanded", at >= 0);
    part("changed").hidden = at < 0;
    work();
  });
  grid.addEventListener("keydown", (event) => {
    const next = afterKey(event.key, unit, models[current].h);
    if (next === undefined) return;
    event.preventDefault();
    choose(next);
  });
  grid.addEventListener("click", ({ offsetX, offsetY }) => {
    choose(Math.min(under(canvas, offsetX, offsetY), models[current].h - 1));
  });
  new IntersectionObserver((seen) => { if (!seen.at(-1).isIntersecting && writing) stop(); }).observe(figure);
  document.addEventListener("visibilitychange", () => { if (document.hidden && writing) stop(); });
  new ResizeObserver(work).observe(figure);
  new MutationObserver(work).observe(document.documentElement, { attributeFilter: ["data-theme"] });

  need(current).then(() => {
    offer();
    part("live").hidden = false;
    part("still").hidden = true;
    text.setSelectionRange(text.value.length, text.value.length);
    work();
  }, (error) => { status.textContent = `${error.message}.`; });
}
