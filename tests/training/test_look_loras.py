"""The LoRAs that ship for mini: small, whole, and drawing the looks that they learned of subjects never shown."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pytest
import torch

from configs.load import ROOT, load_catalog
from configs.schema import LoraConfig
from deployments.families import flux
from deployments.loras.changes import LowRank
from deployments.loras.preflight import Checked, check
from deployments.loras.slots import Adapter, Selection, Slot
from deployments.messages import GenerateRequest
from training.mini.look_loras import SUBJECTS as LEARNED
from training.mini.look_sets import render, unseen_subjects
from training.mini.looks import LOOKS

CATALOG = load_catalog()
SUBJECTS = (("teal", unseen_subjects(LEARNED)[16]), ("red", unseen_subjects(LEARNED)[10]))


@lru_cache(maxsize=1)
def family() -> flux.Flux:
    torch.set_num_threads(1)
    return flux.load(CATALOG.models["mini"])


def lora(name: str) -> LoraConfig:
    return CATALOG.loras[f"mini-{name}"]


def checked(name: str) -> Checked:
    return check(lora(name), "flux", family().anatomy, 64)


def drawn(prompt: str, slot: Slot | None, strength: float) -> Any:
    model = family()
    asked = GenerateRequest(
        request_id="r",
        prompt=prompt,
        negative_prompt="",
        width=128,
        height=128,
        seed=5,
        num_inference_steps=12,
        guidance_scale=3.5,
    )
    adapters: Selection = () if slot is None else ((slot, strength),)
    state = model.start(asked, model.encode(prompt, ""), adapters)
    while state.step < state.steps:
        model.step([state])
    picture = model.decode(state)
    return np.frombuffer(picture.rgb, np.uint8).reshape(128, 128, 3).astype(float)


@pytest.mark.parametrize("name", sorted(LOOKS))
def test_a_lora_that_ships_is_small_free_to_use_and_lives_in_a_slot(name: str) -> None:
    config = lora(name)
    assert config.weights.path is not None
    assert (ROOT / config.weights.path).stat().st_size <= 400_000
    assert config.trigger_words == (LOOKS[name].words,)
    assert {part.licence for part in config.licence_parts} == {"apache-2.0"}
    assert checked(name).report.exclusive is None


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(LOOKS))
def test_with_it_pictures_are_far_nearer_to_the_look_than_without(name: str) -> None:
    config, look = lora(name), LOOKS[name]
    changes = {place.module: one for place, one in checked(name).converted.changes.items() if isinstance(one, LowRank)}
    slot = family().slots.put(Adapter(name, "", max(one.rank for one in changes.values()), changes, 0))
    try:
        for colour, subject in SUBJECTS:
            prompt = f"{look.words}, a {colour} {subject}"
            ideal = np.asarray(render(look, subject, colour)).astype(float)
            away = [np.abs(drawn(prompt, worn, config.default_strength) - ideal).mean() for worn in (None, slot)]
            assert away[1] < 0.6 * away[0], (subject, away)
    finally:
        family().slots.drop(slot)
