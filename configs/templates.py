"""Prompt templates: phrases between commas, with slots in braces. A phrase whose slot is empty vanishes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from string import Formatter

SUBJECT = "subject"
STYLE = "style"
TONE = "tone"
_OLD_SUBJECT = "prompt"


@dataclass(frozen=True, slots=True)
class Phrase:
    """Text and names of slots by turns, the comma before it included: `text[0] slots[0] text[1] …`."""

    texts: tuple[str, ...]
    slots: tuple[str, ...]

    def fill(self, words: Mapping[str, str]) -> str:
        """Nothing, where one of its slots has no words."""
        if any(not words.get(slot) for slot in self.slots):
            return ""
        filled = [text + words[slot] for text, slot in zip(self.texts, self.slots, strict=False)]
        return "".join([*filled, self.texts[-1]])


@dataclass(frozen=True, slots=True)
class Template:
    """`head`, the subject and `tail`; head and tail are phrases. `lead` and `rest` are what stands beside the subject
    in its own phrase."""

    head: tuple[Phrase, ...]
    lead: str
    rest: str
    tail: tuple[Phrase, ...]

    @property
    def slots(self) -> set[str]:
        """The names in braces."""
        return {SUBJECT}.union(*(phrase.slots for phrase in (*self.head, *self.tail)))

    @classmethod
    @lru_cache(maxsize=512)  # each plan asks for one; nothing makes another template of the same text
    def parse(cls, text: str) -> Template:
        """Raises `ValueError` for stray braces, for a template that has not exactly one `{subject}` (which older ones
        call `{prompt}`), and for a slot that shares the subject's phrase."""
        phrases = _phrases(_pieces(text.strip()))
        homes = [i for i, phrase in enumerate(phrases) if SUBJECT in phrase.slots]
        if len(homes) != 1 or phrases[homes[0]].slots.count(SUBJECT) != 1:
            raise ValueError("prompt_template must contain {subject} exactly once")
        home = phrases[homes[0]]
        beside = [slot for slot in home.slots if slot != SUBJECT]
        if beside:
            message = "would take the subject with it when it is empty: set it off with a comma"
            raise ValueError(f"{{{beside[0]}}} stands in one phrase with {{subject}} and {message}")
        return cls(phrases[: homes[0]], home.texts[0], home.texts[1], phrases[homes[0] + 1 :])

    def around(self, words: Mapping[str, str]) -> tuple[str, str]:
        """What stands before and after the subject when the other slots have these words."""
        head = "".join(phrase.fill(words) for phrase in self.head)
        lead = self.lead if head else self.lead.lstrip(", ")
        return head.lstrip(", ") + lead, self.rest + "".join(phrase.fill(words) for phrase in self.tail)


def _pieces(text: str) -> list[tuple[str, str | None]]:
    """Text and the slot after it. Raises `ValueError` for what is no slot."""
    try:
        parsed = list(Formatter().parse(text))
    except ValueError:
        raise ValueError("prompt_template has a stray brace: slots are written {name}") from None
    pieces: list[tuple[str, str | None]] = []
    for before, name, format, conversion in parsed:
        if "{" in before or "}" in before or format or conversion or (name is not None and not name.isidentifier()):
            raise ValueError("prompt_template has a stray brace: slots are written {name}")
        pieces.append((before, SUBJECT if name == _OLD_SUBJECT else name))
    return pieces


def _phrases(pieces: list[tuple[str, str | None]]) -> tuple[Phrase, ...]:
    """Cut before each comma that the template itself has."""
    phrases: list[tuple[list[str], list[str]]] = [([""], [])]
    for text, slot in pieces:
        first, *others = text.split(",")
        phrases[-1][0][-1] += first
        phrases += [([f",{other}"], []) for other in others]
        if slot is not None:
            phrases[-1][0].append("")
            phrases[-1][1].append(slot)
    return tuple(Phrase(tuple(texts), tuple(slots)) for texts, slots in phrases)
