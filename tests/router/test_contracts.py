"""What an asset type and a quality settle in a plan, and what is said where a model cannot do it."""

from __future__ import annotations

from typing import Any

import pytest

from configs.brand import BrandKitConfig
from configs.catalog import Installation
from configs.contracts import AssetTypeConfig, ContractLora, ModelTerms, SlotConfig, StyleConfig
from configs.errors import InvalidRequest, UnknownName
from deployments.stages.refine import RefineStage
from deployments.stages.upscale import UpscaleStage
from router.job_request import JobRequest
from router.notes import NoteCode
from router.plan import Plan
from router.planning.making import make_plan
from router.rates import Rates
from router.stage_settings import find_stage_misfits
from tests.catalogue import add_lora, copy_configs, load_installation

LOCAL = load_installation("local")
KIT = BrandKitConfig.model_validate(
    {"id": "acme", "name": "Acme", "palette": [{"name": "red", "colour": "#d13438"}], "tone": "warm and plain"}
)
CHANGED = LOCAL.catalog.asset_types["icon"].model_copy(
    update={
        "prompt_template": "{subject}, on {ground}, {style}, an icon, {tone}",
        "slots": {"ground": SlotConfig(description="Say the ground.", choices=("white", "blue"), required=True)},
        "styles": {"outline": StyleConfig(name="Outline", words="thin outlines")},
    }
)


def studio(
    asset_type: AssetTypeConfig = CHANGED, kits: tuple[BrandKitConfig, ...] = (KIT,), of: Installation = LOCAL
) -> Installation:
    changes = {"asset_types": {"icon": asset_type}, "brand_kits": {kit.id: kit for kit in kits}}
    return of.model_copy(update={"catalog": of.catalog.model_copy(update=changes)})


def plan(where: Installation = LOCAL, **said: Any) -> Plan:
    request = JobRequest.model_validate({"prompt": "a red bicycle", **said})
    return make_plan(request, where, Rates(), first_seed=7)


def codes(planned: Plan) -> set[str]:
    return {note.code for note in planned.notes}


def test_slots_style_and_tone_are_written_where_the_template_has_them() -> None:
    planned = plan(studio(), slots={"ground": "blue"}, style="outline", brand_kit="acme")
    assert planned.base.full_prompt == "a red bicycle, on blue, thin outlines, an icon, warm and plain"
    assert [pin.key for pin in planned.entries] == ["asset-types/icon", "brand-kits/acme"]


@pytest.mark.parametrize(
    ("said", "field", "hint"),
    [
        ({}, "slots.ground", "needs the slot 'ground'. Say the ground."),
        ({"slots": {"ground": "green"}}, "slots.ground", "none of white, blue"),
        ({"slots": {"ground": "blue", "mood": "calm"}}, "slots.mood", "it has ground"),
        ({"slots": {"ground": "blue"}, "style": "filled"}, "style", "choose one of outline"),
        ({"slots": {"ground": "blue"}, "brand_kit": "other"}, "brand_kit", "choose one of acme, none"),
    ],
)
def test_what_a_contract_does_not_have_is_named_with_what_it_has(said: dict[str, Any], field: str, hint: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        plan(studio(), **said)
    assert refused.value.field == field
    assert hint in refused.value.message


def test_a_kit_that_is_gone_is_noted_and_one_that_is_not_wanted_is_left() -> None:
    branded = CHANGED.model_copy(update={"brand_kit": "acme"})
    ground = {"ground": "blue"}
    assert "warm and plain" in plan(studio(branded), slots=ground).base.full_prompt
    assert "warm" not in plan(studio(branded), slots=ground, brand_kit="none").base.full_prompt
    gone = plan(studio(branded, kits=()), slots=ground)
    assert NoteCode.BRAND_KIT_MISSING in codes(gone)
    assert "warm" not in gone.base.full_prompt


def test_a_contracts_lora_is_drawn_with_unless_the_request_says_otherwise(tmp_path_factory: Any) -> None:
    root = copy_configs(tmp_path_factory.mktemp("root"))
    add_lora(root, "ink")
    here = load_installation("local", root)
    terms = {"flux": ModelTerms(loras=(ContractLora(id="ink", strength=0.8), ContractLora(id="gone")))}
    where = studio(here.catalog.asset_types["icon"].model_copy(update={"families": terms}), of=here)
    usual = plan(where)
    assert [(one.lora, one.strength) for one in usual.base.loras] == [("ink", 0.8)]
    (note,) = (note for note in usual.notes if note.code == NoteCode.CONTRACT_LORA)
    assert "'gone', which is not in the library" in note.message
    assert [one.strength for one in plan(where, loras=[{"id": "ink", "strength": 0.3}]).base.loras] == [0.3]
    assert plan(where, loras=[{"id": "ink", "strength": 0}]).base.loras == ()


STYLES = {
    "icon": "kestrel",
    "product_illustration": "harbour",
    "logo_illustration": "ember",
    "premium_illustration": "dusk",
}


@pytest.mark.parametrize(("asset_type", "style"), STYLES.items())
def test_each_asset_type_has_a_look_that_ships_as_its_first_style_and_draws_without_it_unasked(
    asset_type: str, style: str
) -> None:
    assert next(iter(LOCAL.catalog.asset_types[asset_type].used_styles)) == style
    plain, styled = plan(asset_type=asset_type), plan(asset_type=asset_type, style=style)
    assert plain.base.loras == ()
    (lora,) = styled.base.loras
    assert (lora.lora, lora.strength) == (f"mini-{style}", 1.0)
    assert styled.base.full_prompt == f"{style} style, {plain.base.full_prompt}"
    assert f"loras/mini-{style}" in [pin.key for pin in styled.entries]
    assert plan(asset_type=asset_type, style=style, loras=[{"id": f"mini-{style}", "strength": 0}]).base.loras == ()
    assert not codes(styled) - codes(plain)


def test_a_style_is_drawn_without_a_lora_that_the_model_has_not_and_says_so() -> None:
    house: dict[str, tuple[ContractLora, ...]] = {"mini": (ContractLora(id="gone"),)}
    ground, styles = {"ground": "blue"}, {"house": StyleConfig(name="House", loras=house)}
    asked = plan(studio(CHANGED.model_copy(update={"styles": styles})), slots=ground, style="house")
    assert asked.base.loras == ()
    (note,) = (note for note in asked.notes if note.code == NoteCode.CONTRACT_LORA)
    assert "the style House is drawn with 'gone', which is not in the library" in note.message

    for words, notes in (("", {NoteCode.CONTRACT_LORA}), ("tidy", set[NoteCode]())):
        elsewhere = StyleConfig(name="House", words=words, loras={"sdxl": house["mini"]})
        other = plan(studio(CHANGED.model_copy(update={"styles": {"house": elsewhere}})), slots=ground, style="house")
        assert {one.code for one in other.notes if one.code == NoteCode.CONTRACT_LORA} == notes
        assert ("tidy" in other.base.full_prompt) == bool(words)


def test_a_style_of_loras_alone_needs_no_place_in_the_template_and_one_of_nothing_is_refused() -> None:
    house = StyleConfig(name="House", loras={"mini": (ContractLora(id="ink"),)})
    bare = {
        "prompt_template": "{subject}, an icon",
        "styles": {"house": house, "thin": StyleConfig(name="T", words="t")},
    }
    assert [*CHANGED.model_copy(update=bare).used_styles] == ["house"]
    with pytest.raises(ValueError, match="it changes nothing"):
        StyleConfig(name="Nothing")


def test_a_model_is_never_asked_for_more_steps_than_it_takes_at_its_best() -> None:
    gpu = load_installation("gpu")
    terms = {"flux": ModelTerms(steps={"standard": 28}, guidance_scale=4)}
    where = studio(gpu.catalog.asset_types["icon"].model_copy(update={"families": terms}), of=gpu)
    schnell = gpu.profile.generators[0].model_copy(update={"model": "flux-1-schnell"})
    where = where.model_copy(update={"profile": gpu.profile.model_copy(update={"generators": (schnell,)})})
    planned = plan(where, model="flux-1-schnell", size="1024x1024")
    assert planned.base.num_inference_steps == 4
    assert planned.base.guidance_scale == 0
    assert NoteCode.STEPS_CAPPED in codes(planned)


def test_qualities_cost_ever_more_and_end_ever_larger() -> None:
    plans = [
        plan(quality=quality, asset_type="product_illustration") for quality in ("draft", "standard", "high", "ultra")
    ]
    assert [str(one.size) for one in plans] == ["128x128", "512x512", "1024x1024", "2048x2048"]
    steps = [one.base.num_inference_steps for one in plans]
    assert steps == sorted(set(steps))
    assert [one.find(RefineStage) is not None for one in plans] == [False, True, True, True]
    assert [one.find(UpscaleStage) is not None for one in plans] == [False, True, True, True]
    seconds = [one.estimated_seconds for one in plans]
    assert seconds == sorted(seconds)


def test_flat_art_is_not_refined_unless_the_request_insists() -> None:
    assert plan(quality="ultra").find(RefineStage) is None
    assert plan(quality="ultra", stages={"refine": {}}).find(RefineStage) is not None
    assert plan(asset_type="premium_illustration", stages={"refine": False}).find(RefineStage) is None


def test_settings_of_request_and_contract_are_joined_field_by_field() -> None:
    refine = plan(asset_type="premium_illustration", stages={"refine": {"model": "mini"}}).find(RefineStage)
    assert refine is not None
    assert refine.strength == 0.3
    stronger = plan(asset_type="premium_illustration", stages={"refine": {"strength": 0.4}}).find(RefineStage)
    assert stronger is not None
    assert stronger.strength == 0.4


def test_a_stage_that_only_the_contract_wants_and_the_model_cannot_do_is_left_out_with_a_note() -> None:
    gpu = load_installation("gpu")
    janus = gpu.profile.generators[0].model_copy(update={"model": "janus-pro-1b"})
    where = gpu.model_copy(update={"profile": gpu.profile.model_copy(update={"generators": (janus,)})})
    said: dict[str, Any] = {"model": "janus-pro-1b", "asset_type": "premium_illustration"}
    size = str(gpu.catalog.models["janus-pro-1b"].native_sizes[0])
    planned = plan(where, size=size, **said)
    assert planned.find(RefineStage) is None
    assert NoteCode.STAGE_LEFT_OUT in codes(planned)
    with pytest.raises(InvalidRequest):
        plan(where, size=size, stages={"refine": {}}, **said)


def test_a_model_without_an_upscaler_ends_at_its_own_size_and_says_so() -> None:
    model = LOCAL.catalog.models["mini"].model_copy(update={"upscaler": None})
    catalog = LOCAL.catalog.model_copy(update={"models": {**LOCAL.catalog.models, "mini": model}})
    where = LOCAL.model_copy(update={"catalog": catalog})
    small = LOCAL.catalog.asset_types["icon"].sizes[0].model_copy(update={"width": 128, "height": 128})
    icon = LOCAL.catalog.asset_types["icon"].model_copy(update={"default_size": small, "sizes": (small,)})
    planned = plan(studio(icon, of=where), quality="ultra")
    assert str(planned.size) == "128x128"
    assert NoteCode.SIZE_CAPPED in codes(planned)


@pytest.mark.parametrize(
    ("stages", "place"),
    [
        ({"shine": {}}, ("stages", "shine")),
        ({"refine": {"strenght": 0.3}}, ("stages", "refine", "strenght")),
        ({"refine": {"strength": 7}}, ("stages", "refine", "strength")),
    ],
)
def test_settings_that_no_stage_understands_are_found(stages: dict[str, Any], place: tuple[str, ...]) -> None:
    assert [misfit.place for misfit in find_stage_misfits(stages)] == [place]


def test_what_ships_is_understood() -> None:
    catalog = LOCAL.catalog
    said = {one.id: one.stages for one in catalog.asset_types.values()}
    for id, stages in (said | {one.id: one.stages for one in catalog.qualities.values()}).items():
        assert not [*find_stage_misfits(stages)], id


def test_an_unknown_quality_is_named() -> None:
    with pytest.raises(UnknownName, match="draft, high, standard, ultra"):
        plan(quality="best")
