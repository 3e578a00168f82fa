"""Who changed what: what the studio answers of its audit, and the questions, for both clients."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TypedDict, Unpack

from atelier.calls import Call, reader
from atelier.errors import BadInput
from atelier.flow import Flow, fetch
from atelier.models.answers import AuditLine as AuditLine
from atelier.models.answers import AuditObject as AuditObject
from atelier.models.answers import AuditPage as AuditPage
from atelier.retry import Retry
from atelier.values import to_text


class AuditFilter(TypedDict, total=False):
    """Which lines: by the id of a person, an action (`library.mark`) or its group (`library`), what was changed
    (`loras`, or `loras/harbour`), from a time on and before another."""

    who: str | None
    action: str | None
    on: str | None
    since: datetime | None
    until: datetime | None


_NAMES = {"who": "who", "action": "action", "on": "on", "since": "from", "until": "to"}


def _params(chosen: AuditFilter) -> dict[str, str | int]:
    """Raises `BadInput`, naming the field."""
    params: dict[str, str | int] = {}
    for name, value in chosen.items():
        if name not in _NAMES:
            raise BadInput(f"{name} is nothing that lines are chosen by; they are by {', '.join(_NAMES)}")
        if isinstance(value, datetime):
            params[_NAMES[name]] = value.isoformat()
        elif value is not None:
            params[_NAMES[name]] = to_text(str(value), name)
    return params


def _page(chosen: AuditFilter, page_size: int, before: int | None) -> Call[AuditPage]:
    params = _params(chosen) | {"limit": page_size} | ({} if before is None else {"before": before})
    return Call("GET", "/audit", reader(AuditPage), params=params)


def _export(chosen: AuditFilter, to: str | Path, retry: Retry) -> Flow[Path]:
    return fetch(Call("GET", "/audit.jsonl", lambda _: None, params=_params(chosen)), Path(to), retry)


class AsyncAudit:
    """The audit of a studio, for its operators and admins."""

    def __init__(
        self, run: Callable[[Call[Any]], Awaitable[Any]], walk: Callable[[Flow[Any]], Awaitable[Any]], retry: Retry
    ) -> None:
        self._run, self._walk, self._retry = run, walk, retry

    async def lines(self, page_size: int = 50, **chosen: Unpack[AuditFilter]) -> AsyncIterator[AuditLine]:
        """Who changed what, newest first; pages are fetched as they are needed."""
        before: int | None = None
        while True:
            page: AuditPage = await self._run(_page(chosen, page_size, before))
            for line in page.lines:
                yield line
            if page.next is None:
                return
            before = page.next

    async def export(self, to: str | Path, **chosen: Unpack[AuditFilter]) -> Path:
        """Write it to a file as JSON lines, oldest first."""
        written: Path = await self._walk(_export(chosen, to, self._retry))
        return written
