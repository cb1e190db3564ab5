/* Two games of the cell explorer: fool the network, and guess what it will say.

   CellGames.judge(model, text) says whether a text fools it, CellGames.fool(...) and
   CellGames.guess(...) make what stands on the page; CellGames.conceal(step, before) takes the
   numbers out of a step that the reader still has to guess. */
"use strict";

const CellGames = (() => {
  const { make } = CellPanels;
  const KEPT = "lstm-course:fool-it"; // in the browser of the reader, and nowhere else
  const MOST = 300;

  /** Read a text and say: a `problem` if it does not count, or the first step `at` which the
      network, as it was trained, is wrong (-1 if it is right everywhere). */
  function judge(model, text) {
    const read = CellMath.parse(model, text);
    if (read.problem) return { problem: read.problem };
    const closed = read.depths.indexOf(null);
    const deep = read.depths.findIndex((depth) => depth > model.deepest);
    if (closed >= 0) return { problem: `Symbol ${closed + 1} closes a bracket that is not open.` };
    if (deep >= 0) return { problem: `Symbol ${deep + 1} opens bracket ${read.depths[deep]}; at most ${model.deepest} may be open.` };
    const zero = CellMath.GATES.flatMap(() => model.W_y.map(() => 0));
    const steps = CellMath.run(model, read.symbols, zero);
    const at = steps.findIndex((now, t) => now.p > 0.5 !== read.depths[t] > 0);
    return { at, read, steps };
  }

  function load() {
    try {
      const kept = JSON.parse(localStorage.getItem(KEPT)) ?? {};
      const texts = (list) => (Array.isArray(list) ? list.filter((one) => typeof one === "string") : []);
      return { tried: texts(kept.tried), found: texts(kept.found) };
    } catch {
      return { tried: [], found: [] }; // none kept, or keeping is forbidden
    }
  }

  function save(record) {
    try {
      localStorage.setItem(KEPT, JSON.stringify(record));
    } catch { /* the count then lasts as long as the page */ }
  }

  function add(list, text) {
    if (!list.includes(text) && list.length < MOST) list.push(text);
  }

  function fool(model, current) {
    const record = load();
    const attempt = make("button", { type: "button", class: "ce-button ce-try" }, "Try this text");
    const forget = make("button", { type: "button", class: "ce-button ce-forget-tries" }, "forget my tries");
    const says = make("p", { class: "ce-fool-says", role: "status" });
    const count = make("span", { class: "ce-count" });
    const finds = make("ul", { class: "ce-finds", "aria-label": "Your finds" });
    const rules = `Find a text on which the network is wrong: at most ${CellMath.LONGEST} symbols, no bracket closed that is not open, `
      + `at most ${model.deepest} open at once. It is judged as it was trained, with all sliders at zero.`;
    const bar = make("div", { class: "ce-bar" }, attempt, count, forget);
    const panel = make("div", { class: "ce-fool", role: "group", "aria-label": "Fool it" }, make("p", { class: "ce-heading" }, "Fool it"), make("p", {}, rules), bar, says, finds);

    function showRecord() {
      const { tried, found } = record;
      count.textContent = `${tried.length} ${tried.length === 1 ? "try" : "tries"}, ${found.length} ${found.length === 1 ? "find" : "finds"}`;
      forget.hidden = tried.length === 0;
      finds.replaceChildren(...found.map((text) => {
        const { at } = judge(model, text);
        const href = CellAddress.write({ text, at, unit: 0, offsets: CellAddress.zeros(model.W_y.length) });
        return make("li", {}, make("a", { href }, text), ` at step ${at + 1}`);
      }));
    }

    attempt.addEventListener("click", () => {
      const text = current();
      const { problem, at, read, steps } = judge(model, text);
      if (problem) {
        says.textContent = `This does not count. ${problem}`;
        return;
      }
      add(record.tried, text);
      if (at < 0) says.textContent = `It is right at ${steps.length === 1 ? "the only step" : `all ${steps.length} steps`}: not fooled.`;
      else {
        add(record.found, text);
        const side = steps[at].p > 0.5 ? "inside" : "outside";
        says.textContent = `You fooled it: at step ${at + 1}, after \u201c${read.characters[at]}\u201d, it says ${side}, and the depth is ${read.depths[at]}.`;
      }
      save(record);
      showRecord();
    });
    forget.addEventListener("click", () => {
      record.tried = [];
      record.found = [];
      save(record);
      says.textContent = "Forgotten.";
      showRecord();
      attempt.focus();
    });
    record.found = record.found.filter((text) => judge(model, text).at >= 0); // of another model, perhaps
    showRecord();
    return panel;
  }

  /** A step without what was computed in it: null in the place of each number.  The states
      before it stay if `before` says that the reader may know them. */
  function conceal(step, before) {
    const none = step.h.map(() => null);
    const term = ({ fromH }) => ({ fromX: null, fromH: fromH.map(() => ({ weight: null, h: null })), bias: null, offset: null, a: null });
    const gates = (of) => Object.fromEntries(CellMath.GATES.map((gate) => [gate, of(gate)]));
    const out = { x: step.x, ...gates(() => none), a: gates(() => none), terms: gates((gate) => step.terms[gate].map(term)), score: null, p: null };
    for (const name of ["kept", "written", "c", "tanhC", "h"]) out[name] = none;
    for (const name of ["hPrev", "cPrev"]) out[name] = before ? step[name] : none;
    return out;
  }

  /** The game of guessing.  While it is on, the numbers of a step stay hidden until the reader
      has said what follows from them; `changed` is called when something has to be shown anew. */
  function guess(changed) {
    const on = make("input", { type: "checkbox", id: "ce-guess" });
    const score = make("span", { class: "ce-score", role: "status" });
    const bar = make("div", { class: "ce-bar ce-guess-bar" }, on, make("label", { for: "ce-guess" }, "Guess first what the network will say"), score);
    const seen = new Set();
    let asked = 0;
    let right = 0;
    on.addEventListener("change", () => {
      [asked, right] = [0, 0];
      score.textContent = "";
      seen.clear();
      changed();
    });

    /** Take a guess for step t; true if it was one. */
    function take(t, inside, step) {
      if (!on.checked || seen.has(t)) return false;
      seen.add(t);
      asked += 1;
      right += Number(inside === step.p > 0.5);
      score.textContent = `${inside === step.p > 0.5 ? "Yes" : "No"}: ${right} of ${asked} guesses right`;
      changed();
      return true;
    }

    function question(answer) {
      const buttons = ["inside", "outside"].map((side) => {
        const button = make("button", { type: "button", class: `ce-button ce-say-${side}`, title: `key ${side[0]}` }, side);
        button.addEventListener("click", () => answer(side === "inside"));
        return button;
      });
      return make("span", { class: "ce-question" }, "What will it say after this symbol? ", ...buttons);
    }

    return { bar, take, question, open: (t) => !on.checked || seen.has(t), on: () => on.checked, forget: () => seen.clear() };
  }

  return { judge, fool, guess, conceal };
})();
