"""What an operator says of webhooks: the `webhooks` part of a profile."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from configs.frozen import Frozen

_ALLOWED = re.compile(r"(?P<host>[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::(?P<port>\*|[0-9]{1,5}))?")


def _check_allowed(entry: str) -> str:
    found = _ALLOWED.fullmatch(entry.lower())
    if found is None or (found["port"] or "*") != "*" and not 0 < int(found["port"]) < 2**16:
        raise ValueError(f"'{entry}' is no host: write hooks.example, 10.1.2.3:8080, or 127.0.0.1:* for any port")
    return entry.lower()


AllowedHost = Annotated[str, AfterValidator(_check_allowed)]


class WebhookConfig(Frozen):
    """Where webhooks may go, and how many there may be."""

    allow: tuple[AllowedHost, ...] = Field(
        default=(),
        description="hosts (`name`, `name:port`, `name:*`) that may be private ones, and be called by plain http; all "
        "others must have public addresses and https",
    )
    studio_url: str = Field(
        default="", pattern=r"^(https?://\S*[^/\s])?$", description="put before links; empty: they are paths"
    )
    most_per_owner: int = Field(default=20, ge=0, description="webhooks that one owner may have; 0: none at all")

    def allows(self, host: str, port: int) -> bool:
        """Whether the operator has named it. Without a port, an entry stands for 80 and 443."""
        for entry in self.allow:
            found = _ALLOWED.fullmatch(entry)
            assert found is not None  # as it was checked
            if found["host"].strip("[]") != host:
                continue
            if found["port"] == "*" or port in ((80, 443) if found["port"] is None else (int(found["port"]),)):
                return True
        return False
