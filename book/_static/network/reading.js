/* What models make of a text, kept place by place: an edit costs only what comes after it. */
function reading(models) { // eslint-disable-line no-unused-vars
  "use strict";
  const tracks = {};

  /** Read a text with a model until the time is up; return whether all has been read. */
  function read(name, characters, until) {
    const model = models[name], track = (tracks[name] ??= { text: [], places: [{ state: model.begin() }] });
    let i = 0;
    while (i < track.text.length && track.text[i] === characters[i]) i++;
    track.text.length = i;
    track.places.length = i + 1;
    for (; i < characters.length && performance.now() < until; i++) {
      const { state } = track.places[i], k = model.place[characters[i]];
      track.text.push(characters[i]);
      // What is not in the vocabulary is skipped: it has no surprise, and leaves the state as it is.
      track.places.push(k === undefined ? { state } : { state: model.step(state, k), bits: bits(model.predict(state)[k]) });
    }
    return i === characters.length;
  }
  const bits = (p) => -Math.log2(Math.max(p, 1e-12));

  /** State and surprise after each character; the first place is that before the text. */
  const places = (name) => tracks[name]?.places ?? [];

  /** Distance of the states of a text from those of the same text with character k at place i, step by step. */
  function distances(name, i, k, most) {
    const model = models[name], { text } = tracks[name], list = places(name), result = [];
    for (let state = model.step(list[i].state, k); ; ) {
      const { H } = list[i + 1].state;
      result.push(Math.hypot(...state.H.map((value, j) => value - H[j])) / model.apart);
      if (++i >= text.length || result.length >= most) return result;
      if (list[i + 1].bits !== undefined) state = model.step(state, model.place[text[i]]);
    }
  }
  return { read, places, distances };
}
