"""All that signing in needs, assembled once for a process that answers requests."""

from __future__ import annotations

from dataclasses import dataclass

from configs.profile import ProfileConfig
from router.people.signing_in.devices import DeviceStore
from router.people.signing_in.door import Door, SignedInDoor, developers_door
from router.people.signing_in.issuer_keys import Fetch, fetch_json
from router.people.signing_in.keys import KeyStore
from router.people.signing_in.tokens import Issuers
from router.people.store import PeopleStore
from router.storage.database import Database


@dataclass(frozen=True, slots=True)
class SignIn:
    """The issuers that are trusted, who has come in, and what they have been given to come in with."""

    issuers: Issuers
    people: PeopleStore
    keys: KeyStore
    devices: DeviceStore
    door: Door

    @classmethod
    def assemble(cls, profile: ProfileConfig, database: Database, fetch: Fetch = fetch_json) -> SignIn:
        """What the profile asks for, over the database of the studio."""
        people = PeopleStore(database)
        issuers = Issuers(profile.sign_in, fetch)
        keys, devices = KeyStore(database, people.clock), DeviceStore(database, people.clock)
        if profile.sign_in.mode == "dev":
            door: Door = developers_door(profile.owner)
        else:
            door = SignedInDoor(issuers, people, keys, devices)
        return cls(issuers, people, keys, devices, door)
