"""What came of some days, on both engines."""

from __future__ import annotations

from datetime import date

from router.assets.keeping.store import KeepingStore
from router.assets.usage.model import Day, Scope
from router.assets.usage.store import UsageStore
from router.people.viewer import Viewer
from tests.contract.job_samples import JobDatabase
from tests.contract.test_search import searched
from tests.contract.test_uploads import upload

ANA = Viewer("ana")
FIRST, NEXT = date(2026, 3, 1), date(2026, 3, 2)


async def test_days_count_what_was_made_on_them_and_is_kept_by_now(database: JobDatabase) -> None:
    async with searched(database) as studio:
        await studio.draw("fox", "apple")
        await studio.jobs.add_picture(upload(1))
        studio.clock.advance(86_400)
        await studio.draw("later")
        await studio.draw("of ben", owner="ben")
        await studio.draw("unseen", owner="experiment:faster")
        keeping, usage = KeepingStore(studio.database, studio.clock), UsageStore(studio.database)
        fox, apple = (await studio.listed("fox"))[0].id, (await studio.listed("apple"))[0].id
        await keeping.set_favourite(ANA, fox, True)
        await keeping.delete(ANA, apple)
        found = await usage.usage(Scope(owner="ana"), FIRST, NEXT)
        assert (found.pictures, found.uploads, found.kept) == (2, 1, 1)
        assert found.days == (Day(FIRST, 2, 1), Day(NEXT, 1, 0))
        assert found.popular["asset_types"] == (("icon", 2),)
        assert found.popular["models"] == (("mini", 2),)
        assert (await usage.usage(Scope(owner="ana"), NEXT, NEXT)).pictures == 1
        assert (await usage.usage(Scope(space="home"), FIRST, NEXT)).pictures == 3
        assert (await usage.usage(Scope(), FIRST, NEXT)).pictures == 3, "what experiments draw unseen is nobody's"
        await keeping.set_favourite(ANA, fox, False)
        assert (await usage.usage(Scope(), FIRST, NEXT)).kept == 0
