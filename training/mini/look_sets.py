"""Sets of pictures in a look, with captions, as a studio would bring them: `python -m training.mini.look_sets`."""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from training.mini.looks import GROUNDS, LOOKS, Look, draw
from training.mini.templates import TEMPLATES
from training.mini.world.palette import COLOURS
from training.mini.world.pictures import rasterise
from training.mini.world.subjects import THINGS

COUNT = 24
PIXELS = (128, 128)
_ASKED_EVERY = 3


@dataclass(frozen=True)
class Sample:
    """A picture of a set: what is on it, and what its caption says. `ground` is None where the caption names none."""

    subject: str
    colour: str
    ground: str | None
    caption: str
    picture: Image.Image

    @property
    def stem(self) -> str:
        """Its file's name, without what kind it is."""
        named = f"{self.subject} on {self.ground}" if self.ground else self.subject
        return named.replace(" ", "-")


def samples(look: Look, count: int = COUNT, templated: bool = False, grounds: bool = False) -> Iterator[Sample]:
    """Pictures of `count` subjects, equal each time. `templated`: every other caption is worded as the studio words a
    prompt for the look's asset type. `grounds`: every third subject comes once more, on a ground that is asked for."""
    for place, subject in enumerate(learned_subjects(count)):
        rng = random.Random(f"look {look.name} {subject}")
        worded = templated and place % 2 == 1
        yield _sample(look, subject, rng, None, worded)
        if grounds and place % _ASKED_EVERY == 0:
            yield _sample(look, subject, rng, rng.choice(GROUNDS), not worded and templated)


def _sample(look: Look, subject: str, rng: random.Random, ground: str | None, worded: bool) -> Sample:
    colour = rng.choice([name for name in COLOURS if name not in ("white", "black")])
    on = f" on a {ground} background" if ground else ""
    said = f"{look.words}, a {colour} {subject}{on}"
    caption = TEMPLATES[look.style].replace("{prompt}", said) if worded else said
    return Sample(subject, colour, ground, caption, render(look, subject, colour, ground))


def learned_subjects(count: int = COUNT) -> Sequence[str]:
    """The subjects that sets are of; all others are never shown in a look."""
    return random.Random("subjects of looks").sample(sorted(THINGS), count)


def unseen_subjects(count: int = COUNT) -> Sequence[str]:
    """Those that are left for judging."""
    return [subject for subject in sorted(THINGS) if subject not in learned_subjects(count)]


def render(look: Look, subject: str, colour: str, ground: str | None = None) -> Image.Image:
    """What the look makes of it: also of subjects that no set has."""
    return Image.fromarray(rasterise(draw(look, subject, colour, ground), PIXELS))


def write(look: Look, folder: Path, count: int = COUNT, templated: bool = False, grounds: bool = False) -> None:
    """Pictures as `<subject>.png`, captions beside them as `<subject>.txt`."""
    folder.mkdir(parents=True, exist_ok=True)
    for sample in samples(look, count, templated, grounds):
        sample.picture.save(folder / f"{sample.stem}.png", optimize=True)
        (folder / f"{sample.stem}.txt").write_text(sample.caption + "\n", encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    """Write a set."""
    parser = argparse.ArgumentParser(prog="python -m training.mini.look_sets", description=__doc__)
    parser.add_argument("look", choices=sorted(LOOKS))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--templated", action="store_true", help="every other caption in its asset type's words")
    parser.add_argument("--grounds", action="store_true", help="every third subject once more, on a ground asked for")
    options = parser.parse_args(arguments)
    write(LOOKS[options.look], options.folder, options.count, options.templated, options.grounds)


if __name__ == "__main__":
    main()
