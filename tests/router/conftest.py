"""A studio with a painted generator behind its REST API, for modules that want no other."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.studio import PaintedGenerator, running_studio


@pytest.fixture(scope="module")
def generator() -> PaintedGenerator:
    return PaintedGenerator(step_seconds=0.002)


@pytest.fixture(scope="module")
def api(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, generator: PaintedGenerator
) -> Iterator[httpx.Client]:
    """A module that is about what becomes of icons says `WHOLE_ICONS = True`."""
    whole = getattr(request.module, "WHOLE_ICONS", False)
    with (
        running_studio(tmp_path_factory.mktemp("api"), generator, whole_icons=whole) as url,
        httpx.Client(base_url=url, timeout=60) as client,
    ):
        yield client
