"use strict";
/* Quizzes that answer. tools/book/quiz.py writes them; all that is said stands on the page.
   A question that was answered right is told to the page as the event "course-quiz". */
(() => {
  const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;
  const GROUPS = /^[-+]?\d{1,3}([.,]\d{3})+$/;

  /* The numbers that a text may mean: 0,5 is one half, and 33,024 is 33024 or 33.024. */
  function readings(text) {
    const plain = text.replace(/[\s\u00a0\u202f'\u2019]/g, "").replace("\u2212", "-");
    const marks = plain.match(/[.,]/g) || [];
    const last = marks[marks.length - 1];
    const found = [];
    if (marks.filter((mark) => mark === last).length < 2) {
      const end = plain.lastIndexOf(last);
      found.push(plain.replace(/[.,]/g, (mark, place) => (place === end ? "." : "")));
    }
    if (GROUPS.test(plain)) found.push(plain.replace(/[.,]/g, ""));
    return found.filter((one) => NUMBER.test(one)).map(Number);
  }

  /* The reply to the number that lies nearest, within the tolerance; or that to all others. */
  function replyToNumber(replies, numbers, tolerance) {
    const distance = (reply) => {
      const value = Number(reply.dataset.value);
      const near = Math.min(...numbers.map((number) => Math.abs(number - value)));
      return near <= Math.max(tolerance, 1e-9 * Math.abs(value)) ? near : Infinity;
    };
    const others = replies.find((reply) => reply.dataset.value === "otherwise");
    const found = replies
      .filter((reply) => reply !== others && distance(reply) < Infinity)
      .sort((one, two) => distance(one) - distance(two));
    return found[0] || others;
  }

  function paragraph(text) {
    const made = document.createElement("p");
    made.textContent = text;
    return made;
  }

  /* A copy of a reply, without what may stand on a page once only. */
  function copyOf(reply) {
    const copy = reply.cloneNode(true);
    copy.querySelectorAll(".copybtn, .quiz-of > .quiz-letter").forEach((one) => one.remove());
    copy.querySelectorAll("[id]").forEach((one) => one.removeAttribute("id"));
    return copy;
  }

  function ask(quiz) {
    const form = quiz.querySelector("form");
    const said = quiz.querySelector(".quiz-said");
    const again = quiz.querySelector("button[type=reset]");
    const details = quiz.querySelector(".quiz-answers");
    const field = quiz.querySelector("input[type=text]");
    const replies = [...quiz.querySelectorAll(".quiz-reply")];

    function clear() {
      said.replaceChildren();
      again.hidden = true;
      quiz.querySelectorAll(".quiz-choice").forEach((one) => delete one.dataset.right);
    }

    function answer(reply, label) {
      const right = reply ? reply.dataset.right === "true" : false;
      said.replaceChildren(reply ? copyOf(reply) : paragraph("Not quite: it is another number."));
      if (label) label.dataset.right = String(right);
      again.hidden = false;
      quiz.classList.add("quiz-tried");
      if (right) quiz.dispatchEvent(new CustomEvent("course-quiz", { bubbles: true }));
    }

    function submitted() {
      clear();
      if (field) {
        const numbers = readings(field.value);
        if (!numbers.length) return said.append(paragraph("Type a number, such as 0.5 or 0,5."));
        return answer(replyToNumber(replies, numbers, Number(quiz.dataset.tolerance)));
      }
      const taken = quiz.querySelector("input:checked");
      if (!taken) return said.append(paragraph("Choose an answer first."));
      const reply = replies.find((one) => one.dataset.value === taken.value);
      return answer(reply, taken.closest(".quiz-choice"));
    }

    quiz.classList.add("quiz-live");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      submitted();
    });
    form.addEventListener("input", clear);
    form.addEventListener("reset", () => {
      clear();
      details.open = false;
      quiz.querySelector("input").focus();
    });
  }

  document.querySelectorAll(".quiz form").forEach((form) => ask(form.closest(".quiz")));
})();
