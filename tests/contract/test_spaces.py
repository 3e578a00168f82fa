"""Spaces on both engines: who is in them, what their requests are drawn with, and how they end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection, Select, text

from configs.errors import NotFound, StateConflict
from router.assets.collections.store import CollectionStore
from router.assets.statements import PAGES_OF_UPLOADS
from router.batches.statements import PAGES as BATCHES
from router.jobs.sql import SqlJobStore
from router.jobs.statements import PAGES_OF_SPACE
from router.jobs.store import JobStore
from router.people.audit.model import AuditFilter, Signature
from router.people.audit.store import AuditStore
from router.people.spaces import statements
from router.people.spaces.model import NO_DEFAULTS, USUAL_FILES, Defaults, SpaceFiles
from router.people.spaces.store import SpaceStore
from router.people.viewer import Viewer
from tests.contract.job_samples import JobDatabase, a_job


@asynccontextmanager
async def opened(database: JobDatabase) -> AsyncIterator[tuple[JobStore, SpaceStore]]:
    async with database.store() as store:
        assert isinstance(store, SqlJobStore)
        yield store, SpaceStore(store.database, database.clock)


async def test_a_space_has_members_and_defaults(database: JobDatabase) -> None:
    async with opened(database) as (_, spaces):
        made = await spaces.create("brand", "Brand team", Defaults(quality="draft"))
        assert (made.members, made.defaults.quality, made.created_at) == ((), "draft", database.clock())
        with pytest.raises(StateConflict, match="choose another id"):
            await spaces.create("brand", "Other", NO_DEFAULTS)
        assert (await spaces.put_member("brand", "dev", "member")).role_of("dev") == "member"
        assert (await spaces.put_member("brand", "dev", "lead")).role_of("dev") == "lead"
        changed = await spaces.change("brand", name="Brand")
        assert (changed.name, changed.defaults) == ("Brand", made.defaults)
        assert [one.id for one in await spaces.spaces("dev")] == ["brand", "home"]
        assert (await spaces.space("home")).role_of("dev") == "lead"
        assert (await spaces.remove_member("brand", "dev")).members == ()
        assert [one.id for one in await spaces.spaces("dev")] == ["home"]
        assert [one.id for one in await spaces.spaces()] == ["brand", "home"]


async def test_a_space_says_how_its_files_are(database: JobDatabase) -> None:
    async with opened(database) as (store, spaces):
        assert isinstance(store, SqlJobStore)
        assert (await spaces.create("brand", "Brand")).files == USUAL_FILES
        files = SpaceFiles(formats=("png", "webp"), private=True, retention_days=30)
        by = Signature("ana", "oidc")
        assert (await spaces.change("brand", files=files, by=by)).files == files
        assert (await spaces.change("brand", name="Brand team")).files == files, "it stays"
        assert (await spaces.create("other", "Other", files=files)).files == files
        assert {one.id: one.files for one in await spaces.spaces()}["brand"] == files
        await spaces.change("brand", files=USUAL_FILES, by=by)
        assert (await spaces.space("brand")).files == USUAL_FILES
        lines = await AuditStore(store.database).page(AuditFilter(action="space.change"), 10)
        told = {"formats": ["png", "webp"], "private": True, "retention_days": 30}
        assert [(one.told["files"], one.told["files_before"]) for one in lines] == [({}, told), (told, {})]


async def test_what_is_not_there_is_said(database: JobDatabase) -> None:
    async with opened(database) as (_, spaces):
        for call in (spaces.space("none"), spaces.change("none", name="x"), spaces.remove("none")):
            with pytest.raises(NotFound, match="no space 'none'"):
                await call
        with pytest.raises(NotFound, match="nobody 'eve'"):
            await spaces.put_member("home", "eve", "member")
        with pytest.raises(NotFound, match="'eve' is not in the space"):
            await spaces.remove_member("home", "eve")


async def test_a_space_with_jobs_is_archived_and_another_is_deleted(database: JobDatabase) -> None:
    async with opened(database) as (store, spaces):
        for id in ("brand", "empty"):
            await spaces.create(id, id, NO_DEFAULTS)
        await store.submit(replace(a_job(1), space="brand"))
        assert await spaces.remove("empty") is None
        archived = await spaces.remove("brand")
        assert archived is not None
        assert archived.archived_at == database.clock()
        with pytest.raises(StateConflict, match="archived"):
            await spaces.in_use("brand")
        assert (await spaces.archive("brand", archived=False)).archived_at is None
        assert (await spaces.in_use("brand")).id == "brand"
        with pytest.raises(StateConflict, match="home"):
            await spaces.remove("home")


async def test_a_space_with_a_collection_alone_is_archived(database: JobDatabase) -> None:
    async with opened(database) as (store, spaces):
        assert isinstance(store, SqlJobStore)
        await spaces.create("brand", "Brand", NO_DEFAULTS)
        kept = CollectionStore(store.database, database.clock)
        collection = await kept.create(Viewer("dev", "brand"), "foxes", "")
        archived = await spaces.remove("brand")
        assert archived is not None
        assert archived.archived_at == database.clock()
        await kept.delete(Viewer("dev"), collection.id)
        assert await spaces.remove("brand") is None


async def test_whether_anything_was_made_in_a_space_is_looked_up_in_indexes(database: JobDatabase) -> None:
    async with opened(database) as (store, _):
        assert isinstance(store, SqlJobStore)
        plan = await store.database.write(_explain, statements.HOLDS, of_space="x")
    for table in ("jobs", "batches", "assets"):
        assert f"{table}_of_space" in plan, plan


PAGES = {
    "jobs": (PAGES_OF_SPACE[False], PAGES_OF_SPACE[True]),
    "batches": (BATCHES[False, True], BATCHES[True, True]),
    "assets": (PAGES_OF_UPLOADS[False, True], PAGES_OF_UPLOADS[True, True]),
}


@pytest.mark.parametrize("table", PAGES)
async def test_pages_of_a_space_are_looked_up_in_its_index(database: JobDatabase, table: str) -> None:
    async with opened(database) as (store, _):
        assert isinstance(store, SqlJobStore)
        first, next = PAGES[table]
        plans = [await store.database.write(_explain, first, space="x", of_space="x", of_kind="generate", page=2)]
        plans += [
            await store.database.write(_explain, next, space="x", of_space="x", of_kind="generate", page=2, before="y")
        ]
    for plan in plans:
        assert f"{table}_of_space" in plan, plan


def _explain(connection: Connection, /, statement: Select[Any], **values: str | int) -> str:
    """Of an empty table PostgreSQL would read the whole: it is told not to."""
    filled = statement.params(values).compile(dialect=connection.dialect).construct_expanded_state()
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {filled.statement}", tuple(filled.positional_parameters))
        return "\n".join(str(row[-1]) for row in rows)
    connection.execute(text("SET LOCAL enable_seqscan = off"))
    return "\n".join(row[0] for row in connection.exec_driver_sql(f"EXPLAIN {filled.statement}", filled.parameters))
