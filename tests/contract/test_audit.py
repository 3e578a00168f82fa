"""The audit on both engines: numbered without gaps, in the transaction of the change, and nobody changes a line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from configs.errors import NotFound
from router.people.audit.actions import ACTIONS
from router.people.audit.model import AuditFilter, AuditLine, Signature
from router.people.audit.store import AuditStore
from router.people.audit.told import MOST_BYTES, write_told
from router.people.audit.writing import write_line
from router.people.principal import Principal, Role
from router.storage.database import Database
from tests.contract.job_samples import JobDatabase

ANA = Principal("ana", "Ana", frozenset((Role.ADMIN,)), how="key", key="k1")
BEN = Principal("ben", "Ben", frozenset((Role.OPERATOR,)), how="oidc")


@asynccontextmanager
async def audit_of(where: JobDatabase) -> AsyncIterator[tuple[Database, AuditStore]]:
    database = Database(where.url)
    await database.open()
    try:
        yield database, AuditStore(database, where.clock)
    finally:
        await database.close()


async def all_lines(audit: AuditStore, **chosen: object) -> list[AuditLine]:
    return [line async for line in audit.lines(AuditFilter(**chosen))]  # type: ignore[arg-type]


async def test_a_line_says_who_did_what_and_how(database: JobDatabase) -> None:
    async with audit_of(database) as (_, audit):
        told = {"mark": "live", "from": None, "to": "1.2.0", "note": "b\x00old\n\x1b[31mred"}
        await audit.note(ANA, "library.mark", ("loras", "harbour"), told)
        (line,) = await audit.page(AuditFilter(), 10)
        assert (line.seq, line.at, line.who, line.how, line.key) == (1, database.clock(), "ana", "key", "k1")
        assert (line.action, line.on) == ("library.mark", ("loras", "harbour"))
        assert line.told == {"mark": "live", "to": "1.2.0", "note": "bold red"}


async def test_lines_are_found_by_who_action_object_and_time(database: JobDatabase) -> None:
    async with audit_of(database) as (_, audit):
        start = database.clock()
        for number, (who, action, on) in enumerate(
            (
                (ANA, "library.add", ("loras", "a")),
                (BEN, "library.mark", ("loras", "a")),
                (ANA, "key.create", ("keys", "k2")),
                (BEN, "licence.grant", ("licences", "a")),
                (ANA, "library.mark", ("loras", "b")),
            )
        ):
            await audit.note(who, action, on, {"number": number})
            database.clock.advance(60)
        for chosen, found in (
            ({}, [5, 4, 3, 2, 1]),
            ({"who": "ana"}, [5, 3, 1]),
            ({"action": "library"}, [5, 2, 1]),
            ({"action": "library.mark"}, [5, 2]),
            ({"action": "lib"}, []),
            ({"kind": "loras", "id": "a"}, [2, 1]),
            ({"kind": "loras"}, [5, 2, 1]),
            ({"since": start + timedelta(seconds=60), "until": start + timedelta(seconds=180)}, [3, 2]),
            ({"who": "ana", "action": "library", "kind": "loras"}, [5, 1]),
        ):
            assert [line.seq for line in await audit.page(AuditFilter(**chosen), 10)] == found
            assert [line.seq for line in await all_lines(audit, **chosen)] == found[::-1]
        assert [line.seq for line in await audit.page(AuditFilter(who="ana"), 2)] == [5, 3]
        assert [line.seq for line in await audit.page(AuditFilter(who="ana"), 2, before=3)] == [1]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET who = 'eve'",
        "DELETE FROM audit",
        "DELETE FROM audit WHERE seq = 1",
        "INSERT INTO audit SELECT seq, at, 'eve', how, key, action, on_kind, on_id, told, request_id FROM audit",
        "{replace}",
    ],
)
async def test_the_database_itself_keeps_every_line(database: JobDatabase, statement: str) -> None:
    on_sqlite = database.url.startswith("sqlite")
    values = "SELECT seq, at, 'eve', how, key, action, on_kind, on_id, told, request_id FROM audit"
    replace = f"INSERT OR REPLACE INTO audit {values}" if on_sqlite else "TRUNCATE audit"
    async with audit_of(database) as (connected, audit):
        await audit.note(ANA, "key.create", ("keys", "k2"))

        def tamper(connection: Connection) -> None:
            connection.execute(text(statement.format(replace=replace)))

        with pytest.raises(DBAPIError):
            await connected.write(tamper)
        assert [(line.seq, line.who) for line in await all_lines(audit)] == [(1, "ana")]


async def test_what_is_rolled_back_leaves_no_line_and_no_gap(database: JobDatabase) -> None:
    async with audit_of(database) as (connected, audit):

        def change_nothing(connection: Connection) -> None:
            write_line(connection, Signature("ana", "dev"), "key.create", ("key", "ben"), {}, database.clock())
            raise NotFound("there is nobody")

        await audit.note(ANA, "key.create", ("key", "ben"))
        with pytest.raises(NotFound):
            await connected.write(change_nothing)
        await audit.note(ANA, "key.revoke", ("key", "ben"))
        assert [(line.seq, line.action) for line in await all_lines(audit)] == [(1, "key.create"), (2, "key.revoke")]


async def test_lines_of_several_front_doors_have_no_gap(database: JobDatabase) -> None:
    async with audit_of(database) as (_, one), audit_of(database) as (_, other):
        notes = [audit.note(ANA, "key.create", ("keys", f"k{n}")) for n in range(20) for audit in (one, other)]
        await asyncio.gather(*notes)
        assert [line.seq for line in await all_lines(one)] == list(range(1, 41))


async def test_an_export_goes_on_while_lines_are_written(sqlite_database: JobDatabase) -> None:
    async with audit_of(sqlite_database) as (connected, audit):

        def write(connection: Connection) -> None:
            for number in range(1200):
                on = ("keys", str(number))
                write_line(connection, Signature("ana", "dev"), "key.create", on, {}, sqlite_database.clock())

        await connected.write(write)
        seen = []
        async for line in audit.lines(AuditFilter()):
            if line.seq == 100:
                await audit.note(BEN, "key.revoke", ("keys", "1"))
            seen.append(line.seq)
        assert seen == list(range(1, 1202))


async def test_what_is_no_line_is_refused(sqlite_database: JobDatabase) -> None:
    async with audit_of(sqlite_database) as (_, audit):
        with pytest.raises(ValueError, match="no audited action"):
            await audit.note(ANA, "key.steal", ("keys", "k1"))
        for name in ("secret", "Prompt", "access_token", "password"):
            with pytest.raises(ValueError, match="nothing that the audit may tell"):
                await audit.note(ANA, "key.create", ("keys", "k1"), {"more": [{name: "canary"}]})
        assert await all_lines(audit) == []


def test_what_is_told_stays_small() -> None:
    told = write_told({f"field{number:03}": "x" * 2000 for number in range(40)} | {"kept": 1})
    assert len(told) <= MOST_BYTES
    assert '"kept":1' in told
    assert '"left_out":["field' in told


def test_every_action_has_a_sentence_of_its_own() -> None:
    assert len(set(ACTIONS.values())) == len(ACTIONS)
    for action, sentence in ACTIONS.items():
        group, _, verb = action.partition(".")
        assert group.isidentifier(), action
        assert verb.isidentifier(), action
        assert sentence[0].isupper(), action
        assert not sentence.endswith("."), action
