/* A trained LSTM in the reader's browser: arithmetic only.  No page is needed to use it.

     const net = LiveLSTM.load(model);     the JSON that lstm_course/live.py hands over
     net.zeroState()                       [{ h, c }, ...]: what a sequence starts from
     net.step(x, state)                    { output, scores, state, layers }
     net.run(xs), net.run(xs, state)       one such result for each x, from zeros or from a state
     net.sizes, net.extra                  { D, H, K, V, layers }; the model's further numbers
     LiveLSTM.softmax(scores, temperature) probabilities, for example warmer than those of output

   `x` is an array of D numbers, or a whole number: the row of the embedding where the model has
   one (it takes nothing else then), the place of the 1 in a one-hot x where it has none.
   `scores` are the K numbers W_y h + b_y; `output` is their softmax if the model says so, and
   else the same numbers.  `layers` holds { i, f, g, o, c, h } of each layer, from the lowest.
   load(model, { softmax: true }) or false overrides the model.

   Nothing is kept between calls and nothing that is given is changed: the same x and state give
   the same result, and an earlier state can be taken up again.  What does not fit throws an
   Error that says so.

   The same as lstm_forward in lstm_course/lstm.py, in doubles: rows are examples, gate blocks
   stand in the order i, f, g, o.  A test compares the two to twelve digits. */
"use strict";

const LiveLSTM = (() => {
  /** The logistic function by way of tanh, which never overflows. */
  const sigmoid = (a) => 0.5 * (1 + Math.tanh(0.5 * a));
  const ACTIVATIONS = [sigmoid, sigmoid, Math.tanh, sigmoid];

  /** The number that sixteen bits stand for: a sign, five bits of exponent, ten of fraction. */
  function half(bits) {
    const exponent = (bits >> 10) & 31;
    const fraction = bits & 1023;
    const size = exponent ? (1024 + fraction) * 2 ** (exponent - 25) : fraction * 2 ** -24;
    return bits & 0x8000 ? -size : size;
  }

  /** Unpack an array, row by row, of little-endian float16 in base64. */
  function unpack({ shape, float16 }) {
    const text = atob(float16);
    const count = shape.reduce((product, size) => product * size, 1);
    if (text.length !== 2 * count) throw new Error(`${text.length} bytes are not an array of ${shape.join(" x ")} float16.`);
    return Float64Array.from({ length: count }, (_, k) => half(text.charCodeAt(2 * k) | (text.charCodeAt(2 * k + 1) << 8)));
  }

  /** b + x W, for W in rows of the length of b. */
  function affine(b, ...products) {
    const a = Array.from(b);
    for (const [x, W] of products) {
      for (let j = 0; j < x.length; j += 1) {
        if (x[j] === 0) continue; // most of a one-hot x
        for (let k = 0, at = j * a.length; k < a.length; k += 1) a[k] += x[j] * W[at + k];
      }
    }
    return a;
  }

  function layerStep({ H, W_x, W_h, b }, x, { h: hPrev, c: cPrev }) {
    const a = affine(b, [x, W_x], [hPrev, W_h]);
    const [i, f, g, o] = ACTIVATIONS.map((activation, block) => a.slice(block * H, (block + 1) * H).map((one) => activation(one)));
    const c = cPrev.map((before, j) => f[j] * before + i[j] * g[j]);
    const h = c.map((now, j) => o[j] * Math.tanh(now));
    return { i, f, g, o, c, h };
  }

  function softmax(scores, temperature = 1) {
    if (!(temperature > 0)) throw new Error(`temperature must be above 0, got ${temperature}.`);
    const top = Math.max(...scores);
    const powers = scores.map((score) => Math.exp((score - top) / temperature));
    const sum = powers.reduce((total, power) => total + power, 0);
    return powers.map((power) => power / sum);
  }

  function load(model, options = {}) {
    const layers = model.layers.map(({ W_x, W_h, b }) => (
      { D: W_x.shape[0], H: W_h.shape[0], W_x: unpack(W_x), W_h: unpack(W_h), b: unpack(b) }
    ));
    const embedding = model.embedding && unpack(model.embedding);
    const [W_y, b_y] = [unpack(model.W_y), unpack(model.b_y)];
    const normalised = options.softmax ?? model.softmax;
    const { D } = layers[0];
    const H = layers.map((layer) => layer.H);
    const V = embedding ? model.embedding.shape[0] : D;

    const zeroState = () => H.map((size) => ({ h: Array(size).fill(0), c: Array(size).fill(0) }));

    /** The D numbers that the lowest layer reads for x. */
    function read(x) {
      if (typeof x === "number") {
        if (!Number.isInteger(x) || x < 0 || x >= V) throw new Error(`x must be a whole number from 0 to ${V - 1}, got ${x}.`);
        if (embedding) return embedding.subarray(x * D, (x + 1) * D);
        return Array.from({ length: D }, (_, j) => Number(j === x));
      }
      if (embedding) throw new Error("This model has an embedding: x must be a whole number.");
      if (x?.length !== D || !Array.from(x).every(Number.isFinite)) throw new Error(`x must be ${D} finite numbers, got ${x}.`);
      return x;
    }

    function step(x, state) {
      const fits = state?.length === H.length && state.every(({ h, c }, at) => h.length === H[at] && c.length === H[at]);
      if (!fits) throw new Error(`state must hold h and c of ${H.join(" and ")} units, as zeroState() does.`);
      let below = read(x);
      const now = layers.map((layer, at) => {
        const found = layerStep(layer, below, state[at]);
        below = found.h;
        return found;
      });
      const scores = affine(b_y, [below, W_y]);
      const output = normalised ? softmax(scores) : [...scores];
      return { output, scores, state: now.map(({ h, c }) => ({ h: [...h], c: [...c] })), layers: now };
    }

    function run(xs, from = zeroState()) {
      let state = from;
      return Array.from(xs, (x) => {
        const now = step(x, state);
        ({ state } = now);
        return now;
      });
    }

    const sizes = { D, H: H.at(-1), K: b_y.length, V, layers: H.length };
    return { zeroState, step, run, sizes, extra: model.extra };
  }

  return { load, softmax };
})();
