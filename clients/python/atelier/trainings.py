"""LoRAs that are learned from datasets: what the studio answers of trainings, and the questions, for both clients."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypedDict, Unpack

from atelier.calls import Call, page_params, reader, segment
from atelier.dataset_files import local_pictures
from atelier.datasets import PictureRight
from atelier.errors import BadInput, RateLimited, Unavailable, Unreachable
from atelier.flow import Flow, Sleep, request
from atelier.models.answers import Adapter as Adapter
from atelier.models.answers import Checkpoint as Checkpoint
from atelier.models.answers import Training as Training
from atelier.models.answers import TrainingEstimate as TrainingEstimate
from atelier.models.answers import TrainingPlan as TrainingPlan
from atelier.models.answers import TrainingPlans as TrainingPlans
from atelier.models.answers import TrainingsAccepted as TrainingsAccepted
from atelier.models.answers import TrainingsPage as TrainingsPage
from atelier.retry import Retry
from atelier.session import new_key
from atelier.values import to_header, to_json

_SHORTEST, _LONGEST = 0.5, 5.0  # seconds between looks at a training
_ENDED = ("complete", "failed", "canceled")


class TrainingOptions(TypedDict, total=False):
    """What may be said of a training beside its dataset and the id of its LoRA. `settings` are those that differ from
    the usual ones; `sweep` has lists of `seeds`, `ranks` or `rates`; `schedule` is now or overnight. Its checkpoints
    are compared in the end unless `judged` is false; `unchecked` learns from what the preflight refuses, too."""

    model: str | None
    name: str | None
    prior: str | None
    settings: Mapping[str, Any] | None
    sweep: Mapping[str, Sequence[float]] | None
    schedule: str | None
    judged: bool | None
    unchecked: bool | None


def order(dataset: str, lora: str, options: TrainingOptions, key: str) -> Call[tuple[Training, ...]]:
    """Raises BadInput for what cannot be sent, naming it."""
    read = reader(TrainingsAccepted)
    headers = {"Idempotency-Key": to_header(key, "idempotency_key")}
    return Call(
        "POST", "/trainings", lambda answer: read(answer).trainings, body=_body(dataset, lora, options), headers=headers
    )


def plan(
    dataset: str, lora: str, options: TrainingOptions, sketch: Mapping[str, Any] | None = None
) -> Call[TrainingPlans]:
    body = _body(dataset, lora, options) | {"dry_run": True} | ({} if sketch is None else {"sketch": sketch})
    return Call("POST", "/trainings", reader(TrainingPlans), body=body)


def sketched(place: str | Path, trigger: str, right: PictureRight | None, asset_type: str | None) -> dict[str, Any]:
    """What a dataset of the pictures that lie there would be. Raises BadInput and OSError."""
    pictures = local_pictures(place)
    if pictures is None:
        raise BadInput("place: a zip file is looked into once it is sent: unpack it to ask what it would take")
    told = [{"caption": one.caption, "right": one.right or right, "source": one.source} for one in pictures]
    known = [{name: value for name, value in one.items() if value} for one in told]
    sketch = {"pictures": to_json(known, "place"), "trigger": to_json(trigger, "trigger")}
    return sketch if asset_type is None else sketch | {"asset_type": to_json(asset_type, "asset_type")}


def get(training: Training | str) -> Call[Training]:
    return Call("GET", _path(training), reader(Training))


def cancel(training: Training | str) -> Call[Training]:
    return Call("DELETE", _path(training), reader(Training))


def listed(limit: int, before: str | None, space: str | None) -> Call[TrainingsPage]:
    params = page_params(limit, before) | ({} if space is None else {"space": space})
    return Call("GET", "/trainings", reader(TrainingsPage), params=params)


def adopt(training: Training | str, step: int, strength: float, mark: str | None) -> Call[Adapter]:
    body = {"step": step, "strength": to_json(strength, "strength"), "mark": mark}
    return Call("POST", f"{_path(training)}/adopt", reader(Adapter), body=body)


def follow(
    training: Training | str, retry: Retry, patience: float, on_change: Callable[[Training], None] | None = None
) -> Flow[Training]:
    """Look at a training until it has ended: more often, the sooner that will be."""
    seen = time.monotonic()
    while True:
        try:
            found = yield from request(get(training), retry)
        except (Unreachable, Unavailable, RateLimited):
            if time.monotonic() - seen > patience:
                raise
            yield Sleep(_LONGEST)
            continue
        seen = time.monotonic()
        if on_change is not None:
            on_change(found)
        if found.ended:
            return found
        yield Sleep(min(_LONGEST, max(_SHORTEST, found.estimated_time_seconds / 60)))


def _body(dataset: str, lora: str, options: TrainingOptions) -> dict[str, Any]:
    known = TrainingOptions.__annotations__
    for name in options:
        if name not in known:
            raise BadInput(f"{name} is no field of a training; the fields are {', '.join(known)}")
    given: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
    given |= {"dataset": dataset, "lora": lora}
    return {name: to_json(value, name) for name, value in given.items()}


def _path(training: Training | str) -> str:
    id = training.job_id if isinstance(training, Training) else training
    if not isinstance(id, str) or not id.strip("."):
        raise BadInput("training: give a training, or its job's id")
    return f"/trainings/{segment(id)}"


class AsyncTrainings:
    """Trainings of a studio: LoRAs that are learned from datasets."""

    def __init__(self, walk: Callable[[Flow[Any]], Awaitable[Any]], retry: Retry, patience: float) -> None:
        self._walk, self._retry, self._patience = walk, retry, patience

    async def submit(
        self, dataset: str, *, lora: str, idempotency_key: str | None = None, **options: Unpack[TrainingOptions]
    ) -> tuple[Training, ...]:
        """Begin a training, or one for each run of a sweep. The same key with the same request is the same ones."""
        found: tuple[Training, ...] = await self._run(order(dataset, lora, options, idempotency_key or new_key()))
        return found

    async def plan(
        self,
        dataset: str,
        *,
        lora: str,
        place: str | Path | None = None,
        trigger: str = "",
        right: PictureRight | None = None,
        asset_type: str | None = None,
        **options: Unpack[TrainingOptions],
    ) -> TrainingPlans:
        """What `submit` would begin, and what it would take; nothing is learned. With a `place` (a folder, a table) it
        is asked for pictures that are not in the studio: they are counted here, and not sent."""
        sketch = None if place is None else sketched(place, trigger, right, asset_type)
        found: TrainingPlans = await self._run(plan(dataset, lora, options, sketch))
        return found

    async def get(self, training: Training | str) -> Training:
        """A training as it stands."""
        found: Training = await self._run(get(training))
        return found

    async def list(self, limit: int = 20, before: str | None = None, space: str | None = None) -> TrainingsPage:
        """Yours, or those of a space, newest first."""
        found: TrainingsPage = await self._run(listed(limit, before, space))
        return found

    async def wait(self, training: Training | str, on_change: Callable[[Training], None] | None = None) -> Training:
        """Follow a training to its end, however it ends; `on_change` is called with it as it goes."""
        found: Training = await self._walk(follow(training, self._retry, self._patience, on_change))
        return found

    async def cancel(self, training: Training | str) -> Training:
        """Stop before the next step; its checkpoints are kept."""
        found: Training = await self._run(cancel(training))
        return found

    async def adopt(
        self, training: Training | str, step: int, *, strength: float = 1.0, mark: str | None = "candidate"
    ) -> Adapter:
        """Take another checkpoint into the library than the one that was recommended."""
        found: Adapter = await self._run(adopt(training, step, strength, mark))
        return found

    async def _run(self, call: Call[Any]) -> Any:
        return await self._walk(request(call, self._retry))
