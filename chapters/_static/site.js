/* Small things that the theme leaves to the reader: contents that follow, wide things that show
   that there is more, formulas that can be copied, and a page that prints. */
"use strict";

(() => {
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];

  /* ---- the contents follow the reader ---- */

  /** Scroll a list inside itself until an entry of it stands in its middle. */
  function bring(entry, list) {
    const [inner, outer] = [entry.getBoundingClientRect(), list.getBoundingClientRect()];
    const away = inner.top + inner.height / 2 - (outer.top + outer.height / 2);
    if (inner.top < outer.top + 40 || inner.bottom > outer.bottom - 40) list.scrollTop += away;
  }

  function followContents() {
    const contents = document.querySelector(".bd-sidebar-secondary");
    if (!contents) return;
    const follow = () => {
      const active = all(".nav-link.active", contents).at(-1);
      if (active) bring(active, contents);
    };
    new MutationObserver(follow).observe(contents, { subtree: true, attributeFilter: ["class"] });
    document.getElementById("pst-secondary-sidebar-modal")?.addEventListener("focusin", follow);
  }

  /** Open the list of chapters at the chapter that is read. */
  function followChapters() {
    const sidebar = document.getElementById("pst-primary-sidebar");
    const modal = document.getElementById("pst-primary-sidebar-modal");
    const show = () => {
      const current = all("li.current > a", document).at(-1);
      const list = current?.closest(".bd-sidebar-primary, dialog");
      if (list) bring(current, list);
    };
    if (!sidebar) return;
    show();
    new MutationObserver(() => requestAnimationFrame(show)).observe(modal, { attributeFilter: ["open"] });
  }

  /* ---- wide things show that there is more ---- */

  const WIDE = ".bd-article pre, .bd-article div.math, .bd-article span.course-wide, .bd-article table, .cell_output > .output";

  /** Note at which side of wide things there is more, and let the keyboard reach them. */
  function noteMore(boxes) {
    const sizes = boxes.map((box) => [box, box.scrollWidth - box.clientWidth, box.scrollLeft]);
    for (const [box, more, at] of sizes) {
      const wide = more > 2 && getComputedStyle(box).overflowX !== "visible";
      box.classList.toggle("course-more-right", wide && at < more - 2);
      box.classList.toggle("course-more-left", wide && at > 2);
      if (wide) box.tabIndex = 0;
      else if (box.tabIndex === 0) box.removeAttribute("tabindex");
    }
  }

  function showMore() {
    const room = (one) => one.closest("p, li, td, th, dd, dt, div, section").clientWidth;
    const width = (one) => (one.closest(".course-joined") ?? one.firstElementChild).offsetWidth;
    all(".bd-article span.math").filter((one) => width(one) > room(one))
      .forEach((one) => one.classList.add("course-wide"));
    const sizes = new ResizeObserver((entries) => noteMore(entries.map(({ target }) => target)));
    all(WIDE).forEach((box) => sizes.observe(box));
    document.addEventListener("scroll", ({ target }) => {
      if (target !== document && target.matches(WIDE)) noteMore([target]);
    }, { passive: true, capture: true });
    all(".bd-article td").filter((cell) => cell.textContent.length > 28)
      .forEach((cell) => cell.classList.add("course-prose"));
  }

  /* ---- copying ---- */

  /** What is copied of a formula is its source. */
  function copyFormulas(event) {
    const selection = getSelection();
    if (selection.isCollapsed) return;
    const copy = document.createElement("div");
    copy.append(selection.getRangeAt(0).cloneContents());
    const formulas = all("[data-tex]", copy);
    if (!formulas.length) return;
    formulas.forEach((one) => {
      const sign = one.tagName === "DIV" ? "$$" : "$";
      one.textContent = `${sign}${one.dataset.tex}${sign}`;
    });
    event.clipboardData.setData("text/plain", copy.textContent);
    event.clipboardData.setData("text/html", copy.innerHTML);
    event.preventDefault();
  }

  /** One stop of the tab key a cell: its code where that scrolls, else its copy button. */
  function nameButtons() {
    all("button.copybtn").forEach((button) => {
      button.setAttribute("aria-label", "Copy this code");
      const box = button.closest(".highlight");
      const code = box?.querySelector("pre");
      if (!code) return;
      const scrolls = () => code.tabIndex === 0;
      const rest = () => { button.tabIndex = scrolls() ? -1 : 0; };
      rest();
      new MutationObserver(rest).observe(code, { attributeFilter: ["tabindex"] });
      box.addEventListener("focusin", () => { button.tabIndex = 0; });
      box.addEventListener("focusout", (event) => { if (!box.contains(event.relatedTarget)) rest(); });
    });
    all("a.headerlink").forEach((link) => { link.tabIndex = -1; });
  }

  /* ---- printing ---- */

  let before = null;

  /** Print in light colours, with everything open that a reader of paper cannot open. */
  function beginPrint() {
    if (before) return;
    const closed = all("details:not([open])").filter((one) => !one.classList.contains("hide"));
    before = { theme: document.documentElement.dataset.theme, closed };
    document.documentElement.dataset.theme = "light";
    closed.forEach((one) => { one.open = true; });
  }

  function endPrint() {
    if (!before) return;
    document.documentElement.dataset.theme = before.theme;
    before.closed.forEach((one) => { one.open = false; });
    before = null;
  }

  addEventListener("beforeprint", beginPrint);
  addEventListener("afterprint", endPrint);
  document.addEventListener("copy", copyFormulas);
  addEventListener("load", nameButtons);
  document.addEventListener("DOMContentLoaded", () => {
    followContents();
    followChapters();
    document.fonts.ready.then(showMore);
  });
})();
