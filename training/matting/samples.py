"""Pictures with known alpha: subjects of mini's world on their own ground, and on grounds of no world."""

import io
import random
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import resvg_py
from PIL import Image, ImageFilter

from training.mini.world.drawing import draw, draw_subject
from training.mini.world.pictures import rasterise
from training.mini.world.scene import SIZES, Scene, is_held_out, sample_any, sample_ground

Pixels = np.ndarray[Any, np.dtype[np.uint8]]
SHADED = ("product", "premium")


@dataclass(frozen=True)
class Sample:
    """A picture (h × w × 3) and how much of each pixel is subject (h × w, 0..255)."""

    picture: Pixels
    alpha: Pixels


def sample_scene(rng: random.Random, held_out: bool, size: tuple[int, int]) -> Scene:
    """A scene that is no logo, whose ring would be ground and subject at once; three of four with a ground that is not
    flat. `held_out` ones are those that training never sees."""
    while True:
        scene = sample_any(rng)
        if scene.style == "logo":
            continue
        style = scene.style if rng.random() < 0.25 else rng.choice(SHADED)
        ground = scene.background if style == scene.style else sample_ground(rng, style)
        scene = replace(scene, style=style, background=ground, size=size)
        if is_held_out(scene) == held_out:
            return scene


def make_sample(scene: Scene, rng: random.Random, multiple: int = 1) -> Sample:
    """The scene at `multiple` times its size, three of five on its own ground."""
    size = (scene.size[0] * multiple, scene.size[1] * multiple)
    subject = render_subject(scene, size)
    chance = rng.random()
    if chance < 0.6:
        return Sample(rasterise(draw(scene), size), subject[..., 3])
    ground = _blotches(rng, size) if chance < 0.8 else _ramp(rng, size)
    share = subject[..., 3:].astype(np.float32) / 255
    mixed = ground * (1 - share) + subject[..., :3] * share
    return Sample(mixed.round().astype(np.uint8), subject[..., 3])


def render_subject(scene: Scene, size: tuple[int, int]) -> Pixels:
    """The subject alone, h × w × 4, with plain alpha."""
    data = resvg_py.svg_to_bytes(svg_string=draw_subject(scene), width=size[0], height=size[1], skip_system_fonts=True)
    return np.asarray(Image.open(io.BytesIO(bytes(data))).convert("RGBA"))


def spoil(sample: Sample, rng: random.Random) -> Sample:
    """What a generator does to a picture, and what training must not lean on: soft edges, noise, other colours, the
    other way round."""
    image = Image.fromarray(sample.picture)
    if rng.random() < 0.7:
        image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0, 1.2)))
    pixels = np.asarray(image, np.float32) / 255
    pixels = pixels[..., rng.sample(range(3), 3)] ** rng.uniform(0.7, 1.4)
    noise = np.random.default_rng(rng.getrandbits(32)).normal(0, rng.uniform(0, 0.02), pixels.shape)
    spoiled = ((pixels + noise).clip(0, 1) * 255).round().astype(np.uint8)
    if rng.random() < 0.5:
        return Sample(spoiled[:, ::-1], sample.alpha[:, ::-1])
    return Sample(spoiled, sample.alpha)


def make_batch(seed: int, step: int, count: int) -> list[Sample]:
    """The samples of one step, all of one size: the same seed and step give the same."""
    rng = random.Random(f"matting-{seed}-{step}")
    size = rng.choices(SIZES, (0.7, 0.15, 0.15))[0]
    return [spoil(make_sample(sample_scene(rng, False, size), rng), rng) for _ in range(count)]


def _blotches(rng: random.Random, size: tuple[int, int]) -> np.ndarray[Any, Any]:
    cells = rng.choice((2, 3, 5, 9))
    levels = np.random.default_rng(rng.getrandbits(32)).integers(0, 256, (cells, cells, 3), np.uint8)
    return np.asarray(Image.fromarray(levels).resize(size, Image.Resampling.BICUBIC), np.float32)


def _ramp(rng: random.Random, size: tuple[int, int]) -> np.ndarray[Any, Any]:
    one, other = (np.array([rng.randrange(256) for _ in range(3)], np.float32) for _ in range(2))
    across, down = np.meshgrid(np.linspace(0, 1, size[0]), np.linspace(0, 1, size[1]))
    share = (across * rng.uniform(-1, 1) + down * rng.uniform(-1, 1))[..., None]
    share = (share - share.min()) / max(float(np.ptp(share)), 1e-6)
    result: np.ndarray[Any, Any] = one * (1 - share) + other * share
    return result
