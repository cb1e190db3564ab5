/* The state of an explorer as the end of an address, and back: #t=((a)b&f=-6&step=4.

   t is the text, step and unit count from 1, and f, i, g, o are what is added to the biases of
   a gate: of all units, or with a number behind (f2) of one.  What is not named is as at the
   start.  No page is needed to use it. */
"use strict";

const CellAddress = (() => {
  const GATES = ["f", "i", "g", "o"];
  const FURTHEST = 12;
  const OURS = /^#(?:t|step|unit|[figo][1-9]?)=/;

  /** Offsets of zero for H units. */
  const zeros = (H) => Array.from({ length: H }, () => ({ i: 0, f: 0, g: 0, o: 0 }));

  function write({ text, at, unit, offsets }) {
    const parts = [`t=${encodeURIComponent(text)}`];
    for (const gate of GATES) {
      const values = offsets.map((one) => one[gate]);
      if (values.every((value) => value === values[0])) {
        if (values[0]) parts.push(`${gate}=${values[0]}`);
      } else {
        values.forEach((value, j) => { if (value) parts.push(`${gate}${j + 1}=${value}`); });
      }
    }
    if (unit) parts.push(`unit=${unit + 1}`);
    if (at) parts.push(`step=${at + 1}`);
    return `#${parts.join("&")}`;
  }

  function decoded(text) {
    try {
      return decodeURIComponent(text);
    } catch {
      return text; // a lone percent sign, typed by hand
    }
  }

  /** Read an address for a model of H units; null where it is of something else.  Numbers that
      are none count as not named, and those too large are cut; `text` may still be unreadable
      for the model, and `at` may lie behind its end. */
  function read(hash, H) {
    if (!OURS.test(hash)) return null;
    const found = { text: null, at: 0, unit: 0, offsets: zeros(H) };
    for (const part of hash.slice(1).split("&")) {
      const [, name, value] = /^([a-z]+\d?)=(.*)$/s.exec(part) ?? [];
      const number = Number(value);
      const given = name && Number.isFinite(number);
      const [, gate, one] = /^([figo])([1-9]?)$/.exec(name ?? "") ?? [];
      if (name === "t") found.text = decoded(value);
      else if (name === "step" && given) found.at = Math.max(0, Math.trunc(number) - 1);
      else if (name === "unit" && given) found.unit = Math.min(H - 1, Math.max(0, Math.trunc(number) - 1));
      else if (gate && given) {
        const cut = Math.round(10 * Math.max(-FURTHEST, Math.min(FURTHEST, number))) / 10;
        found.offsets.forEach((offsets, j) => { if (!one || Number(one) === j + 1) offsets[gate] = cut; });
      }
    }
    return found;
  }

  return { FURTHEST, zeros, write, read };
})();
