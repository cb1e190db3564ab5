"""A student's function beside the answer, on the same inputs, and the mistake that explains it.

    yours = attempt(candidate, reference.candidate, cases, known.candidate)
    with parts.part("the reset gate after the product", 1):
        yours.check("g", group="after")

While the student is right, only the student's function and the answer run.  Where they differ,
every mistaken version of the answer runs on these very inputs, and its sentence is said only if
one mistake, and no other, explains everything that was seen: all results in all cases, or the
same exception.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from nbjudge.checks import kinds, raised
from nbjudge.checks.arrays import CheckFailed, note_texts
from nbjudge.checks.calls import check_own
from nbjudge.checks.compare import check_raised, check_value
from nbjudge.checks.kinds import Compared
from nbjudge.checks.mistakes import Mistakes, versions
from nbjudge.checks.parts import is_lost
from nbjudge.checks.seen import Case, Seen, alike, see

Functions = Callable[..., Any] | Sequence[Callable[..., Any]]


def attempt(
    yours: Functions,
    answers: Functions,
    cases: Iterable[Case],
    mistakes: Mistakes = (),
    gives: Sequence[str] = ("the result",),
) -> Attempt:
    """Compare a student's function with the answer; nothing runs before `Attempt.check`.

    Parameters
    ----------
    yours : callable, or several
        The student's function or class; several where a question asks for several.
    answers : callable, or several
        The answer, in a module of the answers, in the same order.
    cases : iterable of Case
        The calls; visible and hidden tests differ in these alone.
    mistakes : sequence of (sentence, ways)
        What is known to go wrong in this question.
    gives : sequence of str
        What the results are called; scenes name their own.
    """
    own = (yours,) if callable(yours) else tuple(yours)
    best = (answers,) if callable(answers) else tuple(answers)
    return Attempt(own, best, list(cases), mistakes, tuple(gives))


class Attempt:
    """What a student's functions show in all cases, beside what is right.

    Attributes
    ----------
    noted : callable or None
        Called with "named" or "kind" where a failure is explained, for those who measure how many
        are; in a notebook it stays None.
    seen : dict or None
        What mistaken versions showed, kept from one attempt to the next by those who run the same
        cases again and again; in a notebook it stays None.
    """

    noted: Callable[[str], object] | None = None
    seen: dict[tuple[str, int, int], Seen] | None = None

    def __init__(
        self,
        own: tuple[Callable[..., Any], ...],
        answers: tuple[Callable[..., Any], ...],
        cases: list[Case],
        mistakes: Mistakes,
        gives: tuple[str, ...],
    ) -> None:
        self._own, self._answers, self._gives = own, answers, gives
        self._cases, self._mistakes = cases, mistakes
        self._kept: dict[tuple[str, int, int], Seen] = {}  # what mistaken versions have shown
        self._seconds: list[float] = []  # that the answer took in each case

    def check(self, *names: str, group: str | None = None) -> None:
        """Compare some results, by default all, in the cases of a group, by default in all.

        Nothing runs where the part has failed already: hidden tests say no more of it.

        Parameters
        ----------
        *names : str
            Results by the names that ``gives`` or the scenes give them.
        group : str, optional
            The group of the cases that count here.

        Raises
        ------
        CheckFailed
            With the sentence of the mistake, where one explains all that was seen.
        NotImplementedError
            If the function is not written yet.
        """
        if is_lost():
            return
        for function in self._own:
            check_own(function)
        note_texts(*(sentence for sentence, _ in self._mistakes))
        chosen = [k for k, case in enumerate(self._cases) if group in (None, case.group)]
        try:
            for k in chosen:
                self._check_call(k)
            for facts in (True, False):  # what explains comes before what is only compared
                for k in chosen:
                    self._check_results(k, names, facts)
        except CheckFailed as failure:
            raise self._explained(failure, chosen) from failure.__cause__

    def _check_call(self, k: int) -> None:
        """Check whether a call came back, or raised what it must, and left its arguments."""
        case, yours = self._cases[k], self._yours[k]
        if case.raises is not None:
            check_raised(case.label, yours.error, *case.raises)
        elif yours.error is not None:
            raise raised.as_failure(yours.error, self._own) from yours.error
        elif yours.changed:
            raise _changed(yours.changed)

    def _check_results(self, k: int, names: Sequence[str], facts: bool) -> None:
        """Compare the results of a call: those that are facts, or the others."""
        case, right, found = self._cases[k], self._right[k], self._yours[k].results
        for name in names or right.results:
            if name not in right.results or (right.results[name] is True) is not facts:
                continue
            if facts:
                _check_fact(name, found.get(name))
                continue
            called = f"{name} for {case.label}"
            try:
                check_value(called, found.get(name), right.results[name], len(right.results) == 1)
            except CheckFailed as failure:
                failure.result = name  # type: ignore[attr-defined]
                raise

    @cached_property
    def _yours(self) -> list[Seen]:
        return [see(self._own, case, self._gives) for case in self._cases]

    @cached_property
    def _right(self) -> list[Seen]:
        found = []
        for case in self._cases:
            began = time.process_time()
            found.append(see(self._answers, case, self._gives))
            self._seconds.append(time.process_time() - began)
        return found

    @cached_property
    def _telling(self) -> list[int]:
        """The cases in the order in which they rule most mistakes out in the least time.

        First those in which the student's function differs from the answer, the quick ones
        before the slow ones; the order changes nothing in what is said.
        """
        same = list(map(alike, self._yours, self._right))
        return sorted(range(len(self._cases)), key=lambda k: (same[k], self._seconds[k]))

    def _sentences(self, chosen: Sequence[int]) -> list[str]:
        """Return the mistakes that show in the chosen cases what the student's function shows."""
        found: dict[str, None] = {}
        with np.errstate(all="ignore"):
            for number, (sentence, _) in enumerate(self._versions):
                if sentence not in found and self._shows_the_same(number, chosen):
                    found[sentence] = None
        return list(found)

    @cached_property
    def _versions(self) -> list[tuple[str, tuple[Any, ...]]]:
        return list(versions(self._answers, self._mistakes))

    def _shows_the_same(self, number: int, chosen: Sequence[int]) -> bool:
        return all(
            alike(self._shown(number, k), self._yours[k]) for k in self._telling if k in chosen
        )

    def _shown(self, number: int, k: int) -> Seen:
        """Return what a mistaken version shows in a case."""
        sentence, functions = self._versions[number]
        answer = f"{self._answers[0].__module__}.{self._answers[0].__name__}"
        key = f"{answer}: {sentence}: {self._cases[k].label}", number, k
        known = self._kept if Attempt.seen is None else Attempt.seen
        if key not in known:
            known[key] = see(functions, self._cases[k], self._gives)
        return known[key]

    def _kind(self, name: str) -> str:
        """Return what can be said of a wrong result without knowing the question.

        Students return all sorts of things: one that a recogniser stumbles over has no kind.
        """
        functions, seen = (self._own, self._answers), (self._yours, self._right)
        with contextlib.suppress(Exception):
            compared = Compared(*functions, self._cases, self._gives, *seen)
            return kinds.recognised(name, compared)
        return ""

    def _explained(self, failure: CheckFailed, chosen: Sequence[int]) -> CheckFailed:
        """Return a failure with the sentence of the mistake, if exactly one explains it.

        A mistake in another group of cases is another mistake: where nothing explains all cases,
        what explains those of the group is said.
        """
        said, name = str(failure), getattr(failure, "result", "")
        sentences = self._sentences(range(len(self._cases))) or self._sentences(chosen)
        if len(sentences) == 1:
            (sentence,) = sentences
            self._note("named")
            message = said if sentence in said else f"{sentence} ({said})"
            new = CheckFailed(message, failure.public, *failure.texts, sentence)
        elif not sentences and name and (kind := self._kind(name)):
            self._note("kind")
            new = CheckFailed(f"{kind} ({said})", failure.public, *failure.texts)
        else:
            return failure
        new.__dict__.update({k: v for k, v in vars(failure).items() if k not in vars(new)})
        return new

    def _note(self, how: str) -> None:
        if Attempt.noted is not None:
            Attempt.noted(how)


def _check_fact(name: str, actual: Any) -> None:
    note_texts(name)
    if actual is not True and not (isinstance(actual, np.bool_) and actual):
        raise CheckFailed(name, name)


def _changed(names: Sequence[str]) -> CheckFailed:
    which = " and ".join(names)
    noun = "argument" if len(names) == 1 else "arguments"
    return CheckFailed(
        f"your function changes its {noun} {which}, which the caller still needs: "
        "work on a new array (`a = a + b`, not `a += b`)",
        "Your function changes an argument, which the caller still needs",
        *names,
    )
