/* A trained model to type to. The text stands in a textarea; a layer behind it has the same text and carries the tints.
   What a model makes of each character is kept, so that an edit costs only what comes after it. */
function reader(figure) { // eslint-disable-line no-unused-vars
  "use strict";
  const COLUMNS = 32, SLICE = 8, PACE = 60; // cells in a row; milliseconds of reading at a time, from character to character
  const part = (name) => figure.querySelector(`.${name}`), field = (name) => figure.querySelector(`[name="${name}"]`);
  const text = figure.querySelector("textarea"), status = figure.querySelector("[role=status]");
  const paint = field("paint"), temperature = field("temperature"), letter = field("letter"), grid = part("cells");
  const { draw } = cells();
  const names = JSON.parse(figure.dataset.models);
  const models = {}, tracks = {}; // by name: the model, and its state, surprise and so on at each character
  let current = Object.keys(names)[0], unit = 0, ghost = "", writing = 0, frame = 0, at = -1;

  const whole = () => text.value + ghost;
  const percent = (p) => `${(100 * p).toFixed(p < 0.0995 ? 1 : 0)} %`;
  const visible = (character) => ({ "\n": "new line", " ": "space" })[character] ?? character;
  const bits = (p) => -Math.log2(Math.max(p, 1e-12));

  // Reading

  /** Go on reading for a while, where the text has changed or is longer; return whether all has been read. */
  function read(name) {
    const track = (tracks[name] ??= { text: [], places: [{ state: models[name].begin() }] }), characters = [...whole()];
    let i = 0;
    while (i < track.text.length && track.text[i] === characters[i]) i++;
    track.text.length = i;
    track.places.length = i + 1;
    for (const end = performance.now() + SLICE; i < characters.length && performance.now() < end; i++) {
      const model = models[name], { state } = track.places[i], k = [...model.characters].indexOf(characters[i]);
      track.text.push(characters[i]);
      track.places.push(k < 0 ? { state } : { state: model.step(state, k), bits: bits(model.predict(state)[k]) });
    }
    return i === characters.length;
  }

  const others = () => (paint.value.startsWith("against ") ? [paint.value.slice(8)] : []);

  /** Read with every model that is asked, and show what there is; at most one frame ahead. */
  function work() {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(async () => {
      const asked = [current, ...others()];
      await Promise.all(asked.map(async (name) => {
        if (!models[name]) {
          await window.load(`data/${name}`);
          models[name] = bring(name);
        }
      })).catch((error) => { status.textContent = `${error.message}.`; });
      if (!asked.every((name) => models[name])) return;
      if (!asked.map(read).every(Boolean)) work();
      else show();
    });
  }

  // Showing

  /** The place whose state is shown: the caret, or the end while the model writes. */
  const place = () => (ghost ? [...whole()].length : [...text.value.slice(0, text.selectionStart)].length);

  /** From 0 to 1 and the sign, what a character is tinted by. */
  function strength(i) {
    const here = tracks[current].places[i + 1], { state } = here, what = paint.value;
    if (what === "surprise") return (here.bits ?? 0) / 8;
    if (what.startsWith("against ")) return ((tracks[others()[0]].places[i + 1].bits ?? 0) - (here.bits ?? 0)) / 4;
    return what === "H" ? scaled(state.H, unit) : what === "C" ? Math.tanh(state.C[unit]) : state.gates[what][unit];
  }
  const scaled = (H, j) => H[j] / (models[current].largest[j] || 1);
  const colour = (s) => `rgb(${s < 0 ? "58 134 245" : "222 119 4"} / ${Math.min(Math.abs(s), 1) * 0.65})`;
  const escaped = (character) => ({ "&": "&amp;", "<": "&lt;" })[character] ?? character;

  const legend = () => ({
    surprise: "The stronger, the more surprised: up to 8 bits.",
    H: "Orange: above zero; blue: below.",
    C: "Orange: above zero; blue: below.",
  })[paint.value] ?? (others().length
    ? `Orange: less surprised than the ${names[others()[0]]}; blue: more.` : "The stronger, the further open.");

  function show() {
    part("legend").textContent = legend();
    const track = tracks[current], model = models[current], { length } = [...text.value];
    part("tint").innerHTML = track.text.map((character, i) => {
      const kinds = { unknown: track.places[i + 1].bits === undefined, ghost: i >= length, changed: i === at };
      const kind = Object.keys(kinds).filter((name) => kinds[name]).join(" ");
      return `<span class="${kind}" style="background:${colour(strength(i))}">${escaped(character)}</span>`;
    }).join("") + "\u200b"; // so that a line that is still empty has its height
    const measured = track.places.flatMap(({ bits }) => bits ?? []);
    const mean = measured.reduce((a, b) => a + b, 0) / measured.length;
    part("perplexity").textContent = measured.length ? (2 ** mean).toFixed(2) : "none yet";
    part("bits").textContent = measured.length ? mean.toFixed(2) : "0";
    part("count").textContent = measured.length;
    const unknown = [...new Set(track.text.filter((_, i) => track.places[i + 1].bits === undefined))];
    status.textContent = unknown.length
      ? `Not among the ${model.m} characters of the text, and skipped: ${unknown.slice(0, 10).join(" ")}` : "";
    const { state } = track.places[Math.min(place(), track.places.length - 1)];
    showNext(model, state);
    showCells(model, state);
    if (at >= 0) showDistance(model);
  }

  function showNext(model, state) {
    const p = model.predict(state), characters = [...model.characters];
    const likeliest = characters.map((_, k) => k).sort((a, b) => p[b] - p[a]).slice(0, 8);
    part("next").innerHTML = likeliest.map((k) =>
      `<li><span>${escaped(visible(characters[k]))}</span><i style="width:${100 * p[k]}%"></i><span>${percent(p[k])}</span></li>`).join("");
  }

  /** The units as cells, row by row, every other row from right to left: neighbors stay neighbors. */
  const cell = (j) => [Math.floor(j / COLUMNS), Math.floor(j / COLUMNS) % 2 ? COLUMNS - 1 - (j % COLUMNS) : j % COLUMNS];

  function showCells(model, { H }) {
    part("state").hidden = !H;
    if (!H) return;
    const canvas = grid.firstElementChild, size = 12, pen = canvas.getContext("2d");
    canvas.width = COLUMNS * size;
    canvas.height = Math.ceil(H.length / COLUMNS) * size;
    H.forEach((_, j) => {
      const [row, column] = cell(j);
      pen.fillStyle = colour(scaled(H, j) / 0.65);
      pen.fillRect(column * size + 1, row * size + 1, size - 2, size - 2);
    });
    const [row, column] = cell(unit);
    pen.strokeStyle = getComputedStyle(canvas).color;
    pen.lineWidth = 2;
    pen.strokeRect(column * size, row * size, size, size);
    const named = model.named.find((named) => named.unit === unit);
    grid.setAttribute("aria-valuemax", H.length);
    grid.setAttribute("aria-valuenow", unit + 1);
    grid.setAttribute("aria-valuetext", `unit ${unit + 1}${named ? `, ${named.feature}` : ""}, ${H[unit].toFixed(2)}`);
    part("unit").textContent = `unit ${unit + 1}: ${H[unit].toFixed(2)}`;
    for (const button of part("named").children) button.setAttribute("aria-pressed", +button.value === unit && paint.value !== "surprise");
  }

  /** Offer what the model has: units that were named, gates, other models to compare it with. */
  function offer() {
    const model = models[current], kept = paint.value;
    const options = [["surprise", "surprise"]];
    if (model.h) options.push(["H", "the unit’s state"]);
    if (model.kind === "gru") options.push(["r", "the unit’s reset gate"], ["z", "the unit’s update gate"]);
    if (model.kind === "lstm")
      options.push(["C", "the unit’s memory"], ["i", "the unit’s input gate"], ["f", "the unit’s forget gate"], ["o", "the unit’s output gate"]);
    for (const name in names) if (name !== current) options.push([`against ${name}`, `advantage over ${names[name]}`]);
    paint.replaceChildren(...options.map(([value, label]) => new Option(label, value)));
    if (options.some(([value]) => value === kept)) paint.value = kept;
    part("named").replaceChildren(...(model.named ?? []).map(({ unit, feature, correlation }) => {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", value: unit, textContent: feature, title: `unit ${unit + 1}, correlation ${correlation}` });
      button.addEventListener("click", () => choose(unit));
      return button;
    }));
    unit = Math.min(model.named?.[0]?.unit ?? 0, (model.h ?? 1) - 1);
  }

  function choose(j) {
    unit = Math.max(0, Math.min(j, models[current].h - 1));
    if (paint.value === "surprise" || paint.value.startsWith("against ")) paint.value = "H";
    show();
  }

  // One letter changed

  function showDistance(model) {
    const track = tracks[current], known = (i) => track.places[i + 1]?.bits !== undefined;
    if (!known(at) || !model.h) {
      part("apart").textContent = model.h
        ? "Put the caret behind the letter that is to change."
        : `A table has no state. ${model.n - 1} characters later it has forgotten what was changed.`;
      part("distance").hidden = true;
      return;
    }
    part("distance").hidden = false;
    const characters = [...model.characters], before = track.places[at].state, p = model.predict(before);
    const likely = characters.map((_, k) => k).filter((k) => characters[k] !== track.text[at]).sort((a, b) => p[b] - p[a])[0];
    let k = characters.indexOf(letter.value);
    if (k < 0) k = likely;
    letter.placeholder = characters[likely];
    const distances = [];
    let state = model.step(before, k);
    for (let i = at; ; ) {
      const H = track.places[i + 1].state.H;
      distances.push(Math.hypot(...state.H.map((value, j) => value - H[j])) / model.apart);
      if (++i >= track.text.length || distances.length > 80) break;
      if (known(i)) state = model.step(state, characters.indexOf(track.text[i]));
    }
    part("change-what").textContent = `“${visible(track.text[at])}” becomes “${visible(characters[k])}”`;
    const lag = [1, 5, 20, 80].filter((lag) => lag < distances.length).map((lag) => `${distances[lag] < 0.001 ? "below 0.001" : distances[lag].toFixed(3)} after ${lag} more`);
    part("apart").textContent = `Distance of the two states, where 1 is that of two unrelated places: ${[`${distances[0].toFixed(2)} at once`, ...lag].join(", ")}.`;
    const canvas = part("distance"), { clientWidth: width, clientHeight: height } = canvas, scale = devicePixelRatio || 1;
    Object.assign(canvas, { width: width * scale, height: height * scale });
    const pen = canvas.getContext("2d"), logarithm = (v) => Math.log10(Math.min(Math.max(v, 0.001), 2) / 0.001) / Math.log10(2000);
    pen.scale(scale, scale);
    pen.fillStyle = getComputedStyle(canvas).color;
    distances.forEach((v, i) => pen.fillRect((i / 81) * width + 1, height * (1 - logarithm(v)), Math.max(width / 81 - 2, 1), height * logarithm(v)));
  }

  // Writing

  function write() {
    if (whole().length >= text.maxLength) return stop();
    if (read(current)) {
      const model = models[current], { state } = tracks[current].places.at(-1);
      ghost += [...model.characters][draw(model.predict(state, +temperature.value), Math.random())];
      work();
    }
    writing = setTimeout(write, PACE);
  }

  function turn(running) {
    part("write").dataset.running = running;
    part("write").textContent = running ? "Stop" : "Write on";
  }

  /** What was written becomes part of the text, in one step that can be undone. */
  function stop() {
    clearTimeout(writing);
    writing = 0;
    turn(false);
    const written = ghost, before = document.activeElement;
    ghost = "";
    if (written) {
      text.focus({ preventScroll: true });
      text.setSelectionRange(text.value.length, text.value.length);
      if (!document.execCommand("insertText", false, written)) text.value += written;
      before.focus({ preventScroll: true });
    }
    work();
  }

  // Controls

  text.addEventListener("beforeinput", () => { if (writing) stop(); });
  text.addEventListener("input", work);
  text.addEventListener("paste", ({ clipboardData }) => {
    if (clipboardData.getData("text").length + text.value.length > text.maxLength)
      queueMicrotask(() => { part("cut").hidden = false; });
  });
  document.addEventListener("selectionchange", () => {
    if (document.activeElement !== text || ghost) return;
    if (at >= 0 && place() > 0) at = place() - 1;
    work();
  });
  for (const radio of figure.querySelectorAll("[type=radio]"))
    radio.addEventListener("change", () => {
      if (writing) stop();
      current = radio.value;
      window.load(`data/${current}`).then(() => {
        models[current] ??= bring(current);
        offer();
        work();
      });
    });
  paint.addEventListener("change", work);
  temperature.addEventListener("input", () => { part("heat").value = temperature.value; });
  letter.addEventListener("input", work);
  part("write").addEventListener("click", () => {
    if (writing) return stop();
    turn(true);
    write();
  });
  part("change").addEventListener("click", ({ currentTarget }) => {
    at = at >= 0 ? -1 : place() < [...text.value].length ? Math.max(place() - 1, 0) : Math.floor(place() / 4);
    currentTarget.setAttribute("aria-expanded", at >= 0);
    part("changed").hidden = at < 0;
    work();
  });
  grid.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: COLUMNS, ArrowUp: -COLUMNS, Home: -Infinity, End: Infinity }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    choose(unit + step);
  });
  grid.addEventListener("click", ({ offsetX, offsetY }) => {
    const { clientWidth, clientHeight, height } = grid.firstElementChild, rows = height / 12;
    const row = Math.floor((offsetY / clientHeight) * rows), column = Math.floor((offsetX / clientWidth) * COLUMNS);
    choose(row * COLUMNS + (row % 2 ? COLUMNS - 1 - column : column));
  });
  new IntersectionObserver((seen) => { if (!seen.at(-1).isIntersecting && writing) stop(); }).observe(figure);
  document.addEventListener("visibilitychange", () => { if (document.hidden && writing) stop(); });

  models[current] = bring(current);
  offer();
  part("live").hidden = false;
  part("still").hidden = true;
  text.setSelectionRange(text.value.length, text.value.length);
  work();
}
