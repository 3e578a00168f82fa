"""Champions: what each asset type and quality is drawn with; promoted, let in step by step, taken back."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import Any, TypedDict, Unpack

from atelier.calls import Call, reader, segment
from atelier.errors import BadInput
from atelier.experiment_calls import given, id_of
from atelier.flow import Flow, request
from atelier.models.answers import Canary as Canary
from atelier.models.answers import Champion as Champion
from atelier.models.answers import ChampionList as ChampionList
from atelier.models.answers import Experiment, Overlay
from atelier.retry import Retry


class Promotion(TypedDict, total=False):
    """What is promoted: the `arm` of an `experiment`, or an `overlay` (`{"steps": {"draft": 4}}`). By a canary, unless
    `at_once`. `expected` is the revision that is to be changed: `StateConflict` where somebody was faster."""

    experiment: Experiment | str | None
    arm: str | None
    overlay: Overlay | Mapping[str, Any] | None
    at_once: bool
    expected: int | None


def _listed(path: str) -> Call[tuple[Champion, ...]]:
    read = reader(ChampionList)
    return Call("GET", path, lambda response: read(response).champions)


def _get(asset_type: str, quality: str) -> Call[Champion]:
    return Call("GET", _path(asset_type, quality), reader(Champion))


def _promoted(asset_type: str, quality: str, reason: str, retry: Retry, wish: Promotion) -> Flow[Champion]:
    known = Promotion.__annotations__
    for name in wish:
        if name not in known:
            raise BadInput(f"{name} is no field of a promotion; the fields are {', '.join(known)}")
    said: dict[str, Any] = {name: value for name, value in wish.items() if name != "expected"}
    if said.get("experiment") is not None:
        said["experiment"] = id_of(said["experiment"])
    body = given(reason=reason, **said)
    return _moved(asset_type, quality, "", body, wish.get("expected"), retry)


def _moved(
    asset_type: str, quality: str, step: str, body: Mapping[str, Any], expected: int | None, retry: Retry
) -> Flow[Champion]:
    """Change a champion from the revision that it is at. Sent again after its answer was lost, the change is refused
    and not made twice."""
    if expected is None:
        expected = (yield from request(_get(asset_type, quality), retry)).revision
    path, headers = f"{_path(asset_type, quality)}{step}", {"If-Match": f'"{expected}"'}
    return (yield from request(Call("POST", path, reader(Champion), body=body, headers=headers), retry))


def _path(asset_type: str, quality: str) -> str:
    return f"/champions/{segment(asset_type)}/{segment(quality)}"


class AsyncChampions:
    """The champions of a studio, by asset type and quality."""

    def __init__(self, walk: Callable[[Flow[Any]], Coroutine[Any, Any, Any]], retry: Retry) -> None:
        self._walk, self._retry = walk, retry

    async def list(self) -> tuple[Champion, ...]:
        """What was promoted; everything else is drawn as asset types, qualities and models say."""
        found: tuple[Champion, ...] = await self._walk(request(_listed("/champions"), self._retry))
        return found

    async def get(self, asset_type: str, quality: str) -> Champion:
        """One of them; of revision 0 where nothing was ever promoted."""
        found: Champion = await self._walk(request(_get(asset_type, quality), self._retry))
        return found

    async def promote(self, asset_type: str, quality: str, *, reason: str, **wish: Unpack[Promotion]) -> Champion:
        """Begin its canary, for 10 % of the people: the `arm` of an `experiment`, or an `overlay`. `warnings` of the
        answer say what speaks against it."""
        promoted: Champion = await self._walk(_promoted(asset_type, quality, reason, self._retry, wish))
        return promoted

    async def ramp(self, asset_type: str, quality: str, reason: str = "", expected: int | None = None) -> Champion:
        """Let the canary draw for the next share of the people (25 %, 50 %, all); after all it is the champion."""
        return await self._move(asset_type, quality, "/ramp", reason, expected)

    async def pause(self, asset_type: str, quality: str, reason: str = "", expected: int | None = None) -> Champion:
        """Keep the canary from drawing."""
        return await self._move(asset_type, quality, "/pause", reason, expected)

    async def resume(self, asset_type: str, quality: str, reason: str = "", expected: int | None = None) -> Champion:
        """Let a paused canary go on where it was."""
        return await self._move(asset_type, quality, "/resume", reason, expected)

    async def rollback(self, asset_type: str, quality: str, reason: str = "", expected: int | None = None) -> Champion:
        """Take a canary back; without one, go back to the champion before."""
        return await self._move(asset_type, quality, "/rollback", reason, expected)

    async def history(self, asset_type: str, quality: str) -> tuple[Champion, ...]:
        """All that it has been, the last first: who, when and why."""
        path = f"{_path(asset_type, quality)}/history"
        found: tuple[Champion, ...] = await self._walk(request(_listed(path), self._retry))
        return found

    async def _move(self, asset_type: str, quality: str, step: str, reason: str, expected: int | None) -> Champion:
        body = given(reason=reason)
        moved: Champion = await self._walk(_moved(asset_type, quality, step, body, expected, self._retry))
        return moved
