"""A real OpenID Connect server, one for all tests of this folder; and databases on each engine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.conftest import (
    database,
    postgres,
    processes,
    pytest_pyfunc_call,
    schema_database,
    schema_file,
    spare_databases,
)
from tests.oidc.server import OidcServer, running_oidc

__all__ = [
    "database",
    "postgres",
    "processes",
    "pytest_pyfunc_call",
    "schema_database",
    "schema_file",
    "spare_databases",
]


@pytest.fixture(scope="session")
def oidc() -> Iterator[OidcServer]:
    with running_oidc() as server:
        yield server
