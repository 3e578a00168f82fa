"""Pictures as inputs, from Python and from the command line: what is sent, before any studio is asked."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
import typer
from atelier import Atelier, errors
from atelier.async_client import AsyncAtelier
from atelier.cli import jobs
from atelier.cli.pictures import read_control, read_image_prompt
from atelier.events import ImageFinished, read_event
from atelier.models import Input, Job, Picture
from atelier.sse import Message

from tests.clients.test_requests import ACCEPTED, JOB, LICENCE, Server, error

PNG = b"\x89PNG and so on"
FINISHED = {
    "index": 1, "seed": 3, "width": 8, "height": 8, "licence": LICENCE, "files": [],
    "url": "https://blobs.example/elsewhere.png",
}  # fmt: skip
JOB_ID = "0198c0ffee00112233445566"


def accepted(request: httpx.Request) -> httpx.Response:
    return httpx.Response(202, json=ACCEPTED)


class PictureServer(Server):
    """Numbers the pictures that it is sent, and accepts every job."""

    def __init__(self) -> None:
        super().__init__()
        self.uploads: list[bytes] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if request.url.path != "/pictures":
            return accepted(request)
        self.uploads.append(request.content)
        picture = {"picture_id": f"pic_{len(self.uploads)}", "width": 8, "height": 8, "size_bytes": 9, "url": "/x"}
        return httpx.Response(201, json=picture)

    @property
    def job_request(self) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(self.requests[-1].content)
        return body


@pytest.fixture
def server() -> PictureServer:
    return PictureServer()


@pytest.fixture
def studio(server: PictureServer) -> Atelier:
    return Atelier("http://studio:8000", transport=httpx.MockTransport(server))


def test_what_is_local_is_uploaded_first_and_sent_by_name(
    studio: Atelier, server: PictureServer, tmp_path: Path
) -> None:
    face = tmp_path / "face.png"
    face.write_bytes(PNG)
    studio.submit("a lamp", image=face, mask=b"a mask", strength=0.4)
    assert server.job_request == {"prompt": "a lamp", "image": "pic_1", "mask": "pic_2", "strength": 0.4}
    assert b'name="file"; filename="face.png"' in server.uploads[0]
    assert PNG in server.uploads[0]
    assert b"a mask" in server.uploads[1]


def test_every_kind_of_input_is_sent_by_name(studio: Atelier, server: PictureServer, tmp_path: Path) -> None:
    for name in ("a.png", "b.png", "c.png"):
        (tmp_path / name).write_bytes(name.encode())
    studio.submit(
        "a lamp",
        references=[str(tmp_path / "a.png"), f"{JOB_ID}/0"],
        controls=[{"kind": "canny", "image": tmp_path / "b.png", "scale": 0.5}],
        image_prompts=[{"image": tmp_path / "c.png"}],
    )
    assert server.job_request["references"] == ["pic_1", f"{JOB_ID}/0"]
    assert server.job_request["controls"] == [{"kind": "canny", "image": "pic_2", "scale": 0.5}]
    assert server.job_request["image_prompts"] == [{"image": "pic_3"}]


def test_a_picture_that_is_used_twice_is_uploaded_once(studio: Atelier, server: PictureServer) -> None:
    studio.submit("a lamp", image=PNG, controls=[{"kind": "depth", "image": PNG}])
    assert len(server.uploads) == 1
    assert (server.job_request["image"], server.job_request["controls"][0]["image"]) == ("pic_1", "pic_1")


def test_what_the_studio_has_is_not_uploaded(studio: Atelier, server: PictureServer) -> None:
    uploaded = studio.upload(PNG)
    job = Job.model_validate({**JOB, "job_id": JOB_ID, "images": [FINISHED]})
    studio.submit("a lamp", image=uploaded, references=[job.images[0], "pic_77"])
    assert isinstance(uploaded, Picture)
    assert len(server.uploads) == 1
    assert (server.job_request["image"], server.job_request["references"]) == ("pic_1", [f"{JOB_ID}/1", "pic_77"])


def test_a_picture_of_an_event_can_be_used_at_once(studio: Atelier, server: PictureServer) -> None:
    event = {"job_id": JOB_ID, "seq": 4, "at": "2026-01-01T00:00:00Z", "payload": {"image": FINISHED}}
    finished = read_event(Message("job.image", json.dumps(event), "4"))
    assert isinstance(finished, ImageFinished)
    studio.submit("a lamp", image=finished.image)
    assert server.job_request["image"] == f"{JOB_ID}/1"


def test_a_file_that_is_not_there_is_named_and_nothing_sent(studio: Atelier, server: PictureServer) -> None:
    with pytest.raises(FileNotFoundError, match="no-such-face"):
        studio.submit("a lamp", image="no-such-face.png")
    assert server.requests == []


def test_an_upload_is_tried_again_and_its_refusal_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("atelier.client.time.sleep", lambda seconds: None)
    server = Server(httpx.ReadError("gone"), error(413, "too_large", field="file"))
    with pytest.raises(errors.TooLarge) as caught:
        Atelier("http://studio:8000", transport=httpx.MockTransport(server)).upload(PNG)
    assert caught.value.field == "file"
    assert [PNG in request.content for request in server.requests] == [True, True]


def test_the_async_client_uploads_too(server: PictureServer, tmp_path: Path) -> None:
    face = tmp_path / "face.png"
    face.write_bytes(PNG)

    async def main() -> None:
        async with AsyncAtelier("http://studio:8000", transport=httpx.MockTransport(server)) as studio:
            assert (await studio.upload(b"bytes")).picture_id == "pic_1"
            await studio.submit("a lamp", image=face)

    asyncio.run(main())
    assert server.job_request["image"] == "pic_2"
    assert PNG in server.uploads[1]


def test_a_scale_follows_the_last_at_sign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_control("canny=edges.png") == {"kind": "canny", "image": "edges.png"}
    assert read_control("canny=a=b@2x.png@0.6") == {"kind": "canny", "image": "a=b@2x.png", "scale": 0.6}
    assert read_image_prompt("icon@2x.png") == {"image": "icon@2x.png"}
    (tmp_path / "version@2").write_bytes(PNG)
    assert read_image_prompt("version@2") == {"image": "version@2"}


@pytest.mark.parametrize("text", ["canny", "canny=", "=edges.png"])
def test_a_control_without_kind_or_file_is_explained(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="KIND=FILE"):
        read_control(text)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"role": "image"}, " (40% redrawn)"),
        ({"role": "mask"}, ""),
        ({"role": "control", "kind": "depth", "scale": 1.0, "start": 0.0, "end": 1.0}, " (depth)"),
        (
            {"role": "control", "kind": "canny", "scale": 0.6, "start": 0.0, "end": 0.5},
            " (canny, x0.6, 0% to 50% of the steps)",
        ),
        ({"role": "image_prompt", "scale": 0.5}, " (x0.5)"),
    ],
)
def test_a_job_is_shown_with_what_was_said_of_its_pictures(given: dict[str, Any], words: str) -> None:
    assert jobs.how(Input(picture="pic_1", url="http://x", **given), 0.4) == words
