"""The fixtures of the contract suite, but that no database has a schema yet, and tests that are coroutines."""

import pytest

from tests.contract.conftest import empty_database, postgres, processes, pytest_pyfunc_call, sqlite_database
from tests.contract.job_samples import JobDatabase

__all__ = ["empty_database", "postgres", "processes", "pytest_pyfunc_call", "sqlite_database"]


@pytest.fixture
def database(empty_database: JobDatabase) -> JobDatabase:
    return empty_database
