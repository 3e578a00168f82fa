"""Pictures found again, on both engines: pages that stay, words, filters, counts, and the indexes that they use."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, cast

import pytest

from configs.errors import InvalidRequest, NotFound
from router.assets.search import finding, statements, store
from router.assets.search.model import Listed
from router.assets.search.question import Filters, Question, Sort
from router.assets.search.store import ImageStore
from router.jobs.model import ImageRecord, JobStatus, NewJob
from router.jobs.sql import SqlJobStore
from router.jobs.store import JobStore
from router.people.viewer import Viewer
from router.storage.database import Database
from tests.contract.job_samples import JobDatabase, a_job, a_picture, leased
from tests.contract.test_uploads import upload


class Searched:
    """A job store with what finds its pictures."""

    def __init__(self, store: JobStore, database: JobDatabase) -> None:
        self.jobs, self.clock = store, database.clock
        self.database: Database = cast(SqlJobStore, store).database
        self.images = ImageStore(self.database)
        self._number = 0

    async def draw(self, *prompts: str, owner: str = "ana", **changes: Any) -> None:
        """A job of one picture for each prompt, a second apart; `changes` are of the picture."""
        for prompt in prompts:
            self._number += 1
            self.clock.advance(1)
            job = a_job(self._number, owner)
            plan = job.plan.model_copy(update={"prompt": prompt})
            await self.jobs.submit(NewJob(job.id, owner, job.request, plan, job.licence))
            lease = await leased(self.jobs)
            picture: ImageRecord = a_picture(0).model_copy(update=changes)
            await self.jobs.add_image(lease, picture)
            await self.jobs.end(lease, JobStatus.COMPLETE)

    async def find(self, query: str = "", owner: str = "ana", sort: Sort = "newest", **filters: Any) -> list[str]:
        """Their prompts."""
        return [image.prompt for image in await self.listed(query, owner, sort, **filters)]

    async def listed(
        self, query: str = "", owner: str = "ana", sort: Sort = "newest", **filters: Any
    ) -> tuple[Listed, ...]:
        question = Question(Viewer(owner), Filters(query=query, **filters), sort)
        return (await self.images.page(question, 200)).images


@asynccontextmanager
async def searched(database: JobDatabase) -> AsyncIterator[Searched]:
    async with database.store() as store:
        yield Searched(store, database)


async def test_pages_stay_while_others_draw_and_end(database: JobDatabase) -> None:
    async with searched(database) as studio:
        await studio.draw(*(f"fox {number}" for number in range(5)))
        for filters in (Filters(), Filters(query="fox ")):
            question = Question(Viewer("ana"), filters)
            first = await studio.images.page(question, 2)
            await studio.draw("fox later")
            second = await studio.images.page(question, 2, first.next)
            third = await studio.images.page(question, 2, second.next)
            seen = [one.prompt for page in (first, second, third) for one in page.images]
            assert [one for one in seen if one != "fox later"] == [f"fox {number}" for number in (4, 3, 2, 1, 0)]
        oldest = Question(Viewer("ana"), Filters(), "oldest")
        first = await studio.images.page(oldest, 2)
        second = await studio.images.page(oldest, 200, first.next)
        assert [one.prompt for one in (*first.images, *second.images)][:3] == ["fox 0", "fox 1", "fox 2"]
        assert second.next is None


async def test_words_are_found_whole_and_the_last_by_its_beginning(database: JobDatabase) -> None:
    async with searched(database) as studio:
        await studio.draw("A red fox", "foxes in the snow", "red apple", "Élan du café")
        assert await studio.find("red") == ["red apple", "A red fox"]
        assert await studio.find("fox") == ["foxes in the snow", "A red fox"]
        assert await studio.find("fox red") == ["A red fox"]
        assert await studio.find("elan CAFÉ") == ["Élan du café"]
        assert await studio.find("sno* foxes") == ["foxes in the snow"]
        assert await studio.find("icon red") == ["red apple", "A red fox"], "the asset type is found, too"
        assert await studio.find("fo snow") == []
        assert await studio.find("fox", owner="ben") == []


@pytest.mark.parametrize(
    "query", ["NOT fox", "fox OR", '"fox', "fox'--", "fox:* & (", "fox%s \\ $1", "fox" + " -" * 4000]
)
async def test_what_means_something_to_an_engine_is_only_words(database: JobDatabase, query: str) -> None:
    async with searched(database) as studio:
        await studio.draw("fox")
        assert set(await studio.find(query)) <= {"fox"}


async def test_a_picture_is_found_by_what_it_is(database: JobDatabase) -> None:
    async with searched(database) as studio:
        await studio.draw("red", colours=("#e01b24", "#ffffff"))
        await studio.draw("blue", colours=("#0078d4",))
        await studio.draw("of ben", owner="ben")
        await studio.jobs.add_picture(upload(1))
        of_type, kind = (("type", "icon"),), (("kind", "uploaded"),)
        assert await studio.find(terms=of_type) == ["blue", "red"]
        assert [one.id for one in await studio.listed(terms=kind)] == ["pic_1"]
        assert await studio.find(terms=(("model", "mini"), ("product", "conditional"))) == ["blue", "red"]
        assert await studio.find(terms=(("product", "allowed"),)) == []
        assert await studio.find(terms=(("owner", "ben"),)) == []
        assert await studio.find(colour="#d13438") == ["red"]
        assert await studio.find(colour="ffffff", terms=of_type) == ["red"]
        assert await studio.find("blue", colour="0078D4", terms=of_type) == ["blue"]


async def test_dates_include_their_first_moment_and_not_their_last(database: JobDatabase) -> None:
    async with searched(database) as studio:
        began = studio.clock.now
        await studio.draw("one", "two", "three")
        second = began + timedelta(seconds=2)
        assert await studio.find(since=second) == ["three", "two"]
        assert await studio.find(until=second) == ["one"]
        assert await studio.find("t*", since=second, until=second + timedelta(seconds=1)) == ["two"]


async def test_counts_are_those_of_what_is_there(database: JobDatabase) -> None:
    async with searched(database) as studio:
        await studio.draw("fox", "apple", "fox again")
        await studio.draw("fox", owner="ben")
        await studio.jobs.add_picture(upload(1))
        whole = await studio.images.facets(Question(Viewer("ana")))
        assert (whole.pictures, whole.is_whole) == (4, True)
        assert whole.values["kind"] == (("drawn", 3), ("uploaded", 1))
        assert whole.values["asset_type"] == (("icon", 3),)
        assert whole.values["licence"] == (("apache-2.0", 3),)
        assert whole.values["month"] == (("2026-03", 4),)
        found = await studio.images.facets(Question(Viewer("ana"), Filters(query="fox")))
        assert (found.pictures, found.values["model"], found.values["month"]) == (2, (("mini", 2),), (("2026-03", 2),))
        await studio.jobs.remove_picture(Viewer("ana"), "pic_1")
        assert (await studio.images.facets(Question(Viewer("ana")))).values["kind"] == (("drawn", 3),)
        assert len(await studio.listed()) == 3


async def test_one_picture_is_shown_to_who_may_see_it(database: JobDatabase) -> None:
    async with searched(database) as studio:
        await studio.draw("fox", scores={"fidelity": 0.5})
        (listed,) = await studio.listed()
        shown = await studio.images.image(Viewer("ana"), listed.id)
        assert shown == listed
        assert (shown.seed, shown.scores, shown.notes) == (2**32 + 1, {"fidelity": 0.5}, ("small",))
        assert shown.licence == a_job(1).licence
        assert [file.format for file in shown.files] == ["png"]
        for owner, id in (("ben", listed.id), ("ana", "pic_9"), ("ana", "pic_\u00e9")):
            with pytest.raises(NotFound):
                await studio.images.image(Viewer(owner), id)


async def test_a_cursor_of_another_search_is_refused(database: JobDatabase) -> None:
    async with searched(database) as studio:
        await studio.draw("fox", "fox two")
        page = await studio.images.page(Question(Viewer("ana"), Filters(query="fox")), 1)
        with pytest.raises(InvalidRequest, match="begin again without `before`"):
            await studio.images.page(Question(Viewer("ana"), Filters(query="apple")), 1, page.next)


async def test_pictures_of_a_moment_keep_their_order(database: JobDatabase) -> None:
    async with searched(database) as studio:
        for number in range(30):
            await studio.jobs.add_picture(upload(number))
        question, seen, cursor = Question(Viewer("ana")), list[str](), None
        while True:
            page = await studio.images.page(question, 7, cursor)
            seen += [one.id for one in page.images]
            cursor = page.next
            if cursor is None:
                break
        assert sorted(seen) == sorted(f"pic_{number}" for number in range(30))


@pytest.mark.parametrize("reach", [2, 3, 12_000], ids=["looked up", "some gone through", "all gone through"])
async def test_what_is_rare_is_found_behind_what_was_gone_through_first(
    database: JobDatabase, monkeypatch: pytest.MonkeyPatch, reach: int
) -> None:
    monkeypatch.setattr(finding, "SAMPLE", 2)
    monkeypatch.setattr(store, "_PAGE_REACH", reach)
    async with searched(database) as studio:
        await studio.draw("fox", "apple", "fox again", "pear", "plum")
        for sort in ("newest", "oldest"):
            expected = ["fox", "fox again"] if sort == "oldest" else ["fox again", "fox"]
            assert await studio.find("fox", sort=sort) == expected
        question, seen, cursor = Question(Viewer("ana"), Filters(query="fox")), list[str](), None
        for _ in range(2):
            page = await studio.images.page(question, 1, cursor)
            seen, cursor = [*seen, *(one.prompt for one in page.images)], page.next
        assert (seen, cursor) == (["fox again", "fox"], None)


@pytest.mark.parametrize("reach", [2, 12_000], ids=["looked up", "gone through"])
async def test_what_is_drawn_between_two_statements_doubles_nothing(
    database: JobDatabase, monkeypatch: pytest.MonkeyPatch, reach: int
) -> None:
    monkeypatch.setattr(finding, "SAMPLE", 2)
    monkeypatch.setattr(store, "_PAGE_REACH", reach)
    async with searched(database) as studio:
        await studio.draw("fox", "fox again", "apple")
        window, drawn = statements.window, list[str]()

        def meanwhile(*asked: Any) -> Any:
            drawn.append("late fox")
            return window(*asked)

        monkeypatch.setattr(statements, "window", meanwhile)
        read = studio.database.read

        async def read_and_draw(*asked: Any, **values: Any) -> Any:
            if drawn:
                await studio.draw(drawn.pop())
            return await read(*asked, **values)

        monkeypatch.setattr(studio.database, "read", read_and_draw)
        assert await studio.find("fox") == ["fox again", "fox"]


@pytest.mark.parametrize("query", ["fox re*", "re* fox", "fox red", "re*", "fox r* b*"])
async def test_beginnings_of_common_words_are_found_beside_rare_words(
    database: JobDatabase, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    monkeypatch.setattr(finding, "SAMPLE", 3)
    monkeypatch.setattr(store, "_PAGE_REACH", 3)
    async with searched(database) as studio:
        drawn = ("a red fox by a bush", "red apple, bush", "reed", "a fox in blue", "red bush", "red berries")
        await studio.draw(*drawn)
        words = [word.strip("*") for word in query.split()]
        begun = [word for word in query.split() if word.endswith("*")] + [words[-1]]

        def has(prompt: str, word: str) -> bool:
            told = prompt.replace(",", "").split()
            return any(
                one.startswith(word) if f"{word}*" in begun or word == words[-1] else one == word for one in told
            )

        expected = [prompt for prompt in reversed(drawn) if all(has(prompt, word) for word in words)]
        assert expected
        assert await studio.find(query) == expected
