/* One unit of an LSTM: its four steps with their numbers, and its memory over 20 steps with gates that are set by hand. */
(() => {
  "use strict";
  const { add, set, say, label, linear, line, written } = window.compute;

  /** C_t = f_t C_{t-1} + i_t g_t and H_t = o_t tanh(C_t), from C_0 = 0; arrays begin with step 1. */
  function remember(f, i, o, g) {
    const C = [], H = [];
    for (let t = 0; t < g.length; t++) {
      C[t] = f[t] * (C[t - 1] ?? 0) + i[t] * g[t];
      H[t] = o[t] * Math.tanh(C[t]);
    }
    return { C, H };
  }

  /** The share of what step t writes that is left after the last step: the product of the forget gates of all later ones. */
  const left = (f, t) => f.slice(t).reduce((product, f_t) => product * f_t, 1);

  const WIDE = 560, ROWS = { f: 26, i: 26, o: 26, g: 28, C: 46, H: 28 }, GAP = 7;
  const STEP = { f: 1, i: 1, o: 1, g: 2, C: 3, H: 4 }; // of the construction
  const ROLE = { f: "gate", i: "gate", o: "gate", g: "other", C: "state", H: "state" };
  const MOST = { g: 1, C: 2, H: 1 };
  const BELOW = Object.values(ROWS).reduce((sum, high) => sum + high + GAP, 0) + 22;

  /** The cell, laid out as in the pictures of the chapter; returns the four groups and the texts of the numbers. */
  function cell(svg, width) {
    const unit = width / 7.5, x = (a) => a * unit, y = (b) => (5 - b) * unit, half = unit * 0.46, round = unit * 0.2;
    const groups = [1, 2, 3, 4].map(() => add(svg, "g")), numbers = {};
    const to = (group, ...points) => add(group, "path", { d: line(points.map(([a, b]) => [x(a), y(b)])), class: "axis" });
    function arrow(group, ...points) {
      to(group, ...points);
      const [[a, b], [c, d]] = points.slice(-2), turn = Math.atan2(y(d) - y(b), x(c) - x(a)) * 180 / Math.PI;
      add(group, "path", { d: "M0 0L-7 -3.5V3.5Z", fill: "currentColor", transform: `translate(${x(c)} ${y(d)}) rotate(${turn})` });
    }
    function node(group, a, b, role, name, key) {
      add(group, "rect", { x: x(a) - half, y: y(b) - 18, width: 2 * half, height: 36, rx: 6, class: `node ${role}` });
      label(group, x(a), y(b) + (key ? -3 : 5), name, "middle");
      if (key) numbers[key] = add(group, "text", { x: x(a), y: y(b) + 13, "text-anchor": "middle", "font-size": 12 });
    }
    function operation(group, a, b, sign) {
      add(group, "circle", { cx: x(a), cy: y(b), r: round, class: "axis" });
      if (sign === "times") add(group, "circle", { cx: x(a), cy: y(b), r: 2.5, fill: "currentColor" });
      else add(group, "path", { d: `M${x(a) - 5} ${y(b)}h10M${x(a)} ${y(b) - 5}v10`, class: "axis" });
    }
    const [bus, row, middle, lane] = [1.2, 2.35, 3.45, 4.45], side = 0.46, up = 18 / unit, r = 0.2;
    const [f, i, g, o, end, out] = [1.9, 2.95, 4, 5.05, 6.05, 6.98];
    node(groups[0], 0.5, bus, "state", "*H*_t−1");
    node(groups[0], 1.36, 0.42, "input", "*X*_t");
    to(groups[0], [0.5 + side, bus], [o, bus]);
    to(groups[0], [1.36, 0.42 + up], [1.36, bus]);
    for (const [a, key] of [[f, "f"], [i, "i"], [o, "o"]]) {
      arrow(groups[0], [a, bus], [a, row - up]);
      node(groups[0], a, row, "gate", `*${key}*_t`, key);
    }
    arrow(groups[1], [g, bus], [g, row - up]);
    node(groups[1], g, row, "other", "*g*_t", "g");
    const sum = (i + g) / 2;
    node(groups[2], 0.5, lane, "state", "*C*_t−1", "before");
    arrow(groups[2], [0.5 + side, lane], [f - r, lane]);
    arrow(groups[2], [f, row + up], [f, lane - r]);
    operation(groups[2], f, lane, "times");
    arrow(groups[2], [f + r, lane], [sum - r, lane]);
    arrow(groups[2], [i + 0.1, row + up], [sum - 0.13, middle - 0.17]);
    arrow(groups[2], [g - 0.1, row + up], [sum + 0.13, middle - 0.17]);
    operation(groups[2], sum, middle, "times");
    arrow(groups[2], [sum, middle + r], [sum, lane - r]);
    operation(groups[2], sum, lane, "plus");
    arrow(groups[2], [sum + r, lane], [out - side, lane]);
    node(groups[2], out, lane, "state", "*C*_t", "C");
    arrow(groups[3], [end, lane], [end, row + r]);
    label(groups[3], x(end) + 5, y(middle) + 4, "tanh");
    arrow(groups[3], [o + side, row], [end - r, row]);
    operation(groups[3], end, row, "times");
    arrow(groups[3], [end, row - r], [end, bus], [out - side, bus]);
    node(groups[3], out, bus, "state", "*H*_t", "H");
    return { groups, numbers, bottom: y(0) };
  }

  window.memory = (figure) => {
    const { g } = JSON.parse(figure.dataset.given), T = g.length;
    const gates = Object.fromEntries(["f", "i", "o"].map((name) => [name, g.map(() => +figure.querySelector(`[name=${name}]`).value)]));
    const radio = (name) => +figure.querySelector(`[name=${name}]:checked`).value;

    function draw(svg, width, { handle, drag, choose }) {
      const wide = width >= WIDE, diagram = cell(svg, wide ? 336 : width);
      const begin = wide ? 372 : 24, x = linear(0.5, T + 0.5, begin, width - 4), each = x(2) - x(1);
      let top = wide ? 4 : diagram.bottom + 20;
      const band = add(svg, "rect", { y: top - 4, width: each, height: BELOW - 14, class: "band" });
      const rows = {};
      for (const [name, high] of Object.entries(ROWS)) {
        const group = add(svg, "g"), gate = name in gates, most = MOST[name] ?? 1;
        const y = linear(gate ? 0 : -most, most, top + high, top);
        label(group, begin - 8, top + high / 2 + 5, `*${name}*`, "end");
        add(group, "path", { d: `M${begin} ${y(0)}H${x(T + 0.5)}`, class: "axis" });
        if (name === "C") for (const one of [-1, 1]) add(group, "path", { d: `M${begin} ${y(one)}H${x(T + 0.5)}`, class: "axis dotted", opacity: 0.6 });
        const bars = add(group, "path", { class: `bar ${ROLE[name]}` });
        rows[name] = { group, y, bars };
        if (gate) { // a bar is set where it is touched; the knob shows that it can be
          const area = add(group, "rect", { x: begin, y: top - 5, width: width - 4 - begin, height: high + 10, class: "area" });
          drag(area, (at, under) => choose({ t: Math.round(x.back(at)), [name]: y.back(under) }));
          rows[name].level = add(group, "path", { class: "axis dashed" });
          rows[name].knob = handle(group, "gate small", null, y, null, name);
        }
        top += high + GAP;
      }
      for (const t of [1, 5, 10, 15, 20]) label(svg, x(t), top + 8, String(t), "middle");
      return { diagram, x, each, band, rows };
    }

    function update({ t }, { diagram, x, each, band, rows }) {
      const { f, i, o } = gates, { C, H } = remember(f, i, o, g), all = { f, i, o, g, C, H }, built = radio("built") + 1;
      set(band, { x: x(t - 0.5) });
      for (const [name, { group, y, bars, knob, level }] of Object.entries(rows)) {
        const bar = (value, k) => `M${(x(k + 0.5) + 1).toFixed(1)} ${y(0)}v${(y(value) - y(0)).toFixed(1)}h${(each - 2).toFixed(1)}V${y(0)}z`;
        set(bars, { d: all[name].map(bar).join("") });
        set(group, { opacity: STEP[name] <= built ? 1 : 0.15 });
        if (!knob) continue;
        set(knob, { transform: `translate(${x(t)} ${y(all[name][t - 1])})` });
        // Where all steps are set, one line shows it.
        set(level, { d: radio("where") ? "" : `M${x(0.5)} ${y(all[name][t - 1])}H${x(T + 0.5)}` });
      }
      diagram.groups.forEach((group, k) => set(group, { opacity: k < built ? 1 : 0.15 }));
      const shown = { ...Object.fromEntries(Object.entries(all).map(([name, values]) => [name, values[t - 1]])), before: C[t - 2] ?? 0 };
      for (const [key, text] of Object.entries(diagram.numbers)) say(text, written(shown[key]));
      const sum = `${written(shown.f)} × ${written(shown.before)} + ${written(shown.i)} × ${written(shown.g)}`.replace(/× (−[\d.]+)/g, "× ($1)");
      const words = `Step ${t}: C = ${sum} = ${written(shown.C)}, H = ${written(shown.H)}. Of what it writes, ${written(100 * left(f, t), 0)}\u00a0% is left after step ${T}.`;
      return { shown: words, spoken: `A unit of an LSTM with its gates, and bars over ${T} steps for the gates f, i and o, the candidate g, the memory C and the hidden state H. ${words}` };
    }

    const { named, changed } = window.compute(figure, { height: (width) => (width >= WIDE ? BELOW + 4 : (width / 7.5) * 5 + BELOW + 22), draw, update, turned });
    /** A gate is set at step t or at all steps; another step t has other gates. */
    function turned(name) {
      const t = +named.t.value;
      if (name === "t") for (const gate in gates) named[gate].value = gates[gate][t - 1];
      else if (radio("where")) gates[name][t - 1] = +named[name].value;
      else gates[name].fill(+named[name].value);
    }
    changed();
  };
  Object.assign(window.memory, { remember, left });
})();
