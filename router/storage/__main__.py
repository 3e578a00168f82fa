"""`python -m router.storage`: bring a database to this release's schema before the studio starts, or say how it is."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from configs.errors import ConfigError
from configs.load import ROOT, load_profile
from router.jobs.audit import find_unreadable
from router.storage.database import Database, database_url, describe, parse_url, preparing
from router.storage.migration import NEWEST, pending


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0 when all is well, 1 when `check` has found something, 2 when the database cannot be used."""
    options = _parser().parse_args(arguments)
    try:
        url = options.database or _of_profile(options.profile)
        return _migrate(url) if options.command == "migrate" else _check(url)
    except ConfigError as error:
        print(error, file=sys.stderr)  # noqa: T201 - a command's answer
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m router.storage", description=__doc__)
    parser.add_argument("command", choices=["migrate", "check"], help="migrate is also what a start does by itself")
    parser.add_argument("--profile", default="local", help="an id in configs/profiles, or a YAML file (default: local)")
    parser.add_argument("--database", help="sqlite:///path or postgresql://…, instead of the profile's")
    return parser


def _of_profile(name: str) -> str:
    profile = load_profile(name)
    return database_url(profile, Path(ROOT, profile.state))


def _migrate(url: str) -> int:
    asyncio.run(_open(url))
    print(f"{describe(parse_url(url))} has schema {NEWEST}")  # noqa: T201
    return 0


async def _open(url: str) -> None:
    database = Database(url)
    try:
        await database.open()
    finally:
        await database.close()


def _check(url: str) -> int:
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite" and not Path(str(parsed.database)).exists():
        raise ConfigError(f"there is no database {describe(parsed)} yet: the first start makes it")
    try:
        with preparing(parsed) as engine, engine.connect() as connection:
            problems = _problems(connection)
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise ConfigError(f"cannot read the job database {describe(parsed)}: {reason}") from None
    for problem in problems:
        print(problem)  # noqa: T201
    if not problems:
        print(f"{describe(parsed)} has schema {NEWEST}, and all in it can be read")  # noqa: T201
    return 1 if problems else 0


def _problems(connection: Connection) -> list[str]:
    if steps := pending(connection):
        return [f"to be done (python -m router.storage migrate): {step}" for step in steps]
    problems = list(find_unreadable(connection))
    if connection.dialect.name == "sqlite":
        problems += [row[0] for row in connection.exec_driver_sql("PRAGMA quick_check") if row[0] != "ok"]
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check")
        problems += [f"{row[0]} {row[1]} refers to nothing" for row in broken]
    return problems


if __name__ == "__main__":
    sys.exit(main())
