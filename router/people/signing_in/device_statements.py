"""Every statement about devices and their tokens."""

from __future__ import annotations

from sqlalchemy import bindparam, delete, func, insert, select, update

from router.people import statements as people
from router.people.signing_in.tables import code_tries, device_codes, device_tokens, devices
from router.people.tables import principals

INSERT_CODE = insert(device_codes)
FORGET_CODES = delete(device_codes).where(device_codes.c.expires_at <= bindparam("now"))
COUNT_CODES = select(func.count()).select_from(device_codes)
BY_USER_CODE = select(device_codes).where(
    device_codes.c.user_code == bindparam("of_user_code"), device_codes.c.expires_at > bindparam("now")
)
APPROVE = (
    update(device_codes)
    .where(device_codes.c.user_code == bindparam("of_user_code"), device_codes.c.approved_by.is_(None))
    .values(approved_by=bindparam("approved_by"))
)
_OF_CODE = device_codes.c.sha256 == bindparam("of_sha256")
BY_DEVICE_CODE = select(device_codes).where(_OF_CODE).with_for_update()
SET_POLLED = (
    update(device_codes)
    .where(_OF_CODE)
    .values(polled_at=bindparam("polled_at"), interval_seconds=bindparam("interval_seconds"))
)
FAIL_CODE = update(device_codes).where(_OF_CODE).values(failures=device_codes.c.failures + 1)
DELETE_CODE = delete(device_codes).where(_OF_CODE)

TRIES = select(code_tries).where(code_tries.c.principal == bindparam("of_principal"))
FORGET_TRIES = delete(code_tries).where(code_tries.c.principal == bindparam("of_principal"))
INSERT_TRIES = insert(code_tries)
COUNT_TRY = (
    update(code_tries)
    .where(code_tries.c.principal == bindparam("of_principal"))
    .values(failures=code_tries.c.failures + 1)
)

INSERT_DEVICE = insert(devices)
INSERT_TOKEN = insert(device_tokens)
DEVICES_OF_OWNER = (
    select(devices).where(devices.c.owner == bindparam("of_owner")).order_by(devices.c.created_at, devices.c.id)
)
LIVE_TOKEN = (
    people.PEOPLE.add_columns(device_tokens.c.expires_at, devices.c.id.label("device_id"), devices.c.used_at)
    .join(devices, devices.c.owner == principals.c.id)
    .join(device_tokens, device_tokens.c.device == devices.c.id)
    .where(
        device_tokens.c.sha256 == bindparam("of_sha256"),
        device_tokens.c.kind == "access",
        devices.c.revoked_at.is_(None),
    )
)
REFRESH_TOKEN = (
    select(device_tokens, devices.c.revoked_at, principals.c.deactivated_at)
    .join(devices, device_tokens.c.device == devices.c.id)
    .join(principals, devices.c.owner == principals.c.id)
    .where(device_tokens.c.sha256 == bindparam("of_sha256"), device_tokens.c.kind == "refresh")
)
REPLACE = (
    update(device_tokens)
    .where(device_tokens.c.sha256 == bindparam("of_sha256"), device_tokens.c.replaced_at.is_(None))
    .values(replaced_at=bindparam("replaced_at"))
)
FORGET_TOKENS = delete(device_tokens).where(
    device_tokens.c.device == bindparam("of_device"), device_tokens.c.expires_at <= bindparam("now")
)
SET_USED = update(devices).where(devices.c.id == bindparam("of_device")).values(used_at=bindparam("used_at"))
SHUT_OUT = (
    update(devices)
    .where(devices.c.id == bindparam("of_device"), devices.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("revoked_at"))
)
REVOKE = SHUT_OUT.where(devices.c.owner == bindparam("of_owner"))
