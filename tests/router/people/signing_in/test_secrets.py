"""API keys, devices and people in the database, on both engines: what counts once, what ends, and who is left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from configs.errors import DeviceRefused, NotAllowed, NotFound, NotSignedIn, StateConflict, TooBusy
from router.people.audit.model import Signature
from router.people.person import Newcomer, Person
from router.people.principal import Role
from router.people.signing_in.devices import DeviceStore, Tokens, challenge_of, plain
from router.people.signing_in.keys import MOST_KEYS, KeyStore
from router.people.signing_in.opaque import Kind, Opaque, mint, read
from router.people.store import PeopleStore
from router.storage.database import Database
from tests.contract.job_samples import Clock, JobDatabase

VERIFIER = "v" * 43
READ = frozenset({"images:read"})


class House:
    """The stores over one database, with a clock that moves when told to."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database, self.clock = database, clock
        self.people = PeopleStore(database, clock)
        self.keys, self.devices = KeyStore(database, clock), DeviceStore(database, clock)

    async def person(self, name: str, *roles: Role) -> Person:
        return await self.people.admit(Newcomer(f"tenant {name}", name.title(), frozenset(roles)))

    async def let_in(self, person: Person) -> Tokens:
        """A device of theirs."""
        code = await self.devices.begin("a test", challenge_of(VERIFIER))
        await self.devices.approve(code.user_code, person.principal("oidc"), by(person))
        return await self.devices.finish(code.device_code, VERIFIER)

    async def all_that_is_kept(self) -> str:
        """Every row of every table of people, as text."""
        tables = ("principals", "api_keys", "devices", "device_tokens", "device_codes", "code_tries", "audit")

        def everything(connection: object) -> str:
            from sqlalchemy import Connection, text

            assert isinstance(connection, Connection)
            return "".join(str(connection.execute(text(f"SELECT * FROM {one}")).all()) for one in tables)

        return await self.database.write(everything)


@asynccontextmanager
async def house(of: JobDatabase) -> AsyncIterator[House]:
    database = Database(of.url)
    await database.open()
    try:
        yield House(database, of.clock)
    finally:
        await database.close()


def by(person: Person) -> Signature:
    return Signature(person.id, "oidc")


def shown(text: str) -> Opaque:
    found = read(text)
    assert found is not None
    return found


def test_a_secret_has_a_form_that_is_known_again() -> None:
    for kind in Kind:
        text, kept = mint(kind)
        assert read(text) == kept
        assert text.partition("_")[0] == kind
        for place in range(0, len(text), 7):
            mistyped = text[:place] + ("x" if text[place] != "x" else "y") + text[place + 1 :]
            assert read(mistyped) is None, "a letter is wrong"
    assert read("") is None
    assert read("ak_12345678") is None


async def test_a_key_counts_until_its_end(database: JobDatabase) -> None:
    async with house(database) as home:
        ana = await home.person("ana", Role.DESIGNER)
        key, text = await home.keys.create(ana.principal("oidc"), "ci", READ, 30, by(ana))
        found = await home.keys.find(shown(text))
        assert found is not None
        assert (found.person.id, found.by, found.scopes) == (ana.id, key.id, READ)
        assert (await home.keys.of(ana.id))[0].used_at == home.clock.now
        assert text not in await home.all_that_is_kept()
        assert text.split("_")[2] not in await home.all_that_is_kept()
        other = mint(Kind.KEY)[1]
        assert await home.keys.find(Opaque(Kind.KEY, key.id, other.sha256)) is None, "its id alone is nothing"
        home.clock.advance(timedelta(days=30).total_seconds())
        assert await home.keys.find(shown(text)) is None


async def test_a_revoked_key_counts_no_more(database: JobDatabase) -> None:
    async with house(database) as home:
        ana, ben = await home.person("ana"), await home.person("ben")
        key, text = await home.keys.create(ana.principal("oidc"), "ci", READ, 30, by(ana))
        with pytest.raises(NotFound):
            await home.keys.revoke(key.id, by(ben))
        await home.keys.revoke(key.id, by(ana))
        assert await home.keys.find(shown(text)) is None
        with pytest.raises(NotFound):
            await home.keys.revoke(key.id, by(ana))


async def test_nobody_has_keys_without_end(database: JobDatabase) -> None:
    async with house(database) as home:
        ana = await home.person("ana")
        for number in range(MOST_KEYS):
            await home.keys.create(ana.principal("oidc"), str(number), READ, 30, by(ana))
        with pytest.raises(StateConflict, match="revoke one first"):
            await home.keys.create(ana.principal("oidc"), "one more", READ, 30, by(ana))


async def test_a_device_gets_tokens_once_a_person_lets_it_in(database: JobDatabase) -> None:
    async with house(database) as home:
        ana = await home.person("ana", Role.DESIGNER)
        code = await home.devices.begin("Figma", challenge_of(VERIFIER))
        with pytest.raises(DeviceRefused) as pending:
            await home.devices.finish(code.device_code, VERIFIER)
        assert pending.value.code == "authorization_pending"
        with pytest.raises(DeviceRefused) as hasty:
            await home.devices.finish(code.device_code, VERIFIER)
        assert hasty.value.code == "slow_down"
        typed = f" {code.user_code.lower().replace('-', ' ')} "
        asking = await home.devices.asking(typed, ana.principal("oidc"))
        assert (asking.client, asking.approved) == ("Figma", False)
        await home.devices.approve(typed, ana.principal("oidc"), by(ana))
        with pytest.raises(StateConflict):
            await home.devices.approve(code.user_code, ana.principal("oidc"), by(ana))
        tokens = await home.devices.finish(code.device_code, VERIFIER)
        with pytest.raises(DeviceRefused) as spent:
            await home.devices.finish(code.device_code, VERIFIER)
        assert spent.value.code == "expired_token"
        found = await home.devices.find(shown(tokens.access_token))
        assert found is not None
        assert (found.person.id, found.person.roles) == (ana.id, frozenset({Role.DESIGNER}))
        kept = await home.all_that_is_kept()
        for secret in (tokens.access_token, tokens.refresh_token, code.device_code, VERIFIER):
            assert secret not in kept
        home.clock.advance(3600)
        assert await home.devices.find(shown(tokens.access_token)) is None, "an hour is over"


async def test_a_code_lasts_ten_minutes(database: JobDatabase) -> None:
    async with house(database) as home:
        ana = await home.person("ana")
        code = await home.devices.begin("Figma", challenge_of(VERIFIER))
        home.clock.advance(600)
        with pytest.raises(DeviceRefused) as late:
            await home.devices.finish(code.device_code, VERIFIER)
        assert late.value.code == "expired_token"
        with pytest.raises(NotFound):
            await home.devices.approve(code.user_code, ana.principal("oidc"), by(ana))


async def test_a_device_code_that_is_tried_six_times_is_gone(database: JobDatabase) -> None:
    async with house(database) as home:
        ana = await home.person("ana")
        code = await home.devices.begin("Figma", challenge_of(VERIFIER))
        await home.devices.approve(code.user_code, ana.principal("oidc"), by(ana))
        said = []
        for _ in range(6):
            with pytest.raises(DeviceRefused) as wrong:
                await home.devices.finish(code.device_code, "w" * 43)
            said.append(wrong.value.code)
        assert said == ["access_denied"] * 5 + ["expired_token"]
        with pytest.raises(DeviceRefused):
            await home.devices.finish(code.device_code, VERIFIER)


async def test_who_tries_five_wrong_user_codes_waits(database: JobDatabase) -> None:
    async with house(database) as home:
        ana, ben = await home.person("ana"), await home.person("ben")
        code = await home.devices.begin("Figma", challenge_of(VERIFIER))
        for number in range(5):
            with pytest.raises(NotFound):
                await home.devices.asking(f"BCDF-GHJ{'BCDFG'[number]}", ana.principal("oidc"))
        with pytest.raises(TooBusy, match="try again in ten minutes"):
            await home.devices.approve(code.user_code, ana.principal("oidc"), by(ana))
        assert (await home.devices.asking(code.user_code, ben.principal("oidc"))).client == "Figma"
        home.clock.advance(599)
        with pytest.raises(TooBusy):
            await home.devices.asking(code.user_code, ana.principal("oidc"))
        home.clock.advance(1)
        fresh = await home.devices.begin("Figma", challenge_of(VERIFIER))
        assert await home.devices.asking(fresh.user_code, ana.principal("oidc"))


async def test_a_refresh_token_counts_once(database: JobDatabase) -> None:
    async with house(database) as home:
        ana = await home.person("ana")
        first = await home.let_in(ana)
        second = await home.devices.refresh(first.refresh_token)
        third = await home.devices.refresh(second.refresh_token)
        assert await home.devices.find(shown(third.access_token))
        with pytest.raises(NotSignedIn, match="used twice"):
            await home.devices.refresh(first.refresh_token)
        for tokens in (first, second, third):
            assert await home.devices.find(shown(tokens.access_token)) is None, "the whole device is shut out"
        with pytest.raises(NotSignedIn):
            await home.devices.refresh(third.refresh_token)
        assert (await home.devices.of(ana.id))[0].revoked_at == home.clock.now


async def test_two_that_refresh_at_once_are_one_and_a_thief(database: JobDatabase) -> None:
    async with house(database) as one, house(database) as other:
        ana = await one.person("ana")
        tokens = await one.let_in(ana)
        both = [home.devices.refresh(tokens.refresh_token) for home in (one, other)]
        ended = await asyncio.gather(*both, return_exceptions=True)
        assert sorted(type(end).__name__ for end in ended) == ["NotSignedIn", "Tokens"]
        assert (await one.devices.of(ana.id))[0].revoked_at is not None


async def test_a_refresh_token_lasts_thirty_days(database: JobDatabase) -> None:
    async with house(database) as home:
        tokens = await home.let_in(await home.person("ana"))
        home.clock.advance(timedelta(days=30).total_seconds())
        with pytest.raises(NotSignedIn):
            await home.devices.refresh(tokens.refresh_token)


async def test_other_secrets_are_no_refresh_tokens(database: JobDatabase) -> None:
    async with house(database) as home:
        tokens = await home.let_in(await home.person("ana"))
        for text in (tokens.access_token, mint(Kind.REFRESH)[0], "", "rt_x", "\x00"):
            with pytest.raises(NotSignedIn):
                await home.devices.refresh(text)
        assert await home.devices.find(shown(tokens.refresh_token)) is None


async def test_a_device_that_is_shut_out_is_out(database: JobDatabase) -> None:
    async with house(database) as home:
        ana, ben = await home.person("ana"), await home.person("ben")
        tokens = await home.let_in(ana)
        (device,) = await home.devices.of(ana.id)
        with pytest.raises(NotFound):
            await home.devices.revoke(device.id, by(ben))
        await home.devices.revoke(device.id, by(ana))
        assert await home.devices.find(shown(tokens.access_token)) is None
        with pytest.raises(NotSignedIn):
            await home.devices.refresh(tokens.refresh_token)


async def test_somebody_is_one_row_however_often_they_come(database: JobDatabase) -> None:
    async with house(database) as one, house(database) as other:
        found = await asyncio.gather(*(home.person("ana", Role.DESIGNER) for home in (one, other) for _ in range(5)))
        assert len({person.id for person in found}) == 1
        assert found[0].spaces == {"home"}
        renamed = await one.people.admit(Newcomer("tenant ana", "Ana Maria", frozenset({Role.EVALUATOR})))
        assert (renamed.id, renamed.name, renamed.told) == (found[0].id, "Ana Maria", frozenset({Role.EVALUATOR}))
        assert len(await one.people.people("", 10)) == 2, "dev is there from the beginning"


async def test_two_admins_that_revoke_each_other_leave_one(database: JobDatabase) -> None:
    async with house(database) as one, house(database) as other:
        for turn in range(5):
            names = (f"ana{turn}", f"ben{turn}")
            ana, ben = [await one.person(name) for name in names]
            for person in (ana, ben):
                await one.people.set_roles(person.id, frozenset({Role.ADMIN}), Signature("dev", "dev"))
            ended = await asyncio.gather(
                one.people.set_roles(ben.id, frozenset(), by(ana)),
                other.people.set_active(ana.id, False, by(ben)),
                return_exceptions=True,
            )
            assert sorted(type(end).__name__ for end in ended) == ["NotAllowed", "Person"]
            (left,) = [
                person
                for person in await one.people.people("", 100)
                if Role.ADMIN in person.roles and person.deactivated_at is None
            ]
            await one.people.set_roles(left.id, frozenset(), Signature("dev", "dev"))


async def test_the_last_admin_stays(database: JobDatabase) -> None:
    async with house(database) as home:
        ana = await home.person("ana", Role.ADMIN)
        with pytest.raises(StateConflict, match="make somebody else admin first"):
            await home.people.set_active(ana.id, False, by(ana))
        ben = await home.person("ben")
        await home.people.set_roles(ben.id, frozenset({Role.ADMIN}), by(ana))
        assert (await home.people.set_active(ana.id, False, by(ben))).deactivated_at == home.clock.now
        with pytest.raises(StateConflict):
            await home.people.set_roles(ben.id, frozenset({Role.DESIGNER}), by(ben))
        with pytest.raises(NotAllowed):
            await home.people.set_roles(ben.id, frozenset(), by(ana))
        with pytest.raises(NotFound):
            await home.people.set_roles("user_none", frozenset(), by(ben))


def test_user_codes_are_read_as_people_type_them() -> None:
    assert plain(" bcdf-2345\n") == plain("BCDF2345") == "BCDF2345"
    assert plain("aeiou0O1l") == "L", "letters that no code has are left out"
    assert plain("B" * 100) == "B" * 16
