"""The fixtures of the contract suite: an empty database on each engine, and tests that are coroutines."""

from tests.contract.conftest import database, postgres, processes, pytest_pyfunc_call, sqlite_database

__all__ = ["database", "postgres", "processes", "pytest_pyfunc_call", "sqlite_database"]
