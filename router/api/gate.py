"""Where every request is held against the policy, before its body is read: who asks, and whether they may."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import TypeAlias

from fastapi import Request
from fastapi.routing import iter_route_contexts
from starlette._utils import get_route_path
from starlette.routing import BaseRoute, Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from configs.errors import AtelierError, ConfigError, NotFound
from router.api.errors import answer_error
from router.api.guard import secured
from router.people.policy import Rule, Whose
from router.people.principal import Principal
from router.people.signing_in.door import Door
from router.people.spaces.access import HEADER, work_for

Match: TypeAlias = Callable[[str], re.Match[str] | None]
_SAID = re.compile(r"\{(\w+)=([^{}]+)\}")


class Gate:
    """ASGI middleware. What it lets through has its `rule` in `request.state`, and its `principal` unless the route is
    public. What leads nowhere is let through without them for the application to say so; `held` answers for it should
    a route take it all the same."""

    def __init__(self, app: ASGIApp, rules: Rules) -> None:
        self._app, self._rules = app, rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        rule = self._rules.find(scope) if scope["type"] == "http" else None
        if rule is None:
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        request.state.rule = rule
        if rule.whose is Whose.PUBLIC:
            await self._app(scope, receive, send)
            return
        door: Door = request.app.state.door
        try:
            principal = await door(request)
            rule.check(principal)
            principal = await _at_work(request, principal)
        except AtelierError as error:
            await answer_error(request, error)(scope, receive, secured(scope, send))
            return
        request.state.principal = principal
        await self._app(scope, receive, send)


async def held(request: Request) -> None:
    """What every route depends on: that the gate has found the rule of this request. Raises `NotFound` where a route
    takes a path for its own that the gate did not take for it (regular expressions end before a final line feed)."""
    if not hasattr(request.state, "rule"):
        raise NotFound("There is nothing at this path")


async def _at_work(request: Request, principal: Principal) -> Principal:
    """In the space that the request names, if it names one."""
    space = request.headers.get(HEADER)
    return principal if space is None else await work_for(request.app.state.studio.spaces, principal, space)


class Rules:
    """The rule of each route of an application, found as the application finds the route: in its order, by path and
    method. Grouped by the first name of their paths, so that a request is held against a few. `unused` are rows that
    no route has."""

    def __init__(self, routes: Iterable[BaseRoute], policy: Mapping[str, Rule]) -> None:
        """Raises `ConfigError` for routes without a row."""
        self._groups: dict[str, list[tuple[str, Match, Rule]]] = {}
        found = [*_paths(routes)]
        narrow = _narrow_rows(policy)
        without = sorted({key for key, _, _ in found} - policy.keys())
        if without:
            raise ConfigError(f"router/people/policy.py has no row for {', '.join(without)}: say who may call it")
        for key, method, match in found:
            group = self._groups.setdefault(_first(key.partition(" ")[2]), [])
            for row, said in narrow.get(key, ()):
                group.append((method, partial(_says, match, said), policy[row]))
            group.append((method, match, policy[key]))
        used = {key for key, _, _ in found}
        used |= {row for key in used for row, _ in narrow.get(key, ())}
        self.unused = tuple(sorted(policy.keys() - used))

    def find(self, scope: Scope) -> Rule | None:
        """None for what is no route."""
        path, method = get_route_path(scope), "GET" if scope["method"] == "HEAD" else scope["method"]
        for its, match, rule in self._groups.get(_first(path), ()):
            if its == method and match(path):
                return rule
        return None


def _paths(routes: Iterable[BaseRoute]) -> Iterator[tuple[str, str, Match]]:
    """`METHOD /path/{part}` of each route, its method, and what tells its paths."""
    for route in iter_route_contexts(list(routes)):
        if isinstance(route.original_route, Mount):
            yield f"GET {route.path}", "GET", route.path_regex.match
        else:
            for method in sorted(set(route.methods or ()) - {"HEAD"}):
                yield f"{method} {route.path_format}", method, route.path_regex.match


def _narrow_rows(policy: Mapping[str, Rule]) -> dict[str, list[tuple[str, dict[str, str]]]]:
    """Of a route: its rows for single values of parts of its path, and which values these are."""
    rows: dict[str, list[tuple[str, dict[str, str]]]] = {}
    for row in policy:
        if said := dict(_SAID.findall(row)):
            rows.setdefault(_SAID.sub(r"{\1}", row), []).append((row, said))
    return rows


def _says(match: Match, said: Mapping[str, str], path: str) -> re.Match[str] | None:
    """The match of a path that is the route's and says exactly these values, as the route itself reads them."""
    found = match(path)
    return found if found and all(found[part] == value for part, value in said.items()) else None


def _first(path: str) -> str:
    """The first name of a path."""
    return path.split("/", 2)[1] if "/" in path else ""
