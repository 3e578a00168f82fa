"""Names over the API: who is told whose, and how a lead who is no admin finds whom to let in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Connection, insert

from router.api.app import create_app
from router.jobs.sql import SqlJobStore
from router.people.principal import Principal, Role
from router.people.tables import principals
from tests.router.people.doors import TableDoor, showing
from tests.studio import painted_studio

PEOPLE = ("ana", "ben", "eve", "zoe")


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """ana leads brand, where ben is; eve is in no team, zoe operates, and boss is an admin."""
    designer, brand = frozenset({Role.DESIGNER}), frozenset({"home", "brand"})
    door = TableDoor(
        *(Principal(id, id.title(), designer, spaces=brand) for id in ("ana", "ben")),
        Principal("eve", "Eve", designer),
        Principal("zoe", "Zoe", frozenset({Role.OPERATOR})),
        Principal("boss", "Boss", frozenset({Role.ADMIN})),
    )
    studio = painted_studio(tmp_path_factory.mktemp("names"))
    with TestClient(create_app(studio, door=door)) as api:
        assert api.portal is not None
        assert isinstance(studio.store, SqlJobStore)
        api.portal.call(studio.store.database.write, _add_people)
        assert api.post("/spaces", json={"id": "brand"}, headers=showing("boss")).is_success
        for who, role in (("ana", "lead"), ("ben", "member")):
            path = f"/spaces/brand/members/{who}"
            assert api.put(path, json={"role": role}, headers=showing("boss")).is_success
        yield api


def _add_people(connection: Connection) -> None:
    now = datetime.now(UTC)
    connection.execute(insert(principals), [{"id": id, "name": id.title(), "created_at": now} for id in PEOPLE])


def told(api: TestClient, who: str) -> dict[str, str]:
    answer = api.get("/people/names", params={"id": [*PEOPLE, "nobody"]}, headers=showing(who))
    assert answer.status_code == 200, answer.text
    return {one["id"]: one["name"] for one in answer.json()["people"]}


def test_a_member_is_told_the_names_of_the_team_and_no_others(api: TestClient) -> None:
    assert told(api, "ben") == {"ana": "Ana", "ben": "Ben"}
    assert told(api, "eve") == {"eve": "Eve"}


def test_operators_and_admins_are_told_all_names(api: TestClient) -> None:
    assert [*told(api, "zoe")] == [*told(api, "boss")] == [*PEOPLE]


@pytest.mark.parametrize("query", ["", "?id=", "?id=a%00b", "?" + "&".join(["id=ana"] * 101)])
def test_names_of_nobody_are_refused(api: TestClient, query: str) -> None:
    answer = api.get(f"/people/names{query}", headers=showing("ana"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_request")


def test_a_lead_finds_somebody_lets_them_in_and_out_again(api: TestClient) -> None:
    lead = showing("ana")
    (eve,) = api.get("/spaces/brand/people", params={"name": "EV"}, headers=lead).json()["people"]
    assert eve == {"id": "eve", "name": "Eve"}
    member = f"/spaces/brand/members/{eve['id']}"
    assert {one["name"] for one in api.put(member, headers=lead).json()["members"]} == {"Ana", "Ben", "Eve"}
    assert api.get("/spaces/brand/people", params={"name": "eve"}, headers=lead).json()["people"] == []
    made = api.put(member, json={"role": "lead"}, headers=lead).json()["members"]
    assert {"principal": "eve", "name": "Eve", "role": "lead"} in made
    assert {one["name"] for one in api.delete(member, headers=lead).json()["members"]} == {"Ana", "Ben"}


@pytest.mark.parametrize(("who", "status"), [("ben", 403), ("eve", 404)])
def test_who_does_not_lead_a_space_searches_nobody_for_it(api: TestClient, who: str, status: int) -> None:
    assert api.get("/spaces/brand/people", headers=showing(who)).status_code == status
