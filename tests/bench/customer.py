"""Who asks a running studio for pictures over HTTP, alone or with a crowd behind."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

import httpx

_PATIENCE_SECONDS = 360.0
_LOOK_SECONDS = 0.1  # more often, looking would take a good part of a small machine
_ENDED = ("complete", "failed", "canceled")


class Customer:
    """Asks for drafts of icons. No two pictures are alike."""

    def __init__(self, api: httpx.Client) -> None:
        self._api, self._number = api, 0

    def ask(self, pictures: int = 1, steps: int = 12, lora: str | None = None) -> dict[str, Any]:
        """The answer to POST /generate."""
        self._number += 1
        return self._post(self._body(pictures, steps, lora))

    def announced_start(self) -> float:
        """Seconds that a draft would have to wait before it is drawn, whatever drawing takes on this machine today."""
        seen = self._post({**self._body(1, 12, None), "dry_run": True})
        return float(seen["estimated_time_seconds"] - seen["plan"]["estimated_seconds"])

    def _body(self, pictures: int, steps: int, lora: str | None) -> dict[str, Any]:
        body: dict[str, Any] = {"prompt": f"a red bicycle icon, number {self._number}", "asset_type": "icon"}
        body |= {"quality": "draft", "formats": ["png"], "num_variations": pictures, "num_inference_steps": steps}
        body |= {"loras": [{"id": lora, "strength": 0.5}]} if lora else {}
        return body

    def _post(self, body: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = self._api.post("/generate", json=body).raise_for_status().json()
        return answer

    def ask_many(self, jobs: int, pictures: int, steps: int) -> list[str]:
        """Their ids."""
        return [self.ask(pictures, steps)["job_id"] for _ in range(jobs)]

    def read(self, job_id: str) -> dict[str, Any]:
        job: dict[str, Any] = self._api.get(f"/jobs/{job_id}").raise_for_status().json()
        return job

    def has_begun(self, job_id: str) -> bool:
        """Whether a step of it is drawn."""
        return bool(self.read(job_id)["progress"] > 0)

    def wait(self, job_id: str) -> dict[str, Any]:
        until(lambda: self.read(job_id)["status"] in _ENDED, f"the end of {job_id}")
        return self.read(job_id)

    def cancel(self, jobs: Iterable[str]) -> None:
        """The last first, so that none begins meanwhile. Those that have ended stay as they are."""
        for job_id in reversed([*jobs]):
            self._api.delete(f"/jobs/{job_id}").raise_for_status()

    def retries(self, job_id: str) -> int:
        return self._api.get(f"/jobs/{job_id}/events").text.count("event: job.retried")


def until(holds: Callable[[], bool], what: str) -> float:
    """Seconds until it holds. Raises TimeoutError."""
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > _PATIENCE_SECONDS:
            raise TimeoutError(f"waited {_PATIENCE_SECONDS:.0f} s for {what}")
        time.sleep(_LOOK_SECONDS)
    return time.monotonic() - began
