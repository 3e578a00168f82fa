"""Sentences of what a classifier has seen: what it is sure of is said, and the rest is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from configs.frozen import Frozen
from deployments.captioners.captioner import Caption

Share: TypeAlias = Annotated[float, Field(ge=0, le=1)]
Part: TypeAlias = Literal["subject", "colour", "background", "style", "garment"]
GARMENT = "garment:"
"""A question of this beginning asks for the colour of a garment."""
NONE, OTHER = "none", "other"
"""Answers: it is not worn; it is none of those that are known."""


class Answer(Frozen):
    """The likeliest answer to a question, and how likely it is."""

    said: str
    likely: Share


class Grammar(Frozen):
    """The words that answers become: `grounds` and `styles` by what they say, `people` wear garments, `plural` ones
    have no article. `sure` is how likely the answer of a part has to be before it is said."""

    people: tuple[str, ...]
    plural: tuple[str, ...]
    grounds: Mapping[str, str]
    styles: Mapping[str, str]
    anything: str
    sure: Mapping[Part, Share]


def tell(seen: Mapping[str, Answer], grammar: Grammar) -> Caption:
    """A sentence about `seen`, the answers by question: `a red bicycle on a white background`. Without a subject that
    it is sure of it says what kind of picture that is, and is unsure."""
    subject = _said(seen["subject"], "subject", grammar)
    ground = _said(seen["background"], "background", grammar)
    on = f" {grammar.grounds[ground]}" if ground is not None else ""
    if subject is None:
        style = _said(seen["style"], "style", grammar)
        return Caption((grammar.styles[style] if style is not None else grammar.anything) + on, unsure=True)
    if subject in grammar.people:
        worn, unsure = _worn(seen, grammar)
        return Caption(_with_article(subject, grammar) + (f" in {_join(worn)}" if worn else "") + on, unsure)
    colour = _said(seen["colour"], "colour", grammar)
    words = subject if colour is None else f"{colour} {subject}"
    return Caption(_with_article(words, grammar) + on, unsure=colour is None)


def _said(answer: Answer, part: Part, grammar: Grammar) -> str | None:
    """None for what it is not sure of, and for what it has no word for."""
    return answer.said if answer.said != OTHER and answer.likely >= grammar.sure[part] else None


def _worn(seen: Mapping[str, Answer], grammar: Grammar) -> tuple[Sequence[str], bool]:
    """Garments with their colours, and whether there is one that may be worn, or not, or in another colour."""
    worn, unsure = [], False
    for question, answer in seen.items():
        if question.startswith(GARMENT):
            said = _said(answer, "garment", grammar)
            unsure = unsure or said is None
            if said not in (None, NONE):
                worn.append(_with_article(f"{said} {question.removeprefix(GARMENT)}", grammar))
    return worn, unsure


def _with_article(words: str, grammar: Grammar) -> str:
    if any(words.endswith(one) for one in grammar.plural):
        return words
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


def _join(items: Sequence[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"
