"""Captions that name a colour which their picture has nowhere: perhaps those of another picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from configs.dataset_rules import DatasetRules
from router.datasets.preflight.finding import Finding, found
from router.datasets.preflight.look import Look
from router.datasets.preflight.samples import Sample, count_of, ids, seen
from router.datasets.preflight.words import says


class CaptionJudge(Protocol):
    """Tells captions that cannot be of their picture. What ships knows colours; a network that reads both may take its
    place."""

    def doubts(self, caption: str, look: Look) -> str | None:
        """Why it is none of this picture, in a few words; None where nothing speaks against it."""
        ...


class ColourJudge:
    """By the names of colours alone."""

    def __init__(self, rules: DatasetRules) -> None:
        self._colours, self._least = rules.colours, rules.at("caption_colour")

    def doubts(self, caption: str, look: Look) -> str | None:
        named = [word for word in self._colours if says(caption, word)]
        absent = [word for word in named if self._share(word, look) < self._least]
        return f"nothing in it is {' or '.join(absent)}" if absent else None

    def _share(self, word: str, look: Look) -> float:
        first, last = self._colours[word]
        width = 360 / len(look.hues)
        spans = [(first, last)] if first <= last else [(first, 360.0), (0.0, last)]
        places = {i for begin, end in spans for i in range(len(look.hues)) if begin - width < i * width < end}
        return float(sum(look.hues[i] for i in places))


def check_colours(samples: Sequence[Sample], rules: DatasetRules, judge: CaptionJudge) -> Iterator[Finding]:
    """All doubts at once."""
    doubted = [(one, why) for one, look in seen(samples) if (why := judge.doubts(one.picture.caption, look))]
    if doubted:
        one, why = doubted[0]
        reason = f"{count_of(len(doubted))} whose caption may be of another: of “{one.picture.caption[:60]}” {why}"
        remedy = "look at them beside their captions: files may have been mixed up"
        yield found(rules.checks["caption_colour"], "caption_colour", reason, remedy, ids([one for one, _ in doubted]))
