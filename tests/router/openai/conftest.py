"""A painted studio behind a real HTTP server, and OpenAI's own SDK that asks it, unmodified and strict."""

from __future__ import annotations

from collections.abc import Iterator

import openai
import pytest

from tests.router.openai.pictures import PreviewingGenerator
from tests.studio import running_studio


@pytest.fixture(scope="module")
def painter() -> PreviewingGenerator:
    return PreviewingGenerator(step_seconds=0.002)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory, painter: PreviewingGenerator) -> Iterator[str]:
    with running_studio(tmp_path_factory.mktemp("openai"), painter) as url:
        yield url


@pytest.fixture(scope="module")
def sdk(url: str) -> Iterator[openai.OpenAI]:
    """Whose types must fit every answer to the letter, and which asks once."""
    with openai.OpenAI(
        base_url=f"{url}/v1", api_key="anything", max_retries=0, _strict_response_validation=True
    ) as sdk:
        yield sdk
