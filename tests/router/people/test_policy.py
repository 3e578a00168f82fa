"""Every route has a row that says who may call it, and every row a route."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient

from configs.errors import ConfigError, NotAllowed, NotSignedIn
from router.api.app import create_app
from router.api.gate import Rules
from router.people.policy import POLICY, Rule, Scope, Whose
from router.people.policy_page import README, fill
from router.people.principal import Principal, Role
from tests.router.people.doors import TableDoor, showing
from tests.studio import painted_studio


def test_every_route_has_a_row_and_every_row_a_route(tmp_path: Path) -> None:
    app = create_app(painted_studio(tmp_path))  # it would not be made without
    assert Rules(app.routes, POLICY).unused == ()


def test_the_document_says_of_each_route_whether_one_signs_in_for_it(tmp_path: Path) -> None:
    """So that clients that are made from it, and its own page, send a token."""
    document = create_app(painted_studio(tmp_path)).openapi()
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            public = POLICY[f"{method.upper()} {path}"].whose is Whose.PUBLIC
            assert operation.get("security", []) == ([] if public else [{"bearer": []}]), (method, path)


def test_the_document_says_of_each_route_that_one_signs_in_for_that_it_works_for_a_space(tmp_path: Path) -> None:
    document = create_app(painted_studio(tmp_path)).openapi()
    assert document["components"]["parameters"]["space"]["name"] == "X-Atelier-Space"
    named = {"$ref": "#/components/parameters/space"}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            public = POLICY[f"{method.upper()} {path}"].whose is Whose.PUBLIC
            assert operation.get("parameters", []).count(named) == (0 if public else 1), (method, path)
            assert public or "403" in operation["responses"], (method, path)


def test_a_key_of_an_operator_sees_what_all_have_drawn_only_with_its_scope(tmp_path: Path) -> None:
    scopes = {"looks": {"images:read"}, "operates": {"images:read", "operate"}}
    roles = frozenset({Role.DESIGNER, Role.OPERATOR})
    door = TableDoor(*(Principal(id, id, roles, scopes=frozenset(its)) for id, its in scopes.items()))
    with TestClient(create_app(painted_studio(tmp_path), door=door)) as api:
        for whose, refused in (("of=all", 403), ("of=space&space=brand", 404)):
            assert api.get(f"/analytics?{whose}", headers=showing("looks")).status_code == refused
            assert api.get(f"/analytics?{whose}", headers=showing("operates")).status_code == 200


def test_an_evaluator_adds_and_marks_experiments_and_prompt_sets_and_nothing_else(tmp_path: Path) -> None:
    door = TableDoor(
        Principal("eva", "Eva", frozenset({Role.EVALUATOR})), Principal("des", "Des", frozenset({Role.DESIGNER}))
    )
    arms = [{"id": "champion"}, {"id": "half", "overlay": {"steps": {"draft": 2}}}]
    scope = {"asset_types": ["icon"], "qualities": ["draft"]}
    body = {"name": "Which", "mode": "split", "unit": "job", "scope": scope, "arms": arms}
    prompts = {"name": "Foxes", "prompts": [{"prompt": "a fox"}]}
    with TestClient(create_app(painted_studio(tmp_path), door=door)) as api:
        for kind, content in (("experiments", body), ("prompt-sets", prompts)):
            added = api.post(f"/library/{kind}", json={"id": "which", "body": content}, headers=showing("eva"))
            assert added.status_code == 201, added.text
            mark = {"mark": "live", "version": added.json()["version"]}
            for who, status in (("des", 403), ("eva", 200)):
                assert api.post(f"/library/{kind}/which/mark", json=mark, headers=showing(who)).status_code == status
        for kind in ("asset-types", "brand-kits", "loras", "Experiments", "experiments%0A", "experiments%20"):
            for path in (f"/library/{kind}", f"/library/{kind}/which/mark"):
                refused = api.post(path, json={}, headers=showing("eva"))
                assert "role brand_engineer" in refused.json()["error"]["message"], path


def test_a_row_for_a_value_of_a_route_that_is_not_there_is_unused() -> None:
    assert Rules([], {"POST /gone/{kind=this}": RULE}).unused == ("POST /gone/{kind=this}",)


def test_a_route_without_a_row_lets_no_studio_start() -> None:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @app.delete("/secrets/{name}")
    async def forget(name: str) -> None: ...

    with pytest.raises(ConfigError, match=r"no row for DELETE /secrets/\{name\}"):
        Rules(app.routes, {})


def _somebody(*roles: Role, scopes: set[str] | None = None) -> Principal:
    return Principal("ana", "Ana", frozenset(roles), scopes=None if scopes is None else frozenset(scopes))


RULE = Rule(Whose.OWN, frozenset({Role.DESIGNER}), Scope.IMAGES_WRITE)


@pytest.mark.parametrize(
    "principal",
    [
        _somebody(Role.DESIGNER),
        _somebody(Role.EVALUATOR, Role.DESIGNER),
        _somebody(Role.ADMIN),
        _somebody(Role.DESIGNER, scopes={"images:write", "operate"}),
        _somebody(Role.SERVICE, scopes={"images:write"}),
    ],
)
def test_a_role_and_a_scope_let_in(principal: Principal) -> None:
    RULE.check(principal)


@pytest.mark.parametrize(
    ("principal", "missing"),
    [
        (_somebody(), "the role designer"),
        (_somebody(Role.OPERATOR), "the role designer"),
        (_somebody(Role.DESIGNER, scopes={"images:read"}), "the scope images:write"),
        (_somebody(Role.ADMIN, scopes=set()), "the scope images:write"),
        (_somebody(Role.SERVICE), "the scope images:write"),
    ],
)
def test_what_is_missing_is_said(principal: Principal, missing: str) -> None:
    with pytest.raises(NotAllowed, match=missing):
        RULE.check(principal)


def test_who_may_not_is_refused_before_the_body_is_read(tmp_path: Path) -> None:
    async def door(_: Request) -> Principal:
        return _somebody(Role.OPERATOR)

    client = TestClient(create_app(painted_studio(tmp_path), door=door))
    answer = client.post("/generate", content=b"{no json", headers={"Idempotency-Key": "1"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden")
    assert "role designer" in answer.json()["error"]["message"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert client.head("/jobs").status_code == 403
    assert client.get("/healthz").status_code == 200
    assert client.get("/nothing").status_code == 404
    assert client.put("/jobs").status_code == 405


def test_who_has_not_signed_in_is_told_how(tmp_path: Path) -> None:
    async def door(_: Request) -> Principal:
        raise NotSignedIn("sign in")

    client = TestClient(create_app(painted_studio(tmp_path), door=door))
    answer = client.get("/models")
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthorized")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert client.get("/").status_code == 200


def test_the_readme_shows_the_rules_as_they_are() -> None:
    page = README.read_text(encoding="utf-8")
    assert fill(page) == page, "run python -m router.people.policy_page"
