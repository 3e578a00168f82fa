"""Favourites, tags and deletion, on both engines: what is found by them, whose they are, and what is left."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from configs.errors import Expired, InvalidRequest, NotAllowed, NotFound
from router.assets.collections.store import CollectionStore
from router.assets.keeping.store import KeepingStore
from router.assets.search.question import Filters, Question
from router.assets.sharing.store import ShareStore
from router.jobs.model import JobStatus, Parent
from router.people.audit.model import AuditFilter
from router.people.audit.store import AuditStore
from router.people.viewer import Viewer
from tests.contract.job_samples import JobDatabase, a_job, a_picture, leased
from tests.contract.test_search import Searched, searched
from tests.contract.test_uploads import sha, swept, upload

ANA, BEN, EVE = Viewer("ana", spaces=frozenset({"home"})), Viewer("ben", spaces=frozenset({"home"})), Viewer("eve")
WEEK = timedelta(days=7).total_seconds()


def keeping(studio: Searched) -> KeepingStore:
    return KeepingStore(studio.database, studio.clock)


async def found(studio: Searched, viewer: Viewer, filters: Filters = Filters(), deleted: bool = False) -> list[str]:  # noqa: B008 - frozen
    page = await studio.images.page(Question(viewer, filters, deleted=deleted), 200)
    return [image.prompt or image.id for image in page.images]


async def test_favourites_are_each_ones_own(database: JobDatabase) -> None:
    async with searched(database) as studio:
        await studio.draw("fox", "apple")
        fox = (await studio.listed("fox"))[0].id
        store = keeping(studio)
        for _ in range(2):
            await store.set_favourite(BEN, fox, True)
        assert await found(studio, BEN, Filters(terms=(("favourite", "ben"),))) == ["fox"]
        assert await found(studio, ANA, Filters(terms=(("favourite", "ana"),))) == []
        assert (await studio.images.image(BEN, fox)).is_favourite
        assert not (await studio.images.image(ANA, fox)).is_favourite
        await store.set_favourite(BEN, fox, False)
        assert await found(studio, BEN, Filters(terms=(("favourite", "ben"),))) == []
        for viewer, id in ((EVE, fox), (ANA, "pic_9"), (ANA, "pic_\u00e9")):
            with pytest.raises(NotFound):
                await store.set_favourite(viewer, id, True)


async def test_tags_are_found_counted_and_replaced(database: JobDatabase) -> None:
    async with searched(database) as studio:
        await studio.draw("fox", "apple")
        fox = (await studio.listed("fox"))[0].id
        store = keeping(studio)
        assert await store.set_tags(ANA, fox, [" Spring  Campaign", "sea", "SEA"]) == ("sea", "spring campaign")
        assert await found(studio, ANA, Filters(terms=(("tag", "spring campaign"),))) == ["fox"]
        assert await found(studio, ANA, Filters(query="campaign fox")) == ["fox"]
        assert (await studio.images.image(ANA, fox)).tags == ("sea", "spring campaign")
        counted = (await studio.images.facets(Question(ANA))).values
        assert counted["tag"] == (("sea", 1), ("spring campaign", 1))
        assert counted["asset_type"] == (("icon", 2),)
        await store.set_tags(ANA, fox, ["sea"])
        assert (await studio.images.facets(Question(ANA))).values["tag"] == (("sea", 1),)
        assert await found(studio, ANA, Filters(query="campaign")) == []
        with pytest.raises(NotAllowed, match="ana's"):
            await store.set_tags(BEN, fox, ["mine"])


@pytest.mark.parametrize(
    ("tags", "said"),
    [
        (["a\nb"], "not shown"),
        (["\x1b[31mred"], "not shown"),
        ([" "], "1 to 60"),
        (["x" * 61], "1 to 60"),
        ([str(number) for number in range(21)], "at most 20"),
    ],
)
async def test_tags_that_cannot_be_are_refused_in_a_sentence(
    sqlite_database: JobDatabase, tags: list[str], said: str
) -> None:
    async with searched(sqlite_database) as studio:
        with pytest.raises(InvalidRequest, match=said):
            await keeping(studio).set_tags(ANA, "pic_1", tags)


async def test_a_deleted_picture_is_nowhere_and_comes_back_as_it_was(database: JobDatabase) -> None:
    async with searched(database) as studio:
        await studio.draw("fox", "apple")
        fox = (await studio.listed("fox"))[0]
        store, before = keeping(studio), await studio.images.facets(Question(ANA))
        await store.set_tags(ANA, fox.id, ["sea"])
        await store.set_tags(ANA, fox.id, [])
        with pytest.raises(NotAllowed):
            await store.delete(BEN, fox.id)
        await store.delete(ANA, fox.id)
        assert await found(studio, ANA) == ["apple"]
        assert await found(studio, ANA, Filters(query="fox")) == []
        assert await found(studio, ANA, deleted=True) == ["fox"]
        assert (await studio.images.facets(Question(ANA))).pictures == 1
        assert fox.place is not None
        assert (await studio.jobs.job(ANA, fox.place[0])).images == ()
        for missing in (studio.jobs.asset(ANA, fox.id), store.delete(ANA, fox.id), store.set_tags(ANA, fox.id, ["a"])):
            with pytest.raises(NotFound):
                await missing
        with pytest.raises(NotFound):
            await studio.images.image(BEN, fox.id)
        with pytest.raises(NotAllowed):
            await store.restore(BEN, fox.id)
        with pytest.raises(NotFound):
            await store.restore(EVE, fox.id)
        for _ in range(2):
            await store.restore(ANA, fox.id)
        assert await found(studio, ANA, Filters(query="fox")) == ["fox"]
        assert await studio.images.facets(Question(ANA)) == before
        assert len((await studio.jobs.job(ANA, fox.place[0])).images) == 1


async def test_after_seven_days_it_is_gone_with_its_file_and_what_came_of_it_stays(database: JobDatabase) -> None:
    async with searched(database) as studio:
        await studio.jobs.add_picture(upload(1))
        await studio.draw("made from it", parents=(Parent(asset_id="pic_1", role="image"),))
        store = keeping(studio)
        await store.set_tags(ANA, "pic_1", ["sea"])
        await store.set_favourite(ANA, "pic_1", True)
        await store.delete(ANA, "pic_1")
        studio.clock.advance(WEEK - 60)
        await store.purge()
        await store.restore(ANA, "pic_1")
        await store.delete(ANA, "pic_1")
        studio.clock.advance(WEEK)
        with pytest.raises(Expired, match="draw or upload it anew"):
            await store.restore(ANA, "pic_1")
        await store.purge()
        with pytest.raises(NotFound):
            await store.restore(ANA, "pic_1")
        assert await swept(studio.jobs) == []
        studio.clock.advance(3600)
        assert await swept(studio.jobs) == [sha(1)]
        assert await found(studio, ANA) == ["made from it"]
        (kin,) = await studio.jobs.kin_before(ANA, ["job_00000001"])
        assert (kin.parent_asset, kin.is_there) == ("pic_1", False)


async def test_a_deleted_picture_is_not_drawn_again_by_its_job(database: JobDatabase) -> None:
    async with searched(database) as studio:
        await studio.jobs.submit(a_job(1))
        lease = await leased(studio.jobs)
        await studio.jobs.add_image(lease, a_picture(0))
        (fox,) = await studio.listed()
        await keeping(studio).delete(ANA, fox.id)
        studio.clock.advance(WEEK + 60)
        await keeping(studio).purge()
        again = await leased(studio.jobs, "worker-2")
        assert [image.index for image in again.job.images] == [0], "its place is taken as long as the job is in work"
        await studio.jobs.end(again, JobStatus.COMPLETE)
        await keeping(studio).purge()
        assert (await studio.jobs.job(ANA, a_job(1).id)).images == ()


async def test_old_pictures_go_that_nobody_wants_and_can_be_had_back(database: JobDatabase) -> None:
    async with searched(database) as studio:
        await studio.draw("starred", "collected", "shared", "parent", "plain")
        ids = {image.prompt: image.id for image in await studio.listed()}
        await studio.jobs.add_picture(upload(1))
        await studio.draw("child", parents=(Parent(asset_id=ids["parent"], role="image"),))
        child = (await studio.listed("child"))[0].id
        store = keeping(studio)
        for wanted in (ids["starred"], child):
            await store.set_favourite(ANA, wanted, True)
        collections = CollectionStore(studio.database, studio.clock)
        made = await collections.create(ANA, "kept", "")
        await collections.put(ANA, made.id, [ids["collected"]], None)
        shares = ShareStore(studio.database, studio.clock)
        await shares.create(ANA, "image", ids["shared"], 45)
        studio.clock.advance(timedelta(days=31).total_seconds())
        await studio.draw("new")
        assert [id for id, _ in await store.expired("home", 30)] == [ids["plain"]], "a dry run"
        assert sorted(await found(studio, ANA)) == sorted([*ids, "pic_1", "child", "new"]), "it changes nothing"
        assert await store.expired("elsewhere", 30) == ()
        assert await store.retain({}) == await store.retain({"elsewhere": 1}) == 0
        assert await store.retain({"home": 30}) == 1
        assert await store.retain({"home": 30}) == 0
        assert sorted(await found(studio, ANA)) == sorted({*ids, "pic_1", "child", "new"} - {"plain"})
        (line,) = await AuditStore(studio.database).page(AuditFilter(action="picture.delete"), 10)
        assert (line.who, line.on[1], line.told["retention_days"]) == ("atelier", ids["plain"], 30)
        await store.restore(ANA, ids["plain"])
        await store.set_favourite(ANA, ids["plain"], True)
        assert await store.retain({"home": 30}) == 0
        await store.set_favourite(ANA, child, False)
        studio.clock.advance(timedelta(days=20).total_seconds())
        assert await store.retain({"home": 30}) == 3, "what is shared no more, the child and its parent"


async def test_the_inputs_of_a_call_go_by_themselves_unless_somebody_wants_them(database: JobDatabase) -> None:
    async with searched(database) as studio:
        until = studio.clock() + timedelta(days=7)
        for number in range(1, 5):
            await studio.jobs.add_picture(replace(upload(number), kept_until=until))
        await studio.jobs.add_picture(upload(5))
        assert await studio.jobs.count_pictures("ana") == 1, "what goes by itself counts for no limit"
        assert (await studio.jobs.picture(ANA, "pic_1")).kept_until == until
        await studio.draw("child", parents=(Parent(asset_id="pic_2", role="image"),))
        child, store = (await studio.listed("child"))[0].id, keeping(studio)
        for wanted in (child, "pic_3"):
            await store.set_favourite(ANA, wanted, True)
        assert await store.let_pass() == 0, "not yet"
        studio.clock.advance(WEEK)
        assert await store.let_pass() == 2
        assert await store.let_pass() == 0
        assert sorted(await found(studio, ANA)) == ["child", "pic_2", "pic_3", "pic_5"]
        lines = await AuditStore(studio.database).page(AuditFilter(action="picture.delete"), 10)
        assert {(line.who, line.on[1]) for line in lines} == {("atelier", "pic_1"), ("atelier", "pic_4")}
        await store.restore(ANA, "pic_1")
        studio.clock.advance(WEEK)
        assert await store.let_pass() == 0, "who has it back wants it"
        await store.purge()
        assert await swept(studio.jobs, 0) == [sha(4)]
