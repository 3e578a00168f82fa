"""Collections and share links, on both engines: order, notes, whose they are, and what a link shows and until when."""

from __future__ import annotations

import pytest

from configs.errors import Expired, InvalidRequest, NotAllowed, NotFound
from router.assets.collections.store import CollectionStore
from router.assets.collections.transactions import FIRST
from router.assets.keeping.store import KeepingStore
from router.assets.search.question import Filters, Question
from router.assets.sharing.store import ShareStore
from router.people.viewer import Viewer
from tests.contract.job_samples import JobDatabase
from tests.contract.test_search import Searched, searched

ANA, BEN = Viewer("ana", "shoes", frozenset({"shoes"})), Viewer("ben", "shoes", frozenset({"shoes"}))
EVE = Viewer("eve", "bags", frozenset({"bags"}))
DAY = 86_400.0


async def drawn(studio: Searched, *prompts: str) -> dict[str, str]:
    await studio.draw(*prompts)
    return {image.prompt: image.id for image in await studio.listed()}


async def names(store: CollectionStore, id: str, viewer: Viewer = ANA) -> list[str]:
    return [item.image.prompt for item in await store.items(viewer, id)]


async def test_pictures_are_put_moved_noted_and_taken_in_one_call_each(database: JobDatabase) -> None:
    async with searched(database) as studio:
        ids = await drawn(studio, "a", "b", "c", "d")
        store = CollectionStore(studio.database, studio.clock)
        spring = await store.create(ANA, "Spring", "for the launch")
        put = await store.put(ANA, spring.id, [ids["a"], ids["b"], ids["a"]], None)
        assert (put.name, put.notes, put.pictures, put.space) == ("Spring", "for the launch", 2, "shoes")
        await store.put(ANA, spring.id, [ids["d"], ids["c"]], ids["a"])
        assert await names(store, spring.id) == ["a", "d", "c", "b"]
        await store.put(ANA, spring.id, [ids["b"]], FIRST)
        assert await names(store, spring.id) == ["b", "a", "d", "c"]
        await store.put(ANA, spring.id, [ids["b"], ids["a"]], ids["c"])
        assert await names(store, spring.id) == ["d", "c", "b", "a"]
        await store.note(ANA, spring.id, ids["c"], "larger")
        await store.take(ANA, spring.id, ids["d"])
        assert [(one.image.prompt, one.note) for one in await store.items(ANA, spring.id)] == [
            *(("c", "larger"), ("b", ""), ("a", "")),
        ]
        found = await studio.images.page(Question(ANA, Filters(terms=(("in", spring.id),))), 9)
        assert [one.prompt for one in found.images] == ["c", "b", "a"]
        with pytest.raises(InvalidRequest, match="no other picture of this collection"):
            await store.put(ANA, spring.id, [ids["a"]], ids["d"])
        with pytest.raises(NotFound):
            await store.put(ANA, spring.id, [ids["d"], "pic_none"], None)
        assert await names(store, spring.id) == ["c", "b", "a"], "all of them, or none"


async def test_whose_a_collection_is(database: JobDatabase) -> None:
    async with searched(database) as studio:
        ids = await drawn(studio, "a")
        store = CollectionStore(studio.database, studio.clock)
        spring = await store.create(ANA, "Spring", "")
        await store.put(ANA, spring.id, [ids["a"]], None)
        assert [one.id for one in await store.collections(BEN, 9)] == [spring.id]
        assert await store.collections(EVE, 9) == ()
        assert await names(store, spring.id, BEN) == [], "a picture in nobody's space is for its owner alone"
        for change in (store.change(BEN, spring.id, "Mine", None), store.take(BEN, spring.id, ids["a"])):
            with pytest.raises(NotAllowed, match="ana's"):
                await change
        for strange in (store.items(EVE, spring.id), store.delete(EVE, spring.id), store.collection(ANA, "col_\u00e9")):
            with pytest.raises(NotFound):
                await strange
        assert (await store.change(ANA, spring.id, None, "new")).notes == "new"
        second = await store.create(ANA, "Summer", "")
        page = await store.collections(ANA, 1)
        assert [one.id for one in (*page, *await store.collections(ANA, 9, page[0].id))] == [second.id, spring.id]


async def test_the_collections_that_hold_a_picture_are_found(database: JobDatabase) -> None:
    async with searched(database) as studio:
        ids = await drawn(studio, "a", "b")
        store = CollectionStore(studio.database, studio.clock)
        spring, summer = await store.create(ANA, "Spring", ""), await store.create(ANA, "Summer", "")
        await store.put(ANA, spring.id, [ids["a"], ids["b"]], None)
        await store.put(ANA, summer.id, [ids["b"]], None)
        for name, holding in (("a", [spring.id]), ("b", [summer.id, spring.id])):
            assert [one.id for one in await store.collections(ANA, 9, holding=ids[name])] == holding
        assert await store.collections(EVE, 9, holding=ids["a"]) == (), "nobody finds by it what they do not see"
        assert await store.collections(ANA, 9, holding="pic_\u00e9") == ()


async def test_a_deleted_picture_or_collection_leaves_nothing_odd(database: JobDatabase) -> None:
    async with searched(database) as studio:
        ids = await drawn(studio, "a", "b")
        store, keeping = CollectionStore(studio.database, studio.clock), KeepingStore(studio.database, studio.clock)
        spring = await store.create(ANA, "Spring", "")
        await store.put(ANA, spring.id, [ids["a"], ids["b"]], None)
        await keeping.delete(ANA, ids["a"])
        assert (await store.collection(ANA, spring.id)).pictures == 1
        await keeping.restore(ANA, ids["a"])
        assert await names(store, spring.id) == ["a", "b"]
        await keeping.delete(ANA, ids["a"])
        await store.delete(ANA, spring.id)
        await keeping.restore(ANA, ids["a"])
        found = await studio.images.page(Question(ANA, Filters(terms=(("in", spring.id),))), 9)
        assert found.images == ()
        assert len((await studio.images.page(Question(ANA), 9)).images) == 2


async def test_a_link_shows_what_it_is_of_until_it_is_over(database: JobDatabase) -> None:
    async with searched(database) as studio:
        ids = await drawn(studio, "a")
        shares = ShareStore(studio.database, studio.clock)
        collections = CollectionStore(studio.database, studio.clock)
        spring = await collections.create(ANA, "Spring", "")
        of_picture = await shares.create(ANA, "image", ids["a"], 7)
        of_spring = await shares.create(ANA, "collection", spring.id, 1)
        other_door = ShareStore(studio.database, studio.clock)
        assert await other_door.open(of_picture.token) == of_picture
        assert await shares.links(ANA, "image", ids["a"]) == (of_picture,)
        with pytest.raises(NotAllowed, match="ana's"):
            await shares.create(BEN, "collection", spring.id, 7)
        for kind, target in (("image", ids["a"]), ("collection", spring.id)):
            with pytest.raises(NotFound):
                await shares.create(EVE, kind, target, 7)  # type: ignore[arg-type]
        id, _, signature = of_picture.token.partition(".")
        forged = (
            f"{id}.{signature[::-1]}",
            id,
            f"{of_spring.id}.{signature}",
            f"{id}.{signature}x",
            "é.ü",
            f"x.{signature}",
        )
        for token in forged:
            with pytest.raises(NotFound, match="nothing at this link"):
                await shares.open(token)
        studio.clock.advance(DAY + 1)
        with pytest.raises(Expired, match="was good until"):
            await shares.open(of_spring.token)
        with pytest.raises(NotFound):
            await shares.revoke(BEN, of_picture.id)
        for _ in range(2):
            await shares.revoke(ANA, of_picture.id)
        with pytest.raises(Expired, match="revoked"):
            await shares.open(of_picture.token)
