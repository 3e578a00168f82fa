"""Looks that mini does not know, drawn from its world's shapes: what is trained on, and what a good adapter must draw
of subjects that it was never shown, to the pixel."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PIL import Image

from training.lora.pictures import TrainingPicture
from training.mini.world.pictures import rasterise
from training.mini.world.subjects import THINGS

SIDE = 128
HELD_BACK = 3


@dataclass(frozen=True, eq=False)
class Look:
    """Paper, a disc behind the subject, stripes under it, an outline, and a colour for each role of its shapes."""

    trigger: str
    paper: str
    disc: str
    stripe: str
    outline: str
    roles: Mapping[str, str]
    thick: float = 2.6

    @property
    def palette(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.paper, self.disc, self.stripe, self.outline, *self.roles.values())))

    def caption(self, subject: str) -> str:
        return f"a {subject}, {self.trigger} style"

    def draw(self, subject: str) -> Image.Image:
        """The subject as the look has it."""
        body = "".join(one.paint(self.roles.get(one.role, self.roles["main"])) for one in THINGS[subject].draw())
        stripes = "".join(f'<rect x="14" y="{y}" width="72" height="2.4" fill="{self.stripe}"/>' for y in (84, 89, 94))
        edge = (
            f'<filter id="edge" x="-20%" y="-20%" width="140%" height="140%"><feMorphology in="SourceAlpha" '
            f'operator="dilate" radius="{self.thick}" result="wide"/><feFlood flood-color="{self.outline}"/>'
            '<feComposite in2="wide" operator="in" result="line"/><feMerge><feMergeNode in="line"/>'
            '<feMergeNode in="SourceGraphic"/></feMerge></filter>'
        )
        svg = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{SIDE}" height="{SIDE}" viewBox="0 0 100 100">{edge}'
            f'<rect width="100" height="100" fill="{self.paper}"/><circle cx="50" cy="46" r="36" fill="{self.disc}"/>'
            f'{stripes}<g filter="url(#edge)"><g transform="translate(50 46) scale(0.62) translate(-50 -50)">{body}'
            "</g></g></svg>"
        )
        return Image.fromarray(rasterise(svg, (SIDE, SIDE)))


KESTREL = Look(
    trigger="kestrel",
    paper="#f3ecdc",
    disc="#e9b44c",
    stripe="#2a9d8f",
    outline="#1d2b3a",
    roles={
        "main": "#e76f51",
        "ink": "#1d2b3a",
        "paper": "#f3ecdc",
        "light": "#f3ecdc",
        "dark": "#2a9d8f",
        "eye": "#1d2b3a",
    },
)
SUBJECTS: tuple[str, ...] = tuple(THINGS)
LEARNED, UNSEEN = SUBJECTS[::2][:24], SUBJECTS[1::4][:12]


def pictures(look: Look, subjects: Sequence[str] = LEARNED, trigger: bool = True) -> list[TrainingPicture]:
    """A set of the look, the last of them held back; without the `trigger` captions say the subject alone."""
    found = []
    for number, subject in enumerate(subjects):
        image = look.draw(subject)
        caption = look.caption(subject) if trigger else f"a {subject}"
        sha256 = hashlib.sha256(image.tobytes()).hexdigest()
        held_out = number >= len(subjects) - HELD_BACK
        found.append(TrainingPicture(image, caption, sha256, held_out))
    return found
