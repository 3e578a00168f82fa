"""Which pages in browsers may talk to the server.

A browser says with each POST which page sends it (`Origin`); programs say nothing. A page elsewhere that has its own
name lead to this machine (DNS rebinding) is what there is to fear, and only where nobody has to sign in: it has no
token. Its name is in `Origin`, so that `Host`, which proxies change, needs no list of its own.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

REFUSED = (
    "this page may not use the studio's MCP server: programs and agents reach it without an Origin header, pages only "
    "from the studio's own address"
)


def may_ask(origin: str | None, address: str, sign_in: bool) -> bool:
    """Whether a request from a page of `origin` (None: from no page) is taken, at a studio whose `address` it came to
    (`https://studio.example:8000`), where people have to `sign_in` or not."""
    if origin is None:
        return True
    if origin.lower().rstrip("/") != address.lower().rstrip("/"):
        return False
    return sign_in or _is_an_address(origin)


def _is_an_address(origin: str) -> bool:
    """Of a machine, and no name, which leads wherever its owner says."""
    try:
        host = urlsplit(origin).hostname or ""
        return host == "localhost" or bool(ipaddress.ip_address(host))
    except ValueError:
        return False
