/* The first view of the cell explorer: the cell as a drawing through which numbers flow.

   CellDiagram.make(stage, width) draws the fixed parts for a width in pixels and returns
   { show(step, unit, character, t), flow(phase), narrow }: `show` writes the numbers of a step
   (null is a number that is kept secret), `flow` moves the dots, for a phase from 0 (nothing
   has arrived) to 1 (all has), and `narrow` says that the drawing has no room for words.
   CellDiagram.legend() returns { list, show(step, unit) }: the words of a narrow drawing. */
"use strict";

const CellDiagram = (() => {
  const SVG = "http://www.w3.org/2000/svg";
  const PARTS = { f: "forget", i: "input", g: "candidate", o: "output", c: "cell", h: "hidden" };

  function draw(parent, tag, attributes = {}, text = "") {
    const element = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    if (text) element.textContent = text;
    parent.append(element);
    return element;
  }

  /** A number with a true minus sign; a question mark for one that is kept secret. */
  const number = (value, digits = 2) => {
    if (value === null) return "?";
    const text = value.toFixed(digits);
    return (Number(text) === 0 ? text.replace("-", "") : text).replace("-", "\u2212");
  };

  /** A symbol with an index below it: base, index. */
  function symbol(parent, attributes, base, index) {
    const text = draw(parent, "text", attributes);
    draw(text, "tspan", { "font-style": "italic" }, base);
    if (index) draw(text, "tspan", { dy: "0.3em", "font-size": "72%" }, index);
    return text;
  }

  function places(W) {
    const narrow = W < 600;
    const margin = narrow ? 44 : 86;
    const inner = W - 2 * margin;
    const at = (share) => margin + inner * share;
    const box = narrow ? { w: Math.min(inner * 0.18, 76), h: 70 } : { w: Math.min(inner * 0.17, 116), h: 88 };
    const yC = 62;
    const yB = narrow ? 264 : 290;
    const yH = yB + box.h / 2 + (narrow ? 44 : 48);
    return {
      W, narrow, margin, box, yC, yB, yH, r: narrow ? 10 : 13,
      x: { f: at(0.14), i: at(0.345), g: at(0.55), o: at(0.755), out: at(narrow ? 0.925 : 0.93), in: at(0.028) },
      yM: narrow ? 160 : 168, yT: narrow ? 116 : 120, yO: narrow ? 176 : 186,
      bottom: yH + 20, H: yH + (narrow ? 84 : 78),
    };
  }

  /** The wires: part, corner points, when the dot starts and arrives, what sets the width. */
  function wires(p) {
    const { x, yC, yM, yT, yO, yB, yH, r } = p;
    const top = yB - p.box.h / 2;
    const foot = yB + p.box.h / 2;
    const list = [
      { part: "c", at: [[2, yC], [x.f - r, yC]], when: [0.05, 0.42], of: (s, j) => s.cPrev[j] },
      { part: "c", at: [[x.f + r, yC], [x.g - r, yC]], when: [0.45, 0.58], of: (s, j) => s.kept[j] },
      { part: "c", at: [[x.g + r, yC], [p.W - 4, yC]], when: [0.62, 0.86], of: (s, j) => s.c[j], head: true },
      { part: "h", at: [[2, yH], [x.o, yH]], when: [0, 0.2], of: () => 0.5 },
      { part: "h", at: [[x.in, p.bottom + (p.narrow ? 26 : 16)], [x.in, yH]], when: [0, 0.08], of: () => 0.5 },
    ];
    for (const gate of ["f", "i", "g", "o"]) {
      list.push({ part: "h", at: [[x[gate], yH], [x[gate], foot]], when: [0.12, 0.24], of: () => 0.5, head: true });
    }
    list.push(
      { part: "f", at: [[x.f, top], [x.f, yC + r]], when: [0.3, 0.44], of: (s, j) => s.f[j], head: true },
      { part: "i", at: [[x.i, top], [x.i, yM], [x.g - r, yM]], when: [0.3, 0.46], of: (s, j) => s.i[j], head: true },
      { part: "g", at: [[x.g, top], [x.g, yM + r]], when: [0.34, 0.46], of: (s, j) => s.g[j], head: true },
      { part: "c", at: [[x.g, yM - r], [x.g, yC + r]], when: [0.48, 0.59], of: (s, j) => s.written[j], head: true },
      { part: "c", at: [[x.out, yC], [x.out, yT - 15]], when: [0.68, 0.74], of: (s, j) => s.c[j] },
      { part: "c", at: [[x.out, yT + 15], [x.out, yO - r]], when: [0.75, 0.81], of: (s, j) => s.tanhC[j], head: true },
      { part: "o", at: [[x.o, top], [x.o, yO], [x.out - r, yO]], when: [0.6, 0.81], of: (s, j) => s.o[j], head: true },
      { part: "h", at: [[x.out, yO + r], [x.out, yH], [p.W - 4, yH]], when: [0.83, 1], of: (s, j) => s.h[j], head: true },
    );
    return list;
  }

  function drawWire(layer, wire) {
    const d = `M${wire.at.map((point) => point.join(" ")).join("L")}`;
    wire.path = draw(layer, "path", { d, class: `ce-wire ce-${PARTS[wire.part]}` });
    wire.length = wire.path.getTotalLength();
    if (!wire.head) return;
    const [[x0, y0], [x1, y1]] = wire.at.slice(-2);
    const angle = (Math.atan2(y1 - y0, x1 - x0) * 180) / Math.PI;
    const shape = { d: "M1 0L-9 -6L-9 6Z", transform: `translate(${x1} ${y1}) rotate(${angle})` };
    draw(layer, "path", { ...shape, class: `ce-head ce-${PARTS[wire.part]}` });
  }

  function drawGate(layer, p, gate) {
    const { w, h } = p.box;
    const left = p.x[gate] - w / 2;
    const top = p.yB - h / 2;
    const group = draw(layer, "g", { class: `ce-box ce-${PARTS[gate]}` });
    const shape = { x: left, y: top, width: w, height: h, rx: 10 };
    draw(group, "rect", { ...shape, class: "ce-paper" });
    const clip = draw(draw(group, "clipPath", { id: `ce-clip-${gate}` }), "rect", shape);
    clip.setAttribute("rx", 10);
    const level = draw(group, "rect", { x: left, width: w, class: "ce-level", "clip-path": `url(#ce-clip-${gate})` });
    if (gate === "g") draw(group, "path", { d: `M${left} ${p.yB}h${w}`, class: "ce-zero" });
    draw(group, "rect", { ...shape, class: "ce-edge" });
    symbol(group, { x: p.x[gate], y: top + (p.narrow ? 17 : 20), class: "ce-name" }, gate, "t");
    const value = draw(group, "text", { x: p.x[gate], y: p.yB + (p.narrow ? 7 : 9), class: "ce-big" });
    const inner = draw(group, "text", { x: p.x[gate], y: top + h - (p.narrow ? 9 : 11), class: "ce-small" });
    draw(group, "text", { x: p.x[gate], y: p.bottom + 18, class: "ce-caption" }, PARTS[gate]);
    return { group, level, value, inner, top };
  }

  function drawNode(layer, p, part, x, y, sign) {
    const group = draw(layer, "g", { class: `ce-node ce-${PARTS[part]}` });
    draw(group, "circle", { cx: x, cy: y, r: p.r });
    const k = p.r * 0.45;
    const d = sign === "+" ? `M${x - k} ${y}H${x + k}M${x} ${y - k}V${y + k}`
      : `M${x - k} ${y - k}L${x + k} ${y + k}M${x - k} ${y + k}L${x + k} ${y - k}`;
    draw(group, "path", { d });
  }

  /** What the drawing says by places and colours, in words: part, symbol, meaning, number. */
  const LEGEND = [
    ["c", ["c", "t\u22121"], "old cell state, from the left", (s, j) => number(s.cPrev[j])],
    ["c", ["f", "t"], "what is kept of it, left of the plus", (s, j) => number(s.kept[j]), ["c", "t\u22121"]],
    ["c", ["i", "t"], "what is written, below the plus", (s, j) => number(s.written[j]), ["g", "t"]],
    ["c", ["c", "t"], "new cell state, the highway at the top", (s, j) => number(s.c[j])],
    ["h", ["h", "t\u22121"], "old hidden state, from the left", (s, j) => number(s.hPrev[j])],
    ["h", ["h", "t"], "new hidden state, out at the foot", (s, j) => number(s.h[j])],
    ["f", ["f", "t"], "forget gate", (s, j) => `\u03c3(${number(s.a.f[j])}) = ${number(s.f[j])}`],
    ["i", ["i", "t"], "input gate", (s, j) => `\u03c3(${number(s.a.i[j])}) = ${number(s.i[j])}`],
    ["g", ["g", "t"], "candidate", (s, j) => `tanh(${number(s.a.g[j])}) = ${number(s.g[j])}`],
    ["o", ["o", "t"], "output gate", (s, j) => `\u03c3(${number(s.a.o[j])}) = ${number(s.o[j])}`],
  ];

  function legend() {
    const add = (parent, tag, kind, text = "") => {
      const element = document.createElement(tag);
      if (kind) element.className = kind;
      element.append(text);
      parent.append(element);
      return element;
    };
    const list = document.createElement("ul");
    list.className = "ce-legend";
    list.setAttribute("aria-label", "What the drawing shows");
    const values = LEGEND.map(([part, first, words, of, second]) => {
      const line = add(list, "li", `ce-${PARTS[part]}`);
      const symbols = add(line, "span", "ce-symbols");
      for (const [base, index] of second ? [first, second] : [first]) {
        add(symbols, "i", "", base);
        add(symbols, "sub", "", index);
      }
      add(line, "span", "", words);
      return [add(line, "b", ""), of];
    });
    return { list, show: (s, unit) => values.forEach(([value, of]) => { value.textContent = of(s, unit); }) };
  }

  function make(stage, width) {
    const p = places(width);
    const { x, yC, yM, yT, yO, yH, margin, narrow } = p;
    const size = { viewBox: `0 0 ${p.W} ${p.H}`, width: p.W, height: p.H };
    const svg = draw(stage, "svg", { ...size, role: "img", class: narrow ? "ce-svg ce-narrow" : "ce-svg" });
    draw(svg, "rect", { x: margin, y: 16, width: p.W - 2 * margin, height: p.bottom - 16, rx: 18, class: "ce-frame" });
    if (!narrow) draw(svg, "text", { x: (x.g + x.out) / 2, y: yC - 14, class: "ce-caption ce-cell" }, "cell-state highway");
    const lines = wires(p);
    const wireLayer = draw(svg, "g");
    lines.forEach((wire) => drawWire(wireLayer, wire));
    for (const at of [x.in, x.f, x.i, x.g, x.o]) draw(svg, "circle", { cx: at, cy: yH, r: 3.5, class: "ce-dot ce-hidden" });
    draw(svg, "circle", { cx: x.out, cy: yC, r: 4, class: "ce-dot ce-cell" });
    const gates = {};
    for (const gate of ["f", "i", "g", "o"]) gates[gate] = drawGate(svg, p, gate);
    drawNode(svg, p, "f", x.f, yC, "x");
    drawNode(svg, p, "i", x.g, yM, "x");
    drawNode(svg, p, "c", x.g, yC, "+");
    drawNode(svg, p, "o", x.out, yO, "x");
    const tanhBox = draw(svg, "g", { class: "ce-box ce-cell" });
    const half = narrow ? 20 : 30;
    draw(tanhBox, "rect", { x: x.out - half, y: yT - 15, width: 2 * half, height: 30, rx: 8, class: "ce-paper" });
    draw(tanhBox, "rect", { x: x.out - half, y: yT - 15, width: 2 * half, height: 30, rx: 8, class: "ce-edge" });
    draw(tanhBox, "text", { x: x.out, y: yT + 5, class: "ce-name" }, "tanh");

    const tile = draw(svg, "g", { class: "ce-tile" });
    const tileY = p.bottom + (narrow ? 26 : 16);
    draw(tile, "rect", { x: x.in - 17, y: tileY, width: 34, height: 34, rx: 7 });
    const tileText = draw(tile, "text", { x: x.in, y: tileY + 24 });
    symbol(svg, { x: x.in - 22, y: tileY + 23, class: "ce-end ce-hidden" }, "x", "t");

    const labels = {};
    const label = (key, at, y, kind, shown) => {
      labels[key] = { text: draw(svg, "text", { x: at, y, class: `ce-value ${kind}` }), shown };
    };
    symbol(svg, { x: 2, y: yC - 14, class: "ce-start ce-cell" }, "c", "t\u22121");
    label("cPrev", 2, yC + 24, "ce-start ce-cell", 0);
    symbol(svg, { x: 2, y: yH - 12, class: "ce-start ce-hidden" }, "h", "t\u22121");
    label("hPrev", 2, yH + 21, "ce-start ce-hidden", 0);
    label("kept", (x.f + x.g) / 2, yC - 13, "ce-cell", 0.5);
    label("written", x.g + 10, (yC + yM) / 2 + 5, "ce-start ce-cell", 0.52);
    symbol(svg, { x: p.W - 2, y: yC - 14, class: "ce-end ce-cell" }, "c", "t");
    label("c", p.W - 2, yC + 24, "ce-end ce-cell", 0.66);
    label("tanhC", x.out + 8, (yT + 15 + yO - p.r) / 2 + 6, "ce-start ce-cell", 0.78);
    symbol(svg, { x: p.W - 2, y: yH - 12, class: "ce-end ce-hidden" }, "h", "t");
    label("h", p.W - 2, yH + 21, "ce-end ce-hidden", 0.97);

    const dots = draw(svg, "g", { class: "ce-dots" });
    for (const wire of lines) {
      const r = narrow ? 4 : 5;
      wire.dots = [0, 1, 2].map((k) => draw(dots, "circle", { r: r - k * 1.1, class: `ce-${PARTS[wire.part]}`, opacity: 1 - 0.3 * k }));
    }

    function show(s, unit, character, t) {
      for (const wire of lines) {
        const size = Math.min(Math.abs(wire.of(s, unit)), 2);
        wire.path.style.strokeWidth = `${1.2 + (narrow ? 2 : 2.6) * size}px`;
      }
      for (const [gate, parts] of Object.entries(gates)) {
        const value = s[gate][unit];
        const full = p.box.h;
        const size = gate === "g" ? (Math.abs(value) * full) / 2 : value * full;
        const top = gate === "g" ? (value > 0 ? p.yB - size : p.yB) : parts.top + full - size;
        parts.level.setAttribute("y", top);
        parts.level.setAttribute("height", size);
        parts.value.textContent = number(value);
        const name = gate === "g" ? "tanh" : "\u03c3";
        parts.inner.textContent = narrow ? name : `${name}(${number(s.a[gate][unit])})`;
      }
      for (const [key, { text }] of Object.entries(labels)) text.textContent = number(s[key][unit]);
      if (!narrow) labels.kept.text.textContent = `kept ${number(s.kept[unit])}`;
      if (!narrow) labels.written.text.textContent = `written ${number(s.written[unit])}`;
      tileText.textContent = character === " " ? "\u2423" : character;
      const said = ["f", "i", "g", "o", "c", "h"].map((k) => `${k} ${number(s[k][unit])}`).join(", ");
      svg.setAttribute("aria-label", `The cell at step ${t}, unit ${unit + 1}: ${said}.`);
    }

    function flow(phase) {
      const moving = phase < 1;
      dots.style.display = moving ? "" : "none";
      for (const { text, shown } of Object.values(labels)) text.classList.toggle("ce-wait", phase < shown);
      for (const { group } of Object.values(gates)) {
        group.classList.toggle("ce-glow", moving && phase > 0.22 && phase < 0.36);
        group.classList.toggle("ce-wait", phase < 0.22);
      }
      if (!moving) return;
      for (const { path, length, when: [start, stop], dots: train } of lines) {
        train.forEach((dot, k) => {
          const share = (phase - start - 0.018 * k) / (stop - start);
          const away = share < 0 || share > 1;
          dot.style.display = away ? "none" : "";
          if (away) return;
          const at = path.getPointAtLength(share * length);
          dot.setAttribute("cx", at.x);
          dot.setAttribute("cy", at.y);
        });
      }
    }

    return { svg, show, flow, narrow };
  }

  return { make, legend, number, PARTS };
})();
