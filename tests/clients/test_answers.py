"""Whatever answers at the studio's address, in whatever form: an error of the SDK with a sentence, never another."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from atelier import (
    Atelier,
    AtelierError,
    Retry,
    champions,
    errors,
    library,
    models,
)
from atelier.models import answers
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel

from tests.clients.forged import forge

pytestmark = pytest.mark.slow

CALLS: list[Callable[[Atelier], object]] = [
    lambda studio: studio.job("j1"),
    lambda studio: list(studio.jobs()),
    lambda studio: studio.submit("a lamp"),
    lambda studio: studio.plan("a lamp"),
    lambda studio: studio.upload(b"x"),
    lambda studio: studio.cancel("j1"),
    lambda studio: studio.models(),
    lambda studio: studio.loras(),
    lambda studio: studio.library.entries("loras"),
    lambda studio: studio.library.entry("loras", "x"),
    lambda studio: studio.library.versions("loras", "x"),
    lambda studio: studio.library.diff("loras", "x", "1.0.0", "live"),
    lambda studio: studio.library.history("loras", "x"),
    lambda studio: studio.library.mark("loras", "x", "live", None),
    lambda studio: studio.library.add("loras", "x", "1.0.0", {}),
    lambda studio: studio.add_lora(__file__, id="x", licences={}),
    lambda studio: studio.asset_types(),
    lambda studio: studio.health(),
    lambda studio: studio.experiments.list(),
    lambda studio: studio.experiments.start("x"),
    lambda studio: studio.experiments.events("x"),
    lambda studio: studio.experiments.assignment("x", "me"),
    lambda studio: studio.experiments.results("x"),
    lambda studio: studio.experiments.ballots("x"),
    lambda studio: studio.experiments.vote("x", "left"),
    lambda studio: studio.experiments.reveal("x"),
    lambda studio: studio.experiments.runs("x"),
    lambda studio: studio.champions.list(),
    lambda studio: studio.champions.rollback("icon", "draft"),
]
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
VALUES = st.recursive(SCALARS, lambda one: st.lists(one, max_size=3) | st.dictionaries(st.text(max_size=5), one))
REFUSALS = st.fixed_dictionaries(
    {"error": st.fixed_dictionaries({}, optional=dict.fromkeys(("code", "message", "field", "allowed"), VALUES))}
)
BODIES = st.binary(max_size=40) | (VALUES | REFUSALS).map(lambda value: json.dumps(value).encode())
TYPES = ["application/json", "application/json; charset=nonsense", "text/html", "\udce9", ""]
ENCODINGS = ["gzip", "deflate", "br", "identity", "unheard-of"]
WAITS = ["", "1e999", "nan", "-5", "Wed, 21 Oct 2099 07:28:00 -0000", "Wed, 21 Oct 99999 07:28:00 GMT", "soon", "²"]


def studio_that_answers(status: int, body: bytes, headers: dict[str, str] | None = None) -> Atelier:
    def handle(_: httpx.Request) -> httpx.Response:
        listed = [(name.encode(), value.encode("utf-8", "surrogateescape")) for name, value in (headers or {}).items()]
        return httpx.Response(status, headers=listed, stream=httpx.ByteStream(body))

    return Atelier("http://studio.test", retry=Retry(attempts=0), transport=httpx.MockTransport(handle))


def asked(studio: Atelier, call: Callable[[Atelier], object]) -> AtelierError | None:
    """What a call raises; any other error than the SDK's fails the test."""
    try:
        call(studio)
    except AtelierError as error:
        return error
    return None


@given(
    call=st.sampled_from(CALLS),
    status=st.sampled_from([200, 202, 204, 206, 301, 302, 400, 401, 404, 418, 422, 429, 500, 502, 503, 599]),
    body=BODIES,
    kind=st.sampled_from(TYPES),
    encoding=st.sampled_from(ENCODINGS),
    wait=st.sampled_from(WAITS),
)
@example(CALLS[0], 200, b"null", TYPES[0], "identity", "")
@example(CALLS[0], 200, b"[{}]", TYPES[0], "identity", "")
@example(CALLS[0], 200, b'{"job_id": "j1", "images": 5}', TYPES[0], "identity", "")
@example(CALLS[0], 200, b"[" * 100_000, TYPES[0], "identity", "")
@example(CALLS[0], 422, b'{"error":' * 30_000, TYPES[0], "identity", "")
@example(CALLS[0], 200, b'{"progress": ' + b"9" * 5000 + b"}", TYPES[0], "identity", "")
@example(
    CALLS[0], 422, b'{"error": {"code": "x", "message": "no", "allowed": 5, "field": {}}}', TYPES[0], "identity", ""
)
@example(CALLS[0], 200, gzip.compress(b"{}")[:9], TYPES[0], "gzip", "")
def test_no_answer_is_met_with_anything_but_an_error_of_the_sdk(
    call: Callable[[Atelier], object], status: int, body: bytes, kind: str, encoding: str, wait: str
) -> None:
    headers = {"Content-Type": kind, "Content-Encoding": encoding, "Retry-After": wait}
    error = asked(studio_that_answers(status, body, headers), call)
    assert error is None or str(error).strip()
    assert not isinstance(error, errors.Unreachable)


@pytest.mark.parametrize("call", range(len(CALLS)))
@given(data=st.data())
def test_a_right_answer_with_one_wrong_field_is_no_other_error_either(call: int, data: st.DataObject) -> None:
    kinds: list[type[BaseModel]] = [models.Job, models.JobsPage, models.Accepted, models.Plan, models.Picture]
    kinds += [models.Job, models.Models, models.Loras, models.AssetTypes, models.Health]
    kinds[8:8] = [library.Entries, library.Entry, library.Versions, library.Diff, library.History, library.Marks]
    kinds[14:14] = [library.Entry, library.LoraAdded]
    kinds += [answers.ExperimentList, answers.Experiment, answers.ExperimentLog]
    kinds += [answers.Assignment, answers.Results, answers.Ballots, answers.Vote, answers.Sitting]
    kinds += [answers.RunList, champions.ChampionList, champions.Champion]
    assert len(kinds) == len(CALLS)
    right = forge(kinds[call], _usual)
    right[data.draw(st.sampled_from(sorted(right)))] = data.draw(VALUES)
    if "next" in right:
        right["next"] = None
    error = asked(studio_that_answers(200, json.dumps(right).encode()), CALLS[call])
    assert error is None or str(error).strip()


def _usual(_name: str, kind: type) -> Any:
    return {str: "png", int: 1, float: 0.5, bool: True}.get(kind, "2026-01-01T00:00:00Z")


@pytest.mark.parametrize(
    "link",
    [
        "file:///etc/passwd",
        "http://[",
        "http://h:99999/x",
        "data:,x",
        "javascript:0",
        "//",
        "http://",
        "\0",
        "x" * 70_000,
    ],
)
def test_a_link_that_leads_nowhere_is_the_answers_fault(link: str) -> None:
    def value(name: str, kind: type) -> Any:
        of_the_picture = {"url": link, "size": None}  # a file of a size of its own is not what is asked for
        return of_the_picture[name] if name in of_the_picture else _usual(name, kind)

    studio = studio_that_answers(200, json.dumps(forge(models.Job, value)).encode())
    image = studio.job("j1").images[0]
    with pytest.raises(AtelierError, match="http") as caught:
        studio_that_answers(404, b"").content(image, "png")
    assert not isinstance(caught.value, errors.Unreachable)


def test_an_id_of_any_length_is_sent_or_refused() -> None:
    studio = studio_that_answers(404, b'{"error": {"code": "not_found", "message": "there is no such job"}}')
    with pytest.raises(errors.NotFound):
        studio.job("x" * 60_000)
    with pytest.raises(errors.BadAddress, match="too long"):
        studio.job("x" * 70_000)
