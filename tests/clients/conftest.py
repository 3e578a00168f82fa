"""A running studio for the clients: the real API over stages that draw in milliseconds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.clients.held import HeldGenerator
from tests.studio import running_studio


@pytest.fixture(scope="module")
def generator() -> HeldGenerator:
    return HeldGenerator(step_seconds=0.002)


@pytest.fixture(scope="module")
def url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, generator: HeldGenerator
) -> Iterator[str]:
    """A module that is about what becomes of icons says `WHOLE_ICONS = True`."""
    whole = getattr(request.module, "WHOLE_ICONS", False)
    with running_studio(tmp_path_factory.mktemp("studio"), generator, whole_icons=whole) as url:
        yield url
