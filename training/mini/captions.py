"""Captions of scenes in many wordings, so that mini follows a person's sentence and the project's templates alike."""

import random
from dataclasses import dataclass

from training.mini.templates import TEMPLATES
from training.mini.wordings import (
    ADJECTIVES,
    COLOUR_WORDS,
    GARMENT_WORDS,
    GROUND_PHRASES,
    GROUND_WORDS,
    OPENINGS,
    SCENE_PHRASES,
    STYLE_PREFIXES,
    STYLE_SUFFIXES,
    TAILS,
)
from training.mini.world.palette import PLAIN
from training.mini.world.people import Garment
from training.mini.world.scene import Scene
from training.mini.world.subjects import PEOPLE, THINGS

EMPTY_SHARE = 0.1


@dataclass(frozen=True)
class Mention:
    """Which attributes a caption names; what it leaves out stays random in the picture. Of what a person wears it
    names some, or with `all_worn` everything."""

    colour: bool = True
    background: bool = True
    style: bool = True
    all_worn: bool = False


def caption(scene: Scene, rng: random.Random) -> str:
    """A training caption of `scene`; one in ten is empty, for guidance."""
    if rng.random() < EMPTY_SHARE:
        return ""
    mention = Mention(rng.random() < 0.85, rng.random() < 0.6, rng.random() < 0.75)
    return describe(scene, mention, rng)


def describe(scene: Scene, mention: Mention, rng: random.Random) -> str:
    """A caption that names what `mention` says, in one of many wordings."""
    core = _subject(scene, mention, rng)
    ground = f" {_ground(scene, rng)}" if mention.background else ""
    comma = "," if ground and rng.random() < 0.3 else ""
    if not mention.style:
        return _dress_up(core + comma + ground, rng)
    way = rng.random()
    if way < 0.4:
        return _case(TEMPLATES[scene.style].format(prompt=_typed(core + comma + ground, scene.style, rng)), rng)
    if way < 0.7:
        return _dress_up(f"{rng.choice(STYLE_PREFIXES[scene.style])} {core}{comma}{ground}", rng, opening=False)
    suffix = rng.choice(STYLE_SUFFIXES[scene.style])
    if rng.random() < 0.65 or not ground:
        return _dress_up(core + suffix + comma + ground, rng)
    return _dress_up(core + comma + ground + ("" if suffix.startswith(",") else ",") + suffix, rng)


def _typed(prompt: str, style: str, rng: random.Random) -> str:
    """What a person may have typed before a template was wrapped around it: mostly bare, some with a style word.

    Now and then it is the word of another style: then the template decides.
    """
    roll = rng.random()
    if roll < 0.65:
        return prompt
    named = style if roll < 0.9 else rng.choice(tuple(STYLE_SUFFIXES))
    if rng.random() < 0.5:
        return prompt + rng.choice(STYLE_SUFFIXES[named])
    return f"{rng.choice(STYLE_PREFIXES[named])} {prompt}"


def _dress_up(text: str, rng: random.Random, opening: bool = True) -> str:
    if opening:
        text = rng.choice(OPENINGS) + text
    if rng.random() < 0.15:
        text += rng.choice(TAILS)
    return _case(text, rng)


def _case(text: str, rng: random.Random) -> str:
    roll = rng.random()
    if roll < 0.7:
        return text
    return text.capitalize() if roll < 0.85 else text.title() if roll < 0.95 else text.upper()


def _article(words: str, rng: random.Random) -> str:
    roll = rng.random()
    if roll < 0.4:
        return words
    if roll < 0.5:
        return f"the {words}"
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


def _subject(scene: Scene, mention: Mention, rng: random.Random) -> str:
    if scene.subject in PEOPLE:
        return _person(scene, mention, rng)
    names = THINGS[scene.subject].names
    name = names[0] if rng.random() < 0.65 else rng.choice(names)
    adjective = f"{_adjective(rng)} " if rng.random() < 0.12 else ""
    if not mention.colour or scene.colour is None:
        return _article(adjective + name, rng)
    colour = _word(COLOUR_WORDS, scene.colour, rng)
    if rng.random() < 0.8:
        return _article(f"{adjective}{colour} {name}", rng)
    forms = (f"{adjective}{name} in {colour}", f"{adjective}{name}, {colour}", f"{adjective}{name} coloured {colour}")
    return _article(rng.choice(forms), rng)


def _adjective(rng: random.Random) -> str:
    """A word that changes nothing; one in five is invented, so that an unknown word is taken in stride."""
    if rng.random() < 0.8:
        return rng.choice(ADJECTIVES)
    return "".join(rng.choice("bcdfghklmnprstvz") + rng.choice("aeiou") for _ in range(rng.randint(1, 4)))


def _word(words: dict[str, tuple[str, ...]], name: str, rng: random.Random) -> str:
    return words[name][0] if rng.random() < 0.7 else rng.choice(words[name])


def _garment(garment: Garment, named: bool, rng: random.Random) -> str:
    word = _word(GARMENT_WORDS, garment.kind, rng)
    words = f"{_word(COLOUR_WORDS, garment.colour, rng)} {word}" if named else word
    if garment.kind in ("trousers", "shoes") or rng.random() < 0.15:
        return words
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


def _person(scene: Scene, mention: Mention, rng: random.Random) -> str:
    kind = rng.choice(PEOPLE[scene.subject]) if rng.random() < 0.9 else "person"
    worn = len(scene.garments)
    everything = mention.all_worn or rng.random() < 0.5
    count = (worn if everything else rng.randint(1, worn)) if mention.colour else rng.randint(0, 1)
    chosen = rng.sample(scene.garments, count)
    if not chosen:
        return _article(kind, rng)
    listed = _join([_garment(g, mention.colour, rng) for g in chosen], rng)
    return _article(kind, rng) + rng.choice((" in ", " wearing ", " with ", " dressed in ")) + listed


def _join(items: list[str], rng: random.Random) -> str:
    if len(items) == 1:
        return items[0]
    if rng.random() < 0.25:
        return " and ".join(items)
    return ", ".join(items[:-1]) + rng.choice((" and ", ", ", " and ")) + items[-1]


def _ground(scene: Scene, rng: random.Random) -> str:
    if scene.background in PLAIN:
        return rng.choice(GROUND_PHRASES).format(g=_word(GROUND_WORDS, scene.background, rng))
    return rng.choice(SCENE_PHRASES[scene.background])
