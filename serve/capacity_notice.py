"""What was decided, in Ray's key-value store: for Serve's controller, which follows it, and for every front door."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from pydantic import ValidationError
from ray.experimental import internal_kv

from router.capacity.decision import Reason
from router.capacity.report import REPORT, Report, Told
from serve.autoscaling import CAPACITY, Planned, encode_plan

_log = logging.getLogger("atelier.capacity")
_REPORT = "/report"

Put = Callable[[str, bytes], None]
Get = Callable[[str], bytes | None]


def _put_kv(key: str, notice: bytes) -> None:
    internal_kv._internal_kv_put(key, notice, overwrite=True, namespace=CAPACITY)


def _get_kv(key: str) -> bytes | None:
    notice: bytes | None = internal_kv._internal_kv_get(key, namespace=CAPACITY)
    return notice


class CapacityNotice:
    """Of one application; who decides writes it, everybody may read it."""

    def __init__(self, application: str, put: Put = _put_kv, get: Get = _get_kv) -> None:
        self._application, self._put, self._get = application, put, get
        self._in_trouble = False

    async def write(self, report: Report) -> None:
        """Replace the last notice. One that cannot be written leaves replicas as they are."""
        try:
            await asyncio.to_thread(self._write, report)
            self._in_trouble = False
        except Exception:  # noqa: BLE001 - a boundary to Ray
            if not self._in_trouble:
                _log.warning("what was decided cannot be told to the autoscaler", exc_info=True)
            self._in_trouble = True

    async def read(self) -> Report | None:
        """None where nothing was decided yet, or a newer release has."""
        try:
            found = await asyncio.to_thread(self._get, self._application + _REPORT)
            return None if found is None else REPORT.validate_json(found)
        except ValidationError:
            return None
        except Exception:  # noqa: BLE001 - a boundary to Ray
            _log.warning("what was decided cannot be read", exc_info=True)
            return None

    def _write(self, report: Report) -> None:
        planned = {one.decision.deployment: _planned(one, report) for one in report.told}
        self._put(self._application, encode_plan(planned, report.at))
        self._put(self._application + _REPORT, REPORT.dump_json(report))


def _planned(told: Told, report: Report) -> Planned:
    """Who makes room for others does so at once."""
    decision = told.decision
    stays = 0.0 if decision.reason is Reason.BUDGET else told.ground.keep_alive_seconds
    return Planned(decision.desired, report.unfinished.get(decision.deployment, 0), stays)
