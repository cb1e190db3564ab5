"use strict";
/* What a reader has read, kept in this browser only (localStorage) and sent nowhere.
   tools/book/progress.py says which elements of a page take part.  A section counts as read when
   it was in view for some seconds and its end was seen; a page is done when nearly all are. */
(() => {
  const KEY = "lstm-course-progress";
  const TICK = 1000; // milliseconds
  const DWELL = 3; // ticks in view
  const DONE = 0.9; // share of the sections
  const here = document.currentScript.dataset.page;
  const root = new URL(document.documentElement.dataset.content_root || "./", location.href);
  const line = document.querySelector(".course-reading .course-left");
  const plain = line ? line.textContent : "";
  let memory = {}; // in place of a storage that is blocked or full

  const isObject = (value) => value !== null && typeof value === "object";
  const listOf = (value) => (Array.isArray(value) ? value : []);

  function load() {
    let kept = memory;
    try {
      kept = JSON.parse(localStorage.getItem(KEY)) || memory;
    } catch {
      // blocked, or not ours: what this page knows is all there is
    }
    return isObject(kept) && isObject(kept.pages) ? kept : { pages: {} };
  }

  function change(alter) {
    const kept = load();
    kept.pages[here] = isObject(kept.pages[here]) ? kept.pages[here] : {};
    alter(kept.pages[here], kept);
    memory = kept;
    try {
      localStorage.setItem(KEY, JSON.stringify(kept));
    } catch {
      // blocked or full: it is kept as long as the page is open
    }
    show(kept);
  }

  /* The sections of the page, each with its heading and the length of its own text. */
  const top = document.querySelector("article section");
  const all = top && line ? [...top.querySelectorAll("section[id]")] : [];
  const sections = all.map((section) => ({
    id: section.id,
    heading: section.querySelector("h2, h3, h4, h5, h6"),
    length: [...section.children]
      .filter((child) => child.tagName !== "SECTION")
      .reduce((sum, child) => sum + child.textContent.length, 0),
    ticks: 0,
    ended: false,
  }));

  function titleOf(heading) {
    const copy = heading.cloneNode(true);
    copy.querySelectorAll(".headerlink").forEach((one) => one.remove());
    return copy.textContent.trim();
  }

  function minutesLeft(read) {
    const sum = (some) => some.reduce((total, section) => total + section.length, 0);
    const left = sections.filter((section) => !read.includes(section.id));
    const whole = Number(line.closest("[data-minutes]").dataset.minutes);
    const minutes = (whole * sum(left)) / Math.max(1, sum(sections));
    return minutes > 10 ? 5 * Math.round(minutes / 5) : Math.ceil(minutes);
  }

  function wordsFor(page) {
    const read = listOf(page.read).filter((id) => sections.some((one) => one.id === id));
    const questions = document.querySelectorAll(".quiz form").length;
    const answered = listOf(page.quizzes).length;
    const left = minutesLeft(read);
    let words = plain;
    if (read.length) words = `${read.length} of ${sections.length} sections read`;
    if (read.length && left) words += `, about ${left} min left`;
    return answered ? `${words}; ${answered} of ${questions} questions answered` : words;
  }

  function stateOf(page) {
    if (!isObject(page) || !listOf(page.read).length) return "";
    return page.read.length >= DONE * page.total ? "course-done" : "course-begun";
  }

  function mark(element, state) {
    element.classList.toggle("course-done", state === "course-done");
    element.classList.toggle("course-begun", state === "course-begun");
  }

  const pageOf = (link) => {
    if (link.getAttribute("href") === "#") return here;
    const path = new URL(link.href).pathname;
    return path.startsWith(root.pathname) ? path.slice(root.pathname.length, -".html".length) : "";
  };

  function showContinue(kept) {
    const place = document.getElementById("course-continue");
    if (!place) return;
    const page = kept.pages[kept.last];
    place.hidden = !isObject(page);
    if (place.hidden) return;
    place.href = new URL(`./${kept.last}.html#${page.at || ""}`, root).href;
    place.textContent = `Continue where you were: ${page.title}`;
    if (page.section) place.textContent += `, ${page.section}`;
  }

  function show(kept) {
    const page = isObject(kept.pages[here]) ? kept.pages[here] : {};
    if (line) line.textContent = wordsFor(page);
    document.querySelectorAll(".page-toc a[href^='#']").forEach((link) => {
      link.classList.toggle("course-read", listOf(page.read).includes(link.hash.slice(1)));
    });
    document.querySelectorAll(".bd-links a.reference.internal").forEach((link) => {
      mark(link, stateOf(kept.pages[pageOf(link)]));
    });
    document.querySelectorAll("[data-page]:not(script)").forEach((station) => {
      mark(station, stateOf(kept.pages[station.dataset.page]));
    });
    showContinue(kept);
  }

  /* Look where the reader is; keep what is new. */
  function look() {
    if (document.visibilityState !== "visible") return;
    const tops = sections.map((section) => section.heading.getBoundingClientRect().top);
    const bottoms = [...tops.slice(1), top.getBoundingClientRect().bottom];
    sections.forEach((section, place) => {
      if (tops[place] >= innerHeight || bottoms[place] <= 0) return;
      section.ticks += 1;
      section.ended = section.ended || bottoms[place] <= innerHeight + 1;
    });
    const current = sections.filter((section, place) => tops[place] < innerHeight / 2).pop();
    const read = sections.filter((one) => one.ended && one.ticks >= DWELL).map((one) => one.id);
    const before = load();
    const page = isObject(before.pages[here]) ? before.pages[here] : {};
    const fresh = read.filter((id) => !listOf(page.read).includes(id));
    const at = current ? current.id : "";
    if (!fresh.length && page.at === at && before.last === here) return;
    change((mine, kept) => {
      mine.read = [...listOf(mine.read), ...fresh];
      mine.total = sections.length;
      mine.title = titleOf(top.querySelector("h1"));
      mine.at = at;
      mine.section = current ? titleOf(current.heading) : "";
      kept.last = here;
    });
  }

  function forget(event) {
    memory = {};
    try {
      localStorage.removeItem(KEY);
    } catch {
      // blocked: there is nothing to remove
    }
    for (const section of sections) {
      section.ticks = 0;
      section.ended = false;
    }
    show(load());
    event.target.textContent = "Forgotten";
  }

  document.querySelectorAll(".course-forget").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", forget);
  });
  document.addEventListener("course-quiz", (event) => {
    change((mine) => {
      mine.quizzes = [...new Set([...listOf(mine.quizzes), event.target.id])];
    });
  });
  window.addEventListener("storage", () => show(load()));
  show(load());
  if (sections.length) setInterval(look, TICK);
})();
