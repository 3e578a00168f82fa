"""Who may know whom by name, on both engines: what one works at together tells it, and nothing else does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from sqlalchemy import Connection, Table, insert

from router.assets.search.tables import asset_counts
from router.jobs.sql import SqlJobStore
from router.library.tables import library_entries
from router.people.store import PeopleStore
from router.people.tables import members, principals, spaces
from router.people.viewer import Viewer
from tests.contract.job_samples import JobDatabase

IDS = ("user_1", "user_2", "user_3", "user_4")
NAMES = dict(zip(IDS, ("Ana Æbelø", "Ben", "Eve", "Zoe"), strict=True))


@asynccontextmanager
async def opened(database: JobDatabase) -> AsyncIterator[PeopleStore]:
    """Four people, of whom the first two are in a team, and all are in home."""
    async with database.store() as store:
        assert isinstance(store, SqlJobStore)
        people = PeopleStore(store.database, database.clock)
        for id, name in NAMES.items():
            await add(people, principals, id=id, name=name, created_at=database.clock())
            await add(people, members, space="home", principal=id, role="member")
        await add(people, spaces, id="brand", name="Brand", created_at=database.clock())
        for id in IDS[:2]:
            await add(people, members, space="brand", principal=id, role="member")
        yield people


async def add(people: PeopleStore, table: Table, **row: object) -> None:
    def write(connection: Connection) -> None:
        connection.execute(insert(table), row)

    await people.database.write(write)


async def known(people: PeopleStore, viewer: Viewer, everybody: bool = False) -> Mapping[str, str]:
    return {one.id: one.name for one in await people.names((*IDS, "user_none"), viewer, everybody)}


ANA, EVE = Viewer("user_1", spaces=frozenset({"brand"})), Viewer("user_3")


async def test_a_team_knows_its_members_by_name_and_home_is_none(database: JobDatabase) -> None:
    async with opened(database) as people:
        assert await known(people, ANA) == {"user_1": "Ana Æbelø", "user_2": "Ben"}
        assert await known(people, EVE) == {"user_3": "Eve"}
        assert await people.names((), ANA) == ()


async def test_who_has_left_is_known_by_the_pictures_that_stay(database: JobDatabase) -> None:
    async with opened(database) as people:
        counted = {"day": "", "facet": "kind:drawn", "pictures": 2}
        await add(people, asset_counts, owner="user_3", space="brand", **counted)
        await add(people, asset_counts, owner="user_4", space="brand", **counted | {"pictures": 0})
        await add(people, asset_counts, owner="user_4", space="home", **counted)
        assert [*await known(people, ANA)] == ["user_1", "user_2", "user_3"]


async def test_who_changes_the_library_is_known_to_all(database: JobDatabase) -> None:
    async with opened(database) as people:
        entry = {"kind": "loras", "id": "ink", "version": "1.0.0", "sha256": "0", "body": "{}", "notes": ""}
        await add(people, library_entries, author="user_4", created_at=database.clock(), **entry)
        assert await known(people, EVE) == {"user_3": "Eve", "user_4": "Zoe"}


async def test_who_sees_all_knows_everybody(database: JobDatabase) -> None:
    async with opened(database) as people:
        assert await known(people, Viewer("dev", sees_all=True)) == NAMES
        assert await known(people, EVE, everybody=True) == NAMES


async def test_people_outside_a_space_are_found_by_how_their_name_begins(database: JobDatabase) -> None:
    async with opened(database) as people:
        found = await people.outside("brand", "", 20)
        assert {one.name for one in found} >= {"Eve", "Zoe"}
        assert not {one.id for one in found} & {"user_1", "user_2"}
        assert await people.outside("brand", "", 1) == found[:1]
        assert [one.id for one in await people.outside("brand", "eV", 20)] == ["user_3"]
        assert [one.id for one in await people.outside("brand", "user_4", 20)] == ["user_4"]
        assert [one.id for one in await people.outside("none", "æBEL", 20)] == ["user_1"]
        assert await people.outside("none", "na", 20) == ()
        assert await people.outside("brand", "%", 20) == ()
