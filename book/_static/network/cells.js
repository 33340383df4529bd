/* The formulas of the chapters in plain JavaScript: the steps of RNN, GRU and LSTM, the output layer, the way back
   through time, and one update. A matrix is a Float32Array, row by row; x holds characters' places in the vocabulary,
   so X_t W_xh is a choice of rows. The pages of the book come from disk, where a worker can only be made from text:
   hence one function that can be written out as such. */
function cells() { // eslint-disable-line no-unused-vars
  "use strict";

  /** C += A B, for A (a, k) and B (k, b). Two rows of C and four of B at a time are six times as fast as one and one. */
  function addProduct(C, A, B, a, k, b) {
    for (let i = 0; i < a; i += 2) {
      const c = i * b, d = i + 1 < a ? c + b : -1; // where the rows of C begin
      let j = 0;
      for (; j + 4 <= k; j += 4) {
        const f = i * k + j, r = j * b;
        if (d < 0) addFour(C, c, A[f], A[f + 1], A[f + 2], A[f + 3], B, r, b);
        else addEight(C, c, d, A[f], A[f + 1], A[f + 2], A[f + 3], A[f + k], A[f + k + 1], A[f + k + 2], A[f + k + 3], B, r, b);
      }
      for (; j < k; j++) {
        addOne(C, c, A[i * k + j], B, j * b, b);
        if (d >= 0) addOne(C, d, A[i * k + k + j], B, j * b, b);
      }
    }
  }
  function addOne(C, c, f, B, r, b) {
    for (let l = 0; l < b; l++) C[c + l] += f * B[r + l];
  }
  function addFour(C, c, f_0, f_1, f_2, f_3, B, r, b) {
    for (let l = 0, s = r + b, t = s + b, u = t + b; l < b; l++)
      C[c + l] += f_0 * B[r + l] + f_1 * B[s + l] + f_2 * B[t + l] + f_3 * B[u + l];
  }
  function addEight(C, c, d, f_0, f_1, f_2, f_3, g_0, g_1, g_2, g_3, B, r, b) {
    for (let l = 0, s = r + b, t = s + b, u = t + b; l < b; l++) {
      const B_0 = B[r + l], B_1 = B[s + l], B_2 = B[t + l], B_3 = B[u + l];
      C[c + l] += f_0 * B_0 + f_1 * B_1 + f_2 * B_2 + f_3 * B_3;
      C[d + l] += g_0 * B_0 + g_1 * B_1 + g_2 * B_2 + g_3 * B_3;
    }
  }

  /** Aᵀ, for A (a, b). */
  function transposed(A, a, b) {
    const B = new Float32Array(a * b);
    for (let i = 0; i < a; i++) for (let j = 0; j < b; j++) B[j * a + i] = A[i * b + j];
    return B;
  }

  /** X_t W_xh + b, (n, w): of each character its row. */
  function inputs(x, W_xh, b) {
    const w = b.length, A = new Float32Array(x.length * w);
    for (let i = 0; i < x.length; i++)
      for (let j = 0, r = x[i] * w; j < w; j++) A[i * w + j] = W_xh[r + j] + b[j];
    return A;
  }

  const sigmoid = (a) => 1 / (1 + Math.exp(-a));
  const PHI = { tanh: Math.tanh, relu: (a) => Math.max(a, 0) };

  /** H_t = phi(X_t W_xh + H_{t-1} W_hh + b_h), (n, h). */
  function rnnStep(x, H, { W_xh, W_hh, b_h, phi = "tanh" }) {
    const n = x.length, h = b_h.length, A = inputs(x, W_xh, b_h);
    addProduct(A, H, W_hh, n, h, h);
    return A.map(PHI[phi]);
  }

  /** The reset gate, the update gate and the candidate, and H_t = (1 - z) g + z H_{t-1}, for one sequence. */
  function gruStep(x, H, { W_xh, W_hh, b_h, b_hg }) {
    const h = H.length, A = inputs(x, W_xh, b_h), B = new Float32Array(3 * h);
    addProduct(B, H, W_hh, 1, h, 3 * h);
    const r = new Float32Array(h), z = new Float32Array(h), g = new Float32Array(h);
    for (let j = 0; j < h; j++) {
      r[j] = sigmoid(A[j] + B[j]);
      z[j] = sigmoid(A[h + j] + B[h + j]);
      g[j] = Math.tanh(A[2 * h + j] + r[j] * (B[2 * h + j] + b_hg[j]));
    }
    return { H: H.map((H_j, j) => (1 - z[j]) * g[j] + z[j] * H_j), gates: { r, z, g } };
  }

  /** Input gate, forget gate, candidate and output gate, C_t = f C_{t-1} + i g, and H_t = o tanh(C_t), for one sequence. */
  function lstmStep(x, H, C, { W_xh, W_hh, b_h }) {
    const h = H.length, A = inputs(x, W_xh, b_h);
    addProduct(A, H, W_hh, 1, h, 4 * h);
    const i = A.subarray(0, h).map(sigmoid), f = A.subarray(h, 2 * h).map(sigmoid);
    const g = A.subarray(2 * h, 3 * h).map(Math.tanh), o = A.subarray(3 * h).map(sigmoid);
    const next = C.map((C_j, j) => f[j] * C_j + i[j] * g[j]);
    return { H: o.map((o_j, j) => o_j * Math.tanh(next[j])), C: next, gates: { i, f, g, o } };
  }

  /** O_t = H_t W_hm + b_m, (n, m). */
  function output(H, n, { W_hm, b_m }) {
    const m = b_m.length, O = new Float32Array(n * m);
    for (let i = 0; i < n; i++) O.set(b_m, i * m);
    addProduct(O, H, W_hm, n, H.length / n, m);
    return O;
  }

  /** The probabilities of each row of O (n, m), at a temperature. */
  function softmax(O, m, temperature = 1) {
    const P = new Float32Array(O.length);
    for (let r = 0; r < O.length; r += m) {
      let most = -Infinity, sum = 0;
      for (let k = 0; k < m; k++) most = Math.max(most, O[r + k]);
      for (let k = 0; k < m; k++) sum += P[r + k] = Math.exp((O[r + k] - most) / temperature);
      for (let k = 0; k < m; k++) P[r + k] /= sum;
    }
    return P;
  }

  /** A character drawn from the probabilities p (m,), with a number u drawn from 0 to 1. */
  function draw(p, u) {
    let k = 0;
    for (let sum = p[0]; sum <= u && k < p.length - 1; sum += p[k]) k++;
    return k;
  }

  /** The states H_0 to H_T of a window x of T steps, and the loss in nats per character when y comes next at each. */
  function forward(x, y, H_0, P) {
    const n = x[0].length, m = P.b_m.length, H = [H_0], dO = [];
    let loss = 0;
    for (let t = 0; t < x.length; t++) {
      H.push(rnnStep(x[t], H[t], P));
      const p = softmax(output(H[t + 1], n, P), m);
      for (let i = 0; i < n; i++) {
        loss -= Math.log(p[i * m + y[t][i]]) / n / x.length;
        p[i * m + y[t][i]] -= 1;
      }
      dO.push(p.map((value) => value / n / x.length)); // the gradient of the loss with respect to O_t
    }
    return { H, dO, loss };
  }

  /** The gradients of the loss with respect to all parameters, back through the window. */
  function backward(x, { H, dO }, P) {
    const n = x[0].length, h = P.b_h.length, m = P.b_m.length, { W_hh, W_hm, phi = "tanh" } = P;
    const d = Object.fromEntries(["W_xh", "W_hh", "b_h", "W_hm", "b_m"].map((k) => [k, new Float32Array(P[k].length)]));
    const W_hhT = transposed(W_hh, h, h), W_mh = transposed(W_hm, h, m);
    let dH = new Float32Array(n * h); // what comes from later steps
    for (let t = x.length; t > 0; t--) {
      addProduct(d.W_hm, transposed(H[t], n, h), dO[t - 1], h, n, m);
      for (let i = 0; i < n; i++) for (let k = 0; k < m; k++) d.b_m[k] += dO[t - 1][i * m + k];
      addProduct(dH, dO[t - 1], W_mh, n, m, h);
      const slope = phi === "relu" ? (H_j) => +(H_j > 0) : (H_j) => 1 - H_j * H_j;
      const dA = dH.map((dH_j, j) => dH_j * slope(H[t][j]));
      addProduct(d.W_hh, transposed(H[t - 1], n, h), dA, h, n, h);
      for (let i = 0; i < n; i++)
        for (let j = 0, r = x[t - 1][i] * h; j < h; j++) {
          d.W_xh[r + j] += dA[i * h + j];
          d.b_h[j] += dA[i * h + j];
        }
      dH = new Float32Array(n * h);
      addProduct(dH, dA, W_hhT, n, h, h);
    }
    return d;
  }

  /** Shorten the gradients, taken together as one vector, to the length theta if they are longer; return their length. */
  function clip(d, theta) {
    let sum = 0;
    for (const g of Object.values(d)) for (const entry of g) sum += entry * entry;
    const norm = Math.sqrt(sum);
    if (norm > theta) for (const g of Object.values(d)) for (let i = 0; i < g.length; i++) g[i] *= theta / norm;
    return norm;
  }

  /** One step of gradient descent. */
  function update(P, d, lr) {
    for (const [name, g] of Object.entries(d)) for (let i = 0; i < g.length; i++) P[name][i] -= lr * g[i];
  }

  return { rnnStep, gruStep, lstmStep, output, softmax, draw, forward, backward, clip, update };
}
