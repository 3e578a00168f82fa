"""Who asks, their API keys, and the devices that they have let in."""

from __future__ import annotations

from datetime import datetime

from atelier.models.body import Body


class Me(Body):
    """Who you are to the studio. `how` is dev, oidc, key or device; `scopes` narrow what your roles allow; `key` is the
    id of the key or the device that was shown."""

    id: str
    name: str
    roles: tuple[str, ...]
    space: str
    spaces: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    how: str
    scopes: tuple[str, ...] | None = None
    key: str | None = None


class Named(Body):
    """What others are told of somebody."""

    id: str
    name: str


class Names(Body):
    """People by their names."""

    people: tuple[Named, ...]


class ApiKey(Body):
    """An API key, all but the key itself."""

    id: str
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    revoked_at: datetime | None = None


class NewApiKey(ApiKey):
    """A new API key. `key` is told now and never again."""

    key: str


class ApiKeys(Body):
    """Your API keys, the oldest first."""

    keys: tuple[ApiKey, ...]


class DeviceCode(Body):
    """What to show to whoever lets this program in, and what to ask for tokens with."""

    device_code: str
    user_code: str
    verification_uri: str
    verification_uri_complete: str
    expires_in: int
    interval: int


class Tokens(Body):
    """What to show for `expires_in` seconds, and what to get the next ones with."""

    access_token: str
    refresh_token: str
    expires_in: int
