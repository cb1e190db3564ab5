/* The arithmetic of the cell explorer: one LSTM layer and its head, step by step.

   The same as lstm_step in lstm_course/lstm.py: rows are examples, gate blocks stand in the
   order i, f, g, o.  A test compares the two to twelve digits.  No page is needed to use it. */
"use strict";

const CellMath = (() => {
  const GATES = ["i", "f", "g", "o"];
  const LONGEST = 60;

  /** The logistic function by way of tanh, which never overflows. */
  const sigmoid = (a) => 0.5 * (1 + Math.tanh(0.5 * a));

  /** One step.  `x` is the number of the symbol, so its row of W_x is all that x_t adds;
      `offsets` (4H) are added to the biases.  Every intermediate is returned by name. */
  function step(model, x, hPrev, cPrev, offsets) {
    const H = hPrev.length;
    const units = [...Array(H).keys()];
    const out = { x, hPrev, cPrev, terms: {}, a: {} };
    GATES.forEach((gate, block) => {
      const rows = units.map((unit) => {
        const k = block * H + unit;
        const fromH = hPrev.map((h, j) => ({ weight: model.W_h[j][k], h, product: h * model.W_h[j][k] }));
        const parts = { fromX: model.W_x[x][k], fromH, bias: model.b[k], offset: offsets[k] };
        parts.a = parts.fromX + fromH.reduce((sum, term) => sum + term.product, 0) + parts.bias + parts.offset;
        return parts;
      });
      out.terms[gate] = rows;
      out.a[gate] = rows.map((parts) => parts.a);
      out[gate] = out.a[gate].map(gate === "g" ? Math.tanh : sigmoid);
    });
    out.kept = units.map((j) => out.f[j] * cPrev[j]);
    out.written = units.map((j) => out.i[j] * out.g[j]);
    out.c = units.map((j) => out.kept[j] + out.written[j]);
    out.tanhC = out.c.map(Math.tanh);
    out.h = units.map((j) => out.o[j] * out.tanhC[j]);
    out.score = out.h.reduce((sum, h, j) => sum + h * model.W_y[j], model.b_y);
    out.p = sigmoid(out.score);
    return out;
  }

  /** All steps of a sequence of symbol numbers, from zero states. */
  function run(model, symbols, offsets) {
    let h = model.W_y.map(() => 0);
    let c = model.W_y.map(() => 0);
    return symbols.map((x) => {
      const now = step(model, x, h, c, offsets);
      h = now.h;
      c = now.c;
      return now;
    });
  }

  /** Turn typed text into symbol numbers, the true depth after each (null where it has
      none), and either a problem, which stops, or a note, which does not. */
  function parse(model, text) {
    const characters = Array.from(text);
    const symbols = [];
    const depths = [];
    let depth = 0;
    let note = "";
    if (characters.length === 0) return { problem: "The text is empty: type at least one symbol." };
    if (characters.length > LONGEST) {
      return { problem: `The text has ${characters.length} symbols; at most ${LONGEST} fit here.` };
    }
    for (const [at, character] of characters.entries()) {
      const found = model.symbols.indexOf(character);
      const symbol = found > 0 ? found : 0;
      if (found < 0 && !/[\p{L}\p{N} ]/u.test(character)) {
        const what = `Symbol ${at + 1}, “${character}”, is not one that the model knows.`;
        return { problem: `${what} Use letters, ( and ) and the full stop.` };
      }
      if (symbol === 3) depth = 0;
      else if (depth !== null) depth += (symbol === 1) - (symbol === 2);
      if (depth !== null && depth < 0) {
        depth = null;
        note = `Symbol ${at + 1} closes a bracket that is not open. No text in training did that.`;
      }
      if (depth > model.deepest && !note) {
        note = `Symbol ${at + 1} opens bracket ${depth}. Training went only ${model.deepest} deep.`;
      }
      symbols.push(symbol);
      depths.push(depth);
    }
    return { characters, symbols, depths, note };
  }

  return { GATES, LONGEST, sigmoid, step, run, parse };
})();
