/* The search of the book: over sections, while the reader types, without a server.

   Three parts: words (what counts as the same word), ranking (which section fits best), and
   the field with its results.  The index is a script of its own, search_index.js, which
   tools/book/search_index.py writes and which is loaded when somebody begins to search. */
"use strict";

const CourseSearch = (() => {
  const STOP = new Set("a about an and any are as at be between by can could did do does for from had has have how i if in into is it its many me much my not of on or should that the then there this to was we were what when where which who why will with would you".split(" "));
  /* How much a word counts by where it stands; a title of many words says less by each. */
  const WEIGHT = { title: 9, terms: 6, part: 1, page: 4, text: 1, code: 0.6, form: 1 };
  /* Sections that every chapter has; what they say stands elsewhere in full. */
  const MINOR = /^(check it|common mistakes|quiz|key points|exercise|further reading)$/i;
  const ENDINGS = [[/ies$/, "y"], [/(ss|x|z|ch|sh|as)es$/, "$1"], [/([^suia]|[^i]a|[^u]i)s$/, "$1"], [/ations?$/, ""], [/(...[ts])ions?$/, "$1"]];

  let pages = [];
  let sections = [];
  let ofSections = null;
  let ofPages = null;
  let ofTopics = null;

  /* ---- words ---- */

  /** A word without its ending: "exploding", "explodes" and "explode" are one word. */
  function stem(word) {
    if (word.length < 4 || /[_\d]/.test(word)) return word;
    const ending = ENDINGS.find(([pattern]) => pattern.test(word));
    let short = ending ? word.replace(...ending) : word;
    const verb = /^(.*[aeiouy].*?)(?:ing|ed)$/.exec(short);
    if (verb && verb[1].length > 2) short = verb[1].replace(/([^aeioulsz])\1$/, "$1");
    return short.length > 3 ? short.replace(/e$/, "").replace(/is$/, "iz") : short;
  }

  /** Every word of a text with its place; the parts of an identifier follow the whole. */
  function wordsOf(text) {
    const found = [];
    for (const match of text.matchAll(/[\p{L}\p{N}_]+/gu)) {
      const raw = match[0];
      const parts = raw.split(/_+|(?<=[a-z])(?=[A-Z][a-z])/u).filter((part) => part !== "");
      const all = parts.length > 1 ? [raw, ...parts] : [raw];
      const plain = all.map((word) => word.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase());
      found.push({ at: match.index, raw, stems: plain.map(stem), plain: plain[0] });
    }
    return found;
  }

  const stemsOf = (text) => wordsOf(text).flatMap((word) => word.stems);

  /* ---- the index ---- */

  /** Where each word stands, how often (weighted), and how long the documents are. */
  class Index {
    constructor() {
      this.words = new Map();
      this.lengths = [];
    }

    add(id, text, weight) {
      const found = wordsOf(text);
      this.lengths[id] = (this.lengths[id] || 0) + found.length;
      for (const { stems, plain } of found) {
        for (const word of stems) this.count(word, id, weight);
        this.count(`=${plain}`, id, weight * WEIGHT.form);
      }
    }

    count(word, id, weight) {
      if (!this.words.has(word)) this.words.set(word, new Map());
      const at = this.words.get(word);
      at.set(id, (at.get(id) || 0) + weight);
    }

    rarity(word) {
      const many = this.words.get(word)?.size || 0;
      return Math.log(1 + (this.lengths.length - many + 0.5) / (many + 0.5));
    }

    /** BM25 of the documents that hold one of the meanings of a word of the question. */
    scores(term, form) {
      this.mean ||= this.lengths.reduce((sum, length) => sum + length, 0) / this.lengths.length;
      const best = new Map();
      for (const [word, sure] of term) {
        for (const [id, count] of this.words.get(word) || []) {
          const exact = this.words.get(`=${form}`)?.get(id) || 0;
          const long = 0.3 + 0.7 * this.lengths[id] / this.mean;
          const score = sure * this.rarity(word) * (count + exact) / (count + exact + 4 * long);
          best.set(id, Math.max(best.get(id) || 0, score));
        }
      }
      return best;
    }
  }

  function read(data) {
    pages = data;
    sections = data.flatMap((page, number) => page.sections.map(
      ([anchor, title, part, terms, text, code], place) => ({ page: number, place, anchor, title, part, terms, text, code })));
    [ofSections, ofPages, ofTopics] = [new Index(), new Index(), new Index()];
    sections.forEach((section, id) => {
      const long = Math.sqrt(wordsOf(section.title).filter((word) => !STOP.has(word.plain)).length || 1);
      const fields = { ...section, page: pages[section.page].title };
      for (const field of ["title", "terms", "part", "page", "text", "code"]) {
        ofSections.add(id, fields[field], WEIGHT[field] / (field === "title" ? long : 1));
      }
      ofPages.add(section.page, `${section.title} ${section.text}`, 1);
    });
    data.forEach((page, number) => {
      ofPages.add(number, page.also, 6);
      ofTopics.add(number, `${page.title} ${page.also}`, 6);
    });
  }

  /* ---- ranking ---- */

  /** The words of the index that a word of the question means, each with how surely. */
  function meanings(word, unfinished) {
    const found = new Map();
    const known = ofSections.words;
    if (known.has(word)) found.set(word, 1);
    if (word.length > 2 && (unfinished || !found.size)) {
      for (const other of known.keys()) {
        if (other.startsWith(word) && !found.has(other)) found.set(other, found.size ? 0.3 : 0.6);
      }
    }
    if (!found.size && word.length > 4) {
      for (const other of known.keys()) if (nearly(word, other)) found.set(other, 0.5);
    }
    return found;
  }

  /** Whether two words differ by one letter: too many, missing, another, or two swapped. */
  function nearly(a, b) {
    if (Math.abs(a.length - b.length) > 1) return false;
    let start = 0;
    while (start < a.length && a[start] === b[start]) start += 1;
    let end = 0;
    while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end += 1;
    const [restA, restB] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
    const swapped = restA.length === 2 && restA === [...restB].reverse().join("");
    return swapped || (restA.length < 2 && restB.length < 2);
  }

  /** Sum the scores of all words; a document should have all of them, above all the rare ones. */
  function rank(index, terms) {
    const total = new Map();
    const weights = terms.map(({ term }) => Math.max(...[...term.keys()].map((word) => index.rarity(word)), 0.1));
    const whole = weights.reduce((sum, weight) => sum + weight, 0);
    terms.forEach(({ term, form }, k) => {
      for (const [id, score] of index.scores(term, form)) {
        const known = total.get(id) || { score: 0, share: 0 };
        total.set(id, { score: known.score + score, share: known.share + weights[k] / whole });
      }
    });
    return new Map([...total].map(([id, { score, share }]) => [id, score * share]));
  }

  /** Search; returns pages, best first, each with its best sections, and the words to mark. */
  function search(question) {
    const words = wordsOf(question);
    const asked = words.filter((word) => !STOP.has(word.plain));
    const typed = asked.length ? asked : words;
    const unfinished = !/\s$/.test(question);
    const terms = typed.map((word, k) => ({
      term: meanings(word.stems[0], unfinished && k === typed.length - 1),
      form: word.plain,
    }));
    const spaced = (list) => ` ${list.join(" ")} `;
    const phrase = spaced(typed.map((word) => word.stems[0]));
    /* With its small words a phrase can mean something else: "hand in" is not "by hand". */
    const idiom = spaced(words.slice(words.indexOf(typed[0])).map((word) => word.stems[0]));
    const names = (text) => idiom !== phrase && spaced(stemsOf(text)).includes(idiom);
    const hits = [...rank(ofSections, terms)].map(([id, score]) => {
      const section = sections[id];
      const said = typed.length > 1 && [section.title, section.terms].some((text) => spaced(stemsOf(text)).includes(phrase));
      const minor = MINOR.test(section.title) || MINOR.test(section.part);
      return { section, score: score * (said ? 1.3 : 1) * (names(section.title) ? 2 : 1) * (minor ? 0.6 : 1) * (section.place ? 1 : 1.2) };
    });
    hits.sort((a, b) => b.score - a.score);
    return { pages: byPage(hits, rank(ofPages, terms), rank(ofTopics, terms), names), words: new Set(terms.flatMap(({ term }) => [...term.keys()])) };
  }

  /** Sections gathered by page.  The page counts too, and an early one, which introduces things. */
  function byPage(hits, whole, topics, names) {
    const groups = new Map();
    for (const hit of hits) {
      const number = hit.section.page;
      if (!groups.has(number)) groups.set(number, { page: pages[number], hits: [] });
      groups.get(number).hits.push(hit);
    }
    for (const [number, group] of groups) {
      const early = 1 + 0.15 * (1 - number / pages.length);
      const topic = (topics.get(number) || 0) * (names(group.page.also) ? 2 : 1);
      group.score = early * (group.page.teaches ? 1 : 0.7) * (group.hits[0].score + 0.2 * (group.hits[1]?.score || 0) + 0.8 * (whole.get(number) || 0) + topic);
    }
    return [...groups.values()].sort((a, b) => b.score - a.score);
  }

  /* ---- what is shown ---- */

  const make = (tag, options, ...children) => {
    const element = Object.assign(document.createElement(tag), options);
    element.append(...children);
    return element;
  };

  /** Pieces of a text; the words that were found are marked. */
  function marked(text, words) {
    const pieces = [];
    let done = 0;
    for (const word of wordsOf(text)) {
      if (!word.stems.some((one) => words.has(one))) continue;
      pieces.push(text.slice(done, word.at), make("mark", { textContent: word.raw }));
      done = word.at + word.raw.length;
    }
    return [...pieces, text.slice(done)];
  }

  /** The part of a text in which most of the words stand together. */
  function excerpt(text, words) {
    const places = wordsOf(text).filter((word) => word.stems.some((one) => words.has(one)));
    const near = (from) => new Set(places.filter(({ at }) => at >= from.at && at < from.at + 130).map((word) => word.stems[0])).size;
    const best = places.reduce((a, b) => (a && near(a) >= near(b) ? a : b), null);
    const from = best && best.at > 60 ? text.indexOf(" ", best.at - 50) + 1 : 0;
    const cut = text.length > from + 190 ? text.lastIndexOf(" ", from + 190) : text.length;
    return `${from ? "… " : ""}${text.slice(from, cut)}${cut < text.length ? " …" : ""}`;
  }

  const root = () => document.documentElement.dataset.content_root || "./";

  function hitLink({ section }, page, words, question, id) {
    const href = `${root()}${page.url}?words=${encodeURIComponent(question)}#${section.anchor}`;
    const link = make("a", { href, id, className: "course-hit" });
    link.setAttribute("role", "option");
    const title = make("span", { className: "course-hit-title" }, ...marked(section.title, words));
    const text = make("span", { className: "course-hit-text" }, ...marked(excerpt(section.text, words), words));
    link.append(title, text);
    return link;
  }

  function show(list, status, question, most) {
    const { pages: found, words } = search(question);
    list.replaceChildren(...found.slice(0, most).map((group, number) => {
      const name = make("span", { className: "course-hit-page" }, ...marked(group.page.title, words));
      const links = group.hits.slice(0, 3).map((hit, k) =>
        hitLink(hit, group.page, words, question, `${list.id}-${number}-${k}`));
      const block = make("div", { className: "course-hits" }, name, ...links);
      block.setAttribute("role", "group");
      block.setAttribute("aria-label", group.page.title);
      return block;
    }));
    const count = found.length === 1 ? "1 page" : `${found.length} pages`;
    status.textContent = found.length ? `${count}, best first.` : "Nothing found. Try fewer or other words.";
  }

  let loading = null;
  /** Load the index, once. */
  function load() {
    loading ||= new Promise((resolve, reject) => {
      document.head.append(make("script", { src: `${root()}_static/search_index.js`, onload: resolve, onerror: reject }));
    });
    return loading;
  }

  /** Make a field search while the reader types, and its results reachable by arrow keys. */
  function attach(form, list, status, most) {
    const field = form.querySelector("input");
    let active = -1;
    const choose = (number) => {
      const links = [...list.querySelectorAll("a")];
      active = links.length ? (number + links.length) % links.length : -1;
      links.forEach((link, k) => link.setAttribute("aria-selected", String(k === active)));
      if (active < 0) return field.removeAttribute("aria-activedescendant");
      links[active].scrollIntoView({ block: "nearest" });
      return field.setAttribute("aria-activedescendant", links[active].id);
    };
    const update = async () => {
      const question = field.value.trim() && field.value.trimStart();
      if (question) await load();
      if (question !== (field.value.trim() && field.value.trimStart())) return;
      field.setAttribute("aria-expanded", String(Boolean(question)));
      if (question) show(list, status, question, most);
      else { list.replaceChildren(); status.textContent = ""; }
      active = -1;
      field.removeAttribute("aria-activedescendant");
    };
    field.addEventListener("focus", () => load());
    field.addEventListener("input", update);
    field.addEventListener("keydown", (event) => {
      const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!move) return;
      event.preventDefault();
      choose(active < 0 && move < 0 ? -1 : active + move);
    });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      await update.call();
      const links = list.querySelectorAll("a");
      const chosen = field.getAttribute("aria-activedescendant");
      const target = document.getElementById(chosen) || links[0];
      if (target) location.assign(target.href);
      if (target) document.getElementById("pst-search-dialog").close();
    });
    return { field, update };
  }

  /* ---- on a page that was found ---- */

  function unmark() {
    document.querySelectorAll("mark.course-found").forEach((mark) => mark.replaceWith(...mark.childNodes));
    document.getElementById("course-unmark")?.remove();
  }

  /** Mark the words of the question in the section that the address names. */
  function markArrival() {
    const question = new URLSearchParams(location.search).get("words");
    const section = question && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!section) return;
    const words = new Set(wordsOf(question).filter((word) => !STOP.has(word.plain)).flatMap((word) => word.stems));
    const own = (node) => node.parentElement.closest("section") === section
      && !node.parentElement.closest("svg, script, style, button, mjx-container, .headerlink");
    const walker = document.createTreeWalker(section, NodeFilter.SHOW_TEXT);
    const texts = [];
    while (walker.nextNode()) if (own(walker.currentNode)) texts.push(walker.currentNode);
    for (const text of texts) {
      const pieces = marked(text.data, words);
      if (pieces.length > 1) text.replaceWith(...pieces);
    }
    section.querySelectorAll("mark").forEach((mark) => mark.classList.add("course-found"));
    if (!section.querySelector("mark")) return;
    document.body.append(make("button", { id: "course-unmark", className: "btn", textContent: "Remove the marks", onclick: unmark }));
    document.addEventListener("keydown", (event) => { if (event.key === "Escape") unmark(); });
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("form.bd-search").forEach((form) => {
      const box = form.parentElement;
      const most = box.id === "pst-search-dialog" ? 10 : 40;
      const { field, update } = attach(form, box.querySelector(".course-results"), box.querySelector(".course-search-status"), most);
      const asked = new URLSearchParams(location.search).get("q");
      if (asked && most > 10) { field.value = asked; update(); }
    });
    markArrival();
  });

  return { read, search, load };
})();
