"""Faults, a row each: what is done to some pictures or captions of a clean set, and which rule is to find it."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from PIL import Image, ImageOps

from configs.dataset_rules import Code
from tests.router.datasets.drawn import (
    Drawn,
    blurred,
    cropped,
    draw_set,
    enlarged,
    marked,
    reencoded,
)

Set: TypeAlias = list[Drawn]


@dataclass(frozen=True)
class Fault:
    """`plant` changes a set and returns the places that it touches; `trigger` is what the dataset calls the look."""

    code: Code
    plant: Callable[[Set, random.Random], Sequence[int]]
    name: str
    trigger: str = "kestrel"
    whole: bool = False


def _each(
    change: Callable[[Image.Image], Image.Image], share: float = 0.15
) -> Callable[[Set, random.Random], Sequence[int]]:
    def plant(those: Set, rng: random.Random) -> Sequence[int]:
        places = sorted(rng.sample(range(len(those)), max(1, round(share * len(those)))))
        for place in places:
            those[place] = replace(those[place], image=change(those[place].image))
        return places

    return plant


def _again(
    change: Callable[[Image.Image, random.Random], Image.Image], times: int = 2
) -> Callable[[Set, random.Random], Sequence[int]]:
    """Some come a second time, changed."""

    def plant(those: Set, rng: random.Random) -> Sequence[int]:
        places = rng.sample(range(len(those)), times)
        added = [Drawn(change(those[place].image, rng), f"{those[place].caption}, once more") for place in places]
        those += added
        return [*places, *range(len(those) - times, len(those))]

    return plant


def _say(change: Callable[[str], str], share: float = 0.2) -> Callable[[Set, random.Random], Sequence[int]]:
    def plant(those: Set, rng: random.Random) -> Sequence[int]:
        places = sorted(rng.sample(range(len(those)), max(1, round(share * len(those)))))
        for place in places:
            those[place] = replace(those[place], caption=change(those[place].caption))
        return places

    return plant


def _other_style(style: str) -> Callable[[Set, random.Random], Sequence[int]]:
    def plant(those: Set, rng: random.Random) -> Sequence[int]:
        drawn = draw_set(rng.randrange(10_000), 5, style, those[0].image.width)
        those += drawn
        return range(len(those) - 5, len(those))

    return plant


def _swap(those: Set, rng: random.Random) -> Sequence[int]:
    """Two have each other's caption; their colours differ."""
    colours = ["red", "orange", "yellow", "green", "blue", "purple", "pink", "teal"]
    by_colour = {next((c for c in colours if f" {c} " in f" {one.caption} "), None): i for i, one in enumerate(those)}
    pair = [by_colour[name] for name in ("red", "green", "blue", "yellow", "purple") if name in by_colour][:2]
    one, other = (those[place] for place in pair)
    those[pair[0]], those[pair[1]] = replace(one, caption=other.caption), replace(other, caption=one.caption)
    return pair


def _shapes(those: Set, rng: random.Random) -> Sequence[int]:
    for place, (wide, high) in enumerate([(1, 2), (2, 3), (4, 5), (16, 9), (3, 2)]):
        image = those[place].image
        side = image.width
        size = (side * wide // high, side) if wide < high else (side, side * high // wide)
        those[place] = replace(those[place], image=ImageOps.fit(image, size))
    return range(5)


def _smaller(share: float) -> Callable[[Image.Image], Image.Image]:
    return lambda image: image.resize((round(image.width * share), round(image.height * share)))


def _holed(image: Image.Image) -> Image.Image:
    clear = image.convert("RGBA")
    clear.putalpha(Image.linear_gradient("L").resize(image.size))
    return clear


def _few(count: int) -> Callable[[Set, random.Random], Sequence[int]]:
    def plant(those: Set, _rng: random.Random) -> Sequence[int]:
        del those[count:]
        return []

    return plant


def _one_ground(those: Set, rng: random.Random) -> Sequence[int]:
    those[:] = draw_set(rng.randrange(10_000), len(those), "icon", those[0].image.width, "cream")
    return []


def _flat_or_minimal(those: Set, _rng: random.Random) -> Sequence[int]:
    """A third says minimal where the others say flat."""
    third = len(those) // 3
    for place, one in enumerate(those):
        those[place] = replace(one, caption=f"{one.caption}, {'minimal' if place < third else 'flat'} look")
    return range(third)


def _synonyms(those: Set, _rng: random.Random) -> Sequence[int]:
    for place, word in enumerate(("mug", "mug", "cup")):
        those[place] = replace(those[place], caption=f"{those[place].caption}, beside a {word}")
    return [2]


def _equal(those: Set, _rng: random.Random) -> Sequence[int]:
    those[3] = replace(those[3], caption=those[8].caption.upper())
    return [3, 8]


def _unsaid(those: Set, rng: random.Random) -> Sequence[int]:
    return _say(lambda said: said.replace("kestrel style, ", ""))(those, rng)


FAULTS: tuple[Fault, ...] = (
    Fault("too_few", _few(3), "three pictures", whole=True),
    Fault("below_minimum", _few(12), "twelve icons", whole=True),
    Fault("below_good", _few(22), "22 icons", whole=True),
    Fault("too_small", _each(_smaller(0.2)), "a fifth of the side"),
    Fault("small", _each(_smaller(0.75)), "three quarters"),
    Fault("transparent", _each(_holed), "transparent"),
    Fault("blurred", _each(lambda image: blurred(image, 1.5)), "blur of 1.5 px"),
    Fault("blurred", _each(lambda image: enlarged(image, 3)), "enlarged three times"),
    Fault("blurred", _each(lambda image: enlarged(image, 2)), "enlarged twice"),
    Fault("compressed", _each(lambda image: reencoded(image, 15)), "JPEG 15"),
    Fault("compressed", _each(lambda image: reencoded(image, 40)), "JPEG 40"),
    Fault("corner_mark", _each(marked, 0.8), "watermark"),
    Fault("copies", _again(lambda image, _: image), "equal pixels"),
    Fault("near_copies", _again(lambda image, _: reencoded(image, 70)), "saved as JPEG 70"),
    Fault(
        "near_copies",
        _again(lambda image, _: image.resize((image.width * 3 // 4, image.height * 3 // 4))),
        "another size",
    ),
    Fault("near_copies", _again(lambda image, _: Image.blend(image, Image.new("RGB", image.size), 0.04)), "darker"),
    Fault("crops", _again(lambda image, rng: cropped(image, 0.9, (rng.random(), rng.random()))), "90 %"),
    Fault("crops", _again(lambda image, rng: cropped(image, 0.75, (rng.random(), rng.random()))), "75 %"),
    Fault("crops", _again(lambda image, rng: cropped(image, 0.6, (rng.random(), rng.random()))), "60 %"),
    Fault("mirrored", _again(lambda image, _: ImageOps.mirror(image)), "mirrored"),
    Fault("aspects", _shapes, "six shapes", whole=True),
    Fault("same_ground", _one_ground, "one ground", whole=True),
    Fault("mixed_styles", _other_style("product"), "five shaded among flat"),
    Fault("mixed_styles", _other_style("premium"), "five rich among flat"),
    Fault("mixed_styles", _other_style("logo"), "five bold among flat"),
    Fault("caption_missing", _say(lambda _: ""), "no caption"),
    Fault("caption_missing", _say(lambda _: "", 1.0), "no captions at all"),
    Fault("caption_short", _say(lambda _: "icon kestrel"), "one word"),
    Fault("caption_too_long", _say(lambda said: ", ".join([said] * 12)), "twelve times"),
    Fault("captions_equal", _equal, "of another picture"),
    Fault("caption_colour", _swap, "two exchanged"),
    Fault("vocabulary", _flat_or_minimal, "flat or minimal"),
    Fault("synonyms", _synonyms, "mug and cup"),
    Fault("style_words", _say(lambda said: f"{said}, clean edges", 1.0), "clean edges everywhere", whole=True),
    Fault("trigger_unset", _few(100), "no trigger", trigger="", whole=True),
    Fault("trigger_missing", _unsaid, "not said"),
    Fault(
        "trigger_common", _say(lambda said: said.replace("kestrel", "brand"), 1.0), "common", "brand style", whole=True
    ),
)
