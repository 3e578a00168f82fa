"""POST /verify: files of the studio, files that were changed, and files of others."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from configs.credentials import CredentialsConfig
from deployments.provenance.certificate import make_chain, read_certificate
from deployments.provenance.containers import find_spans
from deployments.provenance.removing import unsigned
from deployments.provenance.signatory import Signatory
from router.studio import VERIFIED_AT_ONCE
from tests.deployments.provenance.samples import a_signatory, written
from tests.router.calls import submit, wait
from tests.studio import running_studio

CHAIN, KEY = make_chain()


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("verify")
    (folder / "chain.pem").write_bytes(CHAIN)
    (folder / "key.pem").write_bytes(KEY)
    chain, key = str(folder / "chain.pem"), str(folder / "key.pem")
    credentials = CredentialsConfig(certificate=chain, key=key, trusted=chain)
    with running_studio(folder, credentials=credentials) as url, httpx.Client(base_url=url, timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def picture(api: httpx.Client) -> dict[str, Any]:
    wishes = {"quality": "draft", "formats": ["png", "webp"], "seed": 7}
    job = wait(api, submit(api, **wishes))
    image: dict[str, Any] = job["images"][0]
    return image | {"job_id": job["job_id"]}


@pytest.fixture(scope="module")
def file(api: httpx.Client, picture: dict[str, Any]) -> bytes:
    return api.get(picture["url"]).content


def verified(api: httpx.Client, file: bytes) -> dict[str, Any]:
    answer = api.post("/verify", files={"file": ("a.png", file)})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_file_of_this_studio_is_known_with_its_recipe_and_its_licence(
    api: httpx.Client, picture: dict[str, Any], file: bytes
) -> None:
    found = verified(api, file)
    assert (found["integrity"], found["made"], found["format"]) == ("unchanged", "model", "png")
    assert found["issuer"]["trusted"] is True
    assert found["picture"] == {
        "asset_id": picture["asset_id"],
        "picture": f"{picture['job_id']}/0",
        "format": "png",
        "same_bytes": True,
    }
    assert (found["recipe"]["seed"], found["recipe"]["prompt"]) == (7, "a red bicycle")
    assert set(found["licence"]) == {"licences", "reference", "internal", "product"}
    assert found["licence"]["reference"]
    assert "A model made this picture" in found["sentence"]
    assert "a trusted issuer" in found["sentence"]


def test_one_byte_that_is_changed_is_said(api: httpx.Client, file: bytes) -> None:
    changed = bytearray(file)
    changed[-100] ^= 1
    found = verified(api, bytes(changed))
    assert found["integrity"] == "changed"
    assert "changed after it had been signed" in found["sentence"]
    assert "its pixels or texts are not those that were signed" in found["findings"]
    assert found["picture"]["same_bytes"] is False


def test_a_signature_that_was_taken_out_is_said_and_nothing_else_was_changed(api: httpx.Client, file: bytes) -> None:
    found = verified(api, unsigned(file))
    assert (found["integrity"], found["issuer"], found["made"]) == ("signature removed", None, "model")
    assert found["picture"]["format"] == "png"


def test_a_picture_that_was_saved_anew_is_unsigned_and_is_not_one_of_its_files(api: httpx.Client, file: bytes) -> None:
    image, anew = Image.open(io.BytesIO(file)), io.BytesIO()
    info = PngInfo()
    for key, value in image.info.items():
        if isinstance(value, str):
            info.add_text(str(key), value)
    image.rotate(1).save(anew, "PNG", pnginfo=info)
    found = verified(api, anew.getvalue())
    assert (found["integrity"], found["picture"]["format"]) == ("unsigned", "")
    assert "is not one of its files" in found["sentence"]


def test_a_file_of_another_studio_is_unchanged_and_its_issuer_is_not_trusted(api: httpx.Client, tmp_path: Path) -> None:
    found = verified(api, written("webp", a_signatory(tmp_path)))
    assert (found["integrity"], found["picture"]) == ("unchanged", None)
    assert (found["issuer"]["trusted"], found["issuer"]["self_made"]) == (False, True)
    assert "untrusted issuer" in found["sentence"]


def test_a_certificate_that_expired_is_said_and_the_file_is_unchanged_all_the_same(api: httpx.Client) -> None:
    ends = datetime.now(UTC) + timedelta(seconds=4)
    chain, key = make_chain(ends - timedelta(days=3650))  # for which it makes one
    file = written("png", Signatory(read_certificate(chain, "a chain"), key))
    time.sleep(max(0.0, (ends - datetime.now(UTC)).total_seconds()) + 1)
    found = verified(api, file)
    assert (found["integrity"], found["issuer"]["expired"]) == ("unchanged", True)
    assert any("certificate" in one and ("expired" in one or "time" in one) for one in found["findings"])


def test_a_file_of_another_program_is_told_with_its_words(api: httpx.Client) -> None:
    words = "a fox\nSteps: 20, Sampler: Euler, CFG scale: 7, Seed: 1, Size: 64x64"
    info, png = PngInfo(), io.BytesIO()
    info.add_text("parameters", words)
    Image.new("RGB", (8, 8)).save(png, "PNG", pnginfo=info)
    found = verified(api, png.getvalue())
    assert (found["integrity"], found["made"], found["parameters"]) == ("unsigned", "unknown", words)


def test_svg_says_that_it_carries_no_signature(api: httpx.Client, tmp_path: Path) -> None:
    found = verified(api, written("svg", a_signatory(tmp_path)))
    assert (found["format"], found["integrity"], found["made"]) == ("svg", "unsigned", "model")
    assert "SVG files carry a mark and a recipe, and no signature" in found["findings"]


def test_what_is_broken_is_said_to_be_and_breaks_nothing(api: httpx.Client, file: bytes) -> None:
    span = find_spans(file)[0]
    store = file[span.start : span.end + 4]
    broken = {
        "breaks off": file[: span.start + 1500],
        "two manifests": file[: span.end + 4] + store + file[span.end + 4 :],
        "nonsense": file[: span.content + 60] + bytes(span.end - span.content - 60) + file[span.end :],
    }
    for name, data in broken.items():
        assert verified(api, data)["integrity"] in ("unreadable", "changed"), name
    assert "2 manifests" in " ".join(verified(api, broken["two manifests"])["findings"])
    assert verified(api, b"what is no picture")["integrity"] == "unsigned"


def _png_saying(text: str) -> bytes:
    info, png = PngInfo(), io.BytesIO()
    info.add_text("atelier", text)
    Image.new("RGB", (1, 1)).save(png, "PNG", pnginfo=info)
    return png.getvalue()


def _avif_without_an_item() -> bytes:
    avif = io.BytesIO()
    Image.new("RGB", (8, 8)).save(avif, "AVIF")
    return avif.getvalue().replace(b"pitm", b"free")


@pytest.mark.parametrize(
    "data",
    [_png_saying("[" * 200_000), _png_saying('{"a":' * 200_000), _avif_without_an_item(), b"<svg>" + b"<a>" * 200_000],
    ids=["nested lists", "nested objects", "AVIF without an item", "nested elements"],
)
def test_what_would_make_a_reader_fall_is_a_file_without_a_recipe(api: httpx.Client, data: bytes) -> None:
    found = verified(api, data)
    assert (found["integrity"], found["recipe"], found["parameters"]) == ("unsigned", None, None)


def test_many_files_at_once_wait_for_each_other(api: httpx.Client, file: bytes) -> None:
    """Each is read in a process of its own, which may take much memory."""
    most, done = 0, threading.Event()

    def count() -> None:
        nonlocal most
        while not done.wait(0.01):
            most = max(most, sum(_reads_credentials(one) for one in psutil.Process().children()))

    watch = threading.Thread(target=count)
    watch.start()
    try:
        with ThreadPoolExecutor(4 * VERIFIED_AT_ONCE) as pool:
            told = list(pool.map(lambda _: verified(api, file)["integrity"], range(4 * VERIFIED_AT_ONCE)))
    finally:
        done.set()
        watch.join()
    assert told == ["unchanged"] * len(told)
    assert 1 <= most <= VERIFIED_AT_ONCE


def _reads_credentials(process: psutil.Process) -> bool:
    try:
        return "deployments.provenance.reader" in process.cmdline()
    except psutil.Error:  # it has ended
        return False


def test_a_recipe_of_somebody_who_lies_is_not_believed(api: httpx.Client, picture: dict[str, Any], file: bytes) -> None:
    """Another picture with the recipe of one of ours."""
    info, forged = PngInfo(), io.BytesIO()
    info.add_text("atelier", str(Image.open(io.BytesIO(file)).info["atelier"]))
    Image.new("RGB", (64, 64), "red").save(forged, "PNG", pnginfo=info)
    found = verified(api, forged.getvalue())
    assert found["picture"]["asset_id"] == picture["asset_id"]
    assert (found["picture"]["format"], found["integrity"]) == ("", "unsigned")


@pytest.mark.parametrize(("size", "status"), [(0, 422), (60 * 2**20, 413)])
def test_nothing_and_too_much_are_refused(api: httpx.Client, size: int, status: int) -> None:
    assert api.post("/verify", files={"file": ("a.png", bytes(size))}).status_code == status


def test_a_private_picture_tells_its_words_to_who_may_see_its_recipe_and_to_no_file(api: httpx.Client) -> None:
    words = {"prompt": "an unannounced zeppelin", "quality": "draft", "formats": ["png", "webp"], "private": True}
    job = wait(api, submit(api, **words))
    assert job["private"] is True
    image = job["images"][0]
    for one in image["files"]:
        assert b"zeppelin" not in api.get(one["url"]).content
    found = verified(api, api.get(image["url"]).content)
    assert (found["private"], found["recipe"]["prompt"]) == (True, "")
    recipe = api.get(f"/images/{image['asset_id']}/recipe").json()
    assert (recipe["prompt"], recipe["private"], recipe["request"]["private"]) == (words["prompt"], True, True)
