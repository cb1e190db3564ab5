/* The cell explorer: controls, keys, time, address.  Needs the files cell_explorer_*.js, the
   model in window.courseModels, and on the page an element #cell-explorer. */
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
      playing: false, pace: 1, offsets: CellAddress.zeros(H),
    };

    // ---- what stands on the page
    const { textBar, text, pick, message, share } = CellPanels.textBar(model);
    const { controls, buttons, counter, pace, unitInputs } = CellPanels.controls(H, (unit) => chooseUnit(unit));
    const { sliders, ranges, only, reset } = CellPanels.sliders((gate, value) => setOffset(gate, value));
    const verdict = make("div", { class: "ce-verdict" });
    const badge = make("span", { class: "ce-badge", hidden: "" });
    const drawing = make("div", { class: "ce-drawing" });
    const stage = make("div", { class: "ce-stage", tabindex: "0", role: "group", "aria-label": STAGE }, drawing, badge);
    const cards = make("div", { class: "ce-cards" });
    const live = make("p", { class: "ce-live", role: "status", "aria-live": "polite" });
    const stripHolder = make("div", {});
    const back = make("button", { type: "button", class: "ce-button ce-back", hidden: "" }, "back to the experiment");
    const guess = CellGames.guess(() => { if (state.read) showAll(); });
    guess.bar.append(share);
    const legend = CellDiagram.legend();
    const fool = CellGames.fool(model, () => text.value);
    const explorer = make(
      "div", { class: "ce", role: "group", "aria-label": "Cell explorer" },
      textBar, message, controls, verdict, guess.bar, stage, legend.list, sliders, back,
      make("p", { class: "ce-heading" }, "Unrolled through time: click a column to go there"), stripHolder, fool,
      make("p", { class: "ce-heading" }, "Every number of this step"), cards, live,
    );
    root.replaceChildren(explorer);
    const equations = CellPanels.equations(cards);
    const strip = CellPanels.strip(stripHolder, { jump: (t) => goTo(t), choose: chooseUnit });
    let diagram = null;

    // ---- showing
    function offsetVector() {
      return GATES.flatMap((gate) => state.offsets.map((offsets) => offsets[gate]));
    }

    function compute() {
      state.steps = run(model, state.read.symbols, offsetVector());
    }

    /** Whether the numbers of step t may be seen: not of a step that is being guessed, not of
        later ones, and not of those that were passed over. */
    const reveals = (t) => guess.open(t) && (guess.open(state.at) || t < state.at);

    /** Step t as the reader may see it. */
    const visible = (t) => (reveals(t) ? state.steps[t] : CellGames.conceal(state.steps[t], t === 0 || reveals(t - 1)));

    function showStep() {
      const { at, unit, read, steps } = state;
      const now = steps[at];
      const seen = visible(at);
      diagram.show(seen, unit, read.characters[at], at + 1);
      legend.show(seen, unit);
      equations.show(seen, unit, read.characters[at], model);
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
      const open = guess.open(at);
      fool.hidden = steps.some((_, t) => !guess.open(t)); // its verdict is an answer
      verdict.replaceChildren(tape, open ? words : guess.question(say));
      buttons.first.disabled = buttons.previous.disabled = at === 0;
      buttons.next.disabled = buttons.last.disabled = at === steps.length - 1;
      const focused = document.activeElement;
      if (focused?.disabled && controls.contains(focused)) stage.focus({ preventScroll: true }); // or keys go nowhere
    }

    function showStrip() {
      const { at, unit, read, steps } = state;
      strip.show(steps.map((_, t) => visible(t)), { at, unit, depths: read.depths, open: reveals });
    }

    function showAll() {
      compute();
      CellPanels.showOffsets(ranges, state.offsets, state.unit);
      showStrip();
      showStep();
      remember();
    }

    // ---- guessing, and the address
    function say(inside) {
      const focused = verdict.contains(document.activeElement);
      if (!guess.take(state.at, inside, state.steps[state.at])) return;
      if (focused) (buttons.next.disabled ? stage : buttons.next).focus();
    }

    const address = () => CellAddress.write({ text: state.text, at: state.at, unit: state.unit, offsets: state.offsets });
    let timer = 0;
    let moved = false; // by the reader: a page that was only opened keeps its address

    /** Note the state in the address, soon, in place of the one before. */
    function remember() {
      if (!moved) return;
      clearTimeout(timer);
      timer = setTimeout(() => history.replaceState(null, "", address()), 250);
    }

    /** Set everything that an address names. */
    function apply(found) {
      clearTimeout(timer);
      guess.forget();
      state.playing = false;
      state.offsets = found.offsets;
      state.unit = found.unit;
      state.at = found.at;
      only.checked = found.offsets.some((offsets) => GATES.some((gate) => offsets[gate] !== found.offsets[0][gate]));
      unitInputs[found.unit].checked = true;
      text.value = found.text ?? state.text;
      setText(text.value);
      if (message.classList.contains("ce-problem")) setUnreadable();
      announce();
    }

    /** An address with a text that cannot be read: the rest of it holds for the text before. */
    function setUnreadable() {
      state.at = Math.min(state.at, state.steps.length - 1);
      showAll();
    }

    function openFrom(link) {
      const found = CellAddress.read(location.hash, H);
      if (!found) return;
      apply(found);
      back.hidden = !link;
      back.onclick = () => link.focus();
      root.scrollIntoView({ behavior: calm.matches ? "auto" : "smooth", block: "start" });
      stage.focus({ preventScroll: true });
    }

    function announce() {
      const { at, unit, read, steps } = state;
      const now = steps[at];
      const values = ["f", "i", "g", "o"].map((gate) => `${NAMES[gate]} ${number(now[gate][unit])}`).join(", ");
      const where = `Step ${at + 1} of ${steps.length}, symbol ${read.characters[at]}`;
      if (state.playing) live.textContent = `${where}.`;
      else if (!guess.open(at)) live.textContent = `${where}. Guess: inside or outside?`;
      else {
        live.textContent = `${where}. Unit ${unit + 1}: ${values}, cell state ${number(now.c[unit])}, `
          + `hidden state ${number(now.h[unit])}. Inside with probability ${number(now.p)}.`;
      }
    }

    function showPlaying() {
      setIcon(buttons.play, state.playing ? "pause" : "play");
      buttons.play.setAttribute("aria-label", state.playing ? "pause" : "play");
      buttons.play.title = state.playing ? "pause" : "play";
      badge.hidden = state.playing || brief || state.phase >= 1;
      badge.textContent = "paused";
      explorer.dataset.state = state.playing ? "playing" : "paused";
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
      if (state.playing || brief) {
        state.phase = Math.min(1, state.phase + (passed * (brief && !state.playing ? 2 : state.pace)) / STEP_MS);
        diagram.flow(calm.matches ? 1 : state.phase);
        if (state.phase >= 1) stepEnds();
      }
      if (state.playing || brief) frame = requestAnimationFrame(tick);
    }

    function stepEnds() {
      brief = false;
      if (!state.playing) return;
      if (state.at < state.steps.length - 1 && guess.open(state.at)) goTo(state.at + 1, true);
      else pause();
    }

    function goTo(at, keepPlaying = false) {
      const target = Math.max(0, Math.min(state.steps.length - 1, at));
      if (!keepPlaying) state.playing = false;
      const other = target !== state.at;
      state.at = target;
      state.phase = calm.matches && !state.playing ? 1 : 0;
      brief = !calm.matches && !state.playing;
      diagram.flow(calm.matches ? 1 : state.phase);
      showStep();
      if (guess.on()) showStrip(); // what may be seen depends on the step
      else strip.mark(state.at, state.unit);
      showPlaying();
      if (other || !keepPlaying) announce();
      remember();
      wake();
    }

    /** Play on; from the end, even if its own flow still runs, from the first step again. */
    function play() {
      const end = state.at === state.steps.length - 1;
      const arrived = state.phase >= 1 || (end && brief);
      brief = false;
      state.playing = true;
      if (arrived) goTo(end ? 0 : state.at + 1, true);
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
      explorer.classList.toggle("ce-stale", Boolean(read.problem));
      message.textContent = read.problem ? `${read.problem} The drawing still shows “${state.text}”.` : read.note;
      if (read.problem) return;
      state.playing = false;
      brief = false;
      if (value !== state.text) guess.forget();
      state.read = read;
      state.text = value;
      state.at = Math.min(state.at, read.symbols.length - 1);
      state.phase = 1;
      const known = model.texts.find((entry) => entry.text === value);
      pick.value = known ? value : "";
      strip.build(read.characters, H);
      diagram.flow(1);
      showAll();
      showPlaying();
    }

    /** A slider moved: what is drawn stands still, so that the changed numbers can be read. */
    function settle() {
      guess.forget();
      if (!state.playing) {
        brief = false;
        state.phase = 1;
        diagram.flow(1);
        showPlaying();
      }
      showAll();
    }

    function setOffset(gate, value) {
      const units = only.checked ? [state.offsets[state.unit]] : state.offsets;
      units.forEach((offsets) => { offsets[gate] = value; });
      settle();
    }

    function setZero() {
      state.offsets = CellAddress.zeros(H);
      settle();
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
    text.addEventListener("input", () => {
      state.at = Math.max(0, Array.from(text.value.slice(0, text.selectionStart)).length - 1); // the symbol just typed
      setText(text.value);
    });
    buttons.first.addEventListener("click", () => goTo(0));
    buttons.previous.addEventListener("click", () => goTo(state.at - 1));
    buttons.play.addEventListener("click", toggle);
    buttons.next.addEventListener("click", () => goTo(state.at + 1));
    buttons.last.addEventListener("click", () => goTo(state.steps.length - 1));
    pace.addEventListener("change", () => { state.pace = Number(pace.value); });
    reset.addEventListener("click", setZero);
    stage.addEventListener("click", toggle);
    share.addEventListener("click", async () => {
      history.replaceState(null, "", address());
      try {
        await navigator.clipboard.writeText(location.href);
        message.textContent = "The link is copied.";
      } catch {
        message.textContent = "The link stands in the address bar.";
      }
    });
    for (const kind of ["pointerdown", "keydown", "input", "change"]) {
      explorer.addEventListener(kind, () => { moved = true; }, { capture: true });
    }
    let link = null; // of the page, that was followed last
    document.addEventListener("click", (event) => {
      link = event.target.closest?.("a[href^='#']") ?? null;
      if (link && link.hash === location.hash) openFrom(link);
    });
    window.addEventListener("hashchange", () => {
      openFrom(link);
      link = null;
    });
    explorer.addEventListener("keydown", (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      const own = event.target.matches("input, select, .ce-scroll");
      const moves = { ArrowRight: state.at + 1, ArrowLeft: state.at - 1, Home: 0, End: state.steps.length - 1 };
      if (!own && event.key in moves) goTo(moves[event.key]);
      else if (event.target === stage && (event.key === " " || event.key === "Enter")) toggle();
      else if (!event.target.matches("input[type=text], select") && /^[1-9]$/.test(event.key) && event.key <= H) chooseUnit(event.key - 1);
      else if (!event.target.matches("input[type=text], select") && event.key.toLowerCase() === "k") toggle();
      else if (!event.target.matches("input[type=text], select") && /^[io]$/i.test(event.key) && !guess.open(state.at)) say(event.key.toLowerCase() === "i");
      else return;
      event.preventDefault();
    });

    function redraw() {
      const width = Math.max(320, Math.min(860, Math.floor(drawing.clientWidth)));
      if (diagram && diagram.width === width) return;
      drawing.replaceChildren();
      diagram = CellDiagram.make(drawing, width);
      diagram.width = width;
      legend.list.hidden = !diagram.narrow;
      diagram.flow(calm.matches ? 1 : state.phase);
      if (state.steps.length) showStep();
    }

    redraw();
    text.value = state.text;
    unitInputs[0].checked = true;
    setText(state.text);
    const found = CellAddress.read(location.hash, H);
    if (found) apply(found);
    new ResizeObserver(redraw).observe(drawing);
    root.dataset.ready = "true";
  }

  function begin() {
    const root = document.getElementById("cell-explorer");
    const model = window.courseModels?.["cell-explorer-model"];
    if (root && model) start(root, model);
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
