"""Signing in from Python and the command line, at a studio whose people sign in with a real issuer."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from atelier import AsyncAtelier, Atelier, errors
from atelier.models import DeviceCode

from router.api.app import create_app
from router.people.signing_in import devices
from tests.oidc.server import OidcServer, claims_of, running_oidc
from tests.router.people.doors import showing
from tests.router.people.signing_in.test_tokens import trusting
from tests.studio import painted_studio, serving

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def oidc() -> Iterator[OidcServer]:
    with running_oidc() as server:
        yield server


@pytest.fixture(scope="module")
def url(oidc: OidcServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(devices, "INTERVAL_SECONDS", 1)
        studio = painted_studio(tmp_path_factory.mktemp("signed-in"), sign_in=trusting(oidc))
        with serving(create_app(studio)) as url:
            yield url


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ATELIER_CONFIG", str(tmp_path / "config"))
    monkeypatch.delenv("ATELIER_TOKEN", raising=False)
    return tmp_path / "config"


@pytest.fixture
def ana(oidc: OidcServer) -> str:
    return oidc.sign("entra", claims_of("ana"))


def approve(url: str, user_code: str, token: str) -> None:
    sent = httpx.post(f"{url}/auth/device/approve", json={"user_code": user_code}, headers=showing(token))
    assert sent.status_code == 200, sent.text


def sign_in(url: str, token: str) -> None:
    with Atelier(url) as studio:
        me = studio.sign_in(lambda code: approve(url, code.user_code, token))
        assert (me.name, me.how) == ("Ana", "device")


def stored(config: Path) -> dict[str, Any]:
    ((_, found),) = json.loads((config / "sign-in.json").read_text()).items()
    return dict(found)


def grow_old(config: Path) -> None:
    """As it is at the end of an hour."""
    file = config / "sign-in.json"
    said = json.loads(file.read_text())
    file.write_text(json.dumps({name: one | {"ends_at": time.time() + 5} for name, one in said.items()}))


def test_a_sign_in_is_kept_for_all_programs_of_its_user(url: str, ana: str, config: Path) -> None:
    with Atelier(url) as studio, pytest.raises(errors.NotSignedIn, match="atelier login"):
        studio.me()
    sign_in(url, ana)
    file = config / "sign-in.json"
    assert file.stat().st_mode & 0o777 == 0o600
    assert config.stat().st_mode & 0o777 == 0o700
    with Atelier(url) as studio:
        job = studio.wait(studio.generate("a red bicycle", quality="draft"))
        assert studio.content(job.images[0])
        assert studio.sign_out()
        assert not studio.sign_out()
        with pytest.raises(errors.NotSignedIn):
            studio.me()
    assert json.loads(file.read_text()) == {}


def test_a_token_that_ends_is_replaced_before_it_is_shown(url: str, ana: str, config: Path) -> None:
    sign_in(url, ana)
    first = stored(config)
    grow_old(config)
    with Atelier(url) as studio:
        assert studio.me().name == "Ana"
    second = stored(config)
    assert second["access_token"] != first["access_token"]
    grow_old(config)

    async def ask() -> list[str]:
        async with AsyncAtelier(url) as studio:
            return [me.name for me in await asyncio.gather(*(studio.me() for _ in range(8)))]

    assert asyncio.run(ask()) == ["Ana"] * 8
    assert stored(config)["access_token"] != second["access_token"]
    assert not list(config.glob("*.lock"))


def test_many_programs_that_find_it_old_replace_it_once(url: str, ana: str, config: Path) -> None:
    sign_in(url, ana)
    for _ in range(3):
        grow_old(config)
        began = threading.Barrier(6)

        def ask() -> str:
            with Atelier(url) as studio:
                began.wait()  # noqa: B023
                return studio.me().name

        with ThreadPoolExecutor(6) as programs:
            assert [one.result() for one in [programs.submit(ask) for _ in range(6)]] == ["Ana"] * 6


def test_one_that_was_shut_out_says_to_sign_in_again(url: str, ana: str, config: Path) -> None:
    sign_in(url, ana)
    for device in httpx.get(f"{url}/me/devices", headers=showing(ana)).json()["devices"]:
        httpx.delete(f"{url}/me/devices/{device['id']}", headers=showing(ana))
    grow_old(config)
    with Atelier(url) as studio, pytest.raises(errors.NotSignedIn, match="sign in"):
        studio.me()
    assert json.loads((config / "sign-in.json").read_text()) == {}, "it is shown to nobody again"


def test_a_token_goes_before_what_is_stored(
    url: str, ana: str, oidc: OidcServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(url, ana)
    ben = oidc.sign("entra", claims_of("ben"))
    with Atelier(url, token=ben) as studio:
        assert studio.me().name == "Ben"
        key = studio.create_key("ci", ["images:read"], days=1)
        assert [one.id for one in studio.api_keys()] == [key.id]
    with Atelier(url, key.key) as studio:
        assert (studio.me().how, studio.me().scopes) == ("key", ("images:read",))
        with pytest.raises(errors.NotAllowed, match="scope images:write"):
            studio.submit("a lamp")
    monkeypatch.setenv("ATELIER_TOKEN", f" {key.key}\n")
    with Atelier(url) as studio:
        assert studio.me().how == "key"
        with Atelier(url, token=ben) as theirs:
            theirs.revoke_key(key)
        with pytest.raises(errors.NotSignedIn):
            studio.me()


def test_what_is_stored_is_shown_to_its_studio_only(url: str, ana: str, config: Path) -> None:
    sign_in(url, ana)
    asked: list[httpx.Request] = []

    def elsewhere(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={"status": "ok", "version": "1"})

    with Atelier("http://127.0.0.1:1", transport=httpx.MockTransport(elsewhere)) as studio:
        studio.health()
    assert "Authorization" not in asked[0].headers
    assert url in (config / "sign-in.json").read_text()


@pytest.mark.parametrize("rubbish", ["", "[]", "{", '{"URL": 1}', '{"URL": {"access_token": 1}}', "\x00"])
def test_a_file_that_says_nothing_is_no_sign_in(url: str, config: Path, rubbish: str) -> None:
    config.mkdir()
    (config / "sign-in.json").write_text(rubbish.replace("URL", url))
    with Atelier(url) as studio, pytest.raises(errors.NotSignedIn):
        studio.me()


def atelier(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "ATELIER_URL": url, "NO_COLOR": "1", "COLUMNS": "100"}
    command = [sys.executable, "-m", "atelier", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_the_command_signs_in_and_out(url: str, ana: str, config: Path) -> None:
    environment = {**os.environ, "ATELIER_URL": url, "NO_COLOR": "1"}
    command = [sys.executable, "-m", "atelier", "login"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as login:
        assert login.stderr is not None
        told = "".join(login.stderr.readline() for _ in range(2))
        found = re.search(r"^\s+([B-Z2-9]{4}-[B-Z2-9]{4})$", told, re.MULTILINE)
        assert found is not None, told
        assert f"{url}/device" in told
        approve(url, found[1], ana)
        assert login.stdout is not None
        assert login.stdout.read() == "You are signed in as Ana.\n"
    assert login.returncode == 0
    who = atelier(url, "whoami", "--json")
    assert json.loads(who.stdout)["name"] == "Ana"
    assert "designer" in atelier(url, "whoami").stdout
    made = json.loads(atelier(url, "keys", "create", "ci", "--scope", "images:read", "--json").stdout)
    listed = atelier(url, "keys", "list")
    assert made["id"] in listed.stdout
    assert made["key"] not in listed.stdout + listed.stderr
    assert atelier(url, "keys", "revoke", made["id"]).returncode == 0
    assert "revoked" in atelier(url, "keys", "list").stdout
    assert atelier(url, "logout").stdout == "You are signed out.\n"
    refused = atelier(url, "whoami")
    assert refused.returncode == 1
    assert "sign in first" in refused.stderr


def test_nobody_waits_for_ever(url: str) -> None:
    shown: list[DeviceCode] = []

    def show(code: DeviceCode) -> None:
        shown.append(code)
        expire(url, code)

    with Atelier(url) as studio, pytest.raises(errors.InvalidRequest, match="begin anew"):
        studio.sign_in(show)
    assert shown[0].expires_in == 600


def expire(url: str, code: DeviceCode) -> None:
    """Use it up, as its time does."""
    for _ in range(5):
        httpx.post(f"{url}/auth/device/token", json={"device_code": code.device_code, "code_verifier": "w" * 43})
