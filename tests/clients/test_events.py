"""Server-sent events survive any chunking, any drop, and event types from the future."""

from __future__ import annotations

import io
import json

from atelier import events
from atelier.cli.progress import Display
from atelier.events import read_event
from atelier.follow import Follow
from atelier.models import Accepted
from atelier.sse import Decoder, Message
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

STREAM = (
    ': ping\n\nid: 1\nevent: job.queued\ndata: {"a":\ndata:  1}\n\n'
    "event: preview\r\ndata: caf\u00e9 \u2028 line\r\n\r\nretry: 10\rdata: x\r\r"
).encode()
MESSAGES = [
    Message("job.queued", '{"a":\n 1}', "1"),
    Message("preview", "caf\u00e9 \u2028 line", None),
    Message("message", "x", None),
]


@given(st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_messages_are_the_same_however_the_bytes_arrive(cuts: list[int]) -> None:
    decoder = Decoder()
    edges = [0, *sorted(cuts), len(STREAM)]
    messages = [m for a, b in zip(edges, edges[1:], strict=False) for m in decoder.feed(STREAM[a:b])]
    messages += decoder.feed(b"\n")  # releases a CR that might have been half of a CRLF
    assert messages == MESSAGES


def logged(seq: int, type: str = "job.stage", **payload: object) -> bytes:
    data = {"job_id": "j", "seq": seq, "type": type, "at": "2026-01-01T00:00:00Z", "payload": payload}
    return f"id: {seq}\nevent: {type}\ndata: {json.dumps(data)}\n\n".encode()


def test_an_event_of_an_unknown_type_is_still_a_line_of_the_log() -> None:
    event = read_event(Message("job.polished", logged(4, "job.polished").decode().split("data: ")[1], "4"))
    assert isinstance(event, events.LogEvent)
    assert event.seq == 4


def test_a_changed_payload_does_not_lose_the_event() -> None:
    (event,) = Follow().feed(logged(1, "job.image", picture="moved"))
    assert type(event) is events.LogEvent


def test_what_is_no_event_is_passed_over() -> None:
    assert Follow().feed(b"data: hello\n\nevent: progress\ndata: [1]\n\nevent: job.stage\ndata: {}\n\n") == []


def test_an_event_seen_before_a_drop_does_not_come_twice() -> None:
    follow = Follow()
    follow.feed(logged(1) + logged(2))
    follow.closed()
    assert follow.headers()["Last-Event-ID"] == "2"
    assert [event.type for event in follow.feed(logged(2) + logged(3, "job.complete"))] == ["job.complete"]
    assert follow.ended


def test_pauses_grow_with_every_drop_and_start_over_after_an_event() -> None:
    follow = Follow(draw=lambda low, high: high)
    pauses = []
    for _ in range(9):
        follow.closed()
        pauses.append(follow.pause())
    assert pauses == sorted(pauses)
    assert pauses[-1] == 15.0
    follow.feed(logged(1))
    follow.closed()
    assert follow.pause() == 0.5


def test_a_studio_that_stays_away_is_given_up() -> None:
    now = 100.0
    follow = Follow(patience=90, clock=lambda: now)
    follow.headers()
    now = 189.0
    assert not follow.given_up
    now = 191.0
    assert follow.given_up


def test_a_load_says_what_the_job_waits_for() -> None:
    told = {"job_id": "j", "progress": 0.0, "index": 0, "stage": "loading", "step": 0, "steps": 0}
    told |= {"estimated_time_seconds": 31.0, "detail": "loading model mini", "eta_seconds": 30.0}
    (event,) = Follow().feed(f"event: progress\ndata: {json.dumps(told)}\n\n".encode())
    assert isinstance(event, events.Progress)
    assert (event.detail, event.eta_seconds) == ("loading model mini", 30.0)
    display = Display(Console(file=io.StringIO()), Accepted(job_id="j", status="queued", estimated_time_seconds=1), 1)
    display(event)
    assert display._bars.tasks[0].description == "Loading model mini"
    display(event.model_copy(update={"detail": None, "stage": "base", "step": 1, "steps": 4}))
    assert display._bars.tasks[0].description == "Drawing, step 1/4"


def test_each_line_of_a_training_has_what_it_tells() -> None:
    told: dict[str, dict[str, object]] = {
        "job.started": {"attempt": 2},
        "job.retried": {"index": 1, "reason": "lost"},
        "job.validated": {"step": 100, "loss_by_noise": {"0.5": 0.1}},
        "job.checkpoint": {"step": 100, "adapter": "ab" * 32},
        "job.samples": {"step": 100, "sha256": ["cd" * 32]},
        "job.judged": {"judgement": {}, "reasons": ["earliest"], "sheet": "ef" * 32, "step": 100, "strength": 0.8},
        "job.adapter": {"lora": "kestrel", "sha256": "ab" * 32, "step": 100, "strength": 0.8, "version": "1.0.0"},
    }
    for seq, (type, payload) in enumerate(told.items(), 1):
        (event,) = Follow().feed(logged(seq, type, **payload))
        assert event.model_dump(mode="json", include=set(payload)) == payload, type
