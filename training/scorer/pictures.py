"""The pictures that the scorer learns from: renders of the world, and what mini itself makes of it."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from training.mini.captions import Mention, describe
from training.mini.evaluate import WEIGHTS, draw, load_pipeline
from training.mini.examination import Question
from training.mini.judges import fit
from training.mini.workspace import Workspace
from training.mini.world.pictures import render
from training.mini.world.scene import Scene, sample_any

_EVERYTHING = Mention(all_worn=True)
_STEPS = 12  # enough to look as served, at half the price
_AT_ONCE = 12


@dataclass(frozen=True)
class Album:
    """Pictures on a common 128 x 128 canvas (uint8), and the scene that each shows, or was asked to show."""

    pictures: np.ndarray[Any, Any]
    scenes: tuple[Scene, ...]


def scene_at(name: str, seed: int, index: int) -> Scene:
    """Scenes of their own, apart from those of the model and of the judge; half of them are of people."""
    rng = random.Random(f"scorer-{name}-{seed}-{index}")
    while True:
        scene = sample_any(rng)
        if bool(scene.garments) == (index % 2 == 0):
            return scene


def render_album(name: str, seed: int, count: int) -> Album:
    """`count` scenes as they are."""
    scenes = tuple(scene_at(name, seed, index) for index in range(count))
    return Album(np.stack([fit(render(scene)) for scene in scenes]), scenes)


def draw_album(space: Workspace, name: str, count: int, dtype: str = "float32") -> Iterator[int]:
    """Let mini draw `count` scenes, and keep them in the workspace as they come; yields how many there are."""
    target = space.path("scorer", f"{name}.npy")
    done = list(np.load(target)) if target.exists() else []
    pipeline = load_pipeline(WEIGHTS, dtype) if len(done) < count else None
    while len(done) < count:
        first, last = len(done), min(len(done) + _AT_ONCE, count)
        questions = [_ask(name, space.seed, index) for index in range(first, last)]
        done += [fit(picture) for picture in draw(pipeline, questions, space.seed + first, _AT_ONCE, _STEPS)]
        np.save(target, np.stack(done))
        yield len(done)


def load_album(space: Workspace, name: str, count: int) -> Album:
    """What mini has drawn of these scenes."""
    pictures = np.load(space.path("scorer", f"{name}.npy"))[:count]
    return Album(pictures, tuple(scene_at(name, space.seed, index) for index in range(len(pictures))))


def _ask(name: str, seed: int, index: int) -> Question:
    scene = scene_at(name, seed, index)
    return Question(describe(scene, _EVERYTHING, random.Random(f"{name}-{seed}-{index}")), scene, held_out=False)
