"""What a receiver may do to who calls it: nothing, within fifteen seconds and four kilobytes."""

from __future__ import annotations

import asyncio
import resource
import time

import pytest

from configs.webhooks import WebhookConfig
from router.webhooks.addresses import resolve
from router.webhooks.posting import MOST_READ, Answer, Courier
from tests.router.webhooks import receivers
from tests.router.webhooks.receivers import receiving

ALLOWED = WebhookConfig(allow=("127.0.0.1:*",))


def post(url: str, patience_seconds: float = 15.0) -> Answer:
    return asyncio.run(Courier(ALLOWED, resolve, patience_seconds).post(url, {"webhook-id": "msg_1"}, b'{"a":1}'))


def test_a_request_has_its_body_its_type_and_its_sender() -> None:
    with receiving() as receiver:
        assert post(receiver.url) == Answer(204)
    (heard,) = receiver.heard
    assert heard.body == b'{"a":1}'
    assert heard.headers["content-type"] == "application/json"
    assert heard.headers["user-agent"].startswith("Atelier/")
    assert heard.headers["webhook-id"] == "msg_1"


def test_four_gigabytes_of_an_answer_are_not_taken() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with receiving(receivers.without_end) as receiver:
        answer = post(receiver.url)
        assert (answer.status, len(answer.body)) == (200, MOST_READ)
        time.sleep(0.2)
        assert receiver.written < 64 * 2**20, "more than the buffers of two sockets was sent"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024  # kB


def test_a_receiver_that_never_answers_is_left() -> None:
    with receiving(lambda *_: time.sleep(5)) as receiver:
        answer = post(receiver.url, 0.3)
    assert answer == Answer(None, "no answer within 0 seconds")


def test_a_receiver_that_sends_a_byte_now_and_then_is_left_too() -> None:
    def drip(_: object, handler: object) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")  # type: ignore[attr-defined]
        for _ in range(50):
            handler.wfile.write(b".")  # type: ignore[attr-defined]
            time.sleep(0.1)

    with receiving(drip) as receiver:
        began = time.monotonic()
        assert post(receiver.url, 0.5).status is None
        assert time.monotonic() - began < 4


def test_a_receiver_that_dies_in_the_middle_has_not_answered() -> None:
    with receiving(receivers.in_the_middle) as receiver:
        answer = post(receiver.url)
    assert answer.status is None
    assert answer.error


def test_one_whose_body_breaks_off_has_said_its_status() -> None:
    def half(_: object, handler: object) -> None:
        handler.wfile.write(b"HTTP/1.1 500 No\r\nContent-Length: 1000\r\n\r\nhalf")  # type: ignore[attr-defined]

    with receiving(half) as receiver:
        assert post(receiver.url) == Answer(500, body=b"half")


def test_nobody_is_there() -> None:
    with receiving() as receiver:
        url = receiver.url
    answer = post(url)
    assert answer.status is None
    assert "ConnectError" in answer.error


@pytest.mark.parametrize("code", [301, 302, 307, 308])
def test_a_redirect_is_an_answer_and_is_not_followed(code: int) -> None:
    with receiving() as other, receiving(receivers.status(code, Location=other.url)) as receiver:
        assert post(receiver.url).status == code
        assert not other.heard


def test_headers_without_end_are_not_taken() -> None:
    def many(_: object, handler: object) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")  # type: ignore[attr-defined]
        for number in range(100_000):
            handler.wfile.write(f"X-{number}: {'a' * 100}\r\n".encode())  # type: ignore[attr-defined]

    with receiving(many) as receiver:
        answer = post(receiver.url)
    assert answer.status is None
    assert "Error" in answer.error
