"""Every line of the capability table is so: what it says yes to is the family's own pipeline's picture, alone and in
company, and what it says no to is refused."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from configs.errors import ConfigError, StageError, Unsupported
from configs.fitness import find_misfits
from configs.noise import SeedVariation
from configs.schema import LicencePart, LoraConfig
from configs.weights import Weights
from deployments.families.family import FusedLora
from deployments.families.matrix import matrix
from deployments.families.registry import FAMILIES
from deployments.loras.changes import LowRank
from deployments.loras.effect import check_prediction, measure_prediction
from deployments.messages import GenerateRequest
from router.abilities import check_abilities
from router.job_request import JobRequest, LoraRequest
from tests.deployments import tiny_flux
from tests.deployments.diffusers_alone import difference
from tests.deployments.families.conformance.cells import COLUMNS, Refusal, refusals
from tests.deployments.families.conformance.tinies import TINIES
from tests.deployments.families.conformance.trying import Tried

TABLE = FAMILIES.table().families
ROWS = [(family, variant) for family, variants in TABLE.items() for variant in variants]
SIZES_SHARE = ("flux", "hidream")
"""Families of which one batch may mix sizes."""
BY_THE_TABLE = {"LoRA", "negative prompt"}
"""What the table alone refuses, and not the model."""
every_row = pytest.mark.parametrize("row", ROWS, ids="-".join)


def test_every_row_of_the_registry_is_tried() -> None:
    assert set(TINIES) == set(ROWS), "give each variant of a family a tiny model in tinies.py"


@every_row
def test_alone_every_cell_is_the_familys_own_picture(tried: Tried) -> None:
    for cell in tried.cells:
        (drawn,), alone = tried.draw([cell.asked]), tried.stock(cell.asked)
        assert difference(drawn, alone) <= 1e-5, cell.name
        if cell.without is not None:
            assert difference(alone, tried.stock(cell.without)) > 1e-4, f"{cell.name} must matter"


@every_row
def test_in_one_mixed_batch_every_cell_is_as_alone(tried: Tried) -> None:
    asked = tried.company()
    batches = tried.batches(asked)
    assert max(len(batch) for batch in batches) > 1
    for drawn, cell in zip(tried.draw(asked), tried.cells, strict=False):
        assert difference(drawn, tried.stock(cell.asked)) <= 1e-5, cell.name


@pytest.mark.parametrize("row", [row for row in ROWS if row[0] in SIZES_SHARE], ids="-".join)
def test_sizes_share_a_batch(tried: Tried) -> None:
    one, other = (cell.asked for cell in tried.cells if cell.name in (tried.can.modes[0], "another size"))
    assert (one.width, one.height) != (other.width, other.height)
    assert tried.batches([one, other]) == [[0, 1]]


@every_row
def test_the_same_request_is_the_same_picture_and_another_seed_is_another(tried: Tried) -> None:
    asked = tried.cells[0].asked
    torch.manual_seed(1)
    (one,) = tried.draw([asked])
    torch.manual_seed(2)
    again, other = (tried.draw([each])[0] for each in (asked, replace(asked, seed=asked.seed + 1)))
    assert torch.equal(one, again)
    assert difference(other, one) > 1e-3


@pytest.mark.parametrize("row", {row[0]: row for row in reversed(ROWS)}.values(), ids="-".join)
def test_noise_turns_towards_another_seeds_by_as_much_as_is_asked(tried: Tried) -> None:
    one = tried.cells[0].asked
    other = replace(one, seed=one.seed + 1)

    def turned(*variations: tuple[int, float]) -> GenerateRequest:
        return replace(one, variations=tuple(SeedVariation(seed=seed, strength=share) for seed, share in variations))

    near, far = turned((other.seed, 0.15)), turned((other.seed, 0.5))
    if not tried.can.neighbours:
        with pytest.raises(StageError):
            tried.model.work(near)
        return
    middle, end = tried.draw([one])[0], tried.draw([other])[0]
    assert torch.equal(tried.draw([turned((other.seed, 0.0))])[0], middle)
    assert torch.equal(tried.draw([turned((7, 0.4), (other.seed, 1.0))])[0], end)
    chained = turned((other.seed, 0.15), (7, 0.15))
    alone = [tried.draw([each])[0] for each in (near, far, chained)]
    together = tried.draw([near, other, far, chained, one])
    for drawn, each in zip((together[0], *together[2:4]), alone, strict=True):
        assert difference(drawn, each) <= 1e-5
    assert 1e-4 < difference(alone[0], middle) < difference(alone[1], middle) < difference(end, middle)
    assert difference(alone[2], alone[0]) > 1e-4


@every_row
def test_guidance_and_negative_prompts_count_where_the_table_says_so(tried: Tried) -> None:
    asked = replace(tried.cells[0].asked, guidance_scale=tried.config.guidance_scale)
    more, other = replace(asked, guidance_scale=asked.guidance_scale + 3), replace(asked, negative_prompt="green")
    one, guided, avoiding = (tried.draw([each])[0] for each in (asked, more, other))
    if tried.can.guidance != "none":
        assert difference(guided, one) > 1e-4
    if tried.can.guidance != "none" and tried.can.engine == "steps":
        assert tried.model.work(more).rows == (2 if tried.can.guidance == "classifier-free" else 1)
    assert (difference(avoiding, one) > 1e-4) == tried.can.negative_prompt


@every_row
def test_what_it_cannot_draw_is_refused_by_its_field(tried: Tried) -> None:
    for refusal in refusals(tried.can, tried.config, tried.tiny):
        assert _field(tried, refusal) in refusal.fields, refusal.name


def _field(tried: Tried, refusal: Refusal) -> str | None:
    """The field that is named by the error that refuses a request."""
    try:
        tried.model.work(refusal.asked)
    except StageError as error:
        return error.field
    return "it was not refused"


@every_row
def test_what_the_table_denies_is_refused_before_anything_is_queued(tried: Tried) -> None:
    can, fewest, most = tried.can, *tried.can.steps
    asked: dict[str, Any] = {
        "negative_prompt": None if can.negative_prompt else "blurry",
        "loras": () if can.lora else (LoraRequest(id="style"),),
        "guidance_scale": 3.0 if can.guidance == "none" else None,
        "num_inference_steps": most + 1 if most < 100 else fewest - 1 or None,
    }
    model: Any = tried.config
    installation: Any = SimpleNamespace(capabilities={model.id: can}, profile=SimpleNamespace(generators=()))
    for field, value in asked.items():
        if value:
            with pytest.raises(Unsupported) as refused:
                check_abilities(JobRequest(prompt="a bicycle", **{field: value}), model, installation)
            assert refused.value.field == (field if "txt2img" in can.modes else "model")


@every_row
def test_what_the_table_denies_refuses_the_start(tried: Tried) -> None:
    known = {name: getattr(tried.config, name) for name in ("controls", "image_prompt")}
    prompts = tiny_flux.redux_config(tried.folder)
    beside = {
        "controls": {"depth": tiny_flux.control_config(tried.folder)},
        "image_prompt": prompts.model_copy(update={"kind": tried.can.image_prompt or "redux"}),
    }
    denied = {"controls": not tried.can.controls, "image_prompt": tried.can.image_prompt is None}
    for field, refused in denied.items():
        assert bool(known[field]) != refused, "a tiny model brings along what its row can do"
        asked = tried.config.model_copy(update={field: beside[field]})
        assert (field in {misfit.place[0] for misfit in find_misfits(asked, tried.can)}) == refused
    if tried.can.image_prompt is not None:
        other = "redux" if tried.can.image_prompt == "ip-adapter" else "ip-adapter"
        wrong = tried.config.model_copy(update={"image_prompt": prompts.model_copy(update={"kind": other})})
        assert ("image_prompt", "kind") in [misfit.place for misfit in find_misfits(wrong, tried.can)]
    if not tried.can.lora:
        with pytest.raises(ConfigError, match="takes no LoRAs"):
            FAMILIES.find(tried.config.family)(tried.config, [FusedLora(_lora(tried), 1.0)])


def _lora(tried: Tried) -> LoraConfig:
    parts = (LicencePart(part="adapter", licence="apache-2.0"),)
    weights = Weights(path=str(tried.folder))
    return LoraConfig(id="style", name="Style", family=tried.config.family, weights=weights, licence_parts=parts)


@pytest.mark.parametrize("row", [row for row in ROWS if TABLE[row[0]][row[1]].lora], ids="-".join)
def test_a_lora_is_tried_with_a_request_that_the_model_can_draw(tried: Tried) -> None:
    weights = tried.model.anatomy.weights
    places = [place for place in weights if place.module.endswith(("to_v", "to_out.0"))]
    before = [weights[place].detach().clone() for place in places]
    changes = {place: _strong(weight) for place, weight in zip(places, before, strict=True)}
    assert check_prediction(tried.model, tried.config, tried.can, changes, "LoRA 'x'") > 1e-3
    assert all(torch.equal(weights[place], kept) for place, kept in zip(places, before, strict=True))
    assert measure_prediction(tried.model, tried.config, tried.can, {}) == 0


def _strong(weight: torch.Tensor) -> LowRank:
    drawn = torch.Generator().manual_seed(1)
    return LowRank(torch.randn(2, weight.shape[1], generator=drawn), torch.randn(len(weight), 2, generator=drawn))


@every_row
def test_every_yes_and_no_of_the_readme_has_its_case(row: tuple[str, str], tried: Tried) -> None:
    lines = [[cell.strip(" `") for cell in line.split("|")[1:-1]] for line in matrix(FAMILIES.table()).splitlines()]
    said = next(dict(zip(lines[0], line, strict=True)) for line in lines if tuple(line[:2]) == row)
    drawn = {cell.column for cell in tried.cells}
    refused = {refusal.name for refusal in refusals(tried.can, tried.config, tried.tiny)} | BY_THE_TABLE
    for column in COLUMNS:
        assert column in (refused if said[column] == "–" else drawn), column
        assert (column in drawn) == (said[column] != "–"), column
