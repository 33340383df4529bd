/* One prediction of a trained network at any temperature: its probabilities, its entropy, and what is drawn from it. */
(() => {
  "use strict";
  const { add, set, say, label, linear, logarithmic, nearest, line, written, ticks } = window.compute;
  const { softmax, draw: drawn } = window.cells();
  const SEEN = 12, DRAWS = 40;

  /** The entropy in bits: the sum of -p log2 p. */
  const entropy = (p) => -p.reduce((sum, p_j) => sum + (p_j && p_j * Math.log2(p_j)), 0);
  const visible = (character) => ({ "\n": "¶", " ": "␣" })[character] ?? character;

  window.temperature = (figure) => {
    const { characters, O_t, taus } = JSON.parse(figure.dataset.given); // the likeliest first
    const at = (tau) => softmax(O_t, O_t.length, tau), as_it_is = at(1);
    let numbers = [];
    const draw_again = () => { numbers = Array.from({ length: DRAWS }, Math.random); };

    function draw(svg, width, { handle }) {
      const wide = width >= 560, high = 150, top = 24, bars = wide ? width * 0.56 : width;
      const x = linear(0, SEEN + 1, 34, bars), p = linear(0, 1, top + high, top), each = x(1) - x(0);
      label(svg, 0, 12, "probability of the next character");
      add(svg, "path", { d: `M${x(0)} ${top}v${high}H${x(SEEN + 1)}`, class: "axis" });
      ticks(svg, p, [0, 0.5, 1], { x: x(0) });
      const columns = Array.from({ length: SEEN + 1 }, (_, k) => {
        const bar = add(svg, "rect", { x: x(k) + 2, width: each - 4, class: "bar output" });
        if (k < SEEN) label(svg, x(k) + each / 2, top + high + 18, visible(characters[k]), "middle");
        else label(svg, x(k) + each / 2, top + high + 18, "rest", "middle");
        const now = k < SEEN ? as_it_is[k] : 1 - as_it_is.slice(0, SEEN).reduce((sum, p_j) => sum + p_j);
        add(svg, "path", { d: `M${x(k)} ${p(now)}h${each}`, class: "axis dotted" });
        return bar;
      });
      // The entropy against the temperature; one drags along the curve.
      const left = wide ? bars + 62 : 34, begin = wide ? top : top + high + 62;
      const place = logarithmic(taus[0], taus.at(-1), left, width - 12), bits = linear(0, 7, begin + high, begin);
      label(svg, left - 34, begin - 12, "entropy in bits");
      add(svg, "path", { d: `M${left} ${begin}v${high}H${width - 12}`, class: "axis" });
      ticks(svg, bits, [0, 2, 4, 6], { x: left });
      ticks(svg, place, [0.1, 1, 10], { y: begin + high });
      label(svg, (left + width) / 2, begin + high + 36, "temperature", "middle");
      const most = Math.log2(O_t.length);
      add(svg, "path", { d: `M${left} ${bits(most)}H${width - 12}`, class: "axis dotted" });
      add(svg, "path", { d: line(taus.map((tau) => [place(tau), bits(entropy(at(tau)))])), class: "curve output" });
      const point = handle(svg, "output", nearest(place, taus), null, "tau", null);
      // What is drawn, in rows of letters.
      const under = begin + high + (wide ? 60 : 64), row = wide ? DRAWS : DRAWS / 2;
      const size = Math.min(17, width / row);
      label(svg, 0, under, `${DRAWS} draws`);
      const letters = numbers.map((_, k) =>
        label(svg, (k % row + 0.5) * size, under + 24 + 22 * Math.floor(k / row), "", "middle"));
      return { p, columns, place, bits, point, letters };
    }

    function update({ tau }, { p, columns, place, bits, point, letters }) {
      const P = at(tau), others = 1 - P.slice(0, SEEN).reduce((sum, p_j) => sum + p_j);
      columns.forEach((bar, k) => {
        const high = p(k < SEEN ? P[k] : others);
        set(bar, { y: high, height: p(0) - high });
      });
      const H = entropy(P);
      set(point, { transform: `translate(${place(tau)} ${bits(H)})` });
      const chosen = numbers.map((u) => drawn(P, u));
      letters.forEach((letter, k) => {
        say(letter, visible(characters[chosen[k]]));
        set(letter, { class: chosen[k] ? "rare" : "" });
      });
      const shown = `Temperature ${tau}: entropy ${written(H)} bits, like ${written(2 ** H, 1)} equally likely characters; the likeliest has ${written(100 * P[0], 0)} %.`;
      return { shown, spoken: `The probabilities of the next character, the entropy against the temperature, and ${DRAWS} draws. ${shown} Drawn: ${chosen.map((k) => characters[k]).join(" ")}` };
    }

    draw_again();
    const { changed } = window.compute(figure, { height: (width) => (width >= 560 ? 264 : 508), draw, update });
    figure.querySelector("button").addEventListener("click", () => { draw_again(); changed(); });
  };
  Object.assign(window.temperature, { entropy });
})();
