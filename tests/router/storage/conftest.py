"""The fixtures of the contract suite, but that no database has a schema yet unless a test asks for `current_database`,
and tests that are coroutines."""

import pytest

from tests.contract.conftest import database as current_database
from tests.contract.conftest import (
    empty_database,
    postgres,
    processes,
    pytest_pyfunc_call,
    schema_database,
    schema_file,
    spare_databases,
    sqlite_database,
)
from tests.contract.job_samples import JobDatabase

__all__ = [
    "current_database",
    "empty_database",
    "postgres",
    "processes",
    "pytest_pyfunc_call",
    "schema_database",
    "schema_file",
    "spare_databases",
    "sqlite_database",
]


@pytest.fixture
def database(empty_database: JobDatabase) -> JobDatabase:
    return empty_database
