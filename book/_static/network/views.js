/* What a reader is shown of a model beside the text: the state as cells, and what may come next. */
function views() { // eslint-disable-line no-unused-vars
  "use strict";
  const COLUMNS = 32, SIZE = 12; // cells in a row, pixels of a cell
  const ORANGE = "222 119 4", BLUE = "58 134 245";

  /** A tint for a strength from -1 to 1; in text it is weaker, so that letters can be read on it. */
  function tint(strength, most = "var(--tint)") {
    return `rgb(${strength < 0 ? BLUE : ORANGE} / calc(${most} * ${Math.min(Math.abs(strength), 1).toFixed(3)}))`;
  }
  const visible = (character) => ({ "\n": "new line", " ": "space" })[character] ?? character;
  const percent = (p) => `${(100 * p).toFixed(p < 0.0995 ? 1 : 0)} %`;

  function showNext(list, model, p) {
    const likeliest = [...p.keys()].sort((a, b) => p[b] - p[a]).slice(0, 8);
    list.replaceChildren(...likeliest.map((k) => {
      const item = document.createElement("li");
      item.innerHTML = `<span></span><i style="width:${100 * p[k]}%"></i><span>${percent(p[k])}</span>`;
      item.firstElementChild.textContent = visible(model.vocabulary[k]);
      return item;
    }));
  }

  // The units fill the rows of a grid in turn from left to right and from right to left: neighbors stay neighbors.
  const row = (j) => Math.floor(j / COLUMNS);
  const column = (j) => (row(j) % 2 ? COLUMNS - 1 - (j % COLUMNS) : j % COLUMNS);
  const unitAt = (r, c) => r * COLUMNS + (r % 2 ? COLUMNS - 1 - c : c);

  function showCells(canvas, strengths, chosen) {
    const pen = canvas.getContext("2d");
    canvas.width = COLUMNS * SIZE;
    canvas.height = (row(strengths.length - 1) + 1) * SIZE;
    strengths.forEach((strength, j) => {
      pen.fillStyle = `rgb(${strength < 0 ? BLUE : ORANGE} / ${Math.min(Math.abs(strength), 1)})`;
      pen.fillRect(column(j) * SIZE + 1, row(j) * SIZE + 1, SIZE - 2, SIZE - 2);
    });
    pen.strokeStyle = getComputedStyle(canvas).color;
    pen.lineWidth = 2;
    pen.strokeRect(column(chosen) * SIZE + 1, row(chosen) * SIZE + 1, SIZE - 2, SIZE - 2);
  }

  /** The unit that a key leads to from the unit j; undefined if it leads nowhere. */
  function afterKey(key, j, h) {
    if (key === "Home") return 0;
    if (key === "End") return h - 1;
    const [down, right] = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] }[key] ?? [];
    if (down === undefined) return undefined;
    const next = [row(j) + down, column(j) + right], unit = unitAt(...next);
    return next[0] < 0 || next[1] < 0 || next[1] >= COLUMNS || unit >= h ? j : unit;
  }

  /** The unit under a point of the canvas. */
  const under = (canvas, x, y) => unitAt(
    Math.floor((y / canvas.clientHeight) * (canvas.height / SIZE)), Math.floor((x / canvas.clientWidth) * COLUMNS));

  /** Bars on a logarithmic axis from 0.001 to 2, with room for so many. */
  function showBars(canvas, values, room) {
    const { clientWidth: width, clientHeight: height } = canvas, scale = devicePixelRatio || 1;
    Object.assign(canvas, { width: width * scale, height: height * scale });
    const pen = canvas.getContext("2d"), size = width / room;
    pen.scale(scale, scale);
    pen.fillStyle = getComputedStyle(canvas).color;
    values.forEach((value, i) => {
      const part = Math.log(Math.min(Math.max(value, 0.001), 2) / 0.001) / Math.log(2000);
      pen.fillRect(i * size + 1, height * (1 - part), Math.max(size - 2, 1), height * part);
    });
  }
  return { tint, visible, showNext, showCells, afterKey, under, showBars };
}
