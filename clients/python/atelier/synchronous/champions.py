"""Written by `python -m clients.generator.synchronous` from `champions.py`, where it is changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Unpack

from atelier.champions import Promotion, _get, _listed, _moved, _path, _promoted
from atelier.experiment_calls import given
from atelier.flow import Flow, request
from atelier.models.answers import Champion as Champion
from atelier.retry import Retry


class Champions:
    """The champions of a studio, by asset type and quality."""

    def __init__(self, walk: Callable[[Flow[Any]], Any], retry: Retry) -> None:
        self._walk, self._retry = walk, retry

    def list(self) -> tuple[Champion, ...]:
        """What was promoted; everything else is drawn as asset types, qualities and models say."""
        found: tuple[Champion, ...] = self._walk(request(_listed("/champions"), self._retry))
        return found

    def get(self, asset_type: str, quality: str) -> Champion:
        """One of them; of revision 0 where nothing was ever promoted."""
        found: Champion = self._walk(request(_get(asset_type, quality), self._retry))
        return found

    def promote(self, asset_type: str, quality: str, *, reason: str, **wish: Unpack[Promotion]) -> Champion:
        """Begin its canary, for 10 % of the people: the `arm` of an `experiment`, or an `overlay`. `warnings` of the
        answer say what speaks against it."""
        promoted: Champion = self._walk(_promoted(asset_type, quality, reason, self._retry, wish))
        return promoted

    def ramp(self, asset_type: str, quality: str, reason: str = "", expected: int | None = None) -> Champion:
        """Let the canary draw for the next share of the people (25 %, 50 %, all); after all it is the champion."""
        return self._move(asset_type, quality, "/ramp", reason, expected)

    def pause(self, asset_type: str, quality: str, reason: str = "", expected: int | None = None) -> Champion:
        """Keep the canary from drawing."""
        return self._move(asset_type, quality, "/pause", reason, expected)

    def resume(self, asset_type: str, quality: str, reason: str = "", expected: int | None = None) -> Champion:
        """Let a paused canary go on where it was."""
        return self._move(asset_type, quality, "/resume", reason, expected)

    def rollback(self, asset_type: str, quality: str, reason: str = "", expected: int | None = None) -> Champion:
        """Take a canary back; without one, go back to the champion before."""
        return self._move(asset_type, quality, "/rollback", reason, expected)

    def history(self, asset_type: str, quality: str) -> tuple[Champion, ...]:
        """All that it has been, the last first: who, when and why."""
        path = f"{_path(asset_type, quality)}/history"
        found: tuple[Champion, ...] = self._walk(request(_listed(path), self._retry))
        return found

    def _move(self, asset_type: str, quality: str, step: str, reason: str, expected: int | None) -> Champion:
        body = given(reason=reason)
        moved: Champion = self._walk(_moved(asset_type, quality, step, body, expected, self._retry))
        return moved
