"""What comes after a finished picture: more of it, more like it, other words, a better quality; and its lineage."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from atelier import calls
from atelier.calls import Call, reader, segment
from atelier.errors import BadInput
from atelier.models import Accepted, Image, Job
from atelier.models.answers import Lineage as Lineage
from atelier.models.answers import LineageLine as LineageLine
from atelier.session import job_id_of, new_key
from atelier.values import to_header, to_json


class AsyncIterating:
    """Jobs that go on from finished pictures. A picture is an `Image`, its `asset_id`, or `JOB_ID/INDEX`; what is None
    is as usual. Each returns what was accepted: `wait` for its pictures."""

    def __init__(self, run: Callable[[Call[Any]], Awaitable[Any]]) -> None:
        self._run = run

    async def regenerate(
        self,
        job: Job | Accepted | str,
        num_variations: int | None = None,
        *,
        seed: int | None = None,
        idempotency_key: str | None = None,
    ) -> Accepted:
        """More pictures (4) of the same request, with seeds that were not drawn yet."""
        accepted: Accepted = await self._run(_regenerate(job, num_variations, seed, idempotency_key))
        return accepted

    async def like(
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
        accepted: Accepted = await self._run(_like(picture, num_variations, how, closeness, seed, idempotency_key))
        return accepted

    async def tweak(
        self,
        picture: Image | str,
        prompt: str,
        *,
        negative_prompt: str | None = None,
        num_variations: int | None = None,
        idempotency_key: str | None = None,
    ) -> Accepted:
        """The same picture with other words; all else is kept, the seed too."""
        accepted: Accepted = await self._run(_tweak(picture, prompt, negative_prompt, num_variations, idempotency_key))
        return accepted

    async def finish(
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
        accepted: Accepted = await self._run(call)
        return accepted

    async def replay(self, picture: Image | str, *, idempotency_key: str | None = None) -> Accepted:
        """The same picture once more, all as it was settled then. `wait` for the job: its `replay` says whether it came
        out the same, and else why not."""
        name = _name(picture)
        if "/" in name:
            name = _picture_of(await self._run(calls.job(name.partition("/")[0])), name)
        accepted: Accepted = await self._run(_order(f"/images/{segment(name)}/replay", idempotency_key))
        return accepted

    async def lineage(self, of: Job | Accepted | Image | str, depth: int | None = None) -> Lineage:
        """What a job (or the job of a picture) comes from and what came of it, `depth` generations (8) each way."""
        lineage: Lineage = await self._run(_lineage(of, depth))
        return lineage


def _regenerate(
    job: Job | Accepted | str, num_variations: int | None, seed: int | None, key: str | None
) -> Call[Accepted]:
    return _order("/regenerate", key, job_id=job_id_of(job), num_variations=num_variations, seed=seed)


def _like(
    picture: Image | str,
    num_variations: int | None,
    how: str | None,
    closeness: float | None,
    seed: int | None,
    key: str | None,
) -> Call[Accepted]:
    asked = {"num_variations": num_variations, "how": how, "closeness": closeness, "seed": seed}
    return _order("/like", key, asset_id=_name(picture), **asked)


def _tweak(
    picture: Image | str, prompt: str, negative_prompt: str | None, num_variations: int | None, key: str | None
) -> Call[Accepted]:
    asked = {"prompt": prompt, "negative_prompt": negative_prompt, "num_variations": num_variations}
    return _order("/tweak", key, asset_id=_name(picture), **asked)


def _finish(
    picture: Image | str,
    quality: str | None,
    strength: float | None,
    size: str | None,
    num_variations: int | None,
    key: str | None,
) -> Call[Accepted]:
    asked = {"quality": quality, "strength": strength, "size": size, "num_variations": num_variations}
    return _order("/finish", key, asset_id=_name(picture), **asked)


def _order(path: str, key: str | None, **asked: Any) -> Call[Accepted]:
    """Sent again, it is the same order: a key goes with it."""
    body = {name: to_json(value, name) for name, value in asked.items() if value is not None}
    headers = {"Idempotency-Key": to_header(key or new_key(), "idempotency_key")}
    return Call("POST", path, reader(Accepted), body=body, headers=headers)


def _lineage(of: Job | Accepted | Image | str, depth: int | None) -> Call[Lineage]:
    name = of.job_id if isinstance(of, Image) else job_id_of(of)
    room, id = ("assets", name) if name.startswith("pic_") else ("jobs", name.partition("/")[0])
    params = {} if depth is None else {"depth": depth}
    return Call("GET", f"/{room}/{segment(id)}/lineage", reader(Lineage), params=params)


def _picture_of(job: Job, name: str) -> str:
    """The id of the picture that is called JOB_ID/INDEX. Raises BadInput where the job has none."""
    place = name.partition("/")[2]
    if not place.isdecimal() or int(place) >= len(job.images):
        raise BadInput(f"picture: job {job.job_id} has no picture {place}; it has {len(job.images)}, from 0")
    return job.images[int(place)].asset_id


def _name(picture: Image | str) -> str:
    if isinstance(picture, Image):
        return picture.name
    if not isinstance(picture, str) or not picture.strip():
        raise BadInput("picture: give a finished picture, its asset_id, or JOB_ID/INDEX")
    return picture
