/* The cell explorer: controls, keys, time.  Needs the three files beside it, and on the page
   an element #cell-explorer and the model as JSON in #cell-explorer-model. */
"use strict";

(() => {
  const { GATES, run, parse } = CellMath;
  const { make, setIcon, NAMES } = CellPanels;
  const { number } = CellDiagram;
  const STEP_MS = 3200;
  const STAGE = "Diagram of the cell. Arrow keys step through time, space plays and pauses.";

  function start(root, model) {
    const H = model.W_y.length;
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
    const state = {
      text: model.texts[0].text, read: null, steps: [], at: 0, unit: 0, phase: 1,
      playing: false, hovered: false, pace: 1, all: true, offsets: { i: 0, f: 0, g: 0, o: 0 },
    };

    // ---- what stands on the page
    const { textBar, text, pick, message } = CellPanels.textBar(model);
    const { controls, buttons, counter, pace, unitInputs } = CellPanels.controls(H, (unit) => chooseUnit(unit));
    const { sliders, ranges, only, reset } = CellPanels.sliders((gate, value) => setOffset(gate, value));
    const verdict = make("div", { class: "ce-verdict" });
    const badge = make("span", { class: "ce-badge", hidden: "" });
    const drawing = make("div", { class: "ce-drawing" });
    const stage = make("div", { class: "ce-stage", tabindex: "0", role: "group", "aria-label": STAGE }, drawing, badge);
    const cards = make("div", { class: "ce-cards" });
    const live = make("p", { class: "ce-live", role: "status", "aria-live": "polite" });
    const stripHolder = make("div", {});
    const explorer = make(
      "div", { class: "ce", role: "group", "aria-label": "Cell explorer" },
      textBar, message, controls, verdict, stage, sliders,
      make("p", { class: "ce-heading" }, "Unrolled through time: click a column to go there"), stripHolder,
      make("p", { class: "ce-heading" }, "Every number of this step"), cards, live,
    );
    root.replaceChildren(explorer);
    const equations = CellPanels.equations(cards);
    const strip = CellPanels.strip(stripHolder, { jump: (t) => goTo(t), choose: chooseUnit });
    let diagram = null;

    // ---- showing
    function offsetVector() {
      return GATES.flatMap((gate) => [...Array(H).keys()].map((j) => (state.all || j === state.unit ? state.offsets[gate] : 0)));
    }

    function compute() {
      state.steps = run(model, state.read.symbols, offsetVector());
    }

    function showStep() {
      const { at, unit, read, steps } = state;
      const now = steps[at];
      diagram.show(now, unit, read.characters[at], at + 1);
      equations.show(now, unit, read.characters[at], model);
      counter.textContent = `${at + 1} of ${steps.length}`;
      const says = now.p > 0.5 ? "inside" : "outside";
      const depth = read.depths[at];
      const right = depth === null ? null : (depth > 0) === now.p > 0.5;
      const truth = depth === null ? "no rule says what is right here" : `true depth ${depth}: ${right ? "right" : "wrong"}`;
      const tape = make("span", { class: "ce-tape", "aria-hidden": "true" });
      read.characters.forEach((character, t) => {
        const kind = t === at ? "ce-here" : t < at ? "ce-past" : null;
        tape.append(make("span", { class: kind }, character === " " ? "\u2423" : character));
      });
      const words = make("span", { class: right === false ? "ce-said ce-mistake" : "ce-said" }, make("b", {}, says), `, p = ${number(now.p, 3)} (${truth})`);
      verdict.replaceChildren(tape, words);
      buttons.first.disabled = buttons.previous.disabled = at === 0;
      buttons.next.disabled = buttons.last.disabled = at === steps.length - 1;
    }

    function showAll() {
      compute();
      strip.show(state.steps, state.at, state.unit, state.read.depths);
      showStep();
    }

    function announce() {
      const { at, unit, read, steps } = state;
      const now = steps[at];
      const values = ["f", "i", "g", "o"].map((gate) => `${NAMES[gate]} ${number(now[gate][unit])}`).join(", ");
      const where = `Step ${at + 1} of ${steps.length}, symbol ${read.characters[at]}`;
      live.textContent = state.playing ? `${where}.`
        : `${where}. Unit ${unit + 1}: ${values}, cell state ${number(now.c[unit])}, hidden state ${number(now.h[unit])}. Inside with probability ${number(now.p)}.`;
    }

    function showPlaying() {
      setIcon(buttons.play, state.playing ? "pause" : "play");
      buttons.play.setAttribute("aria-label", state.playing ? "pause" : "play");
      buttons.play.title = state.playing ? "pause" : "play";
      const held = state.playing && state.hovered;
      badge.hidden = !(held || (!state.playing && !brief && state.phase < 1));
      badge.textContent = held ? "paused while the pointer is here" : "paused";
      explorer.dataset.state = held ? "held" : state.playing ? "playing" : "paused";
    }

    // ---- time
    let last = 0;
    let frame = 0;
    let brief = false; // one step by hand: its flow runs once, quicker

    function wake() {
      if (!frame) {
        last = performance.now();
        frame = requestAnimationFrame(tick);
      }
    }

    function tick(time) {
      frame = 0;
      const passed = Math.max(0, time - last);
      last = time;
      const held = state.playing && state.hovered;
      if (!held && (state.playing || brief)) {
        state.phase = Math.min(1, state.phase + (passed * (brief && !state.playing ? 2 : state.pace)) / STEP_MS);
        diagram.flow(calm.matches ? 1 : state.phase);
        if (state.phase >= 1) stepEnds();
      }
      if (!held && (state.playing || brief)) frame = requestAnimationFrame(tick);
    }

    function stepEnds() {
      brief = false;
      if (!state.playing) return;
      if (state.at < state.steps.length - 1) goTo(state.at + 1, true);
      else pause();
    }

    function goTo(at, keepPlaying = false) {
      const target = Math.max(0, Math.min(state.steps.length - 1, at));
      if (!keepPlaying) state.playing = false;
      const moved = target !== state.at;
      state.at = target;
      state.phase = calm.matches && !state.playing ? 1 : 0;
      brief = !calm.matches && !state.playing;
      diagram.flow(calm.matches ? 1 : state.phase);
      showStep();
      strip.mark(state.at, state.unit);
      showPlaying();
      if (moved || !keepPlaying) announce();
      wake();
    }

    function play() {
      brief = false;
      state.playing = true;
      if (state.phase >= 1) {
        goTo(state.at === state.steps.length - 1 ? 0 : state.at + 1, true);
      }
      showPlaying();
      wake();
    }

    function pause() {
      state.playing = false;
      showPlaying();
      announce();
    }

    const toggle = () => (state.playing ? pause() : play());

    // ---- what the reader changes
    function setText(value) {
      const read = parse(model, value);
      text.setAttribute("aria-invalid", String(Boolean(read.problem)));
      message.classList.toggle("ce-problem", Boolean(read.problem));
      message.textContent = read.problem || read.note;
      if (read.problem) return;
      state.playing = false;
      brief = false;
      state.read = read;
      state.text = value;
      state.at = Math.min(state.at, read.symbols.length - 1);
      state.phase = 1;
      const known = model.texts.find((entry) => entry.text === value);
      pick.value = known ? value : "";
      strip.build(read.characters, H, read.depths);
      diagram.flow(1);
      showAll();
      showPlaying();
    }

    function setOffset(gate, value) {
      state.offsets[gate] = value;
      ranges[gate].shown.textContent = `${value > 0 ? "+" : ""}${number(value, 1)}`;
      ranges[gate].range.value = value;
      showAll();
    }

    function chooseUnit(unit) {
      state.unit = unit;
      unitInputs[unit].checked = true;
      showAll();
      announce();
    }

    pick.addEventListener("change", () => {
      if (!pick.value) {
        text.focus();
        return;
      }
      text.value = pick.value;
      state.at = 0;
      setText(pick.value);
      announce();
    });
    text.addEventListener("input", () => setText(text.value));
    buttons.first.addEventListener("click", () => goTo(0));
    buttons.previous.addEventListener("click", () => goTo(state.at - 1));
    buttons.play.addEventListener("click", toggle);
    buttons.next.addEventListener("click", () => goTo(state.at + 1));
    buttons.last.addEventListener("click", () => goTo(state.steps.length - 1));
    pace.addEventListener("change", () => { state.pace = Number(pace.value); });
    only.addEventListener("change", () => { state.all = !only.checked; showAll(); });
    reset.addEventListener("click", () => GATES.forEach((gate) => setOffset(gate, 0)));

    stage.addEventListener("pointerenter", (event) => {
      state.hovered = event.pointerType === "mouse";
      showPlaying();
    });
    stage.addEventListener("pointerleave", () => {
      state.hovered = false;
      showPlaying();
      wake();
    });
    stage.addEventListener("click", () => {
      state.hovered = false; // a click decides; the pointer holds again when it comes back
      toggle();
    });
    explorer.addEventListener("keydown", (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      const own = event.target.matches("input, select, .ce-scroll");
      const moves = { ArrowRight: state.at + 1, ArrowLeft: state.at - 1, Home: 0, End: state.steps.length - 1 };
      if (!own && event.key in moves) goTo(moves[event.key]);
      else if (event.target === stage && (event.key === " " || event.key === "Enter")) toggle();
      else if (!event.target.matches("input[type=text], select") && /^[1-9]$/.test(event.key) && event.key <= H) chooseUnit(event.key - 1);
      else if (!event.target.matches("input[type=text], select") && event.key.toLowerCase() === "k") toggle();
      else return;
      event.preventDefault();
    });

    function redraw() {
      const width = Math.max(320, Math.min(860, Math.floor(drawing.clientWidth)));
      if (diagram && diagram.width === width) return;
      drawing.replaceChildren();
      diagram = CellDiagram.make(drawing, width);
      diagram.width = width;
      diagram.flow(calm.matches ? 1 : state.phase);
      if (state.steps.length) showStep();
    }

    redraw();
    text.value = state.text;
    unitInputs[0].checked = true;
    setText(state.text);
    new ResizeObserver(redraw).observe(drawing);
    root.dataset.ready = "true";
  }

  function begin() {
    const root = document.getElementById("cell-explorer");
    const data = document.getElementById("cell-explorer-model");
    if (root && data) start(root, JSON.parse(data.textContent));
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
