"""What a failure means: a plain answer to the request that met it, and perhaps that the device no longer draws."""

from __future__ import annotations

import logging
from collections.abc import Callable

from configs.errors import AtelierError, StageError
from deployments.messages import GenerateRequest

log = logging.getLogger(__name__)


class Failures:
    """Those of one model on one device."""

    def __init__(self, probe: Callable[[], None]) -> None:
        """`probe` has the device draw something that it could draw, and raises if it no longer can."""
        self._probe = probe
        self.fault: str | None = None
        """Why the device no longer draws anything, once that is so."""

    def refuse(self, error: Exception, request: GenerateRequest) -> AtelierError:
        """The answer to a request that nothing was done for yet: an error of ours as it is, else one plain sentence."""
        if isinstance(error, AtelierError):
            return error
        log.error("request %s is refused", request.request_id, exc_info=error)
        return StageError(_explain(error, request))

    def answer(self, error: Exception, request: GenerateRequest) -> AtelierError:
        """The same for one that was being drawn. After a failure that nobody foresaw the device is probed: was it the
        request, or can it no longer draw at all?"""
        if isinstance(error, AtelierError):
            return error
        log.error("request %s failed", request.request_id, exc_info=error)
        try:
            self._probe()
        except Exception as second:  # noqa: BLE001 - recorded; the health check reports it and the replica is replaced
            self.fault = f"the device no longer draws: {type(second).__name__}"
        return StageError(_explain(error, request))


def _explain(error: Exception, request: GenerateRequest) -> str:
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return f"not enough memory for {request.width}x{request.height}: choose a smaller size"
    return f"the model failed on this request ({type(error).__name__}); the replica's log has the details"
