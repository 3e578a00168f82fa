"""`AzureOpenAI`: its paths, its header for a key, and tokens in place of one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest

from router.api.app import create_app
from router.people.principal import Principal, Role
from tests.router.openai.pictures import mask_with_hole, opened, png
from tests.router.people.doors import TableDoor
from tests.studio import painted_studio, serving

VERSION = "2025-04-01-preview"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A studio that one designer and somebody who only votes can reach."""
    door = TableDoor(
        Principal("des", "Des", frozenset({Role.DESIGNER})), Principal("eva", "Eva", frozenset({Role.EVALUATOR}))
    )
    with serving(create_app(painted_studio(tmp_path_factory.mktemp("azure")), door=door)) as url:
        yield url


def azure(url: str, **said: Any) -> openai.AzureOpenAI:
    sdk: openai.AzureOpenAI = openai.AzureOpenAI(
        azure_endpoint=url, api_version=VERSION, max_retries=0, _strict_response_validation=True, **said
    )
    return sdk


def test_a_deployment_is_a_model(guarded: str) -> None:
    sdk = azure(guarded, api_key="des")
    answer = sdk.images.generate(model="mini", prompt="a fox", quality="low")
    assert answer.data
    assert opened(answer.data[0].b64_json).size == (128, 128)
    own = azure(guarded, api_key="des", azure_deployment="gpt-image-1")
    drawn: Any = own.images.generate(prompt="a fox", quality="low")
    assert drawn.model == "mini"
    edited = sdk.images.edit(model="mini", image=png(), mask=mask_with_hole(), prompt="a tree", size="128x128")
    assert edited.data
    assert len(edited.data) == 1
    (event,) = sdk.images.generate(model="mini", prompt="a fox", quality="low", stream=True)
    assert event.type == "image_generation.completed"
    assert [model.id for model in sdk.models.list()] == ["mini"]


def test_a_token_counts_in_place_of_a_key(guarded: str) -> None:
    sdk = azure(guarded, azure_ad_token="des")
    assert sdk.images.generate(model="mini", prompt="a fox", quality="low").data


def test_the_newer_form_without_deployments(guarded: str) -> None:
    sdk = openai.OpenAI(base_url=f"{guarded}/openai/v1/", api_key="des", max_retries=0)
    assert sdk.images.generate(model="mini", prompt="a fox", quality="low", extra_query={"api-version": "v1"}).data
    assert [model.id for model in sdk.models.list()] == ["mini"]


def test_a_deployment_that_is_not_there(guarded: str) -> None:
    with pytest.raises(openai.NotFoundError) as refused:
        azure(guarded, api_key="des").images.generate(model="sora", prompt="a fox")
    assert refused.value.code == "model_not_found"
    assert "choose one of mini" in refused.value.message


def test_who_is_not_known_or_may_not_draw_is_told_so(guarded: str) -> None:
    with pytest.raises(openai.AuthenticationError) as unknown:
        azure(guarded, api_key="nobody").images.generate(model="mini", prompt="a fox")
    assert (unknown.value.code, unknown.value.type) == ("invalid_api_key", "authentication_error")
    assert unknown.value.response.headers["www-authenticate"].startswith("Bearer")
    with pytest.raises(openai.PermissionDeniedError) as forbidden:
        azure(guarded, api_key="eva").images.generate(model="mini", prompt="a fox")
    assert "needs the role designer" in forbidden.value.message


def test_a_key_in_azures_header_opens_nothing_else(guarded: str) -> None:
    assert httpx.get(f"{guarded}/models", headers={"api-key": "des"}).status_code == 401
    both = {"api-key": "des", "Authorization": "Bearer nobody"}
    assert httpx.get(f"{guarded}/openai/models", headers=both).status_code == 401


def test_behind_a_proxy_that_serves_it_below_a_path(tmp_path: Path) -> None:
    with serving(create_app(painted_studio(tmp_path, root_path="/atelier"))) as url:
        sdk = openai.OpenAI(base_url=f"{url}/atelier/v1", api_key="any", max_retries=0)
        answer = sdk.images.generate(prompt="a fox", quality="low", response_format="url")
        assert answer.data
        assert (answer.data[0].url or "").startswith(f"{url}/atelier/shared/")
        with pytest.raises(openai.BadRequestError):
            sdk.images.generate(prompt="a fox", size="1x1")
