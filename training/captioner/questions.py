"""What the captioner asks of a picture: the judge's questions, and the answer that none of the world's is right."""

from __future__ import annotations

from dataclasses import dataclass

from training.mini.judges import IGNORED, QUESTIONS, answers_of
from training.mini.world.palette import BACKGROUNDS
from training.mini.world.scene import Scene
from training.mini.world.subjects import SUBJECTS

OTHER = "other"
"""No subject, and no ground, of the world's."""
ASKED: dict[str, tuple[str, ...]] = {
    **QUESTIONS,
    "subject": (*SUBJECTS, OTHER),
    "background": (*BACKGROUNDS, OTHER),
}
_NAMES = tuple(ASKED)


@dataclass(frozen=True)
class Truth:
    """What a picture shows, as far as that is to be told: the answers to `ASKED` in their order, IGNORED ones are not
    asked."""

    answers: tuple[int, ...]

    def __getitem__(self, question: str) -> str | None:
        """The answer in words, None where it is not asked."""
        found = self.answers[_NAMES.index(question)]
        return None if found == IGNORED else ASKED[question][found]


def of_scene(scene: Scene) -> Truth:
    """Of a picture of the world's own."""
    return Truth(tuple(answers_of(scene)))


def of_thing(subject: str, colour: str | None, background: str | None) -> Truth:
    """Of a thing in a look of any kind; without `background` on a ground that is none of the world's."""
    said = {"subject": subject, "background": background or OTHER}
    if colour is not None:
        said["colour"] = colour
    return Truth(tuple(ASKED[name].index(said[name]) if name in said else IGNORED for name in ASKED))


NOTHING = of_thing(OTHER, None, None)
"""Of a picture that shows nothing of the world."""
