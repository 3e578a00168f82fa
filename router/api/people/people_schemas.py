"""Bodies of what people are, and of what they sign in with."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field, StrictBool, StringConstraints

from configs.frozen import Frozen
from configs.text import one_line
from router.people.policy import Scope
from router.people.principal import How, Role
from router.people.signing_in.keys import LONGEST_DAYS


def _shown(name: str) -> str:
    """On one line, without anything hidden."""
    if not (line := one_line(name)):
        raise ValueError("nothing of it can be seen")
    return line


Name = Annotated[str, StringConstraints(min_length=1, max_length=100), AfterValidator(_shown)]
_Secret = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[!-~]+$")]
UserCode = Annotated[str, StringConstraints(min_length=1, max_length=32)]


class MeBody(Frozen):
    """Who asks, as the studio sees it."""

    id: str
    name: str
    roles: tuple[Role, ...]
    space: str = Field(description="that you work for now")
    spaces: tuple[str, ...]
    groups: tuple[str, ...]
    how: How = Field(description="you have signed in")
    scopes: tuple[str, ...] | None = Field(default=None, description="that narrow it; absent where nothing does")
    key: str | None = Field(default=None, description="id of the API key or the device that was shown")


class NewKeyBody(Frozen):
    """What a new API key may do, and for how long."""

    name: Name = Field(description="by which you know it again")
    scopes: tuple[Scope, ...] = Field(min_length=1, max_length=20)
    days: int = Field(default=90, ge=1, le=LONGEST_DAYS, description="after which it counts no more")


class KeyBody(Frozen):
    """An API key, all but the key itself."""

    id: str
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    revoked_at: datetime | None = None


class CreatedKeyBody(KeyBody):
    """A new API key. `key` is told now and never again."""

    key: str


class KeysBody(Frozen):
    """Your API keys, the oldest first."""

    keys: tuple[KeyBody, ...]


class DeviceBody(Frozen):
    """A device that you have let in."""

    id: str
    client: str
    created_at: datetime
    used_at: datetime | None = None
    revoked_at: datetime | None = None


class DevicesBody(Frozen):
    """The devices that you have let in, the oldest first."""

    devices: tuple[DeviceBody, ...]


class DeviceWish(Frozen):
    """A device that wants to be let in."""

    client: Name = Field(description="what it calls itself to the person who approves it")
    code_challenge: str = Field(
        pattern=r"^[A-Za-z0-9_-]{43}$", description="SHA-256 of a verifier of its own, base64url without padding"
    )


class DeviceCodeBody(Frozen):
    """What a device shows (`user_code`, `verification_uri`) and what it keeps (`device_code`)."""

    device_code: str
    user_code: str
    verification_uri: str
    verification_uri_complete: str
    expires_in: int = Field(description="seconds")
    interval: int = Field(description="seconds between two questions whether it was approved")


class DeviceTokenWish(Frozen):
    """What a device proves that it is the one with."""

    device_code: _Secret
    code_verifier: str = Field(min_length=43, max_length=128, pattern=r"^[A-Za-z0-9._~-]+$")


class RefreshWish(Frozen):
    """A refresh token, which counts once."""

    refresh_token: _Secret


class TokensBody(Frozen):
    """What to show from now on, for `expires_in` seconds, and what to get the next ones with."""

    access_token: str
    refresh_token: str
    token_type: str = "Bearer"
    expires_in: int


class ApproveBody(Frozen):
    """The code that a device shows."""

    user_code: UserCode


class AskingBody(Frozen):
    """A device that asks to be let in. Approve it only if it is yours, and you have just begun it."""

    user_code: str
    client: str
    created_at: datetime
    expires_at: datetime
    approved: bool


class IssuerBody(Frozen):
    """Where a person signs in, for a page: OpenID Connect, authorization code with PKCE."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    client_id: str
    scope: str


class IssuersBody(Frozen):
    """Where people sign in; nowhere where a studio needs no sign-in, or has no page for it."""

    issuers: tuple[IssuerBody, ...]
    needed: bool = Field(description="whether anybody has to sign in here")


class PersonBody(Frozen):
    """Somebody who has signed in. `given_roles` are those that an admin has given, beside those of the token."""

    id: str
    name: str
    roles: tuple[Role, ...]
    given_roles: tuple[Role, ...]
    active: bool
    created_at: datetime
    seen_at: datetime | None = None


class PeopleBody(Frozen):
    """A page of people, by id."""

    people: tuple[PersonBody, ...]
    next: str | None = Field(default=None, description="`after` of the next page; absent on the last")


class NamedBody(Frozen):
    """What others are told of somebody."""

    id: str
    name: str


class NamesBody(Frozen):
    """People by their names."""

    people: tuple[NamedBody, ...]


class RolesBody(Frozen):
    """The roles that an admin gives, in place of those given before."""

    roles: tuple[Role, ...] = Field(max_length=10)


class ActiveBody(Frozen):
    """Whether somebody may come in."""

    active: StrictBool
