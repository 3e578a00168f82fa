"""Where a webhook may go: nowhere that only this studio's network can reach (SSRF, OWASP API7:2023).

A name is resolved once for each attempt, every address that it has must be public, and it is that address which is
connected to: a name that is public when it is looked at and private when it is called gains nothing.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TypeAlias
from urllib.parse import urlsplit

from configs.errors import InvalidRequest
from configs.webhooks import WebhookConfig

Resolve: TypeAlias = Callable[[str, int], Awaitable[tuple[str, ...]]]
"""The addresses of a host, for a port. Raises `OSError`."""

MOST_URL_CHARS = 2000
_PORTS = (443, 8443)  # that https is listened for on; another one is more likely to be something else
_EMBEDDING = IPv6Network("64:ff9b::/96")  # NAT64: how a network without IPv4 reaches it
_PUBLIC = IPv6Network("2000::/3")  # all that was ever given out
_TUNNELS = (IPv6Network("2002::/16"), IPv6Network("2001::/32"))  # 6to4, Teredo: an IPv4 address inside
_OF_CLOUDS = (IPv4Network("168.63.129.16/32"), IPv4Network("192.0.0.0/24"))
"""What answers a machine of Azure, and of Oracle, about itself; Python takes them for public."""


@dataclass(frozen=True, slots=True)
class Target:
    """A URL in its parts. `host` is as it is written, without brackets; `is_allowed`: the operator has named it."""

    scheme: str
    host: str
    port: int
    path: str
    is_allowed: bool

    @property
    def authority(self) -> str:
        """The host and the port as the header Host says them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.scheme == "https" else 80) else f"{host}:{self.port}"


def read_target(url: str, config: WebhookConfig) -> Target:
    """The parts of a URL that a webhook may have. Raises `InvalidRequest`."""
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        raise InvalidRequest("this is no URL: write one such as https://hooks.example/atelier", "url") from None
    if not (url.isascii() and url.isprintable() and " " not in url and len(url) <= MOST_URL_CHARS and host):
        raise InvalidRequest("this is no URL: write one such as https://hooks.example/atelier, in ASCII", "url")
    if parts.scheme not in ("https", "http"):
        raise InvalidRequest(f"webhooks go to https, not '{parts.scheme[:20]}'", "url")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise InvalidRequest("leave name, password and fragment out of the URL: the signature says who sends", "url")
    port = port if port is not None else 443 if parts.scheme == "https" else 80
    allowed = config.allows(host, port)
    if parts.scheme == "http" and not allowed:
        raise InvalidRequest(
            "webhooks go to https; plain http only to hosts that the profile allows (webhooks.allow)", "url"
        )
    if not allowed and port not in _PORTS:
        known = " and ".join(map(str, _PORTS))
        raise InvalidRequest(f"webhooks go to the ports {known}, not {port}; the profile can allow more", "url")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, path, allowed)


async def find_address(target: Target, resolve: Resolve) -> str:
    """The address to connect to. Raises `InvalidRequest` where one of those that the host has is not public, and where
    it has none."""
    try:
        found = await resolve(target.host, target.port)
    except (OSError, UnicodeError):
        found = ()
    if not found:
        raise InvalidRequest(f"'{target.host}' has no address: check the name", "url")
    if not target.is_allowed:
        for address in found:
            if not is_public(address):
                raise InvalidRequest(
                    f"'{target.host}' is in a private network: webhooks go to public addresses, and to hosts that the "
                    "profile allows (webhooks.allow)",
                    "url",
                )
    return found[0]


def is_public(address: str) -> bool:
    """Whether everybody can reach it. An IPv4 address that is mapped into an IPv6 one, or behind NAT64, counts as
    itself; those inside of tunnels do not count at all."""
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped is not None:
            ip = ip.ipv4_mapped
        elif ip in _EMBEDDING:
            ip = IPv4Address(int(ip) & 0xFFFFFFFF)
        else:
            return ip in _PUBLIC and ip.is_global and not any(ip in tunnel for tunnel in _TUNNELS)
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or any(ip in one for one in _OF_CLOUDS))


async def resolve(host: str, port: int) -> tuple[str, ...]:
    """As this machine does; it knows a number in whatever form it is written (2130706433, 0x7f.1, 0177.0.0.1)."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(one[4][0]) for one in found))
