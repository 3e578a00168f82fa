"""Loopback needs no proxy: what the studio's processes say to each other and to a store beside them stays here."""

from __future__ import annotations

from collections.abc import MutableMapping

_LOOPBACK = ("localhost", ".localhost", "127.0.0.1", "127.0.0.0/8", "::1")


def except_loopback(environment: MutableMapping[str, str]) -> None:
    """Add loopback to NO_PROXY in both spellings, since libraries read one or the other; what was there stays.

    Both get what both said: whichever a library prefers, it excepts nothing less than before.
    """
    listed = [one.strip() for name in ("no_proxy", "NO_PROXY") for one in environment.get(name, "").split(",")]
    value = ",".join(dict.fromkeys([one for one in listed if one] + list(_LOOPBACK)))
    environment["no_proxy"] = environment["NO_PROXY"] = value
