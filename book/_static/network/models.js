/* The trained models that travel in the page. All are read alike: begin() is the state before a text, step(state, k)
   the state after one more character, predict(state, temperature) the probabilities of the next one. */
function bring(name) { // eslint-disable-line no-unused-vars
  "use strict";
  const given = window.models[name], m = [...given.characters].length;
  return { ...given, m, ...(given.kind === "table" ? table(given, m) : network(given, m)) };
}

const BEGINNING = ["\n", "\n"]; // whatever is typed begins a paragraph

/** What a script holds as text, as numbers of a kind. */
function numbers(text, Kind) {
  const bytes = Uint8Array.from(atob(text), (byte) => byte.charCodeAt(0));
  return new Kind(bytes.buffer);
}

/** An RNN, a GRU or an LSTM, whose matrices have one byte for each entry and a scale for each column. */
function network({ kind, phi, h, parameters, characters }, m) {
  const { rnnStep, gruStep, lstmStep, output, softmax } = cells();
  const P = { phi };
  for (const [name, { values, integers, scale }] of Object.entries(parameters)) {
    const factors = numbers(values ?? scale, Float32Array);
    P[name] = values ? factors : Float32Array.from(numbers(integers, Int8Array), (q, i) => q * factors[i % factors.length]);
  }
  const step = {
    rnn: ({ H }, k) => ({ H: rnnStep([k], H, P) }),
    gru: ({ H }, k) => gruStep([k], H, P),
    lstm: ({ H, C }, k) => lstmStep([k], H, C, P),
  }[kind];
  const zero = { H: new Float32Array(h), C: new Float32Array(h) };
  return {
    begin: () => BEGINNING.reduce((state, character) => step(state, characters.indexOf(character)), zero),
    step,
    predict: ({ H }, temperature) => softmax(output(H, 1, P), m, temperature),
  };
}

/** A table of k-grams, whose state is what it looks at: the last n - 1 characters. */
function table({ n, roots, steps, character, share, followers, characters }, m) {
  const last = numbers(character, Uint8Array), count = numbers(followers, Uint8Array);
  const shares = Float32Array.from(numbers(share, Uint16Array), (value) => Math.exp(-value / steps));
  // Layer by layer, the k-grams that go on from the first one come first, then those that go on from the second ...
  const first = new Uint32Array(count.length);
  let place = roots;
  count.forEach((value, i) => { first[i] = place; place += value; });

  /** The k-gram that goes on from gram i with character k; i = -1 is the empty one, and so is what there is not. */
  function going(i, k) {
    const [from, to] = i < 0 ? [0, roots] : [first[i], first[i] + count[i]];
    for (let j = from; j < to; j++) if (last[j] === k) return j;
    return undefined;
  }
  function probabilities(recent) {
    let p = new Float32Array(m).fill(1 / m);
    for (let length = 0; length <= recent.length; length++) {
      const context = recent.slice(recent.length - length).reduce((i, k) => (i === undefined ? i : going(i, k)), -1);
      if (context === undefined) break;
      const [from, to] = context < 0 ? [0, roots] : [first[context], first[context] + count[context]];
      let rest = 1;
      for (let j = from; j < to; j++) rest -= shares[j];
      p = p.map((value) => value * rest);
      for (let j = from; j < to; j++) p[last[j]] += shares[j];
    }
    return p;
  }
  const step = ({ recent }, k) => ({ recent: [...recent, k].slice(Math.max(0, recent.length + 2 - n)) });
  return {
    begin: () => BEGINNING.reduce((state, character) => step(state, characters.indexOf(character)), { recent: [] }),
    step,
    predict({ recent }, temperature = 1) {
      const p = probabilities(recent).map((value) => value ** (1 / temperature)), sum = p.reduce((a, b) => a + b);
      return p.map((value) => value / sum);
    },
  };
}
