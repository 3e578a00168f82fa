"""The fixtures of the contract suite: a new database on each engine, and tests that are coroutines."""

from tests.contract.conftest import (
    database,
    postgres,
    processes,
    pytest_pyfunc_call,
    schema_database,
    schema_file,
    spare_databases,
    sqlite_database,
)

__all__ = [
    "database",
    "postgres",
    "processes",
    "pytest_pyfunc_call",
    "schema_database",
    "schema_file",
    "spare_databases",
    "sqlite_database",
]
