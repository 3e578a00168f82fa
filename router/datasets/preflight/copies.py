"""The same picture twice: equal pixels, hardly changed, mirrored, or a part of another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from configs.dataset_rules import Code, DatasetRules
from router.datasets.preflight.crops import find_crops
from router.datasets.preflight.finding import Finding, found
from router.datasets.preflight.hashing import distance
from router.datasets.preflight.look import Look
from router.datasets.preflight.samples import Sample, count_of, ids, seen
from router.datasets.preflight.thumbs import apart

Test: TypeAlias = Callable[[Look, Look], bool]

_SAME = 4.0  # mean levels that thumbnails of one picture differ by
_ALIKE = 10.0
_MOST = 250  # pictures among which parts are looked for: each is held against all others


def different(samples: Sequence[Sample]) -> list[Sample]:
    """Each file once."""
    return list({one.picture.sha256: one for one in reversed(samples)}.values())[::-1]


def check_copies(samples: Sequence[Sample], rules: DatasetRules) -> Iterator[Finding]:
    """Groups of those that are one picture, the surest way first; what is in one group is in no later one."""
    yield from _equal(samples, rules)
    known = seen(different(samples))
    taken: set[str] = set()
    for code, test in _tests(rules):
        for group in _groups([pair for pair in known if pair[0].id not in taken], test):
            taken |= {one.id for one in group}
            yield _finding(code, group, rules)
    left = [pair for pair in known if pair[0].id not in taken]
    if len(left) <= _MOST:
        yield from _crops(left, rules)


def _tests(rules: DatasetRules) -> tuple[tuple[Code, Test], ...]:
    near, similar, mirrored = rules.at("near_copies"), rules.at("alike"), rules.at("mirrored")

    def is_near(one: Look, other: Look) -> bool:
        return distance(one.hash, other.hash) <= near and apart(one, other) < _SAME

    def is_alike(one: Look, other: Look) -> bool:
        return near < distance(one.hash, other.hash) <= similar and apart(one, other) < _ALIKE

    def is_mirrored(one: Look, other: Look) -> bool:
        return distance(one.hash, other.mirrored) <= mirrored and apart(one, other, mirrored=True) < _SAME

    return ("near_copies", is_near), ("alike", is_alike), ("mirrored", is_mirrored)


def _equal(samples: Sequence[Sample], rules: DatasetRules) -> Iterator[Finding]:
    by_file = defaultdict[str, list[Sample]](list)
    for one in samples:
        by_file[one.picture.sha256].append(one)
    for same in by_file.values():
        if len(same) > 1:
            names = ", ".join(one.picture.name or one.id for one in same[:4]) + (" …" if len(same) > 4 else "")
            reason = f"{count_of(len(same))} have equal pixels ({names}): that one counts {len(same)} times as much"
            yield found(rules.checks["copies"], "copies", reason, "keep one of them", ids(same))


_WORDS: dict[str, tuple[str, str]] = {
    "near_copies": ("look the same", "keep the best of them"),
    "alike": ("are alike", "look at them side by side, and keep one if they are versions of one picture"),
    "mirrored": ("mirror each other", "keep one of them"),
}


def _finding(code: Code, group: Sequence[Sample], rules: DatasetRules) -> Finding:
    said, remedy = _WORDS[code]
    return found(rules.checks[code], code, f"{count_of(len(group))} {said}", remedy, ids(group))


def _groups(known: Sequence[tuple[Sample, Look]], test: Test) -> Iterator[list[Sample]]:
    """Each with all that are like one of it."""
    leader = list(range(len(known)))

    def find(place: int) -> int:
        while leader[place] != place:
            place = leader[place]
        return place

    for i, (_, one) in enumerate(known):
        for j in range(i):
            if test(one, known[j][1]):
                leader[find(i)] = find(j)
    groups = defaultdict[int, list[Sample]](list)
    for place, (sample, _) in enumerate(known):
        groups[find(place)].append(sample)
    return (group for group in groups.values() if len(group) > 1)


def _crops(known: Sequence[tuple[Sample, Look]], rules: DatasetRules) -> Iterator[Finding]:
    for part, whole in find_crops([look for _, look in known], rules.at("crops")):
        pair = (known[part][0], known[whole][0])
        names = [one.picture.name or one.id for one in pair]
        reason = f"{names[0]} is a part of {names[1]}"
        yield found(rules.checks["crops"], "crops", reason, "keep the whole picture, or the part", ids(pair))
