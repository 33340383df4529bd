/* A network that learns in the page. The learning runs in a worker, the page draws what it hears from it. */

/** What runs in the worker: a network that reads a text, window by window, and tells what became of it. */
function learn(post) { // eslint-disable-line no-unused-vars
  "use strict";
  const { rnnStep, output, softmax, draw, forward, backward, clip, update } = cells();
  const ROWS = 16, PULSE = 60, WRITE = 400, LENGTH = 160; // sequences side by side; milliseconds; characters
  let settings, P, H, place, written = 0, random;

  /** Numbers from 0 to 1, the same for the same seed (mulberry32). */
  const generator = (seed) => () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let z = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    z = (z + Math.imul(z ^ (z >>> 7), 61 | z)) ^ z;
    return ((z ^ (z >>> 14)) >>> 0) / 4294967296;
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

  /** A network that has read nothing: W_xh normal, the other weights uniform between plus and minus 1 / sqrt(h). */
  function begin() {
    random = generator(settings.run);
    const { m, h } = settings, uniform = () => (2 * random() - 1) / Math.sqrt(h);
    const drawn = (length, of) => Float32Array.from({ length }, of);
    P = { W_xh: drawn(m * h, normal), W_hh: drawn(h * h, uniform), b_h: drawn(h, uniform), W_hm: drawn(h * m, uniform), b_m: new Float32Array(m) };
    H = new Float32Array(ROWS * h);
    place = 0;
  }

  /** One update, on the next tau characters of each row. */
  function step() {
    const { text, tau, theta, lr } = settings, length = Math.floor((text.length - 1) / ROWS);
    if (place + tau > length) {
      place = 0;
      H.fill(0);
    }
    const at = (t) => Int32Array.from({ length: ROWS }, (_, i) => text[i * length + place + t]);
    const x = Array.from({ length: tau }, (_, t) => at(t)), y = Array.from({ length: tau }, (_, t) => at(t + 1));
    const pass = forward(x, y, H, P), d = backward(x, pass, P), norm = clip(d, theta);
    H = pass.H[tau];
    place += tau;
    if (Number.isFinite(pass.loss) && Number.isFinite(norm)) update(P, d, lr);
    return { loss: pass.loss, norm };
  }

  /** What the network writes by itself at temperature 0.7, at the beginning of a paragraph. */
  function write() {
    let state = rnnStep([settings.start], new Float32Array(settings.h), P), x = settings.start;
    return Array.from({ length: LENGTH }, () => {
      state = rnnStep([x], state, P);
      return (x = draw(softmax(output(state, 1, P), settings.m, 0.7), random()));
    });
  }

  /** Learn for a moment, and tell; the page asks for the next one when it has drawn this one. */
  function pulse() {
    const steps = [], end = performance.now() + PULSE;
    let finite = true;
    while (finite && performance.now() < end) {
      const { loss, norm } = step();
      steps.push([loss, norm]);
      finite = Number.isFinite(loss) && Number.isFinite(norm);
    }
    const message = { run: settings.run, steps, finite };
    if (finite && performance.now() > written + WRITE) {
      message.text = write();
      written = performance.now();
    }
    post(message);
  }

  return ({ go, ...changes }) => {
    const isNew = changes.run !== undefined;
    settings = { ...settings, ...changes };
    if (isNew) {
      begin();
      post({ run: settings.run, steps: [], finite: true, text: write() });
    }
    if (go) pulse();
  };
}

/** A curve of any length in at most 400 points: when they are too many, two and two become one. */
function curve() {
  let points = [], size = 1; // updates in each point
  return {
    get points() { return points; },
    get length() { return points.reduce((sum, { count }) => sum + count, 0); },
    add(value) {
      const last = points.at(-1);
      if (last && last.count < size) {
        last.sum += value;
        last.most = Math.max(last.most, value);
        last.count++;
      } else points.push({ sum: value, most: value, count: 1 });
      if (points.length <= 400) return;
      points = points.flatMap((point, i) => {
        const next = points[i + 1];
        if (i % 2) return [];
        return next
          ? { sum: point.sum + next.sum, most: Math.max(point.most, next.most), count: point.count + next.count } : point;
      });
      size *= 2;
    },
  };
}

/** Bring the figure of a learning network to life. */
function learner(figure) { // eslint-disable-line no-unused-vars
  "use strict";
  const { characters, text } = window.corpus;
  const part = (name) => figure.querySelector(`.${name}`);
  const status = figure.querySelector("[role=status]"), [go, again] = figure.querySelectorAll("button");
  const sliders = Object.fromEntries([...figure.querySelectorAll("input")].map((input) => [input.name, input]));
  const place = Object.fromEntries([...characters].map((character, i) => [character, i]));
  const x = Uint8Array.from(text, (character) => place[character]);

  const source = `${cells}\n${learn}\nconst answer = learn(postMessage); onmessage = ({ data }) => answer(data);`;
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const worker = new Worker(url);
  let number = 0, losses, norms, last, isRunning = false, isAsked = false, seconds = 0, since = 0, frame = 0;

  const texts = (name) => JSON.parse(sliders[name].dataset.values);
  const value = (name) => Number(texts(name)[sliders[name].value]) || Infinity; // "none" is no limit
  const settings = () => ({ lr: value("lr"), theta: value("theta"), tau: value("tau") });

  /** Ask for one pulse of learning, unless one is on its way. */
  function ask(changes = {}) {
    worker.postMessage({ ...changes, ...settings(), go: isRunning && !isAsked });
    isAsked ||= isRunning;
  }

  function begin() {
    [losses, norms, last, seconds, since] = [curve(), curve(), [], 0, performance.now()];
    status.textContent = "";
    isAsked = false; // what is still on its way belongs to the last network
    number++;
    ask({ run: number, text: x, m: characters.length, start: place["\n"], h: value("h") });
  }

  function run(wanted) {
    if (isRunning) seconds += (performance.now() - since) / 1000;
    since = performance.now();
    isRunning = wanted;
    go.dataset.running = wanted;
    go.textContent = wanted ? "Pause" : "Learn";
    if (wanted) ask();
  }

  worker.onmessage = ({ data: { run: from, steps, finite, text: written } }) => {
    if (from !== number) return;
    if (steps.length) isAsked = false;
    for (const [loss, norm] of steps) {
      losses.add(Math.exp(loss));
      norms.add(norm);
      last.push({ loss, isClipped: norm > value("theta") });
    }
    last = last.slice(-100);
    if (written) part("written").textContent = written.map((k) => characters[k]).join("").trim();
    if (!finite) {
      run(false);
      status.textContent = "The loss is no longer a number: the network has diverged. Start again, with a lower learning rate or a smaller θ.";
    }
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => {
      show();
      if (isRunning && finite) ask();
    });
  };

  function show() {
    const passed = seconds + (isRunning ? (performance.now() - since) / 1000 : 0);
    const mean = last.reduce((sum, { loss }) => sum + loss, 0) / last.length;
    part("count").textContent = losses.length.toLocaleString("en");
    part("perplexity").textContent = last.length ? Math.exp(mean).toFixed(1) : "not measured";
    part("seconds").textContent = passed.toFixed(0);
    part("clipped").textContent = last.filter(({ isClipped }) => isClipped).length;
    plot(part("loss"), losses, [2, 3, 5, 10, 30, 100]);
    plot(part("norm"), norms, [0.01, 0.1, 1, 10, 100], value("theta"));
  }

  /** Draw a curve on a logarithmic axis with ticks; a point in which an update was longer than the limit is a bar. */
  function plot(canvas, { points, length }, ticks, limit = Infinity) {
    const { clientWidth: width, clientHeight: height } = canvas, scale = devicePixelRatio || 1;
    Object.assign(canvas, { width: width * scale, height: height * scale });
    const pen = canvas.getContext("2d"), style = getComputedStyle(canvas), end = Math.max(length, 200);
    pen.scale(scale, scale);
    const from = ticks[0], to = ticks.at(-1);
    const y = (v) => height * (1 - Math.log(Math.min(Math.max(v, from), to) / from) / Math.log(to / from));
    pen.fillStyle = getComputedStyle(figure).color;
    pen.font = "11px system-ui, sans-serif";
    for (const tick of ticks.slice(1, -1)) {
      pen.globalAlpha = 0.15;
      pen.fillRect(0, y(tick), width, 1);
      pen.globalAlpha = 0.8;
      pen.fillText(tick, 4, y(tick) - 3);
    }
    pen.globalAlpha = 1;
    let i = 0;
    for (const { sum, most, count } of points) {
      const isLong = most > limit;
      pen.fillStyle = isLong ? style.getPropertyValue("--limit") : style.color;
      pen.fillRect((i + count / 2) / end * width - 1, y(sum / count) - (isLong ? 4 : 1), 2.5, isLong ? 9 : 2.5);
      i += count;
    }
    if (limit < to) {
      pen.strokeStyle = style.getPropertyValue("--limit");
      pen.setLineDash([4, 4]);
      pen.strokeRect(-1, y(limit), width + 2, 2 * height);
    }
  }

  for (const input of Object.values(sliders))
    input.addEventListener("input", () => {
      const chosen = texts(input.name)[input.value];
      input.parentElement.nextElementSibling.textContent = chosen;
      input.setAttribute("aria-valuetext", chosen);
      if (input.name === "h") begin();
      show();
    });
  go.addEventListener("click", () => {
    status.textContent = "";
    run(!isRunning);
  });
  again.addEventListener("click", begin);
  const rest = () => {
    if (!isRunning) return;
    run(false);
    status.textContent = "Paused while it was out of sight.";
  };
  new IntersectionObserver((seen) => { if (!seen.at(-1).isIntersecting) rest(); }).observe(figure);
  document.addEventListener("visibilitychange", () => { if (document.hidden) rest(); });
  new ResizeObserver(show).observe(figure);
  new MutationObserver(show).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  begin();
  part("live").hidden = false;
  part("still").hidden = true;
}
