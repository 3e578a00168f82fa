"""An issuer's public keys: looked for at the start, kept fresh, and believed for a while when the issuer is away.

A token with a key that is not known has them looked for again, once in a while: whoever sends many such tokens does not
have the issuer asked for each.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

from jwt import PyJWK, PyJWKSet
from jwt.exceptions import PyJWTError
from jwt.jwks_client import PyJWKClient

from configs.errors import IssuerUnavailable
from configs.sign_in import KeyLifetimes

_log = logging.getLogger("atelier.sign_in")
_DISCOVERY = "/.well-known/openid-configuration"

Fetch = Callable[[str, float], Any]
"""The JSON object at a URL, within seconds. Raises `PyJWTError`, `OSError` or `ValueError`."""


def fetch_json(url: str, timeout_seconds: float) -> Any:
    """By PyJWT's client, which follows no redirect."""
    return PyJWKClient(url, cache_jwk_set=False, timeout=timeout_seconds).fetch_data()


class IssuerKeys:
    """The keys of one issuer. Used from one event loop."""

    def __init__(
        self,
        issuer: str,
        lifetimes: KeyLifetimes,
        fetch: Fetch = fetch_json,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._issuer, self._lifetimes = issuer, lifetimes
        self._fetch, self._clock = fetch, clock
        self._keys: dict[str, PyJWK] = {}
        self._endpoints: dict[str, str] = {}
        self._found_at: float | None = None
        self._looked_at: float | None = None
        self._looking = asyncio.Lock()

    async def find(self, kid: str) -> PyJWK | None:
        """The key of this name; None where the issuer has none. Raises `IssuerUnavailable` where no keys are known
        that may still be believed."""
        if self._age() <= self._lifetimes.keep_seconds and kid in self._keys:
            return self._keys[kid]
        await self._look()
        if self._age() > self._lifetimes.keep_seconds:
            raise IssuerUnavailable(f"{self._issuer} does not answer, which signs people in: try again later")
        return self._keys.get(kid)

    async def endpoints(self) -> dict[str, str]:
        """What its discovery document says of where to sign in. Raises `IssuerUnavailable`."""
        if not self._endpoints:
            await self._look()
        if not self._endpoints:
            raise IssuerUnavailable(f"{self._issuer} does not answer, which signs people in: try again later")
        return self._endpoints

    async def refresh(self) -> None:
        """Look for the keys now, and keep those that are known if there are none to be had."""
        await self._look()

    def _age(self) -> float:
        """Seconds since the keys were found."""
        return float("inf") if self._found_at is None else self._clock() - self._found_at

    async def _look(self) -> None:
        """Ask the issuer, unless that was done just now; whoever comes meanwhile waits for the answer."""
        async with self._looking:
            if self._looked_at is not None and self._clock() - self._looked_at < self._lifetimes.cooldown_seconds:
                return
            self._looked_at = self._clock()
            try:
                keys, endpoints = await asyncio.to_thread(self._read)
            except (PyJWTError, OSError, ValueError) as error:
                _log.warning("the keys of %s cannot be had: %s", self._issuer, error)
                return
            self._keys, self._endpoints, self._found_at = keys, endpoints, self._clock()

    def _read(self) -> tuple[dict[str, PyJWK], dict[str, str]]:
        """The keys, and where to sign in."""
        seconds = self._lifetimes.timeout_seconds
        document = self._fetch(f"{self._issuer.rstrip('/')}{_DISCOVERY}", seconds)
        if document.get("issuer") != self._issuer:
            raise ValueError("its discovery document names another issuer")
        url = document.get("jwks_uri")
        if not isinstance(url, str) or url.partition("://")[0] not in ("https", self._issuer.partition("://")[0]):
            raise ValueError("its discovery document has no usable jwks_uri")
        found = PyJWKSet.from_dict(self._fetch(url, seconds))
        keys = {key.key_id: key for key in found.keys if key.key_id and key.public_key_use in (None, "sig")}
        return keys, {name: value for name, value in document.items() if isinstance(value, str)}
