/* What stands around the drawing of the cell explorer: controls, sliders, the equations of one
   step, and the strip over time.  The last two return { show(...) }, which writes new numbers. */
"use strict";

const CellPanels = (() => {
  const { number, PARTS } = CellDiagram;
  const ROLES = { f: "how much is kept", i: "how much is written", g: "what to write", o: "how much is shown" };
  const ICONS = {
    first: "M4 4H6V16H4ZM16 4V16L7 10Z",
    previous: "M14 4V16L5 10Z",
    play: "M6 3.5V16.5L16 10Z",
    pause: "M5 4H8.5V16H5ZM11.5 4H15V16H11.5Z",
    next: "M6 4V16L15 10Z",
    last: "M14 4H16V16H14ZM4 4V16L13 10Z",
  };
  const MAGNET = 0.6; // three pixels of a slider
  const NAMES = { f: "forget gate", i: "input gate", g: "candidate", o: "output gate" };

  /** Make an element: attributes, then children or text. */
  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value !== null && value !== undefined) element.setAttribute(name, value);
    }
    element.append(...children);
    return element;
  }

  function setIcon(button, icon) {
    button.innerHTML = `<svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true"><path d="${ICONS[icon]}"/></svg>`;
  }

  function textBar(model) {
    const plain = { spellcheck: "false", autocomplete: "off", autocapitalize: "off" };
    const text = make("input", { type: "text", id: "ce-text", ...plain, "aria-describedby": "ce-message" });
    const pick = make("select", { id: "ce-pick" }, make("option", { value: "" }, "your own text"));
    model.texts.forEach(({ label, text: value }) => pick.append(make("option", { value }, label)));
    const message = make("p", { id: "ce-message", class: "ce-message", role: "status" });
    const labels = [make("label", { for: "ce-pick" }, "Pick a text"), make("label", { for: "ce-text" }, "or type one")];
    const share = make("button", { type: "button", class: "ce-button ce-share" }, "copy link");
    share.title = "a link that opens the explorer with this text, step, unit and sliders";
    const bar = make("div", { class: "ce-bar ce-text-bar" }, labels[0], pick, labels[1], text);
    return { textBar: bar, text, pick, message, share };
  }

  function controls(H, choose) {
    const buttons = {};
    const bar = make("div", { class: "ce-bar ce-controls", role: "group", "aria-label": "Steps in time" });
    const titles = { first: "first step", previous: "previous step", play: "play", next: "next step", last: "last step" };
    for (const [name, title] of Object.entries(titles)) {
      buttons[name] = make("button", { type: "button", class: `ce-button ce-${name}`, "aria-label": title, title });
      setIcon(buttons[name], name);
      bar.append(buttons[name]);
    }
    const counter = make("span", { class: "ce-counter" });
    const pace = make("select", { id: "ce-pace" });
    for (const value of [0.5, 1, 2, 4]) pace.append(make("option", { value }, `${value} ×`));
    pace.value = "1";
    const units = make("fieldset", { class: "ce-units" }, make("legend", {}, "Unit"));
    const unitInputs = [...Array(H).keys()].map((unit) => {
      const input = make("input", { type: "radio", name: "ce-unit", value: unit, id: `ce-unit-${unit}` });
      input.addEventListener("change", () => choose(unit));
      units.append(input, make("label", { for: `ce-unit-${unit}` }, String(unit + 1)));
      return input;
    });
    bar.append(counter, make("label", { for: "ce-pace" }, "Speed"), pace, units);
    return { controls: bar, buttons, counter, pace, unitInputs };
  }

  /** Hear a slider: the pointer is held at zero a little, so that zero can be hit. */
  function listen(range, set) {
    let dragged = false;
    range.addEventListener("pointerdown", () => { dragged = true; });
    for (const end of ["pointerup", "pointercancel", "blur"]) range.addEventListener(end, () => { dragged = false; });
    range.addEventListener("input", () => {
      const value = Number(range.value);
      set(dragged && Math.abs(value) < MAGNET ? 0 : value);
    });
    range.addEventListener("dblclick", () => set(0));
    range.addEventListener("keydown", (event) => { if (event.key === "0") set(0); });
  }

  /** Show the offsets of a unit, and below a slider those of units that have another. */
  function showOffsets(ranges, offsets, unit) {
    const signed = (value) => `${value > 0 ? "+" : ""}${number(value, 1)}`;
    for (const [gate, { range, shown, elsewhere }] of Object.entries(ranges)) {
      range.value = offsets[unit][gate];
      shown.textContent = signed(offsets[unit][gate]);
      const others = offsets.map((one, j) => [j, one[gate]]).filter(([, value]) => value !== offsets[unit][gate]);
      elsewhere.textContent = others.map(([j, value]) => `unit ${j + 1}: ${signed(value)}`).join(", ");
    }
  }

  function sliders(set) {
    const field = make("fieldset", { class: "ce-sliders" }, make("legend", {}, "Added to the biases"));
    const row = make("div", { class: "ce-slider-row" });
    const ranges = {};
    for (const gate of ["f", "i", "g", "o"]) {
      const id = `ce-offset-${gate}`;
      const shown = make("output", { for: id, "aria-live": "off" }, "0.0");
      const limit = { min: -CellAddress.FURTHEST, max: CellAddress.FURTHEST, step: 0.1, value: 0 };
      const range = make("input", { type: "range", id, ...limit, title: "double click or key 0: zero", "aria-describedby": `${id}-note` });
      const role = make("small", {}, ROLES[gate]);
      const elsewhere = make("small", { class: "ce-elsewhere", id: `${id}-note` });
      row.append(make("div", { class: `ce-slider ce-${PARTS[gate]}` }, make("label", { for: id }, NAMES[gate]), shown, role, make("span", { class: "ce-range" }, range), elsewhere));
      ranges[gate] = { range, shown, elsewhere };
      listen(range, (value) => set(gate, value));
    }
    const only = make("input", { type: "checkbox", id: "ce-only" });
    const reset = make("button", { type: "button", class: "ce-button ce-reset" }, "set all to zero");
    field.append(row, make("div", { class: "ce-bar" }, only, make("label", { for: "ce-only" }, "only for the chosen unit"), reset));
    return { sliders: field, ranges, only, reset };
  }

  const sub = (base, ...index) => make("span", {}, make("i", {}, base), make("sub", {}, ...index));
  const exact = (value) => number(value, 3);
  const bracketed = (value) => (exact(value).startsWith("\u2212") ? `(${exact(value)})` : exact(value));

  /** A card: title and value, then lines that `show` fills. */
  function card(parent, part, title, wide) {
    const value = make("span", { class: "ce-result" });
    const bar = make("span", { class: "ce-meter", "aria-hidden": "true" }, make("span"));
    const lines = make("div", { class: "ce-lines" });
    const head = make("div", { class: "ce-card-head" }, make("span", { class: "ce-title" }, title), bar, value);
    parent.append(make("div", { class: `ce-card ce-${PARTS[part]}${wide ? " ce-wide" : ""}`, "data-part": part }, head, lines));
    return { value, bar: bar.firstChild, lines };
  }

  function fill(target, value, signed, ...lines) {
    target.value.textContent = exact(value);
    const size = Math.min(Math.abs(value), 1) * (signed ? 50 : 100);
    target.bar.style.width = `${size}%`;
    target.bar.style.left = signed ? `${value < 0 ? 50 - size : 50}%` : "0";
    target.bar.parentElement.classList.toggle("ce-signed", signed);
    target.lines.replaceChildren(...lines.map((parts) => make("p", {}, ...parts)));
  }

  function equations(parent) {
    const cards = {};
    for (const part of ["f", "i", "g", "o"]) cards[part] = card(parent, part, NAMES[part]);
    cards.c = card(parent, "c", "cell state");
    cards.h = card(parent, "h", "hidden state");
    cards.p = card(parent, "h", "head: inside a bracket?", true);

    function gate(s, unit, part, name) {
      const terms = s.terms[part][unit];
      const symbols = [sub("a", part), " = ", sub("w", "x", part), `(${name})`];
      let figures = `= ${exact(terms.fromX)}`;
      terms.fromH.forEach((term, j) => {
        symbols.push(" + ", sub("w", `h${"₁₂₃₄"[j]}${part}`), ` · h${"₁₂₃₄"[j]}`);
        figures += ` + ${bracketed(term.weight)}\u00a0·\u00a0${bracketed(term.h)}`;
      });
      symbols.push(" + ", sub("b", part), " + ", make("span", { class: "ce-offset" }, "offset"));
      figures += ` + ${bracketed(terms.bias)} + ${bracketed(terms.offset)} =\u00a0${exact(terms.a)}`;
      const squash = part === "g" ? "tanh" : "σ";
      const last = [sub(part, "t"), ` = ${squash}(${exact(terms.a)}) = ${exact(s[part][unit])}`];
      fill(cards[part], s[part][unit], part === "g", symbols, [figures], last);
    }

    function show(s, unit, character, model) {
      const name = s.x === 0 ? "letter" : `“${character}”`;
      for (const part of ["f", "i", "g", "o"]) gate(s, unit, part, name);
      const [f, i, g, o] = ["f", "i", "g", "o"].map((part) => s[part][unit]);
      fill(
        cards.c, s.c[unit], true,
        [sub("c", "t"), " = ", sub("f", "t"), " · ", sub("c", "t\u22121"), " + ", sub("i", "t"), " · ", sub("g", "t")],
        [`= ${exact(f)} · ${bracketed(s.cPrev[unit])} + ${exact(i)} · ${bracketed(g)}`],
        [`= ${exact(s.kept[unit])} kept + ${bracketed(s.written[unit])} written = ${exact(s.c[unit])}`],
      );
      fill(
        cards.h, s.h[unit], true,
        [sub("h", "t"), " = ", sub("o", "t"), " · tanh(", sub("c", "t"), ")"],
        [`= ${exact(o)} · tanh(${exact(s.c[unit])})`],
        [`= ${exact(o)} · ${bracketed(s.tanhC[unit])} = ${exact(s.h[unit])}`],
      );
      const sum = s.h.map((h, j) => `${bracketed(model.W_y[j])} · ${bracketed(h)}`).join(" + ");
      fill(
        cards.p, s.p, false,
        ["p = σ(", sub("h", "t"), " ", sub("W", "y"), " + ", sub("b", "y"), ")"],
        [`= σ(${sum} + ${bracketed(model.b_y)}) = σ(${exact(s.score)}) = ${exact(s.p)}`],
      );
    }
    return { show };
  }

  const ROWS = ["c", "h", "f", "i", "g", "o"];

  /** A column of the strip, drawn as a small cell: highway above, hidden state below. */
  function miniature() {
    const holder = make("span", { class: "ce-mini", "aria-hidden": "true" });
    holder.innerHTML = '<svg viewBox="0 0 40 34" width="40" height="34"><rect x="7" y="3" width="26" height="28" rx="6"/>'
      + '<path class="ce-cell" d="M0 11H40"/><path class="ce-hidden" d="M0 24H40"/></svg>';
    return holder;
  }

  function strip(parent, { jump, choose }) {
    const scroller = make("div", { class: "ce-scroll", tabindex: "0", role: "region", "aria-label": "The cell unrolled through time; scrolls sideways" });
    parent.append(scroller);
    let columns = [];

    function build(characters, H) {
      const table = make("table", { class: "ce-strip" });
      const head = make("tr", {}, make("th", { scope: "col" }, "step"));
      const minis = make("tr", { "aria-hidden": "true" }, make("td", { class: "ce-row" }, ""));
      columns = characters.map((character, at) => {
        const shown = character === " " ? "\u2423" : character;
        const button = make("button", { type: "button", "aria-label": `go to step ${at + 1}, symbol ${character}` }, make("b", {}, shown), make("small", {}, String(at + 1)));
        const mini = miniature();
        head.append(make("th", { scope: "col", "data-t": at }, button));
        minis.append(make("td", { "data-t": at }, mini));
        return { button, cells: {}, mini: mini.querySelectorAll("path") };
      });
      table.append(make("thead", {}, head, minis));
      for (let unit = 0; unit < H; unit += 1) {
        const body = make("tbody", { "data-unit": unit });
        ROWS.forEach((row, k) => {
          const line = make("tr", { class: k === 0 ? "ce-top" : null });
          const title = make("th", { scope: "row", class: `ce-row ce-${PARTS[row]}` }, sub(row, "t"));
          if (k === 0) {
            const pick = make("button", { type: "button", class: "ce-unit" }, `unit ${unit + 1}`);
            pick.addEventListener("click", () => choose(unit));
            title.prepend(pick, " ");
          }
          line.append(title);
          columns.forEach((column, at) => {
            const cell = make("td", { class: `ce-heat ce-${PARTS[row]}`, "data-t": at });
            column.cells[row + unit] = cell;
            line.append(cell);
          });
          body.append(line);
        });
        table.append(body);
      }
      const foot = make("tbody");
      const p = make("tr", { class: "ce-top" }, make("th", { scope: "row", class: "ce-row" }, "p(inside)"));
      const truth = make("tr", {}, make("th", { scope: "row", class: "ce-row" }, "true depth"));
      columns.forEach((column, at) => {
        column.cells.p = make("td", { class: "ce-heat ce-hidden", "data-t": at });
        column.depth = make("td", { "data-t": at, class: "ce-depth" });
        p.append(column.cells.p);
        truth.append(column.depth);
      });
      foot.append(p, truth);
      table.append(foot);
      scroller.replaceChildren(table);
      table.addEventListener("click", (event) => {
        const column = event.target.closest("[data-t]");
        if (column) jump(Number(column.dataset.t));
      });
    }

    function heat(cell, value) {
      cell.textContent = number(value);
      cell.style.setProperty("--ce-heat", Math.min(Math.abs(value), 1).toFixed(3));
      cell.classList.toggle("ce-minus", value < 0);
    }

    /** Write the numbers; what is right and wrong is left out where `open(t)` is false. */
    function show(steps, { at, unit, depths, open }) {
      columns.forEach((column, t) => {
        for (const [key, cell] of Object.entries(column.cells)) {
          heat(cell, key === "p" ? steps[t].p : steps[t][key[0]][Number(key.slice(1))]);
        }
        column.depth.textContent = depths[t] === null || !open(t) ? "?" : String(depths[t]);
        const wrong = open(t) && depths[t] !== null && steps[t].p > 0.5 !== depths[t] > 0;
        column.cells.p.classList.toggle("ce-wrong", wrong);
        column.cells.p.title = wrong ? "wrong" : "";
        column.mini[0].style.strokeWidth = 1 + 3 * Math.min(Math.abs(steps[t].c[unit]), 2);
        column.mini[1].style.strokeWidth = 1 + 3 * Math.min(Math.abs(steps[t].h[unit]), 2);
      });
      mark(at, unit);
    }

    /** Mark the column of the step and the rows of the unit, and bring the column into sight. */
    function mark(at, unit) {
      for (const cell of scroller.querySelectorAll(".ce-now")) cell.classList.remove("ce-now");
      for (const cell of scroller.querySelectorAll(`[data-t="${at}"]`)) cell.classList.add("ce-now");
      columns.forEach(({ button }, t) => {
        if (t === at) button.setAttribute("aria-current", "step");
        else button.removeAttribute("aria-current");
      });
      for (const body of scroller.querySelectorAll("[data-unit]")) {
        const chosen = Number(body.dataset.unit) === unit;
        body.classList.toggle("ce-chosen", chosen);
        body.querySelector(".ce-unit").setAttribute("aria-pressed", String(chosen));
      }
      const cell = columns[at].button.parentElement;
      const label = scroller.querySelector(".ce-row").offsetWidth;
      const left = cell.offsetLeft - label;
      if (left < scroller.scrollLeft) scroller.scrollLeft = left - 8;
      const right = cell.offsetLeft + cell.offsetWidth + 8;
      if (right > scroller.scrollLeft + scroller.clientWidth) scroller.scrollLeft = right - scroller.clientWidth;
    }

    return { build, show, mark };
  }

  return { make, setIcon, textBar, controls, sliders, showOffsets, equations, strip, NAMES };
})();
