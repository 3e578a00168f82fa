"""The prompts mini is examined with: scenes drawn for the exam, worded in ways no training caption is."""

import random
from dataclasses import dataclass, replace

from training.mini.templates import TEMPLATES
from training.mini.world.palette import COLOURS, PLAIN
from training.mini.world.people import BODY_GARMENTS, Garment
from training.mini.world.scene import (
    HELD_OUT,
    HELD_OUT_GARMENTS,
    SIZES,
    Scene,
    clashes,
    is_held_out,
    sample_any,
    sample_ground,
)
from training.mini.world.subjects import PEOPLE, THINGS

# None of these sentences is in the captions' grammar; {s} is "red bicycle" or the person, {g} the ground.
WORDINGS = (
    "{s}, {g}",
    "could you paint {s} {g} for me",
    "{s}, placed {g}",
    "{s} standing {g}",
    "I would like to see {s} {g}, thank you",
    "one {b}, shown {g}",
    "just {s} {g}",
    "my {b} {g}",
)
STYLE_WORDINGS = {
    "icon": ("{p}, as a flat icon", "{p}, in flat icon style"),
    "product": ("{p}, as a product illustration", "{p}, in product illustration style"),
    "logo": ("{p}, as a logo", "{p}, in logo style"),
    "premium": ("{p}, as a premium illustration", "{p}, in editorial illustration style"),
}
GROUNDS = {
    "hills": "in the green hills",
    "city": "in front of the city skyline",
    "beach": "on the sunny beach",
    "night": "under the night sky",
}


@dataclass(frozen=True)
class Question:
    """One prompt, and the scene whose attributes the picture must show."""

    prompt: str
    scene: Scene
    held_out: bool


def set_questions(seed: int, seen: int = 220, people: int = 90) -> list[Question]:
    """`seen` things in pairs known from training, every held-out pair once, and `people` (a third of them in a
    garment whose colour training never showed)."""
    questions = []
    for i in range(seen):
        rng = random.Random(f"exam-{seed}-{i}")
        questions.append(_ask(rng, _thing(rng)))
    for i, (subject, colour) in enumerate(sorted(HELD_OUT)):
        rng = random.Random(f"exam-held-out-{seed}-{i}")
        questions.append(_ask(rng, _with_colour(rng, subject, colour)))
    for i in range(people):
        rng = random.Random(f"exam-people-{seed}-{i}")
        questions.append(_ask(rng, _held_out_person(rng) if i % 3 == 0 else _person(rng)))
    return questions


def _thing(rng: random.Random) -> Scene:
    while True:
        scene = sample_any(rng)
        if scene.subject in THINGS and not is_held_out(scene):
            return scene


def _person(rng: random.Random) -> Scene:
    while True:
        scene = sample_any(rng)
        if scene.subject in PEOPLE and not is_held_out(scene):
            return scene


def _with_colour(rng: random.Random, subject: str, colour: str) -> Scene:
    scene = replace(_thing(rng), subject=subject, colour=colour)
    while clashes((colour,), scene.background):
        scene = replace(scene, background=sample_ground(rng, scene.style))
    return scene


def _held_out_person(rng: random.Random) -> Scene:
    kind, colour = rng.choice(sorted(HELD_OUT_GARMENTS))
    body = next((b for b in BODY_GARMENTS["woman"] if kind in b), BODY_GARMENTS["woman"][rng.randrange(4)])
    known = [c for c in COLOURS if all((g, c) not in HELD_OUT_GARMENTS for g in body)]
    kinds = body if kind in body else (*body, kind)
    garments = tuple(Garment(k, colour if k == kind else rng.choice(known)) for k in kinds)
    style = rng.choice(("icon", "product", "premium"))
    ground = sample_ground(rng, style)
    while clashes(tuple(g.colour for g in garments), ground):
        ground = sample_ground(rng, style)
    return Scene("woman", None, ground, style, rng.choice(SIZES), garments)


def _ask(rng: random.Random, scene: Scene) -> Question:
    body = _person_words(scene) if scene.garments else f"{scene.colour} {scene.subject}"
    article = "an" if body[0] in "aeiou" else "a"
    ground = f"on a {scene.background} background" if scene.background in PLAIN else GROUNDS[scene.background]
    words = rng.choice(WORDINGS).format(s=f"{article} {body}", b=body, g=ground)
    wrap = (
        TEMPLATES[scene.style].format(prompt="{p}") if rng.random() < 0.5 else rng.choice(STYLE_WORDINGS[scene.style])
    )
    return Question(wrap.format(p=words), scene, is_held_out(scene))


def _person_words(scene: Scene) -> str:
    parts = [
        f"{g.colour} {g.kind}" if g.kind in ("trousers", "shoes") else f"{_a(g.colour)} {g.colour} {g.kind}"
        for g in scene.garments
    ]
    listed = parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]
    return f"{scene.subject} wearing {listed}"


def _a(word: str) -> str:
    return "an" if word[0] in "aeiou" else "a"
