"""What the matrix of routes, principals and owners is made of: who asks, what there is, and what the table says of it.

What is expected is worked out here from the rows alone, in other words than the gate has.
"""

from __future__ import annotations

import base64
import hashlib
import io
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from fastapi import Request
from fastapi.testclient import TestClient
from PIL import Image

from configs.errors import NotSignedIn
from router.people.policy import Rule, Scope, Whose
from router.people.principal import Principal, Role

Outcome: TypeAlias = Literal["in", "sign in", "forbidden", "hidden"]
"""Let in; 401; 403; or as if it were not there."""
PEOPLE_ROLES = frozenset(Role) - {Role.ADMIN, Role.SERVICE}
IN_BRAND = frozenset({"home", "brand"})
HEADER = "X-Who"


@dataclass(frozen=True)
class Who:
    """One column of the matrix. `principal` is None for who has not signed in."""

    name: str
    principal: Principal | None

    def __str__(self) -> str:
        return self.name


def _who(name: str, id: str, roles: frozenset[Role], scopes: frozenset[str] | None = None) -> Who:
    spaces = IN_BRAND if id in ("ana", "ben") else frozenset({"home"})
    return Who(name, Principal(id, id.title(), roles, spaces=spaces, scopes=scopes, how="oidc"))


def columns() -> Iterator[Who]:
    """Everybody who asks: ana leads the space brand and owns what is in it, ben is in it, eve has things of her own."""
    yield Who("nobody", None)
    yield _who("owner", "ana", PEOPLE_ROLES)
    yield _who("member", "ben", PEOPLE_ROLES)
    yield _who("stranger", "eve", PEOPLE_ROLES)
    yield _who("admin", "zoe", frozenset({Role.ADMIN}))
    for role in PEOPLE_ROLES:
        yield _who(f"owner as {role}", "ana", frozenset({role}))
    yield _who("owner without a role", "ana", frozenset())
    yield _who("owner's key without a scope", "ana", PEOPLE_ROLES, frozenset())
    yield _who("admin's key without a scope", "zoe", frozenset({Role.ADMIN}), frozenset())
    yield _who("admin's key for pictures", "zoe", frozenset({Role.ADMIN}), frozenset({"images:read", "images:write"}))
    yield _who("program", "robot", frozenset({Role.SERVICE}))
    for scope in Scope:
        yield _who(f"program for {scope}", "robot", frozenset({Role.SERVICE}), frozenset({scope}))


@dataclass(frozen=True)
class Thing:
    """What a path names: whose it is, and who in its space may see it."""

    owner: str
    space: str


MINE, OTHERS = Thing("ana", "brand"), Thing("eve", "home")


def expect(rule: Rule, who: Who, thing: Thing | None) -> Outcome:
    """What the row says of a call of `who` that names `thing`; None for a route that names none."""
    if rule.whose is Whose.PUBLIC:
        return "in"
    principal = who.principal
    if principal is None:
        return "sign in"
    if not (_scope_suffices(rule, principal) and _role_suffices(rule, principal)):
        return "forbidden"
    if thing is None or rule.whose is Whose.ANY or principal.id == thing.owner:
        return "in"
    if _sees_all(principal) and rule.whose is not Whose.SELF:
        return "in"
    if rule.whose is Whose.SELF or thing.space == "home" or thing.space not in principal.spaces:
        return "hidden"
    return "in" if rule.whose is Whose.SPACE else "forbidden"


def _scope_suffices(rule: Rule, principal: Principal) -> bool:
    if rule.scope is None:
        return True
    return Role.SERVICE not in principal.roles if principal.scopes is None else rule.scope in principal.scopes


def _role_suffices(rule: Rule, principal: Principal) -> bool:
    return not rule.roles or bool(principal.roles & (rule.roles | {Role.ADMIN, Role.SERVICE}))


def _sees_all(principal: Principal) -> bool:
    if principal.scopes is None:
        return Role.ADMIN in principal.roles
    return bool(principal.roles & {Role.ADMIN, Role.SERVICE}) and "admin" in principal.scopes


async def door(request: Request) -> Principal:
    """Lets in whoever the header names."""
    principal = COLUMNS[request.headers.get(HEADER, "admin")].principal
    if principal is None:
        raise NotSignedIn("sign in first")
    return principal


COLUMNS: Mapping[str, Who] = {who.name: who for who in columns()}
HIDDEN_IN_BODIES = ("unknown_name", "missing_asset")


@dataclass
class Stock:
    """What there is, by the part of a path that names it, of one owner."""

    api: TestClient
    thing: Thing
    who: str
    parts: dict[str, str] = field(default_factory=dict)
    devices: list[str] = field(default_factory=list)

    def post(self, path: str, **said: Any) -> Any:
        headers = {HEADER: self.who, "X-Atelier-Space": self.thing.space}
        answer = self.api.post(path, headers=headers, **said)
        assert answer.is_success, answer.text
        return answer.json()

    @property
    def space(self) -> str:
        """A space that their owner leads."""
        return "others" if self.thing.space == "home" else self.thing.space

    def upload(self) -> str:
        file = io.BytesIO()
        Image.new("RGB", (64, 64), "red").save(file, "PNG")
        return str(self.post("/pictures", files={"file": ("a.png", file.getvalue())})["picture_id"])

    def deleted(self) -> str:
        """A picture that may be restored."""
        picture = self.upload()
        assert self.api.delete(f"/images/{picture}", headers={HEADER: self.who}).is_success
        return picture

    def collection(self, *pictures: str) -> str:
        """A collection with `pictures`."""
        id = str(self.post("/collections", json={"name": "foxes"})["id"])
        if pictures:
            self.post(f"/collections/{id}/items", json={"asset_ids": pictures})
        return id

    def kept(self) -> str:
        """A collection with the drawn picture."""
        return self.collection(self.parts["asset_id"])

    def link(self) -> str:
        """A link to the drawn picture."""
        return str(self.post(f"/images/{self.parts['asset_id']}/links", json={})["id"])

    def webhook(self) -> str:
        """A webhook, to where nobody is."""
        said = {"url": "http://127.0.0.1:9/", "events": ["job.complete"]}
        return str(self.post("/webhooks", json=said)["id"])

    def key(self) -> str:
        """An API key."""
        return str(self.post("/me/keys", json={"name": "a key", "scopes": ["images:read"]})["id"])

    def device(self) -> str:
        """One of those that were let in before anybody was shut out for wrong codes."""
        return self.devices.pop()

    def let_in(self) -> str:
        """A device."""
        verifier = secrets.token_urlsafe(48)
        digest = hashlib.sha256(verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        code = self.post("/auth/device", json={"client": "a device", "code_challenge": challenge})
        self.post("/auth/device/approve", json={"user_code": code["user_code"]})
        self.post("/auth/device/token", json={"device_code": code["device_code"], "code_verifier": verifier})
        devices = self.api.get("/me/devices", headers={HEADER: self.who}).json()["devices"]
        return str(devices[-1]["id"])


def outcome(status: int, code: str | None) -> Outcome:
    """Of an answer. What a route says of the rest of a request counts as being let in."""
    if status == 401:
        return "sign in"
    if status == 403 and code == "forbidden":
        return "forbidden"
    return "hidden" if status == 404 or code in HIDDEN_IN_BODIES else "in"
