"""generate: pictures from words, as POST /generate draws them."""

from __future__ import annotations

import anyio
from pydantic import BaseModel, Field

from router.api.schemas import JobAccepted
from router.mcp.answers import ENDED, Drawing, drawing
from router.mcp.asking import RouteRefused
from router.mcp.caller import Caller
from router.mcp.following import USUAL_SECONDS, Signs, WaitSeconds, follow_job, taking_back
from router.mcp.looking import look
from router.mcp.tool import Arguments, Told, Tool


class Lora(BaseModel):
    """A LoRA to draw with."""

    id: str = Field(description="an id of the studio's LoRAs, or ID@VERSION")
    strength: float | None = Field(default=None, description="-2 to 2; its usual one if absent")


class GenerateArguments(Arguments):
    """Everything but `prompt` may be left out."""

    prompt: str = Field(description="What the picture shows, in plain words, such as: a red bicycle")
    asset_type: str | None = Field(default=None, description="An id of list_asset_types; icon if absent")
    quality: str | None = Field(default=None, description="draft (fast), standard, high or ultra; standard if absent")
    model: str | None = Field(default=None, description="An id of list_models; the studio's default if absent")
    number: int = Field(default=1, ge=1, description="How many pictures, each with its own seed")
    seed: int | None = Field(
        default=None, ge=0, lt=2**32, description="Of the first picture, the others count up: same seed, same picture"
    )
    size: str | None = Field(default=None, description="WIDTHxHEIGHT, a size of the asset type, such as 512x512")
    style: str | None = Field(default=None, description="One of the asset type's styles")
    brand_kit: str | None = Field(default=None, description="A brand kit's id, or none; the asset type's if absent")
    negative_prompt: str | None = Field(default=None, description="What not to show, for models that take it")
    loras: tuple[Lora, ...] = Field(default=(), description="Styles and subjects that the model learned later")
    image: str | None = Field(default=None, description="The asset_id of a picture to redraw with the prompt")
    strength: float | None = Field(default=None, gt=0, le=1, description="How much of `image` is redrawn, 0 to 1")
    wait_seconds: WaitSeconds = USUAL_SECONDS

    def order(self) -> dict[str, object]:
        """As POST /generate takes it."""
        said = self.model_dump(exclude={"wait_seconds", "number"}, exclude_none=True)
        return {**said, "num_variations": self.number}


async def generate(caller: Caller, asked: GenerateArguments) -> Told:
    """Draw pictures. Waits up to wait_seconds for them, with progress, and answers ids, seeds, links, what each may be
    used for, and small pictures to look at. What is not finished by then goes on: call get_job with its job_id."""
    with anyio.CancelScope(shield=True):  # what is accepted has an id, whoever leaves meanwhile
        answer = await caller.ask("POST", "/generate", body=asked.order())
    job_id = JobAccepted.model_validate_json(answer.body).job_id
    async with taking_back(caller, f"/jobs/{job_id}"):
        signs = Signs(caller)
        await signs.give(0.0, f"job {job_id} is accepted")
        try:
            job = drawing(await follow_job(caller, job_id, asked.wait_seconds, signs))
        except RouteRefused as error:
            return _unseen(job_id, asked, error)
        return await tell(caller, job)


async def tell(caller: Caller, job: Drawing) -> Told:
    """A job with its pictures to look at."""
    return Told(_sentence(job), job, tuple(await look(caller, [one.asset_id for one in job.pictures])))


def _sentence(job: Drawing) -> str:
    done = f"{len(job.pictures)} of {job.pictures_total} pictures are finished"
    if job.status == "complete":
        return f"Job {job.job_id} is complete: {done}."
    if job.status in ENDED:
        why = "" if job.error is None else f": {job.error}"
        return f"Job {job.job_id} is {job.status}{why}. {done}."
    held = "" if job.state_detail is None else f" ({job.state_detail})"
    left = f"about {job.estimated_time_seconds:.0f} seconds are left"
    return f"Job {job.job_id} is {job.status}{held}: {done}, {left}. Call get_job with this job_id to wait on."


def _unseen(job_id: str, asked: GenerateArguments, error: RouteRefused) -> Told:
    """A job that was accepted, of which no more can be told just now."""
    again = f"call get_job with job_id {job_id}, or look at it in the studio"
    sentence = f"Job {job_id} is accepted and will be drawn. How it stands could not be read: {error.sentence}"
    answer = Drawing(
        job_id=job_id,
        status="queued",
        progress=0.0,
        pictures_total=asked.number,
        pictures=(),
        estimated_time_seconds=0.0,
        prompt=asked.prompt,
        next=again,
    )
    return Told(sentence, answer)


TOOLS = (Tool("generate", "Draw pictures", GenerateArguments, Drawing, generate, reads=False),)
