/* Gradient descent at the cliff: one unit, h_t = sigma(w h_{t-1} + b), whose loss after 50 steps has a wall. */
(() => {
  "use strict";
  const { add, set, label, linear, logarithmic, nearest, within, line, written, ticks } = window.compute;
  const T = 50, STEPS = 200, LEVELS = [0.003, 0.02, 0.06, 0.15, 0.3, 0.45];
  const W = [3.6, 5.6], B = [-2.9, -1.3]; // the map

  const sigma = (a) => 1 / (1 + Math.exp(-a));

  /** The loss (h_T - 0.7)^2, and its gradient: the derivatives of h_t follow from those of h_{t-1}. */
  function lossAndGradient(w, b) {
    let h = 0.5, dh_dw = 0, dh_db = 0;
    for (let t = 1; t <= T; t++) {
      const last = h;
      h = sigma(w * last + b);
      dh_dw = h * (1 - h) * (last + w * dh_dw);
      dh_db = h * (1 - h) * (1 + w * dh_db);
    }
    return { loss: (h - 0.7) ** 2, g: [2 * (h - 0.7) * dh_dw, 2 * (h - 0.7) * dh_db] };
  }

  /** The places, losses and norms of a descent: x <- x - eta min(1, theta / |g|) g. */
  function descend(theta, eta, w, b) {
    const path = [];
    for (let step = 0; step < STEPS; step++) {
      const { loss, g } = lossAndGradient(w, b), norm = Math.hypot(...g);
      path.push([w, b, loss, norm]);
      const factor = Math.min(1, theta / norm);
      w -= eta * factor * g[0];
      b -= eta * factor * g[1];
    }
    return path;
  }

  /** The loss at the points of a grid, row by row from the top. */
  function surface(columns, rows) {
    const w = linear(0, columns - 1, ...W), b = linear(0, rows - 1, B[1], B[0]);
    return Array.from({ length: rows }, (_, r) => Array.from({ length: columns }, (_, c) => {
      let h = 0.5;
      for (let t = 1; t <= T; t++) h = sigma(w(c) * h + b(r));
      return (h - 0.7) ** 2;
    }));
  }

  /** The lines on which a grid has the value `level`: through each cell, from edge to edge. */
  function contour(grid, level, x, y) {
    let d = "";
    const between = (p, q) => (level - p) / (q - p), over = (p, q) => p < level !== q < level;
    for (let r = 1; r < grid.length; r++)
      for (let c = 1; c < grid[r].length; c++) {
        const [a, b, e, f] = [grid[r - 1][c - 1], grid[r - 1][c], grid[r][c - 1], grid[r][c]], met = [];
        if (over(a, b)) met.push([c - 1 + between(a, b), r - 1]);
        if (over(a, e)) met.push([c - 1, r - 1 + between(a, e)]);
        if (over(b, f)) met.push([c, r - 1 + between(b, f)]);
        if (over(e, f)) met.push([c - 1 + between(e, f), r]);
        for (let k = 0; k + 1 < met.length; k += 2) d += line([met[k], met[k + 1]].map(([i, j]) => [x(i), y(j)]));
      }
    return d;
  }

  /** The relief as a picture: the higher the loss, the stronger the gray. */
  function relief(grid) {
    const canvas = document.createElement("canvas"), pen = canvas.getContext("2d");
    const image = pen.createImageData(grid[0].length, grid.length);
    Object.assign(canvas, { width: image.width, height: image.height });
    grid.flat().forEach((loss, k) => image.data.set([146, 146, 146, 255 * 0.7 * Math.sqrt(loss / 0.5)], 4 * k));
    pen.putImageData(image, 0, 0);
    return canvas.toDataURL();
  }

  function panels(width) {
    if (width >= 560) {
      const left = width * 0.58 + 66, side = { left, width: width - left - 8, height: 116 };
      return { map: { left: 44, top: 30, width: width * 0.58 - 44, height: 298 },
               loss: { ...side, top: 30 }, norm: { ...side, top: 212 }, height: 372 };
    }
    const side = { left: 52, width: width - 62, height: 90 }, high = (width - 52) * 0.8;
    return { map: { left: 44, top: 30, width: width - 52, height: high },
             loss: { ...side, top: high + 104 }, norm: { ...side, top: high + 252 }, height: high + 386 };
  }

  /** Axes for what happens along the steps. */
  function along(svg, { left, top, width, height }, title, least, most, marks) {
    const step = linear(0, STEPS, left, left + width), scale = logarithmic(least, most, top + height, top);
    label(svg, left - 38, top - 10, title);
    add(svg, "path", { d: `M${left} ${top}v${height}h${width}`, class: "axis" });
    ticks(svg, scale, marks, { x: left });
    ticks(svg, step, [0, 100, 200], { y: top + height });
    const inside = within(svg, left, top - 2, width, height + 3);
    return { step, scale, free: add(inside, "path", { class: "curve gradient dashed" }), clipped: add(inside, "path", { class: "curve output" }) };
  }

  window.descent = (figure) => {
    const { thetas } = JSON.parse(figure.dataset.given);

    function draw(svg, width, { handle }) {
      const { map, loss, norm } = panels(width), right = map.left + map.width, bottom = map.top + map.height;
      const x = linear(...W, map.left, right), y = linear(...B, bottom, map.top);
      const grid = surface(201, 161), column = linear(0, 200, map.left, right), row = linear(0, 160, map.top, bottom);
      add(svg, "image", { href: relief(grid), x: map.left, y: map.top, width: map.width, height: map.height, preserveAspectRatio: "none" });
      for (const level of LEVELS) add(svg, "path", { d: contour(grid, level, column, row), class: "axis", opacity: 0.45 });
      add(svg, "rect", { x: map.left, y: map.top, width: map.width, height: map.height, class: "axis" });
      label(svg, x(3.66), y(-2.82), "high");
      label(svg, x(5.1), y(-1.45), "low");
      ticks(svg, x, [4, 4.5, 5, 5.5], { y: bottom });
      ticks(svg, y, [-2.5, -2, -1.5], { x: map.left });
      label(svg, (map.left + right) / 2, bottom + 36, "weight *w*", "middle");
      label(svg, 0, y(-2.2), "*b*");
      const legend = [["output", "clipped", map.left], ["gradient dashed", "not clipped", map.left + 110]];
      for (const [look, name, left] of legend) {
        add(svg, "path", { d: `M${left} 14h28`, class: `curve ${look}` });
        label(svg, left + 34, 19, name);
      }
      const inside = within(svg, map.left, map.top, map.width, map.height);
      const free = add(inside, "path", { class: "curve gradient dashed" }), clipped = add(inside, "path", { class: "curve output" });
      const dots = add(inside, "path", { class: "dot output" });
      const cross = add(inside, "path", { d: "M-6 -6L6 6M-6 6L6 -6", class: "curve gradient", "stroke-width": 3 });
      const circle = add(inside, "circle", { r: 6, class: "dot output" });
      const start = handle(svg, "state", x, y, "w", "b");
      label(start, 12, -10, "start");
      const losses = along(svg, loss, "loss", 1e-6, 1, [[1e-4, "10⁻⁴"], [1e-2, "10⁻²"], [1, "1"]]);
      const norms = along(svg, norm, "norm of the gradient", 1e-3, 1e5, [[1e-2, "10⁻²"], [1, "1"], [1e2, "10²"], [1e4, "10⁴"]]);
      label(svg, norm.left + norm.width / 2, norm.top + norm.height + 36, "step", "middle");
      const limit = add(svg, "path", { class: "axis" });
      const theta = handle(svg, "gradient", null, nearest(norms.scale, thetas), null, "theta");
      label(theta, -12, -8, "*θ*", "end");
      return { x, y, free, clipped, dots, cross, circle, start, losses, norms, limit, theta, norm };
    }

    const off = ([w, b]) => w < W[0] || w > W[1] || b < B[0] || b > B[1];
    function update({ w, b, theta, eta }, parts) {
      const { x, y, losses, norms, norm } = parts;
      const clipped = descend(theta, eta, w, b), free = descend(Infinity, eta, w, b);
      const place = ([w_k, b_k]) => [x(w_k), y(b_k)];
      set(parts.clipped, { d: line(clipped.map(place)) });
      set(parts.free, { d: line(free.map(place)) });
      set(parts.dots, { d: clipped.map(place).map(([left, top]) => `M${(left - 2.5).toFixed(1)} ${top.toFixed(1)}a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0 -5 0`).join("") });
      set(parts.circle, { transform: `translate(${place(clipped.at(-1))})` });
      set(parts.cross, { transform: `translate(${place(free.at(-1))})` });
      set(parts.start, { transform: `translate(${place([w, b])})` });
      for (const [axes, k] of [[losses, 2], [norms, 3]])
        for (const [name, path] of Object.entries({ clipped, free }))
          set(axes[name], { d: line(path.map((step, i) => [axes.step(i), axes.scale(step[k])])) });
      const top = norms.scale(theta);
      set(parts.limit, { d: `M${norm.left} ${top}h${norm.width}` });
      set(parts.theta, { transform: `translate(${norm.left + norm.width - 20} ${top})` });
      const left = free.findIndex(off), count = clipped.filter(([, , , length]) => length > theta).length;
      const away = left < 0 ? "" : `, off the map from step ${left} on`;
      const shown = `Clipped in ${count} of ${STEPS} steps, the loss ends at ${written(clipped.at(-1)[2], 4)}; not clipped, at ${written(free.at(-1)[2], 4)}${away}.`;
      return { shown, spoken: `A map of the loss over w and b, with a wall from the upper left to the lower right, and two descents from w = ${written(w)}, b = ${written(b)}. On the right, the loss and the norm of the gradient along both. ${shown}` };
    }
    window.compute(figure, { height: (width) => panels(width).height, draw, update });
  };
  Object.assign(window.descent, { lossAndGradient, descend });
})();
