"""The app as the API serves it: one page for all its addresses, and its files as browsers best keep them."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from router.api.app import create_app
from router.api.web_build import accepted, prefers_html
from tests.proxy import proxied
from tests.router.calls import submit, wait
from tests.studio import painted_studio, serving

INDEX = '<!doctype html><head><base href="/" /><script type="module" src="static/index-Ab3_x-9Z.js"></script></head>'
SCRIPT = b"export const studio = 'atelier';\n" * 50
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def build(folder: Path) -> Path:
    """A build as Vite leaves it; brotli's bytes are not looked into here."""
    (folder / "static").mkdir(parents=True)
    (folder / "index.html").write_text(INDEX)
    script = folder / "static" / "index-Ab3_x-9Z.js"
    script.write_bytes(SCRIPT)
    script.with_name(script.name + ".br").write_bytes(b"as brotli")
    script.with_name(script.name + ".gz").write_bytes(gzip.compress(SCRIPT, mtime=0))
    (folder / "static" / "mark.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (folder / "mark.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (folder / "secret.txt").write_text("not for the browser")
    return folder


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("studio")
    with serving(create_app(painted_studio(folder), web_build=build(folder / "dist"))) as url:
        yield url


@pytest.fixture(scope="module")
def web(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, timeout=60) as client:
        yield client


@pytest.fixture
def nothing_built(tmp_path: Path) -> Iterator[httpx.Client]:
    with (
        serving(create_app(painted_studio(tmp_path), web_build=tmp_path / "dist")) as url,
        httpx.Client(base_url=url) as client,
    ):
        yield client


@pytest.mark.parametrize("path", ["/", "/app", "/app/", "/app/g/job_1", "/app/library?q=red", "/device?user_code=AB"])
def test_every_address_of_the_app_gives_its_page_asked_for_anew_each_time(web: httpx.Client, path: str) -> None:
    answer = web.get(path)
    assert (answer.status_code, answer.text) == (200, INDEX)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"


def test_a_page_that_the_browser_has_is_not_sent_again(web: httpx.Client) -> None:
    etag = web.get("/").headers["etag"]
    answer = web.get("/app/g/job_1", headers={"If-None-Match": f'"other", W/{etag}'})
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == etag
    assert web.get("/", headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize("strips", [True, False])
def test_below_a_path_the_page_says_so_and_its_files_are_found(url: str, strips: bool) -> None:
    with proxied(url, "/design/studio", strips=strips) as outside, httpx.Client(base_url=outside) as client:
        for path in ("", "app/g/job_1"):
            text = client.get(path).text
            assert '<base href="/design/studio/" />' in text
        (name,) = re.findall(r'src="([^"]+)"', text)
        assert client.get(f"/{name}").content == SCRIPT
        assert client.get("").headers["etag"] != httpx.get(url).headers["etag"]


def test_the_page_runs_nothing_inline_and_asks_nobody_else(web: httpx.Client) -> None:
    policy = dict(part.strip().split(" ", 1) for part in web.get("/app").headers["content-security-policy"].split(";"))
    assert policy["default-src"] == policy["connect-src"] == policy["base-uri"] == "'self'"
    assert policy["frame-ancestors"] == policy["object-src"] == "'none'"
    assert policy.get("script-src", policy["default-src"]) == "'self'"
    assert [name for name, value in policy.items() if "unsafe" in value] == ["style-src"], "dialogs write styles"


@pytest.mark.parametrize(
    ("accepts", "encoding", "content"),
    [
        ("gzip, deflate, br", "br", b"as brotli"),
        ("gzip, br;q=0", "gzip", gzip.compress(SCRIPT, mtime=0)),
        ("*", "br", b"as brotli"),
        ("identity", None, SCRIPT),
        ("", None, SCRIPT),
    ],
)
def test_files_come_compressed_as_the_client_takes_them(
    web: httpx.Client, accepts: str, encoding: str | None, content: bytes
) -> None:
    with web.stream("GET", "/static/index-Ab3_x-9Z.js", headers={"Accept-Encoding": accepts}) as answer:
        raw = b"".join(answer.iter_raw())
    assert answer.headers.get("content-encoding") == encoding
    assert raw == content or gzip.decompress(raw) == SCRIPT
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["vary"] == "Accept-Encoding"


def test_files_named_by_their_content_are_kept_for_good_and_others_asked_for(web: httpx.Client) -> None:
    kept, asked = web.get("/static/index-Ab3_x-9Z.js"), web.get("/static/mark.svg")
    assert kept.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert (asked.headers["cache-control"], asked.headers["content-type"]) == ("no-cache", "image/svg+xml")
    assert "content-encoding" not in asked.headers
    assert web.get("/mark.svg").content == asked.content
    again = web.get("/static/mark.svg", headers={"If-None-Match": asked.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "../secret.txt",
        "%2e%2e/secret.txt",
        "..%2fsecret.txt",
        "....//secret.txt",
        "..%5csecret.txt",
        "%00",
        "",
        "none.js",
        "index-Ab3_x-9Z.js.br",
        "/etc/passwd",
        "x" * 5000,
    ],
)
def test_nothing_but_the_files_of_the_build_is_read(url: str, path: str) -> None:
    with httpx.Client() as client:  # the path as it is written here, not as clients tidy it up
        request = httpx.Request("GET", url, extensions={"target": f"/static/{path}".encode()})
        answer = client.send(request)
    assert answer.status_code == 404
    assert "not for the browser" not in answer.text


def test_a_link_that_somebody_shares_opens_as_a_page_and_reads_as_json(web: httpx.Client) -> None:
    job = wait(web, submit(web, quality="draft"))
    shared = web.post(f"/images/{job['images'][0]['asset_id']}/links", json={"days": 1}).json()["url"]
    opened = web.get(shared, headers={"Accept": BROWSER})
    assert opened.text == INDEX
    assert opened.headers["cache-control"] == "private, no-store"
    assert opened.headers["x-robots-tag"] == "noindex"
    assert opened.headers.get_list("referrer-policy") == ["no-referrer"]  # its address is what lets somebody in
    for accept in ("*/*", "application/json", "application/json, text/html;q=0.5"):
        read = web.get(shared, headers={"Accept": accept})
        assert len(read.json()["images"]) == 1
        assert read.headers["vary"] == opened.headers["vary"] == "Accept"


def test_without_a_build_the_api_serves_and_the_page_says_how_to_get_one(nothing_built: httpx.Client) -> None:
    for path in ("/", "/app/g/job_1", "/device"):
        answer = nothing_built.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; charset=utf-8")
        assert "make run" in answer.text
    for path in ("/static/index.js", "/mark.svg"):
        assert nothing_built.get(path).status_code == 404
    assert nothing_built.get("/models").status_code == 200


def test_headers_that_are_written_oddly_are_read_as_they_are_meant() -> None:
    assert accepted("BR;Q=1.0, gzip ; q=0.2") == ("br", "gzip")
    assert accepted("br;q=often") == accepted("deflate") == ()
    assert accepted("gzip;q=0, *;q=0.1") == ("br",)
    assert prefers_html("text/html")
    assert not prefers_html("text/html;q=0, */*")
    assert not prefers_html("")
