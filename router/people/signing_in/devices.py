"""Devices that people let in: a command line, a plugin, a chat. The device shows a code, a person who has signed in
approves it, and the device gets tokens of ours. The shape is that of RFC 8628, with a challenge as in RFC 7636: who
sees the device code on its way cannot use it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Concatenate, ParamSpec

from sqlalchemy import Connection

from configs.errors import AtelierError
from router.people.audit.model import Signature
from router.people.principal import Principal
from router.people.rows import read_people
from router.people.signing_in import device_statements as statements
from router.people.signing_in import device_transactions as transactions
from router.people.signing_in.keys import Shown
from router.people.signing_in.opaque import Kind, Opaque, mint, read
from router.storage.database import Database

P = ParamSpec("P")

INTERVAL_SECONDS = 5
CODE_LIFE = timedelta(minutes=10)
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ23456789"
"""Of user codes: no vowels, so that no words come of them, and nothing that looks like something else."""
_USED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class NewCode:
    """What a device is told: `device_code` it keeps, `user_code` it shows."""

    device_code: str
    user_code: str
    expires_in: int
    interval: int


@dataclass(frozen=True, slots=True)
class Asking:
    """A device that asks to be let in, as the person sees it who is to approve it."""

    user_code: str
    client: str
    created_at: datetime
    expires_at: datetime
    approved: bool


@dataclass(frozen=True, slots=True)
class Device:
    """A device that was let in."""

    id: str
    client: str
    created_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a device shows from now on, and what it gets the next ones with; each works once for that."""

    access_token: str
    refresh_token: str
    expires_in: int


class DeviceStore:
    """Every method raises `StoreUnavailable` while the database does not answer."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database, self._clock = database, clock

    async def begin(self, client: str, challenge: str) -> NewCode:
        """Codes for a device that calls itself `client`. `challenge` is the SHA-256 of its verifier, base64url."""
        text, kept = mint(Kind.DEVICE)
        user_code, now = _user_code(), self._clock()
        row = {
            "sha256": kept.sha256,
            "user_code": user_code,
            "client": client,
            "challenge": challenge,
            "interval_seconds": INTERVAL_SECONDS,
            "created_at": now,
            "expires_at": now + CODE_LIFE,
        }
        await self._database.write(transactions.begin, row, now)
        return NewCode(text, spelled(user_code), int(CODE_LIFE.total_seconds()), INTERVAL_SECONDS)

    async def asking(self, user_code: str, person: Principal) -> Asking:
        """Who asks with this code. Raises `NotFound`, and `TooBusy` for who has tried too many that are none."""
        return _asking(await self._done(transactions.look, plain(user_code), person, self._clock()))

    async def approve(self, user_code: str, person: Principal, by: Signature) -> Asking:
        """Let the device in as `person`. Raises as `asking` does, and `StateConflict` where somebody has."""
        return _asking(await self._done(transactions.approve, plain(user_code), person, by, self._clock()))

    async def finish(self, device_code: str, verifier: str) -> Tokens:
        """Tokens for a device whose code was approved, once. Raises `DeviceRefused` with what RFC 8628 says."""
        shown = read(device_code)
        made = transactions.Made(*mint(Kind.ACCESS), *mint(Kind.REFRESH), secrets.token_hex(12))
        sha256 = shown.sha256 if shown is not None and shown.kind is Kind.DEVICE else ""
        challenge = challenge_of(verifier)

        def proves(kept: str) -> bool:
            return hmac.compare_digest(kept, challenge)

        await self._done(transactions.finish, sha256, proves, made, self._clock())
        return _tokens(made)

    async def refresh(self, refresh_token: str) -> Tokens:
        """New tokens for a refresh token, which counts once: when it comes again, two have it, and the device is shut
        out. Raises `NotSignedIn`."""
        shown = read(refresh_token)
        made = transactions.Made(*mint(Kind.ACCESS), *mint(Kind.REFRESH), "")
        sha256 = shown.sha256 if shown is not None and shown.kind is Kind.REFRESH else ""
        await self._done(transactions.refresh, sha256, made, self._clock())
        return _tokens(made)

    async def find(self, shown: Opaque) -> Shown | None:
        """Whose access token it is; None where it is none, or not any more. Notes that the device was used."""
        found = await self._database.read(statements.LIVE_TOKEN, of_sha256=shown.sha256)
        now = self._clock()
        if not found or found[0].expires_at <= now:
            return None
        used = found[0].used_at
        if used is None or now - used >= _USED_EVERY:
            await self._database.write(transactions.use, found[0].device_id, now)
        return Shown(next(read_people(found)), found[0].device_id, None)

    async def of(self, owner: str) -> tuple[Device, ...]:
        """All that somebody has let in, the oldest first."""
        found = await self._database.read(statements.DEVICES_OF_OWNER, of_owner=owner)
        return tuple(Device(row.id, row.client, row.created_at, row.used_at, row.revoked_at) for row in found)

    async def revoke(self, id: str, by: Signature) -> None:
        """Shut a device of whoever signs out, from its next request on. Raises `NotFound`."""
        await self._database.write(transactions.revoke, id, by, self._clock())

    async def _done(
        self, transaction: Callable[Concatenate[Connection, P], Any], *args: P.args, **kwargs: P.kwargs
    ) -> Any:
        """What `transaction` returns; raised after it was kept, where it is an error."""
        result = await self._database.write(transaction, *args, **kwargs)
        if isinstance(result, AtelierError):
            raise result
        return result


def plain(user_code: str) -> str:
    """A user code as it is kept, however somebody has typed it."""
    return "".join(letter for letter in user_code.upper() if letter in _LETTERS)[:16]


def spelled(user_code: str) -> str:
    """A user code as people read it: `BCDF-2345`."""
    return f"{user_code[:4]}-{user_code[4:]}"


def _user_code() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(8))


def challenge_of(verifier: str) -> str:
    """SHA-256 as RFC 7636 writes it."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _asking(row: Any) -> Asking:
    return Asking(
        spelled(row.user_code), row.client, row.created_at, row.expires_at, approved=row.approved_by is not None
    )


def _tokens(made: transactions.Made) -> Tokens:
    return Tokens(made.access, made.refresh, int(transactions.ACCESS_LIFE.total_seconds()))
