"""Forms, models and parameters, read without a studio."""

from __future__ import annotations

from typing import Any

import pytest

from configs.errors import InvalidRequest, UnknownName, Unsupported
from configs.openai_door import OpenAIDoor
from router.openai.forms import read_fields
from router.openai.models import listed_models, resolve_model
from router.openai.paths import is_theirs
from router.openai.requests import EditRequest, GenerationRequest
from router.openai.translation import Brought, check_images, translate
from tests.catalogue import load_installation

INSTALLATION = load_installation("local")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ([("prompt", "[a fox]"), ("n", "2")], {"prompt": "[a fox]", "n": "2"}),
        ([("seed", "")], {}),
        ([("slots[mood]", "calm"), ("slots[setting]", "a wood")], {"slots": {"mood": "calm", "setting": "a wood"}}),
        ([("loras[]", "a"), ("loras[]", "b")], {"loras": ["a", "b"]}),
        (
            [("loras[][id]", "a"), ("loras[][strength]", "1"), ("loras[][id]", "b")],
            {"loras": [{"id": "a", "strength": "1"}, {"id": "b"}]},
        ),
        ([("stages[upscale][factor]", "2")], {"stages": {"upscale": {"factor": "2"}}}),
        ([("loras", '[{"id": "a"}]')], {"loras": [{"id": "a"}]}),
    ],
)
def test_a_form_says_what_json_would(fields: list[tuple[str, str]], said: dict[str, Any]) -> None:
    assert read_fields(fields) == said


@pytest.mark.parametrize(
    "fields",
    [
        [("slots[a", "x")],
        [("slots" + "[a]" * 7, "x")],
        [("slots[a]", "x"), ("slots[]", "y")],
        [("loras", "[{")],
        [("loras[]", "x")] * 65,
        [("", "x")],
    ],
)
def test_a_form_that_says_nothing_sensible_is_refused(fields: list[tuple[str, str]]) -> None:
    with pytest.raises(InvalidRequest):
        read_fields(fields)


def test_models_are_meant_by_id_by_alias_and_by_pattern() -> None:
    aliases = {"house-*": "default", "house-1": "mini", "gone": "flux-1-dev"}
    profile = INSTALLATION.profile.model_copy(update={"openai": OpenAIDoor(aliases=aliases)})
    installation = INSTALLATION.model_copy(update={"profile": profile})
    assert listed_models(installation) == ("mini", "house-1", "gone")
    assert [resolve_model(name, installation) for name in (None, "mini", "house-1", "house-9")] == [None, *["mini"] * 3]
    for unknown in ("gone", "gpt-image-1"):
        with pytest.raises(UnknownName, match="choose one of mini, house-1"):
            resolve_model(unknown, installation)
    assert resolve_model("gpt-image-2-2026-04-21", INSTALLATION) == "mini"


def test_what_is_left_open_is_left_to_the_plan() -> None:
    order = translate(GenerationRequest(prompt="a fox", size="auto", n=None), None, "icon")
    assert order.keep_as_asked() == {
        "prompt": "a fox",
        "asset_type": "icon",
        "slots": {},
        "quality": "standard",
        "num_variations": 1,
        "retry_below": {},
        "sizes": [],
        "formats": ["png"],
        "loras": [],
        "references": [],
        "controls": [],
        "image_prompts": [],
        "stages": {},
        "private": False,
    }


def test_backgrounds_are_stages_and_what_stages_say_goes_before() -> None:
    def stages(**said: Any) -> Any:
        asked = GenerationRequest.model_validate({"prompt": "a fox", **said})
        return translate(asked, None, "icon").keep_as_asked()["stages"]

    assert stages(background="opaque") == {"cut_out": False}
    assert set(stages(background="transparent")) == {"cut_out"}
    assert stages(background="transparent", stages={"cut_out": {"holes": True}})["cut_out"] == {"holes": True}


def test_a_model_that_edits_is_given_all_pictures_and_one_that_redraws_the_first() -> None:
    asked = EditRequest(prompt="a fox")
    edited = translate(asked, "x", "icon", Brought(("a", "b")), edits=True)
    assert (edited.references, edited.image) == (("a", "b"), None)
    redrawn = translate(asked, "x", "icon", Brought(("a",)))
    assert (redrawn.references, redrawn.image, redrawn.strength) == ((), "a", None)
    masked = translate(asked, "x", "icon", Brought(("a",), "m"), edits=True)
    assert (masked.image, masked.mask, masked.references) == ("a", "m", ())
    mini = INSTALLATION.catalog.models["mini"]
    editing = INSTALLATION.capabilities["mini"].model_copy(update={"modes": ("txt2img", "edit"), "references": 3})
    check_images(3, False, mini, editing)
    with pytest.raises(Unsupported, match="takes 3 pictures, and 4 came"):
        check_images(4, False, mini, editing)
    with pytest.raises(Unsupported, match="takes 1 picture together with a mask, and 2 came"):
        check_images(2, True, mini, editing)


@pytest.mark.parametrize("path", ["/v1", "/v1/models", "/openai/deployments/x/images/edits", "/openai"])
def test_paths_of_theirs(path: str) -> None:
    assert is_theirs(path)


@pytest.mark.parametrize("path", ["/", "", "/v1x", "/openapi.json", "/models", "/app/v1"])
def test_paths_of_ours(path: str) -> None:
    assert not is_theirs(path)
