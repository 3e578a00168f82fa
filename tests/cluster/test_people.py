"""People in the real studio: an issuer that signs, the command line that signs in with it, and two people and an admin
who draw, find, share and are kept from what is not theirs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.cluster.conftest import Cluster, running_cluster
from tests.oidc.server import TENANT, OidcServer, claims_of, running_oidc

pytestmark = pytest.mark.cluster
ICON = {"prompt": "a red bicycle", "asset_type": "product_illustration", "quality": "draft", "formats": ["png"]}
ENDED = ("complete", "failed", "canceled")


def sign_in_lines(oidc: OidcServer) -> str:
    """What a profile says of the issuer."""
    issuer = {"issuer": oidc.entra_template, "tenants": [TENANT], "audience": "api://studio"}
    issuer |= {"scope": "access_as_user", "admins": ["oid-boss"]}
    return f"sign_in: {json.dumps({'mode': 'oidc', 'issuers': [issuer]})}\n"


@dataclass(frozen=True)
class Someone:
    """A person with a token of the issuer, and what they ask the studio with."""

    api: httpx.Client
    id: str

    def call(self, method: str, path: str, status: int = 200, **body: Any) -> Any:
        answer = self.api.request(method, path, json=body or None)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def draw(self, **body: Any) -> dict[str, Any]:
        """A finished job."""
        job = self.call("POST", "/generate", 202, **(ICON | body))["job_id"]
        return wait(self, job)


def wait(someone: Someone, job_id: str) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        job: dict[str, Any] = someone.call("GET", f"/jobs/{job_id}")
        if job["status"] in ENDED:
            return job
        time.sleep(0.1)
    raise AssertionError(f"the job did not end: {job}")


@pytest.fixture(scope="module")
def oidc() -> Iterator[OidcServer]:
    with running_oidc() as server:
        yield server


@pytest.fixture(scope="module")
def studio(oidc: OidcServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running_cluster(tmp_path_factory.mktemp("people"), sign_in_lines(oidc)) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def enter(studio: Cluster, oidc: OidcServer) -> Iterator[Callable[[str], Someone]]:
    """Signs somebody in with the issuer, in the space brand once there is one."""
    clients = list[httpx.Client]()

    def sign_in(name: str) -> Someone:
        token = oidc.sign("entra", claims_of(name))
        clients.append(
            httpx.Client(base_url=studio.api.base_url, headers={"Authorization": f"Bearer {token}"}, timeout=30)
        )
        return Someone(clients[-1], clients[-1].get("/me").raise_for_status().json()["id"])

    yield sign_in
    for client in clients:
        client.close()


@pytest.fixture(scope="module")
def boss(enter: Callable[[str], Someone]) -> Someone:
    return enter("boss")


@pytest.fixture(scope="module")
def ana(enter: Callable[[str], Someone], boss: Someone) -> Someone:
    """Of the space brand, in which she works."""
    return join(boss, enter("ana"))


@pytest.fixture(scope="module")
def ben(enter: Callable[[str], Someone], boss: Someone, ana: Someone) -> Someone:
    """Her colleague."""
    return join(boss, enter("ben"))


@pytest.fixture(scope="module")
def eve(enter: Callable[[str], Someone]) -> Someone:
    """Of no space."""
    return enter("eve")


def join(boss: Someone, someone: Someone) -> Someone:
    boss.api.post("/spaces", json={"id": "brand"})
    boss.call("PUT", f"/spaces/brand/members/{someone.id}", role="member")
    someone.api.headers["X-Atelier-Space"] = "brand"
    return someone


@pytest.fixture(scope="module")
def command(studio: Cluster, ana: Someone, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """`atelier`, signed in as ana: she has typed the code that it shows on a page where she is signed in."""
    folder = tmp_path_factory.mktemp("atelier")
    environment = {**os.environ, "ATELIER_CONFIG": str(folder), "ATELIER_SPACE": "brand"}
    url = str(studio.api.base_url)

    def start(*words: str) -> subprocess.Popen[str]:
        line = [sys.executable, "-m", "atelier", *words, "--url", url]
        pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(line, cwd=folder, env=environment, **pipes)

    def run(*words: str) -> Any:
        told, complaints = start(*words, "--json").communicate(timeout=60)
        assert told, complaints
        return json.loads(told)

    login = start("login")
    assert login.stderr is not None
    code = next(found[0] for line in login.stderr if (found := re.search(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b", line)))
    ana.call("POST", "/auth/device/approve", user_code=code)
    told, _ = login.communicate(timeout=30)
    assert (login.returncode, told) == (0, "You are signed in as Ana.\n")
    return run


@pytest.fixture(scope="module")
def picture(command: Callable[..., Any]) -> str:
    """That ana has drawn from the command line."""
    words = ["--asset-type", "product_illustration", "--quality", "draft", "--format", "png"]
    job = command("generate", "a red bicycle", *words)
    id: str = job["images"][0]["asset_id"]
    return id


def test_the_command_line_draws_as_who_let_it_in_and_finds_it_again(
    command: Callable[..., Any], ana: Someone, picture: str
) -> None:
    me = command("whoami")
    assert (me["id"], me["how"], me["spaces"]) == (ana.id, "device", ["brand", "home"])
    assert [one["asset_id"] for one in command("history", "bicycle")["images"]] == [picture]
    command("favourite", picture)
    assert ana.call("GET", "/history?q=bicycle&favourite=true")["images"][0]["asset_id"] == picture
    assert ana.call("GET", "/history?q=umbrella")["images"] == []


def test_a_link_opens_for_anybody_until_it_is_revoked(studio: Cluster, ana: Someone, picture: str) -> None:
    collection = ana.call("POST", "/collections", 201, name="Spring")["id"]
    ana.call("POST", f"/collections/{collection}/items", asset_ids=[picture])
    link = ana.call("POST", f"/collections/{collection}/links", 201, days=1)
    shown = studio.api.get(link["url"])
    file = shown.json()["images"][0]["files"][0]["url"]
    assert Image.open(BytesIO(studio.api.get(file).content)).size == (128, 128)
    assert ana.id not in shown.text
    assert "bicycle" not in shown.text
    ana.call("DELETE", f"/links/{link['id']}", 204)
    assert [studio.api.get(url).status_code for url in (link["url"], file)] == [410, 410]


def test_a_colleague_sees_it_and_a_stranger_does_not(ana: Someone, ben: Someone, eve: Someone, picture: str) -> None:
    assert ben.call("GET", f"/images/{picture}")["owner"] == ana.id
    for someone, status in ((ben, 403), (eve, 404)):
        someone.call("PUT", f"/images/{picture}/tags", status, tags=["mine"])
        someone.call("DELETE", f"/images/{picture}", status)
        someone.call("POST", f"/images/{picture}/links", status, days=1)
    eve.call("GET", f"/images/{picture}", 404)
    eve.call("GET", f"/pictures/{picture}", 404)
    eve.call("POST", "/tweak", 422, asset_id=picture, prompt="mine")
    assert eve.call("GET", "/images")["images"] == []


def test_a_key_that_may_look_does_not_draw(studio: Cluster, ana: Someone, picture: str) -> None:
    key = ana.call("POST", "/me/keys", 201, name="a wall", scopes=["images:read"])["key"]
    headers = {"Authorization": f"Bearer {key}"}
    assert studio.api.get(f"/images/{picture}", headers=headers).status_code == 200
    refused = studio.api.post("/generate", json=ICON, headers=headers)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "forbidden")


def test_a_quota_of_one_picture_is_one_picture(boss: Someone, ben: Someone) -> None:
    boss.call("PUT", f"/quotas/user/{ben.id}", pictures_per_day=1)
    assert ben.draw()["status"] == "complete"
    refused = ben.api.post("/generate", json=ICON)
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "quota_reached")
    assert 0 < int(refused.headers["Retry-After"]) <= 86_400
    boss.call("DELETE", f"/quotas/user/{ben.id}")


def test_who_is_shut_out_is_out_and_their_job_is_done(enter: Callable[[str], Someone], boss: Someone) -> None:
    gus = enter("gus")
    job = gus.call("POST", "/generate", 202, **ICON, num_variations=4)["job_id"]
    boss.call("PATCH", f"/people/{gus.id}", active=False)
    gus.call("GET", f"/jobs/{job}", 403)
    ended = wait(boss, job)
    assert (ended["status"], ended["images_completed"]) == ("complete", 4)
    gus.call("POST", "/generate", 403, **ICON)


def test_what_is_made_of_an_unknown_picture_is_for_no_product_until_somebody_says_whose_it_is(ana: Someone) -> None:
    file = BytesIO()
    Image.radial_gradient("L").convert("RGB").resize((96, 96)).save(file, "PNG")
    brought = ana.api.post("/pictures", files={"file": ("photo.png", file.getvalue())}).json()["picture_id"]
    image = ana.draw(image=brought, strength=0.5)["images"][0]["asset_id"]
    refused = ana.call("GET", f"/pictures/{image}?use=product", 403)["error"]
    assert (refused["code"], len(refused["parts"])) == ("licence_restricted", 1)
    assert ana.api.get(f"/pictures/{image}?use=reference").status_code == 200
    ana.call("PATCH", f"/pictures/{brought}", right="own", source="our photographer")
    assert ana.api.get(f"/pictures/{image}?use=product").status_code == 200


def test_all_of_that_is_in_the_audit_and_no_secret(
    boss: Someone, ana: Someone, ben: Someone, picture: str, command: Callable[..., Any]
) -> None:
    text = boss.api.get("/audit.jsonl").raise_for_status().text
    lines = [json.loads(line) for line in text.splitlines()]
    assert [line["seq"] for line in lines] == list(range(lines[0]["seq"], lines[0]["seq"] + len(lines)))
    done = {line["action"] for line in lines}
    expected = "space.create space.member share.create share.revoke key.create device.approve principal.create"
    expected += " principal.deactivate quota.set quota.remove licence.state"
    assert not set(expected.split()) - done, done
    assert {ana.id, boss.id} <= {line["who"] for line in lines}
    assert not re.search("ak_|at_|rt_|Bearer|bicycle", text)
    ana.call("GET", "/audit", 403)
