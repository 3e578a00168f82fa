"""The transactions of devices. What is refused is returned, and raised by whoever asked for it, where it must be kept
that somebody has tried: what raises leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from configs.errors import AtelierError, DeviceRefused, NotFound, NotSignedIn, StateConflict, TooBusy
from router.people import transactions as people
from router.people.audit.model import Signature
from router.people.audit.writing import write_line
from router.people.principal import Principal
from router.people.signing_in import device_statements as statements
from router.people.signing_in.opaque import Opaque

MOST_TRIES = 5
_LOCKED_FOR = timedelta(minutes=10)
ACCESS_LIFE = timedelta(hours=1)
_REFRESH_LIFE = timedelta(days=30)
_SLOWER_SECONDS = 5
_MOST_CODES = 10_000  # at a time: anybody may ask for one


@dataclass(frozen=True, slots=True)
class Made:
    """New tokens, as text and as they are kept, and the id of a new device."""

    access: str
    access_kept: Opaque
    refresh: str
    refresh_kept: Opaque
    device: str


def begin(connection: Connection, row: Mapping[str, Any], now: datetime) -> None:
    """Keep a new code; those whose time is over go. Raises `TooBusy`."""
    connection.execute(statements.FORGET_CODES, {"now": now})
    if connection.execute(statements.COUNT_CODES).scalar_one() >= _MOST_CODES:
        raise TooBusy("many devices ask to be let in just now: try again in some minutes")
    connection.execute(statements.INSERT_CODE, row)


def look(connection: Connection, user_code: str, person: Principal, now: datetime) -> Any:
    """The row of a user code, or why there is none for this person: an error, to be raised."""
    tries = connection.execute(statements.TRIES, {"of_principal": person.id}).first()
    if tries is not None and now - tries.since >= _LOCKED_FOR:
        connection.execute(statements.FORGET_TRIES, {"of_principal": person.id})
        tries = None
    if tries is not None and tries.failures >= MOST_TRIES:
        return TooBusy(f"that was the wrong code {MOST_TRIES} times: try again in ten minutes", "user_code")
    found = connection.execute(statements.BY_USER_CODE, {"of_user_code": user_code, "now": now}).first()
    if found is not None:
        return found
    if tries is None:
        connection.execute(statements.INSERT_TRIES, {"principal": person.id, "failures": 1, "since": now})
    else:
        connection.execute(statements.COUNT_TRY, {"of_principal": person.id})
    return NotFound("no device shows this code, or not any more: look at it again", "user_code")


def approve(connection: Connection, user_code: str, person: Principal, by: Signature, now: datetime) -> Any:
    """The row of a user code that is approved now, or an error, to be raised."""
    found = look(connection, user_code, person, now)
    if isinstance(found, AtelierError):
        return found
    people.ensure(connection, person.id, person.name, now)
    said = {"of_user_code": user_code, "approved_by": person.id}
    if connection.execute(statements.APPROVE, said).rowcount == 0:
        return StateConflict("this code was approved already: have the device show a new one")
    connection.execute(statements.FORGET_TRIES, {"of_principal": person.id})
    write_line(connection, by, "device.approve", ("client", found.client), {}, now)
    return connection.execute(statements.BY_USER_CODE, {"of_user_code": user_code, "now": now}).one()


def finish(
    connection: Connection, sha256: str, proves: Callable[[str], bool], made: Made, now: datetime
) -> AtelierError | None:
    """Make the device of an approved code, and forget the code; or say why not."""
    code = connection.execute(statements.BY_DEVICE_CODE, {"of_sha256": sha256}).first()
    if code is None or code.expires_at <= now:
        return DeviceRefused("the code is not known, or its time is over: begin anew", error="expired_token")
    if not proves(code.challenge):
        return _fail(connection, code)
    if code.approved_by is None:
        return _wait(connection, code, now)
    connection.execute(statements.DELETE_CODE, {"of_sha256": sha256})
    row = {"id": made.device, "owner": code.approved_by, "client": code.client, "created_at": now}
    connection.execute(statements.INSERT_DEVICE, row)
    _give(connection, made.device, made, now)
    return None


def _fail(connection: Connection, code: Any) -> DeviceRefused:
    """Whoever has a device code without its verifier may try a few times, and then it is gone."""
    spent = code.failures + 1 >= MOST_TRIES
    connection.execute(statements.DELETE_CODE if spent else statements.FAIL_CODE, {"of_sha256": code.sha256})
    return DeviceRefused("code_verifier is not the one that this code was asked for with", error="access_denied")


def _wait(connection: Connection, code: Any, now: datetime) -> DeviceRefused:
    """Nobody has approved it yet. Who asks too often is to ask less often from then on."""
    hasty = code.polled_at is not None and (now - code.polled_at).total_seconds() < code.interval_seconds - 0.5
    interval = code.interval_seconds + (_SLOWER_SECONDS if hasty else 0)
    said = {"of_sha256": code.sha256, "polled_at": now, "interval_seconds": interval}
    connection.execute(statements.SET_POLLED, said)
    if hasty:
        return DeviceRefused(f"ask every {interval} seconds, not more often", error="slow_down")
    return DeviceRefused("nobody has approved the code yet", error="authorization_pending")


def refresh(connection: Connection, sha256: str, made: Made, now: datetime) -> AtelierError | None:
    """Replace a refresh token; or say why not."""
    first = connection.execute(statements.REPLACE, {"of_sha256": sha256, "replaced_at": now}).rowcount == 1
    found = connection.execute(statements.REFRESH_TOKEN, {"of_sha256": sha256}).first()
    if found is not None and not first:  # two have it: one of them may be a thief
        connection.execute(statements.SHUT_OUT, {"of_device": found.device, "revoked_at": now})
        return NotSignedIn("this sign-in was used twice, and is shut out for that: sign in again", refused=True)
    if found is None or found.expires_at <= now or found.revoked_at is not None or found.deactivated_at is not None:
        return NotSignedIn("this sign-in does not count any more: sign in again", refused=True)
    connection.execute(statements.FORGET_TOKENS, {"of_device": found.device, "now": now})
    _give(connection, found.device, made, now)
    return None


def _give(connection: Connection, device: str, made: Made, now: datetime) -> None:
    for kind, kept, life in (
        ("access", made.access_kept, ACCESS_LIFE),
        ("refresh", made.refresh_kept, _REFRESH_LIFE),
    ):
        row = {"sha256": kept.sha256, "device": device, "kind": kind, "expires_at": now + life}
        connection.execute(statements.INSERT_TOKEN, row)


def use(connection: Connection, device: str, now: datetime) -> None:
    """Note that a device was used."""
    connection.execute(statements.SET_USED, {"of_device": device, "used_at": now})


def revoke(connection: Connection, device: str, by: Signature, now: datetime) -> None:
    """Raises `NotFound`."""
    said = {"of_owner": by.who, "of_device": device, "revoked_at": now}
    if connection.execute(statements.REVOKE, said).rowcount == 0:
        raise NotFound("you have no such device, or it is shut out already", "id")
    write_line(connection, by, "device.revoke", ("device", device), {}, now)
