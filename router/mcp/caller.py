"""Who calls a tool: what a tool asks routes for, and tells of how far it is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from fastapi import Request

from router.mcp.asking import Query, RouteAnswer, ask_route

Report: TypeAlias = Callable[[float, float | None, str | None], Awaitable[None]]
"""Tells the caller how far a call is: so much, of so much, in words. It waits until that is on its way."""

LEFT = "atelier.mcp.left"
"""In the scope of a request: set once its client has closed the connection."""


@dataclass(frozen=True, slots=True)
class Caller:
    """One call of a tool. `leaving_cancels`: whether who leaves means to cancel it, as the protocol has it since
    2026-07-28; before, a dropped connection says nothing."""

    request: Request
    report: Report
    leaving_cancels: bool = False

    async def ask(
        self, method: str, path: str, query: Query = (), body: Mapping[str, Any] | None = None
    ) -> RouteAnswer:
        """What a route answers them. Raises `RouteRefused`."""
        return await ask_route(self.request, method, path, query, body)

    @property
    def has_canceled(self) -> bool:
        """Whether the call ends because its client wants it to, and not because this process ends."""
        return self.leaving_cancels and LEFT in self.request.scope
