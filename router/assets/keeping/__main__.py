"""`python -m router.assets.keeping`: what retention, of the profile and of spaces, would delete now. It changes
nothing."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from configs.errors import AtelierError
from configs.load import ROOT, load_profile
from router.assets.keeping.store import KeepingStore
from router.people.spaces.retention import days_by_space
from router.people.spaces.store import SpaceStore
from router.storage.database import Database, database_url

_MOST = 1000  # of a space


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0, or 2 when the database cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m router.assets.keeping", description=__doc__)
    parser.add_argument("--profile", default="local", help="an id in configs/profiles, or a YAML file (default: local)")
    try:
        asyncio.run(_tell(parser.parse_args(arguments).profile))
    except AtelierError as error:
        print(error.message, file=sys.stderr)  # noqa: T201 - a command's answer
        return 2
    return 0


async def _tell(name: str) -> None:
    profile = load_profile(name)
    database = Database(database_url(profile, Path(ROOT, profile.state)))
    try:
        kept = days_by_space(profile, await SpaceStore(database).spaces())
        if not kept:
            print("no space has a retention: nothing is deleted by itself")  # noqa: T201
        for space, days in kept.items():
            found = await KeepingStore(database).expired(space, days, _MOST)
            more = " or more" if len(found) == _MOST else ""
            print(f"{space}: {len(found)}{more} pictures older than {days} days would go")  # noqa: T201
            for asset_id, drawn_at in found:
                print(f"  {asset_id}  drawn {drawn_at:%Y-%m-%d %H:%M}")  # noqa: T201
    finally:
        await database.close()


if __name__ == "__main__":
    sys.exit(main())
