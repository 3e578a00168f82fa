"""A studio behind a reverse proxy, below a path: every link that it gives leads back through the proxy."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from pydantic import ValidationError

from configs.profile import ProfileConfig
from router.api.app import create_app
from tests.proxy import proxied
from tests.router.calls import follow, wait
from tests.router.pictures.test_pictures import encoded, photo
from tests.short_form import examples
from tests.studio import painted_studio, running_studio, serving

pytestmark = pytest.mark.slow

WAYS = ["stripped", "left there", "of several names", "configured", "configured, left there"]


@pytest.fixture(scope="module", params=WAYS)
def behind(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of a studio below a path, in each way that proxies do it."""
    configured = request.param.startswith("configured")
    prefix = "/design/v2.0" if request.param == "of several names" else "/atelier"
    folder = tmp_path_factory.mktemp("behind")
    profile: dict[str, Any] = {"root_path": prefix} if configured else {}
    with (
        running_studio(folder, **profile) as url,
        proxied(url, prefix, strips="left" not in request.param, tells_prefix=not configured) as outside,
        httpx.Client(base_url=outside, timeout=60) as client,
    ):
        yield client


def links(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "url":
                yield inner
            yield from links(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from links(inner)


def test_links_in_answers_lead_through_the_proxy(behind: httpx.Client) -> None:
    outside = str(behind.base_url)
    uploaded = behind.post("/pictures", files={"file": encoded(photo())})
    picture = uploaded.json()
    assert httpx.get(urljoin(outside, uploaded.headers["location"])).status_code == 200
    accepted = behind.post("/generate", json={"prompt": "a lamp", "image": picture["picture_id"], "quality": "draft"})
    job = wait(behind, accepted.json()["job_id"])
    assert httpx.get(urljoin(outside, accepted.headers["location"])).json()["job_id"] == job["job_id"]
    events = [data for _, id, data in follow(behind, job["job_id"]) if id is not None]
    answers = [picture, job, events, behind.get("/jobs").json(), behind.get("/pictures").json()]
    found = [link for answer in answers for link in links(answer)]
    assert len(found) >= 10
    for link in set(found):
        assert link.startswith(outside), link
        assert httpx.get(link).status_code == 200


def test_the_page_and_its_files_lie_below_the_path(behind: httpx.Client) -> None:
    page = behind.get("/")
    names = re.findall(r'(?:src|href)="([^"#]+)"', page.text)
    assert len(names) >= 4
    for name in names:
        answer = httpx.get(urljoin(f"{behind.base_url}", name), follow_redirects=True, timeout=60)
        assert answer.status_code == 200, name


def test_the_docs_open_and_try_the_right_server(behind: httpx.Client) -> None:
    for docs in ("/docs", "/redoc"):
        text = behind.get(docs).text
        names = re.findall(r"""(?:src|href|url|spec-url)[=:] ?["']([^"'#]+)["']""", text)
        assert len(names) >= 2
        for name in names:
            assert httpx.get(urljoin(f"{behind.base_url}", name), timeout=60).status_code == 200, name
    (server,) = behind.get("/openapi.json").json()["servers"]
    assert urljoin(str(behind.base_url), server["url"]).rstrip("/") == str(behind.base_url).rstrip("/")


def test_redirects_stay_below_the_path(behind: httpx.Client) -> None:
    answer = behind.get("/jobs/")
    assert answer.status_code == 307
    assert urljoin(str(behind.base_url), answer.headers["location"]) == f"{behind.base_url}jobs"


def test_limits_and_policies_know_their_routes_below_the_path(behind: httpx.Client) -> None:
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 255, (300, 300, 3), np.uint8))
    assert (
        behind.post("/pictures", files={"file": encoded(noise)}).status_code == 201
    )  # larger than other bodies may be
    assert "content-security-policy" not in behind.get("/docs").headers
    assert "content-security-policy" in behind.get("/").headers
    assert behind.put("/generate").headers["allow"] == "POST, OPTIONS"


HOSTILE = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "javascript:alert(1)",
    "https://evil.example",
    "/..",
    "/../..",
    "/a/../b",
    "/./a",
    "/a//b",
    "/%2e%2e",
    "/%2f%2fevil.example",
    "/a?b=c",
    "/a#b",
    "/a b",
    "/a;b",
    "/<b>",
    "/'\"",
    "/{a}",
    "a",
    ".",
    "/a\tb",
    "/é",
    "/" + "a" * 300,
    "/a, //evil.example",
    "/a,javascript:1",
    "/@evil.example",
]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    app = create_app(painted_studio(tmp_path_factory.mktemp("plain")))
    with serving(app) as url, httpx.Client(base_url=url, timeout=60) as client:
        yield client


@pytest.mark.parametrize("prefix", HOSTILE)
def test_a_prefix_that_is_no_path_is_ignored(plain: httpx.Client, prefix: str) -> None:
    headers = {b"X-Forwarded-Prefix": prefix.encode()}
    assert plain.get("/jobs/", headers=headers).headers["location"] == f"{plain.base_url}/jobs"
    assert "servers" not in plain.get("/openapi.json", headers=headers).json()
    answer = plain.post("/generate", json={"prompt": "x"}, headers=headers)
    assert answer.headers["location"] == f"/jobs/{answer.json()['job_id']}"


def test_a_header_in_two_lines_is_no_response_splitting(plain: httpx.Client) -> None:
    host, port = plain.base_url.host, plain.base_url.port
    with socket.create_connection((host, port or 80)) as raw:
        raw.sendall(
            b"GET /jobs/ HTTP/1.1\r\nHost: x\r\nX-Forwarded-Prefix: /a\r\nSet-Cookie: b=c\r\nConnection: close\r\n\r\n"
        )
        answer = b"".join(iter(lambda: raw.recv(65_536), b"")).lower()
    assert b"set-cookie" not in answer


@given(prefix=st.text(st.characters(min_codepoint=33, max_codepoint=255, exclude_characters="\x7f"), max_size=40))
@settings(max_examples=examples(300), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_prefix_says_links_stay_on_the_host(plain: httpx.Client, prefix: str) -> None:
    answer = plain.get("/jobs/", headers={b"X-Forwarded-Prefix": f"/{prefix}".encode("latin-1")})
    to = urlsplit(answer.headers["location"])
    assert (to.scheme, to.netloc) == ("http", urlsplit(str(plain.base_url)).netloc)
    assert ".." not in to.path.split("/")


@pytest.mark.parametrize(
    ("headers", "begins"),
    [
        ({"X-Forwarded-Proto": "https", "X-Forwarded-Host": "host.example"}, "https://host.example/jobs"),
        (
            {"X-Forwarded-Proto": "https, http", "X-Forwarded-Host": "host.example:8443, inner"},
            "https://host.example:8443/jobs",
        ),
        ({"X-Forwarded-Proto": "HTTPS", "X-Forwarded-Host": "[::1]:80"}, "https://[::1]:80/jobs"),
        (
            {"X-Forwarded-Prefix": "/outer, /inner/", "X-Forwarded-Host": "h.example"},
            "http://h.example/outer/inner/jobs",
        ),
        ({"X-Forwarded-Host": "evil.example/path", "Host": "good.example"}, "http://good.example/jobs"),
        ({"X-Forwarded-Host": "user@evil.example", "Host": "good.example"}, "http://good.example/jobs"),
        ({"X-Forwarded-Proto": "javascript", "Host": "good.example"}, "http://good.example/jobs"),
    ],
)
def test_links_begin_with_what_the_outermost_proxy_was_asked_for(
    plain: httpx.Client, headers: dict[str, str], begins: str
) -> None:
    assert plain.get("/jobs/", headers=headers).headers["location"] == begins


def test_a_root_path_is_a_path(tmp_path: Path) -> None:
    profile = painted_studio(tmp_path).installation.profile.model_dump(mode="json")
    assert profile["root_path"] == ""
    for wrong in ("atelier", "//evil.example", "/atelier/", "/../x", "https://x"):
        with pytest.raises(ValidationError, match="root_path"):
            ProfileConfig.model_validate(profile | {"root_path": wrong})
