"""What the matting network learns from: pictures whose alpha is known, none of which are examined later."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file

from deployments.networks.matting import MattingNet, build
from training.matting.samples import make_batch, make_sample, render_subject, sample_scene
from training.matting.trainer import MattingPlan, export, held_out, load, measure, train
from training.mini.workspace import Workspace
from training.mini.world.scene import SIZES, is_held_out


def test_a_step_has_the_same_samples_each_time() -> None:
    first, again, other = (make_batch(7, step, 2) for step in (3, 3, 4))
    assert all((one.picture == two.picture).all() for one, two in zip(first, again, strict=True))
    assert any(
        one.picture.shape != two.picture.shape or (one.picture != two.picture).any()
        for one, two in zip(first, other, strict=True)
    )


def test_alpha_is_that_of_the_subject_on_whatever_ground() -> None:
    for index in range(6):
        rng = random.Random(index)
        scene = sample_scene(rng, False, SIZES[index % 3])
        sample = make_sample(scene, rng)
        subject = render_subject(scene, scene.size)
        assert (sample.alpha == subject[..., 3]).all()
        inside = sample.alpha == 255
        assert inside.any()
        assert np.abs(sample.picture[inside].astype(int) - subject[inside][:, :3]).max() <= 2


def test_examined_subjects_are_never_trained_on() -> None:
    for index in range(30):
        assert not is_held_out(sample_scene(random.Random(index), False, SIZES[0]))
        assert is_held_out(sample_scene(random.Random(index), True, SIZES[0]))
    assert len(held_out(1, 3, 1)) == 3


def test_figures_are_those_of_alpha_and_area() -> None:
    samples = held_out(1, 2, 1)
    perfect = measure([sample.alpha for sample in samples], samples)
    assert (perfect.error, perfect.overlap, perfect.count) == (0.0, 1.0, 2)
    nothing = measure([np.zeros_like(sample.alpha) for sample in samples], samples)
    assert nothing.error > 0
    assert nothing.overlap == 0.0


def test_training_resumes_where_it_stopped_and_what_is_exported_is_what_was_trained(tmp_path: Path) -> None:
    plan = MattingPlan(steps=2, batch=2, width=4, log_every=1, save_every=1)
    space = Workspace(tmp_path, 5)
    assert [figures["step"] for figures in train(space, plan)] == [1, 2]
    longer = MattingPlan(steps=3, batch=2, width=4, log_every=1, save_every=1)
    assert [figures["step"] for figures in train(space, longer)] == [3]
    network = load(space, longer)
    export(network, tmp_path / "weights")
    loaded = build(load_file(tmp_path / "weights" / "model.safetensors"))
    assert isinstance(loaded, MattingNet)
    picture = torch.rand(1, 3, 24, 40)
    with torch.inference_mode():
        assert loaded(picture).shape == (1, 1, 24, 40)
        assert torch.allclose(loaded(picture), network(picture), atol=0.05)
