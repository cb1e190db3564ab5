/* The small explorer of the first page: type, and watch the memory of a trained cell.  Needs
   the model and cell_explorer_math.js and _address.js, and an element #cell-compact. */
"use strict";

(() => {
  const FIRST = "a(b(c)d)e";
  const WHOLE = "chapters/foundations/cell_explorer.html";
  const GATES = { f: ["forget", "keeps"], i: ["input", "writes"], o: ["output", "shows"] };
  const KEYS = { a: "a", "(": "(", ")": ")", ".": ".", "\u232b": "" };
  const KEY_NAMES = { a: "letter a", "(": "opening bracket", ")": "closing bracket", ".": "full stop", "\u232b": "delete the last symbol" };

  const number = (value) => value.toFixed(2).replace(/^-0\.00$/, "0.00").replace("-", "\u2212");

  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }

  function gauges() {
    const holder = make("div", { class: "cc-gauges", "aria-hidden": "true" });
    const bars = {};
    for (const [gate, [part, verb]] of Object.entries(GATES)) {
      const level = make("span", { class: "cc-level" });
      holder.append(make("span", { class: `cc-gauge cc-${part}` }, `${verb} `, make("span", { class: "cc-track" }, level)));
      bars[gate] = level;
    }
    return { holder, show: (now) => Object.entries(bars).forEach(([gate, level]) => { level.style.width = `${100 * now[gate][0]}%`; }) };
  }

  /** The bars of c_t, one above each symbol; those that were there stay, so that they move. */
  function chart() {
    const holder = make("div", { class: "cc-chart", role: "img" });
    const columns = [];
    function show(read, steps) {
      const values = steps.map((now) => now.c[0]);
      const top = Math.max(3.2, ...values);
      const bottom = Math.min(-1, ...values);
      while (columns.length > values.length) columns.pop().column.remove();
      while (columns.length < values.length) {
        const [bar, symbol] = [make("span", { class: "cc-bar" }), make("b")];
        const column = make("span", { class: "cc-column" }, make("span", { class: "cc-space" }, bar), symbol);
        columns.push({ column, bar, symbol });
        holder.append(column);
        bar.getBoundingClientRect(); // a new bar grows from the line of zero
      }
      holder.style.setProperty("--cc-zero", `${(100 * -bottom) / (top - bottom)}%`);
      columns.forEach(({ column, bar, symbol }, t) => {
        bar.style.height = `${(100 * Math.abs(values[t])) / (top - bottom)}%`;
        bar.classList.toggle("cc-below", values[t] < 0);
        symbol.textContent = read.characters[t] === " " ? "\u2423" : read.characters[t];
        const inside = steps[t].p > 0.5;
        const depth = read.depths[t];
        column.classList.toggle("cc-inside", inside);
        column.classList.toggle("cc-wrong", depth !== null && depth > 0 !== inside);
        column.classList.toggle("cc-last", t === values.length - 1);
      });
      holder.scrollLeft = holder.scrollWidth;
      holder.setAttribute("aria-label", `Memory after each symbol: ${values.map((c, t) => `${read.characters[t]} ${number(c)}`).join(", ")}`);
    }
    return { holder, show };
  }

  function start(root, model) {
    const zero = CellMath.GATES.flatMap(() => model.W_y.map(() => 0));
    const text = make("input", { type: "text", id: "cc-text", spellcheck: "false", autocomplete: "off", autocapitalize: "off", "aria-describedby": "cc-says" });
    const keys = make("span", { class: "cc-keys", role: "group", "aria-label": "Symbols to add" });
    for (const [key, added] of Object.entries(KEYS)) {
      const button = make("button", { type: "button", "aria-label": KEY_NAMES[key] }, key);
      button.addEventListener("click", () => {
        text.value = added ? text.value + added : Array.from(text.value).slice(0, -1).join("");
        show();
      });
      keys.append(button);
    }
    const { holder: bars, show: showBars } = chart();
    const { holder: levels, show: showGauges } = gauges();
    const says = make("p", { class: "cc-says", id: "cc-says", role: "status" });
    const whole = make("a", { class: "cc-whole", href: WHOLE }, "Open this text in the whole explorer");
    const label = make("label", { for: "cc-text" }, "Type brackets and letters, and watch the memory ", make("i", {}, "c"), " of an LSTM");
    root.replaceChildren(make("div", { class: "cc" }, label, make("div", { class: "cc-row" }, text, keys), bars, levels, says, whole));

    function show() {
      const read = CellMath.parse(model, text.value);
      text.setAttribute("aria-invalid", String(Boolean(read.problem)));
      root.firstChild.classList.toggle("cc-stale", Boolean(read.problem));
      if (read.problem) {
        says.textContent = read.problem;
        return;
      }
      const steps = CellMath.run(model, read.symbols, zero);
      const now = steps.at(-1);
      const depth = read.depths.at(-1);
      const verdict = now.p > 0.5 ? "inside a bracket" : "outside all brackets";
      const wrong = depth !== null && depth > 0 !== now.p > 0.5;
      showBars(read, steps);
      showGauges(now);
      says.replaceChildren(
        `After \u201c${read.characters.at(-1)}\u201d the memory is ${number(now.c[0])}, and the network says: `,
        make("b", {}, verdict), wrong ? ", which is wrong: you fooled it." : ".",
      );
      const state = { text: text.value, at: steps.length - 1, unit: 0, offsets: CellAddress.zeros(model.W_y.length) };
      whole.href = WHOLE + CellAddress.write(state);
    }

    text.value = FIRST;
    text.addEventListener("input", show);
    show();
    root.dataset.ready = "true";
  }

  function begin() {
    const root = document.getElementById("cell-compact");
    const model = window.courseModels?.["cell-explorer-model"];
    if (root && model) start(root, model);
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
