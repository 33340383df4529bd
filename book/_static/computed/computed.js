/* What the figures that compute have in common: a drawing as wide as the page lets it, sliders, and handles to drag. */
(() => {
  "use strict";
  if (window.compute) return;
  const SIZE = 14; // pixels of a letter; those below the line have 11

  /** A new SVG element at the end of `parent`. */
  function add(parent, name, attributes = {}) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return parent.appendChild(element);
  }
  const set = (element, attributes) => {
    for (const [key, value] of Object.entries(attributes))
      if (element.getAttribute(key) !== String(value)) element.setAttribute(key, value);
  };
  /** Replace the words of an element. A text node that stays spares the page a new style of everything around it. */
  const say = (element, words) => {
    if (!element.firstChild) element.append(words);
    else if (element.firstChild.data !== words) element.firstChild.data = words;
  };

  /** Write `words` into a text: what stands between asterisks is slanted, and what follows an underscore is low. */
  function write(text, words) {
    text.replaceChildren();
    let low = false;
    for (const [part] of words.matchAll(/\*[^*]*\*|_[^ ,=*()]*|[^*_]+/g)) {
      const span = add(text, "tspan"), next = part[0] === "_";
      if (part[0] === "*") span.setAttribute("class", "symbol");
      if (next) span.setAttribute("font-size", "11");
      if (next !== low) span.setAttribute("dy", next ? 3 : -3);
      span.textContent = part.replaceAll("*", "").replace("_", "");
      low = next;
    }
    return text;
  }
  const label = (parent, x, y, words, anchor = "start") =>
    write(add(parent, "text", { x, y, "text-anchor": anchor, "font-size": SIZE }), words);

  /** Scales: from a number to its pixel, and back. */
  function linear(least, most, from, to) {
    const scale = (x) => from + ((x - least) / (most - least)) * (to - from);
    scale.back = (pixel) => least + ((pixel - from) / (to - from)) * (most - least);
    return scale;
  }
  function logarithmic(least, most, from, to) {
    const scale = linear(Math.log(least), Math.log(most), from, to);
    return (x) => scale(Math.log(Math.max(x, 1e-99)));
  }

  /** What a scale leads back to among `values`: the place of the one that is nearest to the pixel. */
  const nearest = (scale, values) => ({ back: (pixel) => {
    const away = values.map((value) => Math.abs(scale(value) - pixel));
    return away.indexOf(Math.min(...away));
  } });

  /** A group of which only what lies in a rectangle is seen. */
  function within(parent, x, y, width, height) {
    const id = `within${Math.random()}`;
    add(add(parent, "clipPath", { id }), "rect", { x, y, width, height });
    return add(parent, "g", { "clip-path": `url(#${id})` });
  }

  /** Points as the path of a line. */
  const line = (points) => points.map(([x, y], k) => `${k ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");

  /** A number as it is written in the figures; a very large or small one with a power of ten. */
  const written = (x, digits = 2) => x.toFixed(digits).replace(/^-(0(\.0*)?)$/, "$1").replace("-", "−");
  const raised = (n) => String(n).replace(/[-\d]/g, (sign) => (sign === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[sign]));
  function short(x) {
    if (x === 0 || (Math.abs(x) >= 0.01 && Math.abs(x) < 1000)) return written(x);
    const [digit, power] = x.toExponential(0).split("e");
    return `${digit.replace("-", "−")} × 10${raised(+power)}`;
  }

  /** Ticks with their numbers, below a scale or left of it. */
  function ticks(parent, scale, numbers, { x, y }) {
    for (const number of numbers) {
      const [value, words] = Array.isArray(number) ? number : [number, String(number).replace("-", "−")];
      if (y !== undefined) {
        add(parent, "path", { d: `M${scale(value)} ${y}v5`, class: "axis" });
        label(parent, scale(value), y + 19, words, "middle");
      } else {
        add(parent, "path", { d: `M${x} ${scale(value)}h-5`, class: "axis" });
        label(parent, x - 8, scale(value) + 5, words, "end");
      }
    }
  }

  /** The figure: `draw(svg, width)` draws what stays, and `update(values, parts)` what moves; it returns what it shows.
      `turned(name)` is told of each slider that has been moved. */
  window.compute = (figure, { height, draw, update, turned }) => {
    const drawing = figure.querySelector(".drawing"), status = figure.querySelector("[role=status]");
    const numbers = figure.querySelector(".numbers"), sliders = [...figure.querySelectorAll("[type=range]")];
    const named = Object.fromEntries(sliders.map((slider) => [slider.name, slider]));
    const listed = Object.fromEntries(sliders.map((slider) => [slider.name, JSON.parse(slider.dataset.values ?? "null")]));
    let parts, svg, words = "", wanted = 0, pause = 0, seen = false;

    const values = () => Object.fromEntries(sliders.map(({ name, value }) => [name, listed[name]?.[value] ?? +value]));
    function show() {
      wanted = 0;
      const { shown, spoken } = update(values(), parts);
      say(numbers, shown);
      words = spoken;
      for (const slider of sliders) {
        const text = listed[slider.name] ? String(listed[slider.name][slider.value]) : written(+slider.value, slider.step.split(".")[1]?.length ?? 0);
        set(slider, { "aria-valuetext": text.replace("−", "-") });
        say(slider.closest(".parameter").querySelector("output"), text);
      }
    }
    const describe = () => set(drawing, { "aria-label": words }); // for those who do not see the picture
    /** Draw at the next frame, once however often it is asked for, and not while nobody sees it. */
    function ask() {
      if (seen) wanted ||= requestAnimationFrame(show);
    }
    function changed() {
      ask();
      clearTimeout(pause);
      pause = setTimeout(() => {
        status.textContent = numbers.textContent;
        describe();
      }, 800);
    }
    const choose = (some) => {
      for (const [name, value] of Object.entries(some)) {
        named[name].value = value;
        turned?.(name);
      }
      changed();
    };
    /** Let `move(x, y)` follow the pointer while it drags an element. */
    function drag(element, move) {
      const to = ({ clientX, clientY }) => {
        const box = svg.getBoundingClientRect();
        move(clientX - box.left, clientY - box.top);
        changed();
      };
      element.addEventListener("pointerdown", (event) => {
        event.preventDefault(); // no selection of text
        element.setPointerCapture(event.pointerId);
        to(event);
      });
      element.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false }); // the page stays
      element.addEventListener("pointermove", (event) => { if (element.hasPointerCapture(event.pointerId)) to(event); });
    }
    /** A round handle for two sliders; what can be gripped is larger than what is seen. */
    function handle(parent, role, scaleX, scaleY, x, y) {
      const group = add(parent, "g", { class: `handle ${role}` });
      add(group, "circle", { r: 20, class: "grip" });
      add(group, "circle", { r: 8 });
      drag(group, (left, top) => choose({ ...(x && { [x]: scaleX.back(left) }), ...(y && { [y]: scaleY.back(top) }) }));
      return group;
    }
    let before = 0;
    function fit() {
      const width = Math.min(drawing.clientWidth, 704);
      if (!width || width === before) return;
      before = width;
      drawing.replaceChildren();
      svg = add(drawing, "svg", { width, height: height(width), "aria-hidden": "true" });
      parts = draw(svg, width, { drag, handle, choose, changed });
      seen = true;
      show();
      describe();
    }
    for (const slider of sliders) slider.addEventListener("input", () => { turned?.(slider.name); changed(); });
    for (const radio of figure.querySelectorAll("[type=radio]")) radio.addEventListener("input", changed);
    figure.querySelector(".still").hidden = true;
    figure.querySelector(".live").hidden = false;
    fit();
    new ResizeObserver(fit).observe(drawing);
    new IntersectionObserver((entries) => {
      seen = entries.at(-1).isIntersecting;
      ask();
    }, { rootMargin: "200px" }).observe(figure);
    return { choose, changed, named };
  };
  Object.assign(window.compute, { add, set, say, write, label, linear, logarithmic, nearest, within, line, written, short, ticks });
})();
