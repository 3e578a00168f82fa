"""Written by `python -m clients.generator.synchronous` from `iterating.py`, where it is changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from atelier import calls
from atelier.calls import Call, segment
from atelier.iterating import _finish, _like, _lineage, _name, _order, _picture_of, _regenerate, _tweak
from atelier.models import Accepted, Image, Job
from atelier.models.answers import Lineage as Lineage


class Iterating:
    """Jobs that go on from finished pictures. A picture is an `Image`, its `asset_id`, or `JOB_ID/INDEX`; what is None
    is as usual. Each returns what was accepted: `wait` for its pictures."""

    def __init__(self, run: Callable[[Call[Any]], Any]) -> None:
        self._run = run

    def regenerate(
        self,
        job: Job | Accepted | str,
        num_variations: int | None = None,
        *,
        seed: int | None = None,
        idempotency_key: str | None = None,
    ) -> Accepted:
        """More pictures (4) of the same request, with seeds that were not drawn yet."""
        accepted: Accepted = self._run(_regenerate(job, num_variations, seed, idempotency_key))
        return accepted

    def like(
        self,
        picture: Image | str,
        num_variations: int | None = None,
        *,
        how: str | None = None,
        closeness: float | None = None,
        seed: int | None = None,
        idempotency_key: str | None = None,
    ) -> Accepted:
        """More pictures (4) like one; `how` is auto, seed, image_prompt or redraw, `closeness` 0 to 1 (0.5)."""
        accepted: Accepted = self._run(_like(picture, num_variations, how, closeness, seed, idempotency_key))
        return accepted

    def tweak(
        self,
        picture: Image | str,
        prompt: str,
        *,
        negative_prompt: str | None = None,
        num_variations: int | None = None,
        idempotency_key: str | None = None,
    ) -> Accepted:
        """The same picture with other words; all else is kept, the seed too."""
        accepted: Accepted = self._run(_tweak(picture, prompt, negative_prompt, num_variations, idempotency_key))
        return accepted

    def finish(
        self,
        picture: Image | str,
        quality: str | None = None,
        *,
        strength: float | None = None,
        size: str | None = None,
        num_variations: int | None = None,
        idempotency_key: str | None = None,
    ) -> Accepted:
        """A draft at a better quality (high), with its composition; `strength` (0.35) of it is drawn anew. How alike
        the two are is the score `likeness` of the new picture."""
        call = _finish(picture, quality, strength, size, num_variations, idempotency_key)
        accepted: Accepted = self._run(call)
        return accepted

    def replay(self, picture: Image | str, *, idempotency_key: str | None = None) -> Accepted:
        """The same picture once more, all as it was settled then. `wait` for the job: its `replay` says whether it came
        out the same, and else why not."""
        name = _name(picture)
        if "/" in name:
            name = _picture_of(self._run(calls.job(name.partition("/")[0])), name)
        accepted: Accepted = self._run(_order(f"/images/{segment(name)}/replay", idempotency_key))
        return accepted

    def lineage(self, of: Job | Accepted | Image | str, depth: int | None = None) -> Lineage:
        """What a job (or the job of a picture) comes from and what came of it, `depth` generations (8) each way."""
        lineage: Lineage = self._run(_lineage(of, depth))
        return lineage
