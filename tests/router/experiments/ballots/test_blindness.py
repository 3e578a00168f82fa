"""Every byte and header of a rater's session: none of them tells which arm drew what."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import httpx
import pytest
from PIL import Image

from router.experiments.ballots.model import Shown, ShownPicture
from router.experiments.ballots.pictures import _draw
from tests.router.experiments.ballots.conftest import PROMPTS, Booth
from tests.router.experiments.ballots.samples import ARMS, a_png


@pytest.fixture(scope="module")
def session(booth: Booth) -> list[httpx.Response]:
    """All that a rater's screen gets: ballots, pictures, what answers are told, errors."""
    answers: list[httpx.Response] = []
    for _ in range(20):
        lent = booth.api.post("/experiments/pairs/ballots", json={"rater": "blind", "count": 1})
        (ballot,) = lent.json()["ballots"]
        answers += [lent, *(booth.api.get(url) for url in ballot["pictures"])]
        answers.append(booth.vote(ballot["id"], "blind", "left", criteria={"style": "tie"}))
        answers.append(booth.vote(ballot["id"], "blind", "right"))
    booth.clock.advance(16 * 60)
    answers += [booth.api.get(ballot["left"]), booth.vote("nothing", "blind", "left")]
    return answers


def everything(answer: httpx.Response) -> bytes:
    return b"\n".join([*(name + b": " + value for name, value in answer.headers.raw), answer.content]).lower()


@pytest.mark.slow
def test_nothing_names_arms_models_jobs_or_files(session: list[httpx.Response]) -> None:
    files = [hashlib.sha256(a_png(arm, number)).hexdigest() for arm in ARMS[:2] for number in range(len(PROMPTS))]
    secrets = [*ARMS[:2], "secretjob", "mini", "pair-", *files]
    marks = ["c2pa", "jumb", "exif", "xmp", "iccp", "adobe", "parameters", "etag", "last-modified", "disposition"]
    for answer in session:
        said = everything(answer)
        assert [word for word in (*secrets, *marks) if word.encode() in said] == [], answer.url


def test_a_session_says_what_must_be_said_and_no_more(session: list[httpx.Response]) -> None:
    lent = [answer.json() for answer in session if answer.request.method == "POST"]
    fields = {"id", "prompt", "choices", "criteria", "left", "right", "pictures", "width", "height", "place", "of"}
    assert {name for body in lent for ballot in body["ballots"] for name in ballot} == fields | {"expires_at"}


_OF_EACH_ANSWER = ("date", "x-request-id")
"""Whatever it is of: the time, and a random number."""


def test_both_pictures_come_alike(session: list[httpx.Response]) -> None:
    pictures = [answer for answer in session if answer.headers["content-type"] == "image/webp"]
    assert len(pictures) == 40
    for left, right in zip(pictures[::2], pictures[1::2], strict=True):
        ours, theirs = (
            {name: value for name, value in answer.headers.items() if name not in _OF_EACH_ANSWER}
            for answer in (left, right)
        )
        assert ours == theirs
        assert left.headers["x-request-id"] != right.headers["x-request-id"]
        assert left.headers["cache-control"] == "private, no-store"
        seen = [Image.open(io.BytesIO(answer.content)) for answer in (left, right)]
        assert [(image.format, image.size, image.mode) for image in seen] == [("WEBP", (96, 64), "RGB")] * 2
        assert all(not {"exif", "xmp", "icc_profile"} & set(image.info) for image in seen)
        assert left.content != right.content


def test_pictures_that_take_more_bytes_come_in_files_as_long_and_look_as_they_did() -> None:
    flat, noisy = io.BytesIO(), io.BytesIO()
    Image.new("RGB", (200, 100), "red").save(flat, "PNG")
    Image.effect_noise((200, 100), 90).convert("RGBA").save(noisy, "PNG")
    pictures = tuple(ShownPicture(arm="a", job="j", sha256="0", format="png", seed=1) for _ in range(2))
    for files in ([flat.getvalue(), noisy.getvalue()], [flat.getvalue(), flat.getvalue()]):
        shown = _draw(files, Shown(prompt="", pictures=pictures), None)
        assert len({len(file) for file in shown}) == 1
        first: Any = Image.open(io.BytesIO(shown[0])).convert("RGB")
        assert first.size == (200, 100)
        assert all(abs(a - b) < 8 for a, b in zip(first.getpixel((50, 50)), (255, 0, 0), strict=True))


@pytest.mark.parametrize("how", ["blur", "jpeg"])
def test_a_known_answer_is_the_same_picture_spoilt(how: Any) -> None:
    file = a_png("klein", 3)
    picture = ShownPicture(arm="klein", job="j", sha256="0", format="png", seed=1)
    good, bad = _draw([file, file], Shown(prompt="", pictures=(picture, picture), spoil=how), 0)
    original, kept, spoilt = (Image.open(io.BytesIO(data)).convert("L") for data in (file, good, bad))
    off = [sum(abs(a - b) for a, b in zip(original.tobytes(), one.tobytes(), strict=True)) for one in (kept, spoilt)]
    assert off[1] > 3 * off[0]
