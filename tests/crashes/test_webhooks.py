"""A conductor is killed with SIGKILL around the end of a job, and while it tells a webhook of it: the receiver hears of
every picture and of the end, at least once, with one id for each."""

from __future__ import annotations

import asyncio
import json
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook

from configs.webhooks import WebhookConfig
from router.jobs.model import JobStatus
from router.people.viewer import Viewer
from router.webhooks.model import WebhookEvent
from router.webhooks.transactions import NewWebhook
from tests.crashes.trial import Trial
from tests.crashes.worker import tell
from tests.router.webhooks import receivers
from tests.router.webhooks.receivers import Receiver, receiving
from tests.studio import painted_studio

pytestmark = pytest.mark.slow

ALLOWED = WebhookConfig(allow=("127.0.0.1:*",))
_PICTURES = 2
KILLS = (
    ("row written", 1),
    ("last row to be written", 1),
    ("job ended", 1),
    ("delivery to be posted", 1),
    ("delivery posted", 3),
)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    def well(receiver: Receiver, handler: BaseHTTPRequestHandler) -> None:
        receivers.say(handler, 200, b"thanks")

    with receiving(well) as found:
        yield found


@pytest.mark.parametrize(("boundary", "nth"), KILLS)
def test_a_kill_loses_nothing_that_is_to_be_told(
    boundary: str, nth: int, tmp_path: Path, processes: ForkServerContext, receiver: Receiver
) -> None:
    trial = Trial(tmp_path)
    asyncio.run(trial.order(num_variations=_PICTURES))
    secret = asyncio.run(_hook(tmp_path, receiver.url))
    killed = processes.Process(target=tell, args=(str(tmp_path), boundary, nth))
    killed.start()
    killed.join(60)
    assert killed.exitcode == -signal.SIGKILL
    before = len(receiver.heard)

    trial.let_lease_run_out()
    _let_deliveries_go(trial)
    again = processes.Process(target=tell, args=(str(tmp_path), "", 0))
    again.start()
    again.join(60)
    assert again.exitcode == 0
    job, log = asyncio.run(trial.job())
    assert job.status is JobStatus.COMPLETE, job.failure
    wanted = {f"msg_{job.id}_{event.seq}": event.type for event in log if event.type in ("job.image", "job.complete")}
    assert len(wanted) == _PICTURES + 1
    heard = [(one.headers["webhook-id"], Webhook(secret).verify(one.body, dict(one.headers))) for one in receiver.heard]
    assert {id: told["type"] for id, told in heard} == wanted, "all of it, and nothing else"
    assert len({(id, json.dumps(told)) for id, told in heard}) == len(wanted), "what is told twice is the same"
    assert len(heard) <= len(wanted) + before, "and no more is told twice than was in the air"
    assert trial.rows("SELECT count(*) FROM webhook_deliveries WHERE state <> 'delivered'") == [(0,)]


async def _hook(folder: Path, url: str) -> str:
    studio = painted_studio(folder, webhooks=ALLOWED)
    await studio.store.open()
    events = (WebhookEvent.IMAGE, WebhookEvent.COMPLETE)
    _, secret = await studio.webhooks.create(Viewer("dev"), NewWebhook(url, events))
    await studio.store.close()
    return secret


def _let_deliveries_go(trial: Trial) -> None:
    """As their leases would in a minute."""
    with closing(sqlite3.connect(trial.database)) as connection, connection:
        connection.execute("UPDATE webhook_deliveries SET lease_until = NULL")
