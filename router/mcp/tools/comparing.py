"""compare and get_comparison: one prompt, several models, the same seeds."""

from __future__ import annotations

import anyio
from pydantic import Field

from configs.frozen import Frozen
from router.api.experiments.compare_schemas import CompareAccepted, ComparedPicture, ComparisonBody
from router.mcp.answers import ENDED, Licence, licence
from router.mcp.caller import Caller
from router.mcp.following import USUAL_SECONDS, Signs, WaitSeconds, follow_comparison, taking_back
from router.mcp.looking import look
from router.mcp.tool import Arguments, Told, Tool


class CompareArguments(Arguments):
    """What to draw, with which models."""

    prompt: str = Field(description="What the pictures show")
    models: tuple[str, ...] = Field(description="Two to eight ids of list_models")
    asset_type: str | None = Field(default=None, description="An id of list_asset_types; icon if absent")
    quality: str | None = Field(default=None, description="draft, standard, high or ultra; standard if absent")
    seeds: int = Field(default=1, ge=1, le=4, description="Pictures of each model")
    seed: int | None = Field(default=None, ge=0, lt=2**32, description="The first one")
    wait_seconds: WaitSeconds = USUAL_SECONDS


class GetComparisonArguments(Arguments):
    """Which comparison, and how long to wait."""

    comparison_id: str = Field(pattern="^[A-Za-z0-9_-]{1,64}$", description="As compare has answered it")
    wait_seconds: WaitSeconds = USUAL_SECONDS


class SidePicture(Frozen):
    """A picture of a side."""

    url: str
    seed: int
    asset_id: str | None = None
    job_id: str | None = None
    licence: Licence | None = None


class Drawn(Frozen):
    """What one model has drawn of a prompt."""

    label: str
    prompt: str
    model: str | None = Field(description="absent while the comparison is blind")
    pictures: tuple[SidePicture, ...]
    failed: int = Field(default=0, description="pictures that there will not be")


class Comparison(Frozen):
    """A comparison as it stands. Shown are the first pictures of the sides, in their order."""

    comparison_id: str
    status: str
    progress: float
    sides: tuple[Drawn, ...]
    next: str | None = Field(default=None, description="what to do now")


async def compare(caller: Caller, asked: CompareArguments) -> Told:
    """Draw one prompt with several models, with the same seeds for each, and see them side by side. Waits up to
    wait_seconds, with progress; what is not finished by then goes on: call get_comparison."""
    order = asked.model_dump(exclude={"wait_seconds"}, exclude_none=True)
    with anyio.CancelScope(shield=True):  # what is accepted has an id, whoever leaves meanwhile
        answer = await caller.ask("POST", "/compare", body=order)
    id = CompareAccepted.model_validate_json(answer.body).comparison_id
    async with taking_back(caller, f"/batches/{id}"):
        signs = Signs(caller)
        await signs.give(0.0, f"comparison {id} is accepted")
        return await _tell(caller, await follow_comparison(caller, id, asked.wait_seconds, signs))


async def get_comparison(caller: Caller, asked: GetComparisonArguments) -> Told:
    """How a comparison stands, with its pictures so far. Waits up to wait_seconds for its end, with progress."""
    signs = Signs(caller)
    return await _tell(caller, await follow_comparison(caller, asked.comparison_id, asked.wait_seconds, signs))


async def _tell(caller: Caller, body: ComparisonBody) -> Told:
    sides = tuple(
        Drawn(
            label=side.label,
            prompt=row.text,
            model=side.model,
            pictures=tuple(map(_picture, side.pictures)),
            failed=side.failed,
        )
        for row in body.prompts
        for side in row.sides
    )
    ended = body.status in ENDED
    answer = Comparison(
        comparison_id=body.comparison_id,
        status=body.status,
        progress=body.progress,
        sides=sides,
        next=None if ended else f"call get_comparison with comparison_id {body.comparison_id} to wait on",
    )
    again = "" if ended else f" {body.progress:.0%} is done; call get_comparison with this id to wait on."
    first = [side.pictures[0].asset_id for side in sides if side.pictures]
    shown = await look(caller, [id for id in first if id is not None])
    return Told(f"Comparison {body.comparison_id} is {body.status}.{again}", answer, tuple(shown))


def _picture(body: ComparedPicture) -> SidePicture:
    return SidePicture(
        url=body.url, seed=body.seed, asset_id=body.asset_id, job_id=body.job_id, licence=licence(body.licence)
    )


TOOLS = (
    Tool("compare", "Compare models", CompareArguments, Comparison, compare, reads=False),
    Tool("get_comparison", "Look at a comparison", GetComparisonArguments, Comparison, get_comparison),
)
