"""What a captioner is: it says in a sentence what a picture shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from deployments.messages import Picture


@dataclass(frozen=True, slots=True)
class Asked:
    """What people say of how captions are to be: `instructions` for captioners that follow them, and a `glossary` of
    words to choose for what they mean."""

    instructions: str = ""
    glossary: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Caption:
    """A sentence, empty where there is nothing to say. An `unsure` one says less than the picture shows, since the rest
    would be a guess."""

    text: str
    unsure: bool = False


class Captioner(Protocol):
    """One loaded captioner. The same picture and wishes give the same caption, whatever else is captioned."""

    def caption(self, picture: Picture, asked: Asked, /) -> Caption:
        """What the picture shows: its subject, colours and place, never its style, which a trigger word is for."""
        ...
