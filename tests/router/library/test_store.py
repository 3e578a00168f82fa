"""Entries never change, versions go forward, marks move along a chain: on both engines, whoever is at it meanwhile."""

from __future__ import annotations

import asyncio
import itertools
import random
from contextlib import AsyncExitStack
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from configs.errors import NotFound, UnknownName, VersionConflict
from configs.semver import rank
from router.library.model import Entry
from tests.contract.job_samples import JobDatabase
from tests.router.library.samples import a_style, an_icon, library
from tests.short_form import examples


async def test_a_version_is_kept_as_it_came(database: JobDatabase) -> None:
    async with library(database) as store:
        entry, is_new = await store.add(an_icon(), "live")
        assert is_new
        assert (entry.version, entry.author, entry.notes) == ("1.0.0", "ana", "as agreed")
        found = await store.versions("asset-types", "icon")
        assert found.entries == (entry,)
        assert found.marks["live"].version == "1.0.0"
        assert await store.live() == (entry,)
        (move,) = await store.history("asset-types", "icon")
        assert (move.mark, move.before, move.after, move.by) == ("live", None, "1.0.0", "ana")
    async with library(database) as again:
        assert await again.live() == (entry,)


async def test_the_same_again_is_the_same_and_moves_nothing(database: JobDatabase) -> None:
    async with library(database) as store:
        first, _ = await store.add(an_icon(), "live")
        second, _ = await store.add(an_icon("1.1.0", name="Sign"), "live")
        revision = await store.revision()
        assert await store.add(an_icon(author="ben"), "live") == (first, False)
        assert await store.revision() == revision
        assert (await store.versions("asset-types", "icon")).marks["live"].version == "1.1.0"
        assert [entry.version for entry in (await store.versions("asset-types", "icon")).entries] == ["1.1.0", "1.0.0"]
        assert second.author == "ana"


@pytest.mark.parametrize(
    ("version", "changes", "said"),
    [
        ("1.1.0", {"name": "Other"}, ["1.1.0", "other content (name)", "1.1.1"]),
        ("1.0.5", {}, ["1.0.5 goes back behind 1.1.0", "1.1.1"]),
        ("1.1.0-rc.1", {}, ["goes back behind 1.1.0"]),
    ],
)
async def test_what_does_not_go_forward_is_a_conflict_and_leaves_nothing(
    database: JobDatabase, version: str, changes: dict[str, Any], said: list[str]
) -> None:
    async with library(database) as store:
        await store.add(an_icon())
        await store.add(an_icon("1.1.0", name="Sign"), "live")
        revision = await store.revision()
        with pytest.raises(VersionConflict) as refusal:
            await store.add(an_icon(version, **changes), "live")
        assert all(part in str(refusal.value) for part in said)
        assert await store.revision() == revision
        assert len((await store.versions("asset-types", "icon")).entries) == 2


async def test_marks_move_to_versions_and_marks_and_away(database: JobDatabase) -> None:
    async with library(database) as store:
        for version in ("1.0.0", "1.1.0"):
            await store.add(an_icon(version, name=version), "live" if version == "1.0.0" else None)
        await store.move("asset-types", "icon", "candidate", "1.1.0", "ben", "try it")
        moved = await store.move("asset-types", "icon", "live", "candidate", "ben", "it is good")
        assert {name: mark.version for name, mark in moved.marks.items()} == {"live": "1.1.0", "candidate": "1.1.0"}
        await store.move("asset-types", "icon", "candidate", None, "ana")
        await store.move("asset-types", "icon", "live", "1.0.0", "ana", "back")
        assert [entry.version for entry in await store.live()] == ["1.0.0"]
        revision = await store.revision()
        await store.move("asset-types", "icon", "live", "1.0.0", "ana", "again")
        assert await store.revision() == revision, "nothing has moved"
        told = [(move.mark, move.before, move.after, move.note) for move in await store.history("asset-types", "icon")]
        assert told == [
            ("live", "1.1.0", "1.0.0", "back"),
            ("candidate", "1.1.0", None, ""),
            ("live", "1.0.0", "1.1.0", "it is good"),
            ("candidate", None, "1.1.0", "try it"),
            ("live", None, "1.0.0", "as agreed"),
        ]


async def test_what_is_not_there_is_refused_by_name_with_what_is(database: JobDatabase) -> None:
    async with library(database) as store:
        await store.add(an_icon(), "live")
        with pytest.raises(UnknownName, match=r"no version '9.0.0'; it has live, 1.0.0"):
            await store.move("asset-types", "icon", "live", "9.0.0", "ana")
        with pytest.raises(UnknownName, match=r"no mark 'best'; marks are live and candidate") as refusal:
            await store.move("asset-types", "icon", "best", "1.0.0", "ana")
        assert refusal.value.allowed == ("live", "candidate")
        for id in ("sign", "", "ico\x00n", "ícon", "x" * 1000):
            with pytest.raises(NotFound):
                await store.move("asset-types", id, "live", "1.0.0", "ana")
            with pytest.raises(NotFound):
                await store.history("asset-types", id)
        with pytest.raises(NotFound):
            await store.versions("loras", "icon")
        assert len(await store.history("asset-types", "icon")) == 1


async def test_a_body_of_an_older_release_that_says_the_same_is_the_same(database: JobDatabase) -> None:
    """It wrote a default that this one leaves out."""
    new = an_icon()
    older = a_longer_body(new.body)
    async with library(database) as store:
        from dataclasses import replace

        await store.add(replace(new, body=older, sha256="12" * 32))
        assert (await store.add(new))[1] is False


def a_longer_body(body: str) -> str:
    return '{"negative_prompt":"",' + body[1:]


async def test_many_who_add_the_same_version_get_one_entry(database: JobDatabase) -> None:
    async with AsyncExitStack() as stack:
        stores = [await stack.enter_async_context(library(database)) for _ in range(4)]
        adds = await asyncio.gather(*(store.add(an_icon(author=f"p{i}"), "live") for i, store in enumerate(stores * 3)))
        assert sum(is_new for _, is_new in adds) == 1
        assert len({entry.author for entry, _ in adds}) == 1
        assert len(await stores[0].history("asset-types", "icon")) == 1


async def test_of_many_who_add_other_content_under_one_version_one_wins(database: JobDatabase) -> None:
    async with AsyncExitStack() as stack:
        stores = [await stack.enter_async_context(library(database)) for _ in range(4)]
        adds = await asyncio.gather(
            *(store.add(an_icon(name=f"n{i}"), "live") for i, store in enumerate(stores)), return_exceptions=True
        )
        assert sum(isinstance(one, VersionConflict) for one in adds) == 3
        assert sum(isinstance(one, tuple) for one in adds) == 1
        assert len((await stores[0].versions("asset-types", "icon")).entries) == 1


async def test_a_mark_that_many_move_at_once_leaves_one_chain(database: JobDatabase) -> None:
    versions = [f"1.{minor}.0" for minor in range(5)]
    async with AsyncExitStack() as stack:
        stores = [await stack.enter_async_context(library(database)) for _ in range(3)]
        for version in versions:
            await stores[0].add(an_icon(version, name=version))
        draw = random.Random(7)
        await asyncio.gather(
            *(
                store.move("asset-types", "icon", "live", draw.choice([*versions, None]), f"p{i}")
                for store, i in itertools.product(stores, range(8))
            )
        )
        history = (await stores[0].history("asset-types", "icon"))[::-1]
        assert [move.before for move in history] == [None, *(move.after for move in history[:-1])]
        marks = (await stores[1].versions("asset-types", "icon")).marks
        assert (marks["live"].version if "live" in marks else None) == history[-1].after
        assert len({move.seq for move in history}) == len(history)
        assert await stores[2].revision() >= history[-1].seq


async def test_a_file_that_an_entry_needs_is_not_swept(database: JobDatabase) -> None:
    async with library(database) as store, database.store() as jobs:
        removed: list[str] = []
        await jobs.expect_files("ab" * 32)
        await jobs.expect_files("cd" * 32)
        await store.add(a_style(), "live")
        await jobs.expect_files("ab" * 32)  # somebody brings it again, and leaves half-way
        database.clock.advance(7200)
        while await jobs.sweep(3600, removed.append):
            pass
        assert removed == ["cd" * 32]
        assert [entry.id for entry in await store.with_file("ab" * 32)] == ["style"]


MOVES = st.lists(
    st.tuples(st.sampled_from(["add", "move"]), st.integers(0, 6), st.sampled_from(["live", "candidate"])), max_size=25
)


@pytest.mark.slow
@settings(max_examples=examples(25), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(MOVES)
def test_any_history_is_that_of_a_list_of_versions_and_two_names(
    tmp_path_factory: pytest.TempPathFactory, moves: list[tuple[str, int, str]]
) -> None:
    asyncio.run(_walk(JobDatabase(f"sqlite:///{tmp_path_factory.mktemp('library')}/jobs.db"), moves))


async def _walk(database: JobDatabase, moves: list[tuple[str, int, str]]) -> None:
    """The store beside a model of it."""
    there: list[str] = []
    marks: dict[str, str] = {}
    told = 0
    async with library(database) as store:
        for action, number, mark in moves:
            version = f"1.{number}.0"
            if action == "add":
                goes = not there or rank(version) > rank(there[-1])
                try:
                    assert isinstance((await store.add(an_icon(version, name=version), mark))[0], Entry)
                    assert goes or version in there
                except VersionConflict:
                    assert not goes
                    assert version not in there
                if goes:
                    there.append(version)
                    marks[mark] = version
                    told += 1
            elif there:
                try:
                    await store.move("asset-types", "icon", mark, version, "ana")
                    assert version in there
                    told += marks.get(mark) != version
                    marks[mark] = version
                except UnknownName:
                    assert version not in there
        if there:
            found = await store.versions("asset-types", "icon")
            assert [entry.version for entry in found.entries] == there[::-1]
            assert {name: one.version for name, one in found.marks.items()} == marks
            assert len(await store.history("asset-types", "icon")) == told
