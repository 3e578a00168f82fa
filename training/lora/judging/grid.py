"""The fixed grid that every checkpoint draws: prompts of several kinds, each with the same seeds.

Captions of brand sets say one thing after another in the same frame ("a mug, kestrel style"). What is the same in all
is the frame, and the rest the subject; other subjects are put into it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from configs.judgement import GridPrompt, PromptKind

SUBJECTS = (
    "umbrella", "bird", "key", "bottle", "camera", "tree", "clock", "car", "chair", "fish", "lamp", "book", "shoe",
    "star", "guitar", "bicycle", "leaf", "house", "mug", "cat", "bell", "apple", "crown", "rocket", "flower",
)  # fmt: skip
"""What most models can draw, for subjects that a set does not have."""
_COLOURED = ("a red {}", "a blue {}", "a green {}")
_ARTICLE = re.compile(r"(?<!\w)a $")
_GROUND = "{} in the green hills"


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands before and after the subject in every caption."""

    before: str
    after: str

    def around(self, subject: str) -> str:
        """With the article that it takes."""
        before = _ARTICLE.sub("an ", self.before) if subject[0] in "aeiou" else self.before
        return f"{before}{subject}{self.after}"

    def subject(self, caption: str) -> str:
        """What a caption has within, the whole of it where it is framed otherwise."""
        if caption.startswith(self.before) and caption.endswith(self.after):
            return caption[len(self.before) : len(caption) - len(self.after)].strip() or caption
        return caption


@dataclass(frozen=True, slots=True)
class GridSize:
    """How many prompts of each kind, as far as there are as many."""

    known: int = 3
    held_out: int = 2
    unseen: int = 3
    foreign: int = 1
    plain: int = 3


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture of the grid."""

    prompt: GridPrompt
    seed: int


def find_frame(captions: Sequence[str], trigger: str) -> Frame:
    """That of the captions; where they have none in common, the trigger behind the subject."""
    before, after = _common(captions), _common([caption[::-1] for caption in captions])[::-1]
    fits = all(len(caption) > len(before) + len(after) for caption in captions)
    if len(captions) > 1 and fits and (before or after):
        return Frame(before, after)
    return Frame("a ", f", {trigger}" if trigger else "")


def without_trigger(text: str, trigger: str) -> str:
    """`text` without the clause that names the trigger; without the word itself where there is no other clause."""
    if not trigger:
        return text
    named = re.compile(rf"(?<!\w){re.escape(trigger)}(?!\w)", re.IGNORECASE)
    clauses = [clause.strip() for clause in text.split(",")]
    left = [clause for clause in clauses if not named.search(clause)]
    return ", ".join(left) if left else " ".join(named.sub(" ", text).split())


def compose(
    captions: Sequence[str], held_out: Sequence[str], trigger: str, size: GridSize | None = None
) -> tuple[GridPrompt, ...]:
    """The prompts for a set whose learned pictures have `captions`, empty ones aside. A function of what is given."""
    size = size or GridSize()
    captions, held_out = ([caption for caption in side if caption.strip()] for side in (captions, held_out))
    frame = find_frame([*dict.fromkeys((*captions, *held_out))], trigger)
    taken = " ".join((*captions, *held_out)).lower()
    strangers = [one for one in SUBJECTS if not re.search(rf"\b{one}", taken)] or list(SUBJECTS)

    def prompt(kind: PromptKind, text: str) -> GridPrompt:
        return GridPrompt(text=text, kind=kind, subject=without_trigger(text, trigger))

    colours = [form.format(one) for form, one in zip(_COLOURED, reversed(strangers), strict=False)]
    return (
        *(prompt("known", caption) for caption in spread(captions, size.known)),
        *(prompt("held_out", caption) for caption in spread(held_out, size.held_out)),
        *(prompt("unseen", frame.around(one)) for one in strangers[: size.unseen]),
        *(prompt("foreign", frame.around(_GROUND.format(one))) for one in strangers[size.unseen :][: size.foreign]),
        *(GridPrompt(text=text, kind="plain", subject=text) for text in colours[: size.plain]),
    )


def shots(prompts: Iterable[GridPrompt], seeds: Sequence[int]) -> tuple[Shot, ...]:
    """Every prompt with the first seed, and subjects that the set lacks with all: prompts are the witnesses, and only
    how unlike seeds are takes more than one."""
    return tuple(Shot(prompt, seed) for prompt in prompts for seed in (seeds if prompt.kind == "unseen" else seeds[:1]))


def spread(captions: Sequence[str], count: int) -> list[str]:
    """`count` unlike ones, evenly from the first to the last."""
    unlike = [*dict.fromkeys(captions)]
    if len(unlike) <= count:
        return unlike
    return [unlike[place * (len(unlike) - 1) // max(count - 1, 1)] for place in range(count)]


def _common(texts: Sequence[str]) -> str:
    """What all begin with, up to the end of a word."""
    prefix = os.path.commonprefix([*texts])
    return prefix if not prefix or not prefix[-1].isalnum() else prefix[: _last_break(prefix)]


def _last_break(text: str) -> int:
    return max((place for place, sign in enumerate(text, 1) if not sign.isalnum()), default=0)
