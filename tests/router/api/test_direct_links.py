"""Links to the file store itself: for the file that was asked for, by the name and type that it has, and no longer than
the profile says. Azurite checks signatures and times; S3's are held against botocore's, which moto does not check."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from azure.storage.blob import UserDelegationKey
from fastapi.testclient import TestClient

from configs.direct_links import DirectLinks
from configs.errors import ConfigError
from deployments.blobs.azure_links import AzureSigner
from deployments.blobs.direct_links import LinkedFile, LinkMaker, open_links
from deployments.blobs.s3_links import S3Signer
from deployments.blobs.store import BlobStore
from router.api.app import create_app
from tests.azurite.server import Azurite, running_azurite
from tests.moto.server import running_s3
from tests.router.calls import until
from tests.studio import painted_studio

pytestmark = pytest.mark.slow

ON = DirectLinks(enabled=True)
PNG = LinkedFile("studio/sha256/ab/abcd", "image/png", "a fox é.png")
NOW = datetime(2026, 12, 1, 4, 0, tzinfo=UTC)
KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}


@pytest.fixture(scope="module")
def azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Azurite]:
    with running_azurite(tmp_path_factory.mktemp("azurite")) as server:
        server.create("pictures")
        yield server


@pytest.fixture(params=["az://pictures/studio", "s3://pictures/studio"])
def api(
    request: pytest.FixtureRequest, azurite: Azurite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[TestClient]:
    url: str = request.param
    with ExitStack() as stack:
        environment = azurite.environment
        if url.startswith("s3:"):
            s3 = stack.enter_context(running_s3(tmp_path))
            s3.create("pictures")
            environment = s3.environment
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        yield stack.enter_context(TestClient(create_app(painted_studio(tmp_path, blob_url=url, direct_links=ON))))


def drawn(api: TestClient) -> Any:
    """A picture."""
    job = api.post("/generate", json={"prompt": "a fox", "quality": "draft", "formats": ["png", "webp"]}).json()
    until(lambda: api.get(f"/jobs/{job['job_id']}").json()["status"] == "complete")
    return api.get(f"/jobs/{job['job_id']}").json()["images"][0]


def test_a_link_hands_out_the_file_that_the_route_does_and_no_other(api: TestClient) -> None:
    image = drawn(api)
    for file in image["files"]:
        url = httpx.URL(file["url"]).copy_merge_params({"direct": "true"})
        answer = api.get(str(url), follow_redirects=False)
        assert (answer.status_code, answer.headers["cache-control"]) == (307, "no-store")
        found = httpx.get(answer.headers["location"])
        assert found.status_code == 200, found.text
        assert found.content == api.get(file["url"]).content
        assert found.headers["content-type"] == file["media_type"]
        name = f"icon-{image['seed']}.{file['format']}"
        assert found.headers["content-disposition"] == f'attachment; filename="{name}"'
    job = image["url"].split("/")[-3]
    for path in (f"/jobs/{job}/images/7.png", f"/jobs/{job}x/images/0.png"):
        answer = api.get(path, params={"direct": "true"}, follow_redirects=False)
        assert (answer.status_code, "location" in answer.headers) == (404, False), "all is checked first"


def test_a_link_ends_and_opens_no_other_file(azurite: Azurite, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in azurite.environment.items():
        monkeypatch.setenv(name, value)
    blobs = BlobStore.open("az://pictures", tmp_path)
    one, other = (asyncio.run(blobs.put(data)) for data in (b"one", b"other"))
    live = open_links("az://pictures", 60, azurite.environment).link(one, "image/png", "one.png")
    assert httpx.get(live).content == b"one"
    assert httpx.get(live.replace(f"{one[:2]}/{one}", f"{other[:2]}/{other}")).status_code == 403
    assert httpx.delete(live).status_code == 403, "it reads, and nothing else"
    ago = datetime.now(UTC) - timedelta(hours=1)
    old = LinkMaker(AzureSigner("pictures", azurite.environment, clock=lambda: ago), "", 60)
    assert httpx.get(old.link(one, "image/png", "one.png")).status_code == 403
    assert httpx.get(live.replace("rsct=image/png", "rsct=text/html")).status_code == 403, "nor is it of another type"


@pytest.mark.parametrize("token", ["", "a+token/of=a=session"])
def test_links_to_s3_are_those_that_botocore_makes(token: str) -> None:
    environment = KEYS | {"AWS_REGION": "eu-west-1"} | ({"AWS_SESSION_TOKEN": token} if token else {})
    ours = S3Signer("pictures", environment | {"AWS_ENDPOINT_URL": "https://s3.example:9000"}, lambda: NOW)
    assert _parts(ours.sign(PNG, 300)) == _parts(_by_botocore(environment))


def _parts(url: str) -> tuple[str, dict[str, str]]:
    parsed = httpx.URL(url)
    return f"{parsed.scheme}://{parsed.netloc.decode()}{parsed.path}", dict(parsed.params)


def _by_botocore(environment: dict[str, str]) -> str:
    """What the library of the test's S3 server makes, at `NOW`."""
    program = """
import datetime, json, sys
import botocore.auth, botocore.session
from botocore.config import Config
now = datetime.datetime(2026, 12, 1, 4, 0, tzinfo=datetime.timezone.utc)
for name in ("get_current_datetime",):
    if hasattr(botocore.auth, name):
        setattr(botocore.auth, name, lambda remove_tzinfo=True: now.replace(tzinfo=None) if remove_tzinfo else now)
said = json.load(sys.stdin)
client = botocore.session.get_session().create_client(
    "s3", endpoint_url="https://s3.example:9000",
    config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
)
print(client.generate_presigned_url("get_object", said, ExpiresIn=300))
"""
    said = {
        "Bucket": "pictures",
        "Key": PNG.path,
        "ResponseContentType": PNG.media_type,
        "ResponseContentDisposition": PNG.disposition,
    }
    python = Path(os.environ.get("VIRTUAL_ENV", Path(__file__).resolve().parents[3] / ".venv"), "s3/bin/python")
    around = {**environment, "AWS_DEFAULT_REGION": environment["AWS_REGION"]}
    command = [str(python), "-c", program]
    done = subprocess.run(command, input=json.dumps(said), env=around, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_azure_lends_a_key_for_a_day() -> None:
    asked: list[tuple[datetime, datetime]] = []

    def lend(start: datetime, until: datetime) -> UserDelegationKey:
        asked.append((start, until))
        key = UserDelegationKey()  # type: ignore[no-untyped-call]
        key.signed_oid, key.signed_tid = "oid", "tid"
        key.signed_start, key.signed_expiry = "2026-12-01T00:00:00Z", "2026-12-02T00:00:00Z"
        key.signed_service, key.signed_version, key.value = "b", "2025-05-05", "a2V5"
        return key

    now = [NOW]
    signer = AzureSigner("pictures", {"AZURE_STORAGE_ACCOUNT_NAME": "ours"}, lend, lambda: now[0])
    said = httpx.URL(signer.sign(PNG, 300))
    assert (said.host, said.path) == ("ours.blob.core.windows.net", "/pictures/studio/sha256/ab/abcd")
    told = {name: said.params[name] for name in ("sp", "sr", "spr", "skoid", "se", "rsct", "rscd")}
    assert told == {
        "sp": "r",
        "sr": "b",
        "spr": "https",
        "skoid": "oid",
        "se": "2026-12-01T04:05:00Z",
        "rsct": "image/png",
        "rscd": 'attachment; filename="a_fox__.png"',
    }
    now[0] += timedelta(hours=21)
    signer.sign(PNG, 300)
    assert len(asked) == 1
    now[0] += timedelta(hours=2)
    signer.sign(PNG, 300)
    assert [start for start, _ in asked] == [NOW - timedelta(minutes=5), now[0] - timedelta(minutes=5)]


@pytest.mark.parametrize(
    ("url", "environment", "message"),
    [
        (None, {}, "direct links need files in Azure or S3"),
        ("file:///tmp/pictures", {}, "direct links need files in Azure or S3"),
        ("s3://pictures", {"AWS_REGION": "eu-west-1"}, "AWS_SECRET_ACCESS_KEY"),
        ("az://pictures", {"AZURE_STORAGE_ACCOUNT_NAME": "a", "AZURE_STORAGE_ACCOUNT_KEY": "a2V5"}, "by an identity"),
    ],
)
def test_a_store_that_makes_none_is_refused_when_the_studio_starts(
    url: str | None, environment: dict[str, str], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=message):
        open_links(url, 300, environment)


def test_a_studio_that_makes_none_says_so(tmp_path: Path) -> None:
    with TestClient(create_app(painted_studio(tmp_path))) as api:
        url = httpx.URL(drawn(api)["url"]).copy_merge_params({"direct": "true"})
        answer = api.get(str(url), follow_redirects=False)
        assert (answer.status_code, answer.json()["error"]["field"]) == (422, "direct")
