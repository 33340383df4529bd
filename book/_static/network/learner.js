/* A network that learns in the page. The learning runs in a worker, the page draws what it hears from it. */

/** What runs in the worker: a network that reads a text, window by window, and tells what became of it. */
function learn(post) { // eslint-disable-line no-unused-vars
  "use strict";
  const { rnnStep, output, softmax, draw, forward, backward, clip, update } = cells();
  const ROWS = 16, PULSE = 60, WRITE = 400, LENGTH = 160; // sequences side by side; milliseconds; characters
  let settings, P, H, place, timer = 0, written = 0, random;

  /** Numbers from 0 to 1, the same for the same seed (mulberry32). */
  const generator = (seed) => () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let z = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    z = (z + Math.imul(z ^ (z >>> 7), 61 | z)) ^ z;
    return ((z ^ (z >>> 14)) >>> 0) / 4294967296;
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

  /** A network that has read nothing: W_xh normal, the other weights uniform between plus and minus 1 / sqrt(h). */
  function begin(given) {
    settings = given;
    random = generator(settings.seed);
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

  /** What the network writes by itself at temperature 0.7. */
  function write() {
    let state = new Float32Array(settings.h), x = settings.start;
    return Array.from({ length: LENGTH }, () => {
      state = rnnStep([x], state, P);
      return (x = draw(softmax(output(state, 1, P), settings.m, 0.7), random()));
    });
  }

  function pulse() {
    const steps = [], end = performance.now() + PULSE;
    let finite = true;
    while (finite && performance.now() < end) {
      const { loss, norm } = step();
      steps.push([loss, norm]);
      finite = Number.isFinite(loss) && Number.isFinite(norm);
    }
    const message = { steps, finite };
    if (finite && performance.now() > written + WRITE) {
      message.text = write();
      written = performance.now();
    }
    timer = finite ? setTimeout(pulse) : 0;
    post(message);
  }

  return ({ begin: given, go, ...changes }) => {
    clearTimeout(timer);
    timer = 0;
    if (given) {
      begin(given);
      post({ steps: [], finite: true, text: write() });
    }
    Object.assign(settings, changes);
    if (go) pulse();
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
  const worker = new Worker(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
  let steps = [], running = false, seconds = 0, since = 0;

  const value = (name) => +JSON.parse(sliders[name].dataset.values)[sliders[name].value] || Infinity;
  const settings = () => ({ lr: value("lr"), theta: value("theta"), tau: value("tau") });

  function begin() {
    steps = [];
    seconds = 0;
    const whole = { text: x, m: characters.length, start: place["\n"], h: value("h"), seed: 0, ...settings() };
    worker.postMessage({ begin: whole, go: running });
    since = performance.now();
  }

  function run(wanted) {
    if (running !== wanted) worker.postMessage({ go: wanted });
    if (running) seconds += (performance.now() - since) / 1000;
    since = performance.now();
    running = wanted;
    go.dataset.running = running;
    go.textContent = running ? "Pause" : "Learn";
  }

  worker.onmessage = ({ data }) => {
    steps.push(...data.steps);
    if (data.text) part("written").textContent = data.text.map((k) => characters[k]).join("").trim();
    if (!data.finite) {
      run(false);
      status.textContent = "The loss is no longer a number: the network has diverged. Start again, with a lower learning rate or a smaller θ.";
    }
    show();
  };

  /** The mean over the last hundred updates, as a perplexity. */
  const perplexity = (losses) => Math.exp(losses.reduce((sum, loss) => sum + loss, 0) / losses.length);

  function show() {
    const last = steps.slice(-100);
    const passed = seconds + (running ? (performance.now() - since) / 1000 : 0);
    part("count").textContent = steps.length.toLocaleString("en");
    part("perplexity").textContent = last.length ? perplexity(last.map(([loss]) => loss)).toFixed(1) : characters.length;
    part("seconds").textContent = passed.toFixed(0);
    part("clipped").textContent = last.filter(([, norm]) => norm > value("theta")).length;
    plot(part("loss"), steps.map(([loss]) => Math.exp(loss)), [2, 100]);
    plot(part("norm"), steps.map(([, norm]) => norm), [0.01, 100], value("theta"));
  }

  /** Draw a curve of at most 300 points over the updates, on a logarithmic axis; what is above the limit in red. */
  function plot(canvas, values, [from, to], limit = Infinity) {
    const { clientWidth: width, clientHeight: height } = canvas, scale = devicePixelRatio || 1;
    canvas.width = width * scale;
    canvas.height = height * scale;
    const pen = canvas.getContext("2d"), style = getComputedStyle(canvas);
    pen.scale(scale, scale);
    const y = (v) => height - ((Math.log(Math.min(Math.max(v, from), to)) - Math.log(from)) / Math.log(to / from)) * height;
    const size = Math.max(1, Math.ceil(values.length / 300)), end = Math.max(values.length, 200);
    if (limit < to) {
      pen.strokeStyle = style.getPropertyValue("--limit");
      pen.setLineDash([4, 4]);
      pen.strokeRect(-1, y(limit), width + 2, 2 * height);
      pen.setLineDash([]);
    }
    for (let i = 0; i < values.length; i += size) {
      const some = values.slice(i, i + size), mean = some.reduce((a, b) => a + b, 0) / some.length;
      pen.fillStyle = mean > limit ? style.getPropertyValue("--limit") : style.color;
      pen.fillRect(((i + some.length / 2) / end) * width - 1, y(mean) - 1, 2.5, 2.5);
    }
  }

  for (const input of Object.values(sliders))
    input.addEventListener("input", () => {
      input.parentElement.nextElementSibling.value = JSON.parse(input.dataset.values)[input.value];
      if (input.name === "h") begin();
      else worker.postMessage({ ...settings(), go: running });
      show();
    });
  go.addEventListener("click", () => { status.textContent = ""; run(!running); });
  again.addEventListener("click", () => { status.textContent = ""; begin(); });
  const pause = () => { if (running) run(false); };
  new IntersectionObserver((seen) => { if (!seen.at(-1).isIntersecting) pause(); }).observe(figure);
  document.addEventListener("visibilitychange", () => { if (document.hidden) pause(); });
  new ResizeObserver(show).observe(figure);
  begin();
  part("live").hidden = false;
  part("still").hidden = true;
}
