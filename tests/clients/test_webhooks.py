"""Webhooks from Python and the command line, to a receiver that verifies with the specification's own library."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from atelier import AsyncAtelier, Atelier, Retry
from atelier.errors import NotFound
from standardwebhooks.webhooks import Webhook

from configs.webhooks import WebhookConfig
from tests.clients.cli.terminal import shown
from tests.router.webhooks import receivers
from tests.router.webhooks.receivers import receiving
from tests.studio import running_studio

ONCE = Retry(attempts=0)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    allowed = WebhookConfig(allow=("127.0.0.1:*",))
    with running_studio(tmp_path_factory.mktemp("hooks"), webhooks=allowed) as url:
        yield url


def ran(url: str, *arguments: str, code: int = 0) -> str:
    done = shown(url, "webhooks", *arguments, columns=160)
    assert done.code == code, done.err
    return done.out if code == 0 else done.err


def until(studio: Atelier, id: str, state: str) -> None:
    end = time.monotonic() + 60
    while not studio.webhooks.deliveries(id, state=state).deliveries:
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_webhook_is_made_told_changed_and_removed(url: str) -> None:
    with receiving() as receiver, Atelier(url, retry=ONCE) as studio:
        made = studio.webhooks.create(receiver.url, ["job.complete"], description="a test", include=["prompt"])
        assert (made.enabled, made.scope, made.include) == (True, "own", ("prompt",))
        studio.generate("a red fox", quality="draft", asset_type="icon")
        (heard,) = receiver.until(1)
        told = Webhook(made.secret).verify(heard.body, dict(heard.headers))
        assert (told["type"], told["data"]["prompt"]) == ("job.complete", "a red fox")
        until(studio, made.id, "delivered")
        (one,) = studio.webhooks.deliveries(made.id).deliveries
        assert [attempt.status for attempt in one.attempts] == [204]
        assert studio.webhooks.replay(made.id, one.id).id == one.id
        assert receiver.until(2)[1].body == heard.body
        assert studio.webhooks.rotate(made.id).secret != made.secret
        assert studio.webhooks.change(made.id, enabled=False).disabled_reason == "asked"
        assert studio.webhooks.change(made.id, enabled=True, events=["batch.ended"]).events == ("batch.ended",)
        assert [hook.id for hook in studio.webhooks.list()] == [made.id]
        studio.webhooks.remove(made.id)
        with pytest.raises(NotFound):
            studio.webhooks.get(made.id)


def test_the_same_awaited(url: str) -> None:
    async def way() -> None:
        async with AsyncAtelier(url, retry=ONCE) as studio:
            made = await studio.webhooks.create("http://127.0.0.1:9/")
            sent = await studio.webhooks.test(made.id)
            assert sent.type == "webhook.test"
            page = await studio.webhooks.deliveries(made.id, limit=1)
            assert ([one.id for one in page.deliveries], page.next) == ([sent.id], sent.id)
            assert await studio.webhooks.replay_failed(made.id, datetime.now(UTC) - timedelta(days=1)) == 0
            await studio.webhooks.remove(made.id)
            assert await studio.webhooks.list() == ()

    asyncio.run(way())


def test_the_command_line_adds_tests_shows_replays_and_removes(url: str) -> None:
    assert "no webhook" in shown(url, "webhooks", "list", columns=160).err
    with receiving(receivers.then(receivers.status(410, b"no more"), receivers.well)) as receiver:
        made = json.loads(ran(url, "add", receiver.url, "--event", "job.complete", "--json"))
        assert made["secret"].startswith("whsec_")
        ran(url, "test", made["id"])
        with Atelier(url, retry=ONCE) as studio:
            until(studio, made["id"], "failed")
        assert ran(url, "list").upper().count("URL") == 1
        assert "off (gone)" in ran(url, "list")
        assert "410 no more" in ran(url, "deliveries", made["id"], "--failed")
        assert "is disabled" in ran(url, "replay", made["id"], "--since", "2026-01-01", code=2)
        assert "is on" in ran(url, "enable", made["id"])
        assert "1 sent again" in ran(url, "replay", made["id"], "--since", "2026-01-01")
        receiver.until(2)
        assert "name a delivery" in ran(url, "replay", made["id"], code=2)
        assert "whsec_" in ran(url, "rotate", made["id"])
        assert "is gone" in ran(url, "remove", made["id"])
    assert "private network" in ran(url, "add", "https://127.0.0.2/", code=2)
