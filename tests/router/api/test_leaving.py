"""Clients leave event streams at every moment, politely or not; that is no error, and nothing of it stays."""

from __future__ import annotations

import logging
import socket
import struct
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import httpx
import pytest

from router.api.app import create_app
from router.studio import Studio
from tests.router.calls import submit
from tests.studio import PaintedGenerator, painted_studio, serving

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    return painted_studio(tmp_path_factory.mktemp("leaving"), PaintedGenerator(step_seconds=0.001))


@pytest.fixture(scope="module")
def busy(studio: Studio) -> Iterator[httpx.Client]:
    """Pictures of a thousand steps a second: there is always an event on its way."""
    with serving(create_app(studio)) as url, httpx.Client(base_url=url, timeout=60) as client:
        yield client


def leave(api: httpx.Client, job_id: str, read: int, seconds: float, reset: bool) -> None:
    """Hear some bytes of a job's events, look on without reading, and go."""
    address = urlsplit(str(api.base_url))
    with socket.create_connection((address.hostname or "", address.port or 80)) as stream:
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        stream.settimeout(60)
        stream.sendall(f"GET /jobs/{job_id}/events HTTP/1.1\r\nHost: studio\r\n\r\n".encode())
        while read > 0 and (heard := stream.recv(1024)):
            read -= len(heard)
        time.sleep(seconds)
        if reset:
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def leave_in_every_way(api: httpx.Client, job_id: str) -> None:
    """Sixty clients at once, before, between and after events, half of them with a reset."""
    ways = [(read, moment * 0.02, reset) for read in (0, 100, 3000) for moment in range(10) for reset in (False, True)]
    with ThreadPoolExecutor(len(ways)) as pool:
        list(pool.map(lambda way: leave(api, job_id, *way), ways))


def test_nothing_is_said_of_clients_who_leave(
    studio: Studio, busy: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            job_id = submit(busy, num_variations=8, num_inference_steps=100)
            leave_in_every_way(busy, job_id)
            busy.delete(f"/jobs/{job_id}")
        deadline = time.monotonic() + 60
        while studio.live._feeds and time.monotonic() < deadline:
            time.sleep(0.05)
    assert [(record.name, record.getMessage()) for record in caplog.records] == []
    assert not studio.live._feeds, "somebody is still told of jobs"
