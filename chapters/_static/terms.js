"use strict";
/* Shows what a marked term means beside it: when it is pointed at, focused or tapped.
   tools/book/terms.py writes the marks and the meanings.  Escape closes. */
(() => {
  const MARGIN = 8;
  let open = null; // the mark whose meaning is shown
  let waiting = 0;

  const meaningOf = (mark) => document.getElementById(mark.getAttribute("aria-describedby"));

  function place(mark, about) {
    const box = mark.getClientRects()[0];
    const room = document.documentElement.clientWidth - about.offsetWidth - MARGIN;
    const below = box.bottom + MARGIN / 2;
    const above = box.top - about.offsetHeight - MARGIN / 2;
    const fits = below + about.offsetHeight < window.innerHeight || above < 0;
    about.style.left = `${Math.max(MARGIN, Math.min(box.left, room)) + window.scrollX}px`;
    about.style.top = `${(fits ? below : above) + window.scrollY}px`;
  }

  function close() {
    clearTimeout(waiting);
    if (open) meaningOf(open).hidden = true;
    open = null;
  }

  function show(mark) {
    clearTimeout(waiting);
    if (open === mark) return;
    close();
    open = mark;
    meaningOf(mark).hidden = false;
    place(mark, meaningOf(mark));
  }

  function soon(action, milliseconds) {
    clearTimeout(waiting);
    waiting = setTimeout(action, milliseconds);
  }

  document.querySelectorAll(".course-term").forEach((mark) => {
    const about = meaningOf(mark);
    let touched = false;
    document.body.append(about); // so that its place is that on the page
    mark.addEventListener("pointerdown", (event) => {
      touched = event.pointerType === "touch";
    });
    mark.addEventListener("pointercancel", () => {
      touched = false;
    });
    mark.addEventListener("pointerenter", (event) => {
      if (event.pointerType !== "touch") soon(() => show(mark), 150);
    });
    for (const part of [mark, about]) {
      part.addEventListener("pointerleave", (event) => {
        if (event.pointerType !== "touch") soon(close, 250);
      });
    }
    about.addEventListener("pointerenter", () => clearTimeout(waiting));
    mark.addEventListener("focus", () => {
      if (!touched) show(mark);
    });
    mark.addEventListener("blur", () => soon(close, 250));
    mark.addEventListener("click", (event) => {
      const tapped = touched;
      touched = false;
      if (!tapped) return; // with a mouse or a key it is a link to the notation page
      event.preventDefault();
      if (open === mark) close();
      else show(mark);
    });
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
  document.addEventListener("pointerdown", (event) => {
    if (open && !open.contains(event.target) && !meaningOf(open).contains(event.target)) close();
  });
})();
