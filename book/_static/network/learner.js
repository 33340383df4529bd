/* A network that learns in the page. The learning runs in a worker, the page draws what it hears from it. */

/** What runs in the worker: a network that reads a text, window by window, and tells what became of it. */
function learn(post) { // eslint-disable-line no-unused-vars
  "use strict";
  const { rnnStep, output, softmax, draw, forward, backward, clip, update } = cells();
  const ROWS = 16, PULSE = 60, WRITE = 400, LENGTH = 160; // sequences side by side; milliseconds; characters
  let settings, P, memory, H, place, timer = 0, written = 0, random;

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
    memory = {};
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
    if (Number.isFinite(pass.loss) && Number.isFinite(norm)) update(P, d, lr, memory);
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
