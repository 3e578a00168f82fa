"""Models or ways of drawing side by side on the spot, for both clients: submitted, followed, judged."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any, TypedDict, TypeVar, Unpack

from atelier import batches
from atelier.batches import Batch
from atelier.calls import Call, reader, segment
from atelier.errors import BadInput
from atelier.flow import Flow, fetch, request
from atelier.models.answers import ComparedPicture as ComparedPicture
from atelier.models.answers import ComparedPrompt as ComparedPrompt
from atelier.models.answers import Comparison as Comparison
from atelier.models.answers import ComparisonAccepted as ComparisonAccepted
from atelier.models.answers import ComparisonPlan as ComparisonPlan
from atelier.models.answers import Side as Side
from atelier.retry import Retry
from atelier.session import new_key
from atelier.values import to_header, to_json, to_text

T = TypeVar("T")
_PLANNING_SECONDS = 600.0  # in which a large prompt set is planned on a busy machine
NONE_BETTER = "none"


class CompareOptions(TypedDict, total=False):
    """What is compared: a `prompt` or a `prompt_set` (ID or ID@VERSION), with `models` or with `arms`, each an `id` and
    an `overlay` of what it changes."""

    prompt: str | None
    prompt_set: str | None
    models: Sequence[str] | None
    arms: Sequence[Mapping[str, Any]] | None
    asset_type: str | None
    quality: str | None
    seeds: int | None
    seed: int | None
    blind: bool | None
    name: str | None


class AsyncComparisons:
    """Ways of drawing, side by side."""

    def __init__(self, walk: Callable[[Flow[Any]], Coroutine[Any, Any, Any]], retry: Retry, patience: float) -> None:
        self._walk, self._retry, self._patience = walk, retry, patience

    async def submit(
        self, *, idempotency_key: str | None = None, **options: Unpack[CompareOptions]
    ) -> ComparisonAccepted:
        """Submit a comparison and return as soon as it is accepted."""
        accepted: ComparisonAccepted = await self._run(submit(options, idempotency_key or new_key()))
        return accepted

    async def plan(self, **options: Unpack[CompareOptions]) -> ComparisonPlan:
        """What `submit` would have drawn; nothing is."""
        planned: ComparisonPlan = await self._run(plan(options))
        return planned

    async def get(self, comparison: Comparison | ComparisonAccepted | str) -> Comparison:
        """A comparison as it stands."""
        found: Comparison = await self._run(get(comparison))
        return found

    async def wait(
        self,
        comparison: Comparison | ComparisonAccepted | str,
        on_change: Callable[[Batch], None] | None = None,
    ) -> Comparison:
        """Follow a comparison until all is drawn. `on_change` is called with its batch every few seconds."""
        id = _id(comparison)
        await self._walk(batches.follow(id, self._retry, self._patience, on_change))
        return await self.get(id)

    async def pick(self, comparison: Comparison | ComparisonAccepted | str, choice: str, prompt: int = 0) -> Comparison:
        """Say which side of a prompt is best: its label, or `none`. Blind sides are named when all are judged."""
        found: Comparison = await self._run(pick(comparison, choice, prompt))
        return found

    async def sheet(self, comparison: Comparison | ComparisonAccepted | str, to: str | Path, page: int = 1) -> Path:
        """Write a comparison to one PNG file: a column for each side."""
        path: Path = await self._walk(fetch(sheet(comparison, page), Path(to), self._retry))
        return path

    async def _run(self, call: Call[Any]) -> Any:
        return await self._walk(request(call, self._retry))


def submit(options: CompareOptions, key: str) -> Call[ComparisonAccepted]:
    headers = {"Idempotency-Key": to_header(key, "idempotency_key")}
    return Call(
        "POST",
        "/compare",
        reader(ComparisonAccepted),
        body=_body(options),
        headers=headers,
        patience=_PLANNING_SECONDS,
    )


def plan(options: CompareOptions) -> Call[ComparisonPlan]:
    body = _body(options) | {"dry_run": True}
    return Call("POST", "/compare", reader(ComparisonPlan), body=body, patience=_PLANNING_SECONDS)


def get(comparison: Comparison | ComparisonAccepted | str) -> Call[Comparison]:
    return Call("GET", f"/compare/{segment(_id(comparison))}", reader(Comparison))


def pick(comparison: Comparison | ComparisonAccepted | str, choice: str, prompt: int) -> Call[Comparison]:
    body = {"prompt": to_json(prompt, "prompt"), "choice": to_text(choice, "choice")}
    return Call("POST", f"/compare/{segment(_id(comparison))}/pick", reader(Comparison), body=body)


def sheet(comparison: Comparison | ComparisonAccepted | str, page: int) -> Call[None]:
    return Call("GET", f"/compare/{segment(_id(comparison))}/sheet", lambda _: None, params={"page": page})


def _body(options: CompareOptions) -> dict[str, Any]:
    """Raises BadInput for what cannot be sent, naming it."""
    known = CompareOptions.__annotations__
    for name, value in options.items():
        if name not in known:
            raise BadInput(f"{name} is no field of a comparison; the fields are {', '.join(known)}")
        if name in ("models", "arms") and isinstance(value, str):
            raise BadInput(f"{name}: give a list, as ['{value}']")
    return {name: to_json(value, name) for name, value in options.items() if value is not None}


def _id(comparison: Comparison | ComparisonAccepted | str) -> str:
    id = comparison if isinstance(comparison, str) else getattr(comparison, "comparison_id", None)
    if not isinstance(id, str) or not id.strip("."):
        raise BadInput("comparison: give a comparison, what `submit` returned, or a comparison's id")
    return id
