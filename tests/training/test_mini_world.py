"""The procedural world: the same seed gives the same picture, masks fit pictures, held-out pairs stay out."""

import random
from dataclasses import replace

import numpy as np
import pytest

from training.mini.captions import caption
from training.mini.dataset import scene_at
from training.mini.wordings import COLOUR_WORDS
from training.mini.world.palette import BACKGROUNDS, COLOURS
from training.mini.world.people import GARMENTS, Garment
from training.mini.world.pictures import render, render_mask
from training.mini.world.scene import (
    HELD_OUT,
    HELD_OUT_GARMENTS,
    SIZES,
    STYLES,
    Placement,
    Scene,
    is_held_out,
    sample,
    sample_any,
)
from training.mini.world.subjects import SUBJECTS, THINGS

WOMAN = Scene(
    "woman", None, "cream", "icon", garments=(Garment("top", "red"), Garment("skirt", "blue"), Garment("hat", "green"))
)


def test_the_world_is_as_wide_as_promised() -> None:
    assert len(SUBJECTS) >= 48
    assert len(COLOURS) >= 10
    assert len(BACKGROUNDS) >= 8
    assert len(GARMENTS) == 8


def test_same_seed_same_scene_and_same_pixels() -> None:
    first, second = scene_at(7, 41), scene_at(7, 41)
    assert first == second
    assert np.array_equal(render(first), render(second))
    assert scene_at(8, 41) != first


@pytest.mark.parametrize("size", SIZES)
def test_a_scene_renders_at_its_size_and_at_multiples(size: tuple[int, int]) -> None:
    scene = Scene("bicycle", "red", "white", "icon", size)
    assert render(scene).shape == (size[1], size[0], 3)
    assert render(scene, 4).shape == (size[1] * 4, size[0] * 4, 3)


@pytest.mark.parametrize("subject", sorted(THINGS))
def test_every_subject_shows_its_colour_on_its_ground(subject: str) -> None:
    scene = Scene(subject, "red", "white", "icon")
    picture = render(scene).astype(int)
    red = np.abs(picture - np.array([0xE3, 0x26, 0x2A])).sum(-1) < 12
    assert red.mean() > 0.02
    assert picture[2, 2].tolist() == [255, 255, 255]
    assert (render_mask(scene, "subject") | ~red).all()


def test_styles_differ_for_the_same_subject() -> None:
    pictures = [render(Scene("mug", "blue", "mint", style)).astype(int) for style in STYLES]
    for i, one in enumerate(pictures):
        for other in pictures[i + 1 :]:
            assert np.abs(one - other).mean() > 2


def test_garment_masks_cover_their_colour_and_nothing_else() -> None:
    picture = render(WOMAN).astype(int)
    for garment in WOMAN.garments:
        mask = render_mask(WOMAN, f"garment:{garment.kind}")
        colour = np.array(list(bytes.fromhex(COLOURS[garment.colour].base[1:])))
        same = np.abs(picture - colour).sum(-1) < 12
        assert same.sum() > 30
        assert (mask | ~same).all()
        assert same[mask].mean() > 0.7


def test_garment_masks_do_not_overlap() -> None:
    masks = [render_mask(WOMAN, f"garment:{g.kind}") for g in WOMAN.garments]
    assert not (masks[0] & masks[1]).any()
    assert not (masks[1] & masks[2]).any()


def test_a_mask_follows_the_placement() -> None:
    scene = Scene("star", "red", "white", "icon")
    moved = replace(scene, placement=Placement(dx=3))
    columns = [np.nonzero(render_mask(s, "subject").any(0))[0].mean() for s in (scene, moved)]
    assert columns[1] - columns[0] == pytest.approx(3 * 1.28, abs=0.6)


def test_held_out_pairs_are_never_sampled_for_training() -> None:
    scenes = [scene_at(3, i) for i in range(3000)]
    assert not any(is_held_out(scene) for scene in scenes)
    assert any(is_held_out(sample_any(random.Random(i))) for i in range(200))


def test_one_colour_of_each_thing_and_garment_is_held_out_but_not_the_usual_one() -> None:
    assert {subject for subject, _ in HELD_OUT} == set(THINGS)
    assert {kind for kind, _ in HELD_OUT_GARMENTS} == set(GARMENTS)
    assert all(colour not in THINGS[subject].usual for subject, colour in HELD_OUT)
    assert ("bicycle", "red") not in HELD_OUT


def test_captions_name_no_colour_that_the_picture_lacks() -> None:
    for i in range(300):
        scene = sample(random.Random(i))
        if scene.colour is None:
            continue
        text = f" {caption(replace(scene, background='city', style='premium'), random.Random(i)).lower()} "
        wrong = [w for name, words in COLOUR_WORDS.items() if name != scene.colour for w in words if f" {w} " in text]
        assert not wrong or any(w in " ".join(COLOUR_WORDS[scene.colour]) for w in wrong), text
