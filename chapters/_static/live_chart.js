/* A line chart whose points the reader moves: by mouse, by finger, by keyboard.  No library, no
   request.  Needs live_chart.css; colours are those of course.css.  The arithmetic comes from
   the page (live_lstm.js, say), which is asked when a reader has moved a point, and not before.

     const model = LiveChart.model("power-model");  what a cell of this or another page hands over
     LiveChart.start("power-live", options)         draws into the element of that id, and returns
                                                    { values(), set(values), show(picture) }
   Options, of which label, points, min, max and answer are needed:
     label            what the picture is, for those who do not see it
     points           start values of the points; `x` their places, [0, 1, 2, ...] if left out
     min, max, step   range and grid of a value (step 1); PageUp and PageDown make ten steps
     name(k)          what point k is called;  format(y)  how a value is written, with its unit
     pointsLabel, pointsColour                    how the legend names them, and "blue"
     xRange, yRange   [low, high] of the axes;  xTicks  [[x, text], ...];  xLabel, yLabel;  height
     answer(values, k)  returns a picture for the values after point k has moved
     reset            words of the button that brings the start values back
   and the picture before the first move, as answer returns it; what it lacks stays as it is:
     curves  [{ label, colour, dashed, values: [[x, y], ...] }, ...]
     band    { label, colour, values: [[x, lower, upper], ...] }
     says    a sentence on what there is to see, which is also read out
   Colours are blue, orange, green, purple, gold, sky, red, grey, ink.  The arrows up and down
   move the chosen point, left and right choose another, Home and End go to the ends. */
"use strict";

const LiveChart = (() => {
  const SHAPES = new Set(["svg", "g", "path", "circle", "line", "text", "clipPath", "rect"]);
  const HOW = "Drag a point, or use the arrow keys: up and down move a point, left and right choose another.";
  const [TOP, RIGHT] = [28, 16]; // around what the axes span
  let charts = 0;

  const number = (value) => String(Number(value.toPrecision(4))).replace("-", "\u2212");

  function change(element, attributes) {
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  }

  /** Make an element of the page or of a drawing: attributes, then children or text. */
  function make(tag, attributes = {}, ...children) {
    const element = SHAPES.has(tag) ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
    change(element, attributes);
    element.append(...children);
    return element;
  }

  const ink = (colour) => `--lc: var(--course-${colour})`;

  /** About four round numbers from low to high. */
  function ticks(low, high) {
    const rough = (high - low) / 4;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one > 0.999 * rough);
    const found = [];
    for (let k = Math.ceil(low / step - 1e-9); k <= high / step + 1e-9; k += 1) found.push(Number((k * step).toPrecision(12)));
    return found;
  }

  /** The JSON of a model: of this page, or of a script in _static/models/. */
  function model(id) {
    const here = document.getElementById(id);
    const found = here ? JSON.parse(here.textContent) : window.courseModels?.[id];
    if (!found) throw new Error(`No model ${id}: load _static/models/${id}.js first.`);
    return found;
  }

  function start(id, options) {
    const given = { step: 1, height: 260, name: (k) => `point ${k + 1}`, format: number, pointsLabel: "you can move these", pointsColour: "blue", reset: "Start again", ...options };
    const { min, max, step, height, name, format } = given;
    const places = given.x ?? given.points.map((_, k) => k);
    const [xLow, xHigh] = given.xRange ?? [Math.min(...places), Math.max(...places)];
    const [yLow, yHigh] = given.yRange ?? [min, max];
    const levels = ticks(yLow, yHigh).map((y) => [y, number(y)]);
    const below = given.xLabel ? 42 : 24;
    const left = 18 + 7 * Math.max(...levels.map(([, text]) => text.length));
    const picture = { curves: [], band: null, says: "" };
    let values = [...given.points];
    let chosen = 0;
    let width = 0;
    let frame = 0;

    // ---- what stands on the page
    charts += 1;
    const clip = `lc-clip-${charts}`;
    const inside = make("rect", {});
    const axes = make("g", { class: "lc-axes", "aria-hidden": "true" });
    const lines = make("g", { class: "lc-lines", "aria-hidden": "true", "clip-path": `url(#${clip})` });
    const path = make("path", { class: "lc-curve", style: ink(given.pointsColour) });
    const handles = make("g", { style: ink(given.pointsColour) });
    const label = make("text", { class: "lc-value", "aria-hidden": "true" });
    const drawing = make("svg", { class: "lc-svg", height }, make("clipPath", { id: clip }, inside), axes, lines, handles, label);
    const points = values.map((_, k) => make(
      "g", { class: "lc-point", role: "slider", "aria-orientation": "vertical", "aria-label": name(k), "aria-valuemin": min, "aria-valuemax": max },
      make("circle", { class: "lc-hit", r: 20 }), make("circle", { class: "lc-dot" }),
    ));
    handles.append(...points);
    const legend = make("ul", { class: "lc-legend" });
    const says = make("p", { class: "lc-says", role: "status" });
    const reset = make("button", { type: "button", class: "lc-reset" }, given.reset);
    const how = make("p", { class: "lc-how", id: `lc-how-${charts}` }, HOW);
    const chart = make("div", { class: "lc", role: "group", "aria-label": given.label, "aria-describedby": how.id }, how, drawing, legend, says, reset);
    const root = document.getElementById(id);
    root.replaceChildren(chart);

    // ---- drawing
    const X = (x) => left + ((x - xLow) / (xHigh - xLow)) * (width - left - RIGHT);
    const Y = (y) => height - below - ((y - yLow) / (yHigh - yLow)) * (height - TOP - below);
    const along = (pairs) => pairs.map(([x, y], k) => `${k ? "L" : "M"}${X(x).toFixed(1)} ${Y(y).toFixed(1)}`).join("");

    function drawAxes() {
      const [bottom, right] = [Y(yLow), X(xHigh)];
      change(inside, { x: left, y: TOP - 3, width: Math.max(0, right - left), height: bottom - TOP + 6 });
      const text = (x, y, anchor, words) => make("text", { x, y, "text-anchor": anchor }, words);
      axes.replaceChildren(text(2, 13, "start", given.yLabel ?? ""), text((left + right) / 2, height - 5, "middle", given.xLabel ?? ""));
      for (const [y, words] of levels) axes.append(make("line", { x1: left, x2: right, y1: Y(y), y2: Y(y) }), text(left - 10, Y(y) + 4, "end", words));
      for (const [x, words] of given.xTicks ?? ticks(xLow, xHigh).map((tick) => [tick, number(tick)])) {
        axes.append(make("line", { class: "lc-tick", x1: X(x), x2: X(x), y1: bottom, y2: bottom + 5 }));
        axes.append(text(X(x), bottom + 18, X(x) > right - 16 ? "end" : "middle", words));
      }
    }

    function drawLines() {
      const { band, curves } = picture;
      lines.replaceChildren();
      if (band) {
        const upper = band.values.map(([x, , high]) => [x, high]);
        const lower = band.values.map(([x, low]) => [x, low]).reverse();
        lines.append(make("path", { class: "lc-band", style: ink(band.colour ?? "orange"), d: `${along([...upper, ...lower])}Z` }));
      }
      for (const { colour = "orange", dashed, values: pairs } of curves) {
        lines.append(make("path", { class: dashed ? "lc-curve lc-dashed" : "lc-curve", style: ink(colour), d: along(pairs) }));
      }
      lines.append(path);
    }

    function drawPoints() {
      const apart = (X(xHigh) - left) / Math.max(1, points.length - 1);
      const small = Math.max(2.5, Math.min(6, 0.35 * apart));
      change(path, { d: along(values.map((y, k) => [places[k], y])) });
      points.forEach((point, k) => {
        change(point, { transform: `translate(${X(places[k])} ${Y(values[k])})`, tabindex: k === chosen ? 0 : -1, "aria-valuenow": values[k], "aria-valuetext": format(values[k]) });
        change(point.lastChild, { r: k === chosen ? 7 : small });
      });
      const at = X(places[chosen]);
      const anchor = at < left + 60 ? "start" : at > X(xHigh) - 60 ? "end" : "middle";
      change(label, { x: at, y: Y(values[chosen]) - 13, "text-anchor": anchor });
      label.textContent = `${name(chosen)}: ${format(values[chosen])}`;
    }

    function drawLegend() {
      const entries = [{ label: given.pointsLabel, colour: given.pointsColour, kind: "lc-moved" }, ...picture.curves];
      if (picture.band) entries.push({ ...picture.band, kind: "lc-area" });
      legend.replaceChildren(...entries.filter((entry) => entry.label).map(({ label: words, colour = "orange", dashed, kind }) => (
        make("li", {}, make("i", { class: kind ?? (dashed ? "lc-dashed" : ""), style: ink(colour), "aria-hidden": "true" }), words)
      )));
    }

    /** Draw a picture; what it does not name stays. */
    function show(next = {}) {
      for (const part of Object.keys(picture)) picture[part] = next[part] ?? picture[part];
      if (says.textContent !== picture.says) says.textContent = picture.says;
      drawLegend();
      if (width) drawLines();
    }

    function resize() {
      if (drawing.clientWidth === width || !drawing.clientWidth) return;
      width = drawing.clientWidth;
      drawAxes();
      drawLines();
      drawPoints();
    }

    // ---- what the reader changes
    /** Ask for the answer, at most once a frame. */
    function ask() {
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        show(given.answer([...values], chosen));
      });
    }

    function choose(k) {
      chosen = Math.max(0, Math.min(points.length - 1, k));
      drawPoints();
      points[chosen].focus({ preventScroll: true });
    }

    function move(value) {
      const snapped = min + Math.round((Math.max(min, Math.min(max, value)) - min) / step) * step;
      const next = Number((snapped > max ? snapped - step : snapped).toPrecision(12));
      if (next === values[chosen]) return;
      values[chosen] = next;
      drawPoints();
      ask();
    }

    function set(next) {
      values = [...next];
      drawPoints();
      ask();
    }

    handles.addEventListener("keydown", (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      const now = values[chosen];
      const sizes = { ArrowUp: step, ArrowDown: -step, PageUp: 10 * step, PageDown: -10 * step, Home: min - now, End: max - now };
      if (event.key === "ArrowLeft" || event.key === "ArrowRight") choose(chosen + (event.key === "ArrowLeft" ? -1 : 1));
      else if (event.key in sizes) move(now + sizes[event.key]);
      else return;
      event.preventDefault();
    });

    let grip = null; // from the finger to the point, so that it does not jump
    const above = (event) => event.clientY - drawing.getBoundingClientRect().top;

    handles.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || !event.isPrimary) return;
      event.preventDefault();
      const at = event.clientX - drawing.getBoundingClientRect().left;
      const far = places.map((x) => Math.abs(X(x) - at));
      choose(far.indexOf(Math.min(...far)));
      grip = Y(values[chosen]) - above(event);
      handles.setPointerCapture(event.pointerId);
      change(says, { "aria-busy": "true" }); // read out at the end, not on the way
    });
    handles.addEventListener("pointermove", (event) => {
      if (grip === null || !event.isPrimary) return;
      const part = (Y(yLow) - above(event) - grip) / (Y(yLow) - Y(yHigh));
      move(yLow + part * (yHigh - yLow));
    });
    handles.addEventListener("lostpointercapture", () => {
      grip = null;
      says.removeAttribute("aria-busy");
    });
    handles.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false }); // or the page scrolls
    handles.addEventListener("focusin", (event) => {
      const k = points.indexOf(event.target);
      if (k !== chosen) choose(k);
    });
    reset.addEventListener("click", () => set(given.points));

    show(given);
    resize();
    new ResizeObserver(resize).observe(drawing);
    root.dataset.ready = "true";
    return { values: () => [...values], set, show };
  }

  return { model, start };
})();
