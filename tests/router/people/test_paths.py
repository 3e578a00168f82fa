"""However a path is written, nobody comes to a route past its row: what the gate does not know, no route answers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from router.api.app import create_app
from router.people.policy import POLICY, Whose
from tests.router.people.doors import TableDoor
from tests.studio import painted_studio

pytestmark = pytest.mark.slow

LOCKED = sorted(
    path
    for method, _, path in (key.partition(" ") for key, rule in POLICY.items() if rule.whose is not Whose.PUBLIC)
    if method == "GET" and "{" not in path
)
WRITTEN = (
    "{path}%0A",
    "{path}%0a%0a",
    "{path}%0D",
    "{path}%00",
    "{path}%20",
    "{path}/",
    "{path}//",
    "/{path}",
    "/.{path}",
    "/x/..{path}",
    "/static/..{path}",
    "/static/%2e%2e{path}",
    "{path};x=1",
    "{path}%3Fx",
    "{path}%23",
)
PREFIXES = ("/atelier", "/static", "/docs", "/healthz", "/audit")


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    app = create_app(painted_studio(tmp_path_factory.mktemp("paths")), door=TableDoor())
    with TestClient(app, follow_redirects=False) as client:
        yield client


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_another_spelling_of_a_path_opens_nothing(api: TestClient, written: str, method: str) -> None:
    for path in LOCKED:
        answer = api.request(method, "http://testserver" + written.format(path=path))
        assert answer.status_code in (307, 401, 404, 405), (path, answer.text)
        if answer.status_code == 307:
            assert api.request(method, answer.headers["location"]).status_code == 401


@pytest.mark.parametrize("prefix", PREFIXES)
def test_no_prefix_of_a_proxy_opens_anything(api: TestClient, prefix: str) -> None:
    for path in LOCKED:
        for asked in (path, f"{prefix}{path}", f"{prefix}{path}%0A"):
            answer = api.get(asked, headers={"X-Forwarded-Prefix": prefix})
            assert answer.status_code in (307, 401, 404), (asked, answer.text)


def test_a_method_in_a_header_is_no_method(api: TestClient) -> None:
    said = {"X-HTTP-Method-Override": "GET", "X-Method-Override": "GET"}
    assert api.post("/audit?_method=GET", headers=said).status_code == 405
    assert api.request("get", "/audit").status_code == 401
    assert api.request("TRACE", "/audit").status_code == 405
