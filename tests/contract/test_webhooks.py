"""What webhooks are told, as a queue in the database, on each engine: with the event or not at all, and never lost."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from atelier.models import answers
from atelier.webhooks import read_message
from sqlalchemy import Connection, insert, text

from configs.errors import NotAllowed, NotFound, StateConflict
from router.api.webhooks.messages import WebhookMessage
from router.experiments.model import NO_OVERLAY, Champion, EventType, MoveKind
from router.experiments.store import ExperimentStore
from router.experiments.tables import job_arms
from router.jobs.model import JobFailure, JobStatus
from router.jobs.sql import SqlJobStore
from router.jobs.store import JobStore
from router.people.audit.model import AuditFilter, Signature
from router.people.audit.store import AuditStore
from router.people.tables import members, principals, spaces
from router.people.viewer import Viewer
from router.plan import COMPARED
from router.webhooks.model import Attempt, Delivery, Sending, Verdict, WebhookEvent
from router.webhooks.queue import KEPT, LEASE_SECONDS
from router.webhooks.schedule import judge
from router.webhooks.sender import write_body
from router.webhooks.store import WebhookStore
from router.webhooks.transactions import OLD_SECRET_COUNTS, NewWebhook, WebhookChange
from tests.contract.job_samples import Clock, JobDatabase, a_job, a_picture, leased
from tests.router.experiments.ballots.samples import a_phase

ANA, BEN = Viewer("ana"), Viewer("ben")
URL = "https://hooks.example/atelier"
ENDS = (WebhookEvent.COMPLETE, WebhookEvent.FAILED, WebhookEvent.CANCELED)
HOOK = NewWebhook(URL, ENDS)
SIGNED = Signature("ana", "dev")


def hooks(store: JobStore, clock: Clock, most: int = 20) -> WebhookStore:
    assert isinstance(store, SqlJobStore)
    return WebhookStore(store.database, most, clock)


async def write(store: JobStore, *statements: Any) -> None:
    assert isinstance(store, SqlJobStore)

    def run(connection: Connection) -> None:
        for statement, *values in statements:
            connection.execute(statement, *values)

    await store.database.write(run)


async def end(store: JobStore, status: JobStatus = JobStatus.COMPLETE) -> str:
    lease = await leased(store)
    failure = JobFailure(code="stage_failed", message="'fox' cannot be drawn") if status is JobStatus.FAILED else None
    await store.end(lease, status, failure)
    return lease.job.id


async def told(kept: WebhookStore, webhook: str, viewer: Viewer = ANA) -> list[tuple[str, str, str]]:
    """Type, subject and state of what it is told, the oldest first."""
    found = await kept.deliveries(viewer, webhook, 200)
    return [(one.type, one.subject, one.state) for one in reversed(found)]


def _moved(champion: Champion, _: Champion | None) -> Champion:
    return champion


async def take(kept: WebhookStore, room: int = 100, at_most: int = 100) -> tuple[Sending, ...]:
    return await kept.queue.lease(room, at_most, {})


async def answer(kept: WebhookStore, one: Sending, status: int | None, clock: Clock, wait: str = "") -> Verdict | None:
    attempt = Attempt(one.number, clock(), 0.1, status, "" if status else "nobody", "" if status else "thanks")
    return await kept.queue.end(one, attempt, lambda since: judge(attempt, one.tries, since, wait, clock(), lambda: 0))


async def test_each_end_of_a_job_is_told_once_with_its_event(database: JobDatabase) -> None:
    async with database.store() as store:
        kept = hooks(store, database.clock)
        hook, secret = await kept.create(ANA, HOOK)
        for number in range(1, 5):
            await store.submit(a_job(number))
        await store.submit(a_job(5, "ben"))
        await end(store)
        await end(store)  # ben's: turns are shared
        await end(store, JobStatus.FAILED)
        await store.request_cancel(ANA, a_job(4).id)
        lease = await leased(store)
        await store.expect_files(*(file.sha256 for file in a_picture(0).files))
        await store.complete(lease, a_picture(0))
        assert sorted(await told(kept, hook.id)) == [
            ("job.canceled", a_job(4).id, "pending"),
            ("job.complete", a_job(1).id, "pending"),
            ("job.complete", a_job(3).id, "pending"),
            ("job.failed", a_job(2).id, "pending"),
        ]
        failed = next(one for one in await take(kept) if one.type == "job.failed")
        assert failed.id == f"msg_{a_job(2).id}_3"
        assert failed.secrets == (secret,)
        assert failed.data == {
            "job_id": a_job(2).id,
            "kind": "generate",
            "seq": 3,
            "owner": "ana",
            "space": "home",
            "batch_id": None,
            "failure": "stage_failed",
            "links": {"job": f"/jobs/{a_job(2).id}"},
        }, "no prompt, and no sentence that repeats it"


async def test_what_is_taken_back_is_not_told(database: JobDatabase) -> None:
    async with database.store() as store:
        kept = hooks(store, database.clock)
        hook, _ = await kept.create(ANA, replace(HOOK, events=(WebhookEvent.IMAGE,)))
        await store.submit(a_job(1))
        lease = await leased(store)
        await store.add_image(lease, a_picture(0))
        await store.add_image(lease, a_picture(0))  # again, as after a crash
        (one,) = await take(kept)
        (image,) = (await store.job(ANA, lease.job.id)).images
        assert (one.data["asset_id"], one.data["index"]) == (image.asset_id, 0)
        assert one.data["links"]["image"] == f"/images/{image.asset_id}"
        assert await told(kept, hook.id) == [("job.image", lease.job.id, "pending")]


async def test_a_prompt_is_told_to_who_asks_for_it_alone(database: JobDatabase) -> None:
    async with database.store() as store:
        kept = hooks(store, database.clock)
        for include in ((), ("prompt",)):
            await kept.create(ANA, replace(HOOK, include=include))
        await store.submit(a_job(1))
        await end(store)
        plain, asked = await take(kept)
        assert plain.id == asked.id, "the event's"
        assert "café" not in str(plain.data)
        assert asked.data["prompt"] == "a café ☕ with a \x00 in it"


async def test_what_a_comparison_draws_and_what_nobody_asked_for_is_not_told(database: JobDatabase) -> None:
    async with database.store() as store:
        kept = hooks(store, database.clock)
        hook, _ = await kept.create(ANA, HOOK)
        await store.submit(a_job(1))
        await store.submit(a_job(2, "experiment:colours"))
        way = {"assigned": "a", "served": "a", "reason": COMPARED, "unit": "u", "pair": "p", "run_id": None}
        row = {"job_id": a_job(1).id, "experiment_id": "cmp_1", "phase": 0, **way}
        await write(store, (insert(job_arms), row))
        await end(store)
        await end(store)
        assert await told(kept, hook.id) == []


async def test_all_of_a_space_is_told_to_its_members_as_long_as_they_are(database: JobDatabase) -> None:
    now = database.clock()
    async with database.store() as store:
        people = [{"id": id, "name": id, "created_at": now} for id in ("ana", "ben")]
        await write(
            store,
            (insert(principals), people),
            (insert(spaces), {"id": "brand", "name": "Brand", "created_at": now}),
            (insert(members), [{"space": "brand", "principal": id, "role": "member"} for id in ("ana", "ben")]),
        )
        kept = hooks(store, database.clock)
        in_brand = replace(ANA, space="brand", spaces=frozenset({"brand"}))
        hook, _ = await kept.create(in_brand, replace(HOOK, scope="space"))
        await store.submit(replace(a_job(1, "ben"), space="brand"))
        await store.submit(a_job(2, "ben"))
        await store.submit(replace(a_job(3, "ben"), space="brand"))
        await store.submit(replace(a_job(4, "ben"), space="brand"))
        await end(store)
        await end(store)
        assert await told(kept, hook.id) == [("job.complete", a_job(1).id, "pending")]
        await write(store, (text("DELETE FROM members WHERE principal = 'ana'"),))
        await end(store)
        await write(store, (insert(members), {"space": "brand", "principal": "ana", "role": "member"}))
        await write(store, (text("UPDATE principals SET deactivated_at = created_at WHERE id = 'ana'"),))
        await end(store)
        assert await told(kept, hook.id) == [("job.complete", a_job(1).id, "pending")], "neither of the others"


async def test_the_end_of_a_batch_is_told_once_all_of_its_jobs_have_ended(database: JobDatabase) -> None:
    async with database.store() as store:
        kept = hooks(store, database.clock)
        hook, _ = await kept.create(ANA, replace(HOOK, events=(WebhookEvent.BATCH_ENDED,)))
        for number in range(1, 4):
            await store.submit(replace(a_job(number), batch="batch_1", line=number))
        await end(store)
        await kept.queue.settle_batches()
        assert await told(kept, hook.id) == [("batch.ended", "batch_1", "waiting")]
        assert await take(kept) == ()
        await end(store, JobStatus.FAILED)
        database.clock.advance(5)
        await end(store)
        await kept.queue.settle_batches()
        (one,) = await take(kept)
        assert (one.id, one.at) == ("msg_batch_1_ended", database.clock())
        assert one.data["jobs"] == {"complete": 2, "failed": 1}
        assert one.data["links"] == {"batch": "/batches/batch_1"}
        await answer(kept, one, 200, database.clock)
        await kept.queue.settle_batches()
        assert await told(kept, hook.id) == [("batch.ended", "batch_1", "delivered")]


async def test_what_a_sender_took_and_did_not_end_is_taken_again_and_ended_by_the_last_one(
    database: JobDatabase,
) -> None:
    async with database.store() as store:
        clock = database.clock
        kept = hooks(store, clock)
        hook, _ = await kept.create(ANA, HOOK)
        await store.submit(a_job(1))
        await end(store)
        (first,) = await take(kept)
        assert await take(kept) == (), "it is being sent"
        clock.advance(LEASE_SECONDS)
        (second,) = await take(kept)
        assert (second.id, second.number, second.tries) == (first.id, 2, 2)
        assert await answer(kept, first, 200, clock) is None, "too late: another is at it"
        assert (await kept.deliveries(ANA, hook.id, 1))[0].attempts == ()
        assert await answer(kept, second, 200, clock) == Verdict()
        (done,) = await kept.deliveries(ANA, hook.id, 1)
        assert done.state == "delivered"
        assert [one.number for one in done.attempts] == [2]
        clock.advance(LEASE_SECONDS)
        assert await take(kept) == ()


async def test_an_attempt_that_fails_is_made_again_and_the_last_one_is_the_last(database: JobDatabase) -> None:
    async with database.store() as store:
        clock = database.clock
        kept = hooks(store, clock)
        hook, _ = await kept.create(ANA, HOOK)
        await store.submit(a_job(1))
        await end(store)
        made = 0
        while found := await take(kept):
            verdict = await answer(kept, found[0], 500 if made % 2 else None, clock)
            made += 1
            assert verdict is not None
            if verdict.again_at is None:
                break
            clock.now = verdict.again_at - timedelta(seconds=1)
            assert await take(kept) == ()
            clock.advance(1)
        assert made == 10
        # A receiver that has failed for so long is disabled with that.
        assert (await kept.webhook(ANA, hook.id)).disabled_reason == "failing"
        (one,) = await kept.deliveries(ANA, hook.id, 1)
        assert one.state == "failed"
        assert [it.status for it in one.attempts] == [None, 500] * 5
        assert {it.error for it in one.attempts} == {"nobody", ""}


async def test_who_is_gone_or_asks_for_a_pause_is_left_alone(database: JobDatabase) -> None:
    async with database.store() as store:
        clock = database.clock
        kept = hooks(store, clock)
        pausing, _ = await kept.create(ANA, HOOK)
        gone, _ = await kept.create(ANA, HOOK)
        watching, _ = await kept.create(ANA, replace(HOOK, events=(WebhookEvent.DISABLED,)))
        for number in (1, 2):
            await store.submit(a_job(number))
            await end(store)
        found = {one.webhook: one for one in await take(kept, at_most=1)}
        await answer(kept, found[pausing.id], 429, clock, wait="120")
        await answer(kept, found[gone.id], 410, clock)
        assert {state for _, _, state in await told(kept, gone.id)} == {"failed"}
        (notice,) = await take(kept)
        assert (notice.webhook, notice.type) == (watching.id, "webhook.disabled")
        assert (notice.data["webhook_id"], notice.data["reason"]) == (gone.id, "gone")
        await answer(kept, notice, 200, clock)
        (line,) = [
            one
            for one in await AuditStore(store.database).page(AuditFilter(), 10)  # type: ignore[attr-defined]
            if one.action == "webhook.disable"
        ]
        assert (line.who, line.on, line.told["host"]) == ("atelier", ("webhooks", gone.id), "hooks.example")
        clock.advance(119)
        assert await take(kept) == (), "both of its deliveries wait"
        clock.advance(1)
        assert len(await take(kept)) == 2
        await store.submit(a_job(3))
        await end(store)
        assert len(await told(kept, gone.id)) == 2, "what is disabled is told nothing new"


async def test_one_that_waits_long_keeps_no_other_waiting(database: JobDatabase) -> None:
    async with database.store() as store:
        kept = hooks(store, database.clock)
        slow, _ = await kept.create(ANA, HOOK)
        other, _ = await kept.create(BEN, HOOK)
        for number in range(1, 9):
            await store.submit(a_job(number))
            await end(store)
        database.clock.advance(1)
        await store.submit(a_job(9, "ben"))
        await end(store)
        found = await take(kept, room=32, at_most=4)
        assert [one.webhook for one in found] == [slow.id] * 4 + [other.id]
        assert [one.data["job_id"] for one in found[:4]] == [a_job(number).id for number in range(1, 5)], "in order"
        assert await kept.queue.lease(32, 4, {slow.id: 4}) == ()


async def test_two_senders_never_take_the_same_one(database: JobDatabase) -> None:
    jobs = 40

    async def work(kept: WebhookStore) -> list[str]:
        mine: list[str] = []
        while found := await kept.queue.lease(5, 5, {}):
            for one in found:
                mine.append(one.id)
                await answer(kept, one, 200, database.clock)
        return mine

    async with database.store() as store, database.store() as second:
        kept = hooks(store, database.clock)
        hook, _ = await kept.create(ANA, HOOK)
        for number in range(jobs):
            await store.submit(a_job(number))
            await end(store)
        shares = await asyncio.gather(*map(work, (kept, hooks(second, database.clock), kept)))
        sent = [id for share in shares for id in share]
        assert len(sent) == len(set(sent)) <= jobs
        while found := await take(kept):  # who met another at the last ones has left them
            for one in found:
                sent.append(one.id)
                await answer(kept, one, 200, database.clock)
        assert len(sent) == len(set(sent)) == jobs
        assert {state for _, _, state in await told(kept, hook.id)} == {"delivered"}


async def test_what_was_told_can_be_told_again(database: JobDatabase) -> None:
    async with database.store() as store:
        clock = database.clock
        kept = hooks(store, clock)
        hook, _ = await kept.create(ANA, HOOK)
        begun = clock()
        for number in (1, 2, 3):
            clock.advance(60)
            await store.submit(a_job(number))
            await end(store)
        first, second, third = await take(kept)
        await answer(kept, first, 410, clock)
        assert (await kept.webhook(ANA, hook.id)).disabled_reason == "gone"
        with pytest.raises(StateConflict, match="enabled"):
            await kept.replay(ANA, hook.id, first.id)
        await kept.change(ANA, hook.id, WebhookChange(enabled=True))
        assert await kept.replay_failed(ANA, hook.id, begun + timedelta(seconds=120)) == 2
        again = await kept.replay(ANA, hook.id, first.id)
        assert (again.state, len(again.attempts)) == ("pending", 1)
        clock.advance(LEASE_SECONDS)
        sent = {one.id: one for one in await take(kept)}
        assert sent.keys() == {first.id, second.id, third.id}
        assert (sent[first.id].number, sent[first.id].tries) == (2, 1), "from the beginning of the schedule"
        with pytest.raises(NotFound):
            await kept.replay(ANA, hook.id, "msg_none")


async def test_a_secret_takes_the_place_of_another_which_counts_for_a_day(database: JobDatabase) -> None:
    async with database.store() as store:
        clock = database.clock
        kept = hooks(store, clock)
        hook, old = await kept.create(ANA, HOOK)
        changed, new = await kept.rotate(ANA, hook.id)
        assert changed.old_secret_until == clock() + OLD_SECRET_COUNTS
        await kept.test(ANA, hook.id)
        (one,) = await take(kept)
        assert one.secrets == (new, old)
        await answer(kept, one, 200, clock)
        clock.advance(OLD_SECRET_COUNTS.total_seconds())
        await kept.test(ANA, hook.id)
        (one,) = await take(kept)
        assert one.secrets == (new,)
        await kept.queue.tidy()
        ((left,),) = await store.database.read(text("SELECT count(*) FROM webhooks WHERE old_secret IS NOT NULL"))  # type: ignore[attr-defined]
        assert left == 0


async def test_a_webhook_is_its_owners_alone(database: JobDatabase) -> None:
    async with database.store() as store:
        kept = hooks(store, database.clock, most=2)
        hook, _ = await kept.create(replace(ANA, space="brand"), HOOK)
        with pytest.raises(NotFound):
            await kept.webhook(BEN, hook.id)
        with pytest.raises(NotAllowed, match="ana's"):
            await kept.remove(replace(BEN, spaces=frozenset({"brand"})), hook.id)
        assert await kept.webhook(replace(BEN, sees_all=True), hook.id) == hook
        await kept.create(ANA, HOOK)
        with pytest.raises(StateConflict, match="2 webhooks"):
            await kept.create(ANA, HOOK)
        assert await kept.of("ben") == ()
        await kept.remove(ANA, hook.id, SIGNED)
        assert [one.id for one in await kept.of("ana")] != [hook.id]


async def test_pages_have_everything_once(database: JobDatabase) -> None:
    async with database.store() as store:
        kept = hooks(store, database.clock)
        hook, _ = await kept.create(ANA, HOOK)
        for number in range(7):
            await kept.test(ANA, hook.id)
            database.clock.advance(number % 2)  # some at the same time
        found: list[Delivery] = []
        while page := await kept.deliveries(ANA, hook.id, 3, found[-1].id if found else None):
            found += page
        assert len({one.id for one in found}) == len(found) == 7
        assert _times(found) == sorted(_times(found), reverse=True)
        assert await kept.deliveries(ANA, hook.id, 3, "msg_none") == ()
        assert await kept.deliveries(ANA, hook.id, 3, state="failed") == ()
        assert len(await kept.deliveries(ANA, hook.id, 9, found[0].id, "pending")) == 6


def _times(found: Sequence[Delivery]) -> list[Any]:
    return [one.at for one in found]


async def test_what_ended_long_ago_is_forgotten_and_nothing_else(database: JobDatabase) -> None:
    async with database.store() as store:
        clock = database.clock
        kept = hooks(store, clock)
        hook, _ = await kept.create(ANA, HOOK)
        await kept.test(ANA, hook.id)
        (one,) = await take(kept)
        await answer(kept, one, 200, clock)
        late = await kept.test(ANA, hook.id)
        clock.advance(KEPT.total_seconds() + 1)
        new = await kept.test(ANA, hook.id)
        await kept.queue.tidy()
        assert {it.id for it in await kept.deliveries(ANA, hook.id, 9)} == {late.id, new.id}, "the first was delivered"
        ((attempts,),) = await store.database.read(text("SELECT count(*) FROM webhook_attempts"))  # type: ignore[attr-defined]
        assert attempts == 0


async def test_who_asks_is_told_of_experiments_and_champions_in_the_words_of_the_document(
    database: JobDatabase,
) -> None:
    types = tuple(one for one in WebhookEvent if one.startswith(("experiment.", "champion.")))
    async with database.store() as store:
        clock = Clock()
        kept = hooks(store, clock)
        mine, _ = await kept.create(ANA, NewWebhook(URL, types))
        other, _ = await kept.create(BEN, HOOK)
        assert isinstance(store, SqlJobStore)
        experiments = ExperimentStore(store.database, clock)
        await experiments.start(a_phase("steps"), 0.5, "ana", "why", check=lambda _: None)
        await experiments.pause("steps", "atelier", "arm few fails too often", EventType.GUARDRAIL_TRIPPED, {"why": 1})
        await experiments.resume("steps", "ana", "mended")
        await experiments.stop("steps", "ana", "enough", "prefer:few")
        moves: tuple[MoveKind, ...] = ("canary", "pause", "rollback")
        for kind in moves:
            moved = Champion("icon", "draft", 0, kind, NO_OVERLAY, None, "ana", "why", None, clock())
            await experiments.move_champion(moved.key, None, partial(_moved, moved))
        assert sorted(await told(kept, mine.id)) == [
            ("champion.paused", "icon/draft", "pending"),
            ("champion.rolled_back", "icon/draft", "pending"),
            ("experiment.ended", "steps", "pending"),
            ("experiment.started", "steps", "pending"),
            ("experiment.tripped", "steps", "pending"),
        ]
        assert await told(kept, other.id, BEN) == []
        for one in await take(kept):
            body = write_body(one, "https://studio.example")
            message = WebhookMessage.model_validate_json(body).root
            assert message.type == one.type
            assert b"prefer:few" not in body
            assert b"fails too often" not in body
            assert type(read_message(body)) is getattr(answers, type(message).__name__)
        with pytest.raises(NotFound):
            await experiments.stop("nothing", "ana", "why")
        assert len(await told(kept, mine.id)) == 5, "what was not committed is not told"


async def test_what_is_told_of_jobs_is_as_the_document_says(database: JobDatabase) -> None:
    async with database.store() as store:
        kept = hooks(store, Clock())
        await kept.create(ANA, NewWebhook(URL, tuple(WebhookEvent), include=("prompt",)))
        for number, status in enumerate((JobStatus.COMPLETE, JobStatus.FAILED), 1):
            await store.submit(a_job(number))
            await store.add_image(lease := await leased(store), a_picture(0))
            failure = JobFailure(code="stage_failed", message="no") if status is JobStatus.FAILED else None
            await store.end(lease, status, failure)
        bodies = [write_body(one, "") for one in await take(kept)]
        types = sorted(WebhookMessage.model_validate_json(body).root.type for body in bodies)
        assert types == ["job.complete", "job.failed", "job.image", "job.image"]
        names = {type(read_message(body)).__name__ for body in bodies}
        assert names == {"JobCompleteMessage", "JobFailedMessage", "JobImageMessage"}
