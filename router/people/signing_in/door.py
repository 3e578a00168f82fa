"""The door: what makes a `Principal` of what a request shows, whatever an installation signs people in with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from starlette.requests import Request

from configs.errors import NotAllowed, NotSignedIn
from router.people.person import Person
from router.people.principal import How, Principal, developer
from router.people.signing_in.claims import refused
from router.people.signing_in.devices import DeviceStore
from router.people.signing_in.keys import KeyStore
from router.people.signing_in.opaque import Kind, Opaque, read
from router.people.signing_in.tokens import Issuers
from router.people.store import PeopleStore

Door: TypeAlias = Callable[[Request], Awaitable[Principal]]
"""Says who asks. Raises `NotSignedIn` for what proves nothing; `NotAllowed` for somebody who is known and may not come
in; `StoreUnavailable` and `IssuerUnavailable` while it cannot be told."""

_WITHOUT = "sign in first: run `atelier login`, or send a token or an API key as 'Authorization: Bearer …'"


def developers_door(owner: str) -> Door:
    """Everybody is the same developer, whatever they show. For a studio that only its own machine can reach."""
    principal = developer(owner)

    async def enter(_: Request) -> Principal:
        return principal

    return enter


class SignedInDoor:
    """Takes tokens of the issuers that are trusted, API keys, and tokens that devices were given.

    Every request is held against the database: who is deactivated, and a key that is revoked, is out at once. What they
    have begun goes on: a job is done as it was accepted.
    """

    def __init__(self, issuers: Issuers, people: PeopleStore, keys: KeyStore, devices: DeviceStore) -> None:
        self._issuers, self._people = issuers, people
        self._keys, self._devices = keys, devices

    async def __call__(self, request: Request) -> Principal:
        """Who asks."""
        shown = _bearer(request.headers.getlist("authorization"))
        opaque = read(shown)
        if opaque is not None:
            return await self._find(opaque)
        if shown.count(".") != 2:
            raise refused("it is neither a token nor a key of this studio, or a letter of it is wrong")
        person = await self._people.admit(await self._issuers.find(shown))
        return _let_in(person).principal("oidc")

    async def _find(self, shown: Opaque) -> Principal:
        found = None
        if shown.kind is Kind.KEY:
            found = await self._keys.find(shown)
        elif shown.kind is Kind.ACCESS:
            found = await self._devices.find(shown)
        if found is None or found.person.subject is None:  # who never signs in has no keys that count here
            raise refused("it is not known, or not any more")
        how: How = "key" if shown.kind is Kind.KEY else "device"
        return _let_in(found.person).principal(how, found.scopes, found.by)


def _bearer(lines: list[str]) -> str:
    """What a request shows. Raises `NotSignedIn`."""
    if not lines:
        raise NotSignedIn(_WITHOUT)
    kind, _, shown = lines[0].strip().partition(" ")
    if len(lines) > 1 or kind.lower() != "bearer" or not shown.strip():
        raise NotSignedIn(_WITHOUT, refused=True)
    return shown.strip()


def _let_in(person: Person) -> Person:
    if person.deactivated_at is not None:
        raise NotAllowed("you may not use this studio any more: ask one of its admins")
    return person
