"""Who signs in votes as themselves; on a laptop, and for admins and programs that bring votes, anybody may be named."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi import Request
from fastapi.testclient import TestClient

from configs.errors import NotAllowed
from router.api.app import create_app
from router.people.principal import Principal, Role, developer
from router.people.rating import rater_of
from tests.studio import painted_studio

ANA = Principal("ana", "Ana", frozenset({Role.EVALUATOR}), how="oidc")
ZOE = Principal("zoe", "Zoe", frozenset({Role.ADMIN}), how="key")
ROBOT = Principal("robot", "Robot", frozenset({Role.SERVICE}), how="key")


@pytest.mark.parametrize("principal", [developer("dev"), ZOE, ROBOT])
def test_who_may_name_raters(principal: Principal) -> None:
    assert rater_of(principal, "ben") == "ben"
    assert rater_of(principal, None) == principal.id


def test_others_are_themselves() -> None:
    assert rater_of(ANA, None) == rater_of(ANA, "ana") == "ana"
    with pytest.raises(NotAllowed, match="leave `rater` out"):
        rater_of(ANA, "ben")


def test_nobody_erases_another_rater_but_an_admin(tmp_path: Path) -> None:
    async def door(request: Request) -> Principal:
        return ZOE if request.headers.get("X-Who") == "zoe" else ANA

    with TestClient(create_app(painted_studio(tmp_path), door=door)) as api:
        answer = api.delete("/raters/ben")
        assert (answer.status_code, answer.json()["error"]["message"]) == (
            404,
            "'ben' is not you: an admin may erase others",
        )
        for path, who in (("/raters/ana", "ana"), ("/raters/ben", "zoe")):  # neither has ever voted
            assert "nobody has voted" in api.delete(path, headers={"X-Who": who}).json()["error"]["message"]
        answer = api.put("/ballots/b/vote", json={"choice": "left", "rater": "ben"})
        assert answer.status_code == 403
