"""Captions by a captioner: in the time that there is, none twice, never over a person's, and with who wrote them."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from configs.datasets import DatasetConfig, DatasetPicture
from configs.errors import StageError, StageUnavailable
from configs.placements import CaptionerPlacement
from deployments.captions import Captioned, CaptionRequest
from router.api.app import create_app
from router.datasets.captioning import ReplicaWriter
from router.datasets.suggestions import CaptionWish, Suggestions
from router.replicas import DirectReplicas
from tests.router.datasets.test_datasets_api import picture, send, settled, zipped
from tests.studio import painted_studio, serving

ONE = "captioner-one"


@dataclass
class Answering:
    """Says of each picture what `answers` has of its hash, once `gate` is open; `asked` is all that it was asked."""

    answers: dict[str, Captioned | Exception] = field(default_factory=dict)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[CaptionRequest] = field(default_factory=list)

    async def caption(self, request: CaptionRequest) -> Captioned:
        self.asked.append(request)
        await self.gate.wait()
        answer = self.answers.get(request.sha256, Captioned(f"a {request.sha256[:3]}", "one@1", False, 0.1))
        if isinstance(answer, Exception):
            raise answer
        return answer


def dataset(names: Sequence[str], trigger: str = "kestrel") -> DatasetConfig:
    pictures = (
        DatasetPicture(picture=f"p{place}", sha256=f"{place:064x}"[::-1], width=9, height=9, name=name)
        for place, name in enumerate(names)
    )
    return DatasetConfig(id="set", name="Set", trigger=trigger, pictures=tuple(pictures))


async def asked_of(
    captioner: Answering, names: Sequence[str], patience: float = 60, wish: CaptionWish | None = None
) -> Suggestions:
    said = dataset(names)
    writer = ReplicaWriter(DirectReplicas({ONE: captioner}), ONE)
    return await writer.write(said, said.pictures, wish or CaptionWish(), patience)


def test_what_does_not_come_in_time_is_not_yet_there_and_is_asked_for_once() -> None:
    async def run() -> None:
        captioner, said = Answering(), dataset(["1.png"] * 9)
        writer = ReplicaWriter(DirectReplicas({ONE: captioner}), ONE)
        first = await writer.write(said, said.pictures, CaptionWish(), 0.05)
        assert (first.captions, len(first.not_yet)) == ((), 9)
        begun = len(captioner.asked)
        assert 0 < begun < 9  # nobody may come back for the rest
        captioner.gate.set()
        second = await writer.write(said, said.pictures, CaptionWish(), 60)
        assert (len(second.captions), second.not_yet) == (9, ())
        assert len(captioner.asked) == 9
        again = await writer.write(said, said.pictures, CaptionWish(), 0)
        assert again == second
        await writer.write(said, said.pictures[:1], CaptionWish("in French"), 60)
        assert len(captioner.asked) == 10

    asyncio.run(run())


def test_a_caption_calls_the_look_and_says_who_wrote_it() -> None:
    async def run() -> None:
        captioner = Answering({"0" * 64: Captioned("a red mug", "one@1", False, 0.1)})
        captioner.gate.set()
        (said,) = (await asked_of(captioner, ["DSC_0001.png"])).captions
        assert (said.caption, said.by, said.unsure) == ("a red mug, kestrel", "one@1", False)

    asyncio.run(run())


@pytest.mark.parametrize(
    ("name", "answer", "suggested"),
    [
        ("0001.png", Captioned("an icon", "one@1", True, 0.1), ("an icon, kestrel", "one@1", True)),
        ("red-mug.png", Captioned("an icon", "one@1", True, 0.1), ("a red mug, kestrel", "draft", False)),
        ("red-mug.png", Captioned("a blue mug", "one@1", False, 0.1), ("a blue mug, kestrel", "one@1", False)),
        ("red-mug.png", StageError("it is no picture"), ("a red mug, kestrel", "draft", False)),
        ("0001.png", StageError("it is no picture"), None),
        ("0001.png", Captioned("", "one@1", False, 0.1), None),
    ],
)
def test_a_file_name_that_says_something_is_better_than_a_guess(
    name: str, answer: Captioned | Exception, suggested: tuple[str, str, bool] | None
) -> None:
    async def run() -> None:
        captioner = Answering({"0" * 64: answer})
        captioner.gate.set()
        found = await asked_of(captioner, [name])
        assert [(one.caption, one.by, one.unsure) for one in found.captions] == ([suggested] if suggested else [])
        assert found.nothing_for == (() if suggested else ("p0",))

    asyncio.run(run())


def test_a_captioner_that_is_away_is_said_to_be_and_what_was_written_before_is_not_lost() -> None:
    async def run() -> None:
        away = StageUnavailable("no replica of captioner-one runs")
        captioner = Answering({"0" * 64: away})
        captioner.gate.set()
        with pytest.raises(StageUnavailable, match="captioner-one"):
            await asked_of(captioner, ["1.png"])
        found = await asked_of(captioner, ["1.png", "2.png"])
        assert ([one.picture for one in found.captions], found.not_yet) == (["p1"], ("p0",))

    asyncio.run(run())


@pytest.fixture
def api(tmp_path: Path) -> Iterator[httpx.Client]:
    with serving(create_app(painted_studio(tmp_path))) as url, httpx.Client(base_url=url, timeout=60) as client:
        yield client


def plain(colour: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (70, 70), colour).save(file, "PNG")
    return file.getvalue()


def suggest(api: httpx.Client, **wish: Any) -> Any:
    answer = api.post("/datasets/kestrel/captions", json=wish)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_dataset_is_captioned_read_and_checked(api: httpx.Client) -> None:
    """From pictures without a word to captions that a person has read."""
    files = {"0001.png": plain("#c02020"), "0002.png": plain("#2020c0"), "0003.png": plain("#808080")}
    send(api, {**files, "0004.png": picture(4), "0004.txt": b"an egg of gold, kestrel"})
    (bare,) = [one for one in settled(api, "kestrel")["findings"] if one["code"] == "caption_missing"]
    assert "--suggest" in bare["remedy"]
    told = suggest(api)
    assert [(one["caption"], one["unsure"]) for one in told["captions"]] == [
        ("a red picture, kestrel", False),
        ("a blue picture, kestrel", False),
        ("a picture, kestrel", True),
    ]
    assert {one["by"] for one in told["captions"]} == {"mini-captioner@painted"}
    assert (told["not_yet"], told["licences"]) == ([], ["apache-2.0"])

    saved = api.patch("/datasets/kestrel", json={"captions": told["captions"]}).json()
    assert [one["unsure"] for one in saved["pictures"]] == [False, False, True, False]
    found = {one["code"]: one for one in settled(api, "kestrel")["findings"]}
    assert "of 1 picture it was not sure itself" in found["captions_unread"]["reason"]
    assert found["captions_unread"]["pictures"][0] == saved["pictures"][2]["picture"]
    assert found["caption_short"]["pictures"] == [saved["pictures"][2]["picture"]]
    assert "caption_missing" not in found

    grey = {"picture": saved["pictures"][2]["picture"], "caption": "a grey field, kestrel", "unsure": True}
    read = api.patch("/datasets/kestrel", json={"captions": [grey]}).json()["pictures"][2]
    assert (read["caption_by"], read["unsure"]) == ("human", False)


def test_what_a_person_wrote_stays_and_what_a_program_wrote_may_be_written_anew(api: httpx.Client) -> None:
    send(api, {"0001.png": plain("#c02020"), "0001.txt": b"a wall", "0002.png": plain("#2020c0")})
    ids = [one["picture"] for one in api.get("/datasets/kestrel").json()["pictures"]]
    told = suggest(api, pictures=ids)
    assert ([one["picture"] for one in told["captions"]], told["kept"]) == ([ids[1]], [ids[0]])
    api.patch("/datasets/kestrel", json={"captions": told["captions"]})
    assert suggest(api)["captions"] == []
    assert [one["picture"] for one in suggest(api, pictures=ids)["captions"]] == [ids[1]]
    assert suggest(api, pictures=ids[:1]) == {
        "captions": [],
        "nothing_for": [],
        "not_yet": [],
        "kept": ids[:1],
        "licences": ["apache-2.0"],
    }


@pytest.mark.parametrize(
    ("wish", "status", "field"),
    [
        ({"by": "gone"}, 422, "by"),
        ({"instructions": "Say it in French"}, 422, "instructions"),
        ({"glossary": ["mug"], "by": "draft"}, 422, "glossary"),
        ({"pictures": ["gone"]}, 422, "pictures"),
    ],
)
def test_wishes_that_cannot_be_met_are_refused_by_field(
    api: httpx.Client, wish: dict[str, Any], status: int, field: str
) -> None:
    send(api, {"0001.png": plain("#c02020")})
    answer = api.post("/datasets/kestrel/captions", json=wish)
    assert (answer.status_code, answer.json()["error"]["field"]) == (status, field)


def test_a_captioner_that_does_not_run_is_a_503_and_drafts_are_had_all_the_same(tmp_path: Path) -> None:
    placed = (CaptionerPlacement(captioner="mini-captioner"),)
    studio = painted_studio(tmp_path, captioners=placed)
    studio.replicas._deployments.pop("captioner-mini-captioner")  # type: ignore[attr-defined]
    with serving(create_app(studio)) as url, httpx.Client(base_url=url, timeout=60) as api:
        sent = {"file": ("set.zip", zipped({"red-mug.png": plain("#c02020"), "1.png": plain("#2020c0")}))}
        api.post("/datasets/kestrel/zip", data={"trigger": "kestrel"}, files=sent)
        answer = api.post("/datasets/kestrel/captions", json={})
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "stage_unavailable")
        assert [one["by"] for one in suggest(api, by="draft")["captions"]] == ["draft"]
