/* The network of two units without input, h_t = tanh(h_{t-1} W_hh): its states, its eigenvalues, and its gradient. */
(() => {
  "use strict";
  const { add, set, label, linear, logarithmic, within, line, written, short, ticks } = window.compute;
  const T = 30, LEAST = 1e-6, MOST = 1e3;
  const START = [0.8, 0.6]; // the gradient at the last step, of norm 1

  const times = ([a, b], W) => [a * W[0][0] + b * W[1][0], a * W[0][1] + b * W[1][1]]; // a row times a matrix
  const transposed = ([[a, b], [c, d]]) => [[a, c], [b, d]];
  const norm = (row) => Math.hypot(...row);

  /** h_t = tanh(h_{t-1} W_hh) from h_0 to h_T. */
  function states(h_0, W_hh) {
    const h = [h_0];
    for (let t = 1; t <= T; t++) h.push(times(h[t - 1], W_hh).map(Math.tanh));
    return h;
  }

  /** The norms of dh_T, ..., dh_0, where dh_{t-1} = (dh_t * (1 - h_t^2)) W_hh^T. */
  function norms(h, W_hh) {
    const after = [1], W_hhT = transposed(W_hh);
    for (let t = T, dh = START; t > 0; t--) {
      dh = times(dh.map((dh_i, i) => dh_i * (1 - h[t][i] ** 2)), W_hhT);
      after.push(norm(dh));
    }
    return after;
  }

  /** Both eigenvalues, as real and imaginary part: s ± sqrt(s^2 - det), where s is half the trace. */
  function eigenvalues([[a, b], [c, d]]) {
    const s = (a + d) / 2, square = s ** 2 - (a * d - b * c), root = Math.sqrt(Math.abs(square));
    return square < 0 ? [[s, root], [s, -root]] : [[s + root, 0], [s - root, 0]];
  }

  const GRID = [-0.9, -0.54, -0.18, 0.18, 0.54, 0.9], STARTS = GRID.flatMap((x) => GRID.map((y) => [x, y]));
  const matrix = ({ a, b, c, d }) => [[a, b], [c, d]];

  /** Where the three parts stand: side by side, or the plane above the others. */
  function panels(width) {
    if (width >= 560) {
      const side = 330, left = side + 84, size = 140;
      return { side, circle: { left: (left + width - size) / 2, top: 22, size },
               axes: { left, top: size + 70, width: width - left - 12, height: 96 }, height: 352 };
    }
    const size = width * 0.36;
    return { side: width, circle: { left: 0, top: width + 34, size },
             axes: { left: size + 50, top: width + 34, width: width - size - 62, height: size }, height: width + size + 78 };
  }

  function draw(svg, width, { handle }) {
    const { side, circle, axes } = panels(width);
    // The plane of the states, and in it the rows of W_hh.
    const x = linear(-1.6, 1.6, 0, side), y = linear(-1.6, 1.6, side, 0);
    add(svg, "rect", { x: x(-1), y: y(1), width: x(1) - x(-1), height: y(-1) - y(1), class: "axis", opacity: 0.4 });
    add(svg, "path", { d: `M${x(-1.6)} ${y(0)}H${x(1.6)}M${x(0)} ${y(1.6)}V${y(-1.6)}`, class: "axis", opacity: 0.4 });
    label(svg, x(-1.6), y(0) - 6, "unit 1");
    label(svg, x(0) + 6, y(1.48), "unit 2");
    label(svg, x(-1) + 2, y(1) - 6, "states");
    const paths = add(svg, "path", { class: "pale state" }), path = add(svg, "path", { class: "curve state" });
    const dots = add(svg, "path", { class: "dot state" });
    const rows = [["a", "b", "row 1"], ["c", "d", "row 2"]].map(([p, q, name]) => {
      const arrow = add(svg, "path", { class: "curve other" });
      const grip = handle(svg, "other", x, y, p, q);
      return { arrow, grip, name: label(grip, 0, -14, name, "middle") };
    });
    const start = handle(svg, "state", x, y, "x", "y");
    label(start, 0, -14, "start", "middle");
    // The eigenvalues in their plane.
    const { left, top, size } = circle, re = linear(-2, 2, left, left + size), im = linear(-2, 2, top + size, top);
    label(svg, left + size / 2, top - 8, "eigenvalues", "middle");
    add(svg, "path", { d: `M${left} ${im(0)}h${size}M${re(0)} ${top}v${size}`, class: "axis", opacity: 0.4 });
    add(svg, "circle", { cx: re(0), cy: im(0), r: size / 4, class: "axis" });
    label(svg, re(1) + 3, im(0) + 16, "1");
    const values = [0, 1].map(() => add(svg, "circle", { r: 5, class: "dot state" }));
    // The norm of the gradient against the lag.
    const lag = linear(0, T, axes.left, axes.left + axes.width), bottom = axes.top + axes.height;
    const length = logarithmic(LEAST, MOST, bottom, axes.top);
    label(svg, axes.left - 38, axes.top - 14, "norm of the gradient");
    add(svg, "path", { d: `M${axes.left} ${axes.top}V${bottom}h${axes.width}`, class: "axis" });
    ticks(svg, length, [[1e-6, "10⁻⁶"], [1e-3, "10⁻³"], [1, "1"], [1e3, "10³"]], { x: axes.left });
    ticks(svg, lag, [0, 10, 20, 30], { y: bottom });
    label(svg, axes.left + axes.width / 2, bottom + 38, "lag", "middle");
    const inside = within(svg, axes.left, axes.top - 1, axes.width, axes.height + 2);
    const curves = add(inside, "path", { class: "pale gradient" }), power = add(inside, "path", { class: "axis dotted" });
    const curve = add(inside, "path", { class: "curve gradient" });
    return { x, y, paths, path, dots, rows, start, re, im, values, lag, length, curves, curve, power };
  }

  const place = ([h_1, h_2], { x, y }) => [x(h_1), y(h_2)];
  const dot = ([left, top]) => `M${(left - 2.5).toFixed(1)} ${top.toFixed(1)}a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0 -5 0`;

  function update(chosen, parts) {
    const W_hh = matrix(chosen), h_0 = [chosen.x, chosen.y], { lag, length, re, im } = parts;
    const all = STARTS.map((start) => states(start, W_hh)), h = states(h_0, W_hh);
    const on_plane = (some) => line(some.map((h_t) => place(h_t, parts)));
    const on_axis = (after) => line(after.map((size, j) => [lag(j), length(size)]));
    set(parts.paths, { d: all.map(on_plane).join("") });
    set(parts.path, { d: on_plane(h) });
    set(parts.dots, { d: h.map((h_t) => dot(place(h_t, parts))).join("") });
    parts.rows.forEach(({ arrow, grip }, i) => {
      const [left, top] = place(W_hh[i], parts);
      set(arrow, { d: line([place([0, 0], parts), [left, top]]) });
      set(grip, { transform: `translate(${left} ${top})` });
    });
    set(parts.start, { transform: `translate(${place(h_0, parts)})` });
    const lambda = eigenvalues(W_hh), rho = Math.max(...lambda.map(norm));
    lambda.forEach(([real, imaginary], i) => set(parts.values[i], { cx: re(real), cy: im(imaginary) }));
    const after = norms(h, W_hh);
    set(parts.curves, { d: all.map((some) => on_axis(norms(some, W_hh))).join("") });
    set(parts.curve, { d: on_axis(after) });
    set(parts.power, { d: on_axis(after.map((_, j) => rho ** j)) });
    const [[r_1, i_1], [r_2]] = lambda;
    const both = i_1 ? `${written(r_1)} ± ${written(i_1)} i` : `${written(r_1)} and ${written(r_2)}`;
    const shown = `Eigenvalues ${both}; spectral radius ${written(rho)}. The gradient at the start: ${short(after[T])}; the longest: ${short(Math.max(...after))}.`;
    return { shown, spoken: `Left, states of a network with two units, from 36 starts and from one more. Right, its eigenvalues and the unit circle, and the norm of the gradient against the lag. ${shown}` };
  }

  window.phase = (figure) => {
    const { choose } = window.compute(figure, { height: (width) => panels(width).height, draw, update });
    for (const button of figure.querySelectorAll("button"))
      button.addEventListener("click", () => choose(JSON.parse(button.dataset.values)));
  };
  Object.assign(window.phase, { states, norms, eigenvalues });
})();
