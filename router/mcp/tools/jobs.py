"""get_job and cancel_job: what was ordered, waited for or given up."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Field

from router.api.schemas import JobBody
from router.mcp.answers import Drawing, drawing
from router.mcp.caller import Caller
from router.mcp.following import USUAL_SECONDS, Signs, WaitSeconds, follow_job
from router.mcp.tool import Arguments, Told, Tool
from router.mcp.tools.drawing import tell

JobId: TypeAlias = Annotated[str, Field(pattern="^[A-Za-z0-9_-]{1,64}$", description="As generate has answered it")]


class GetJobArguments(Arguments):
    """Which job, and how long to wait."""

    job_id: JobId
    wait_seconds: WaitSeconds = USUAL_SECONDS


class CancelJobArguments(Arguments):
    """Which job."""

    job_id: JobId


async def get_job(caller: Caller, asked: GetJobArguments) -> Told:
    """How a job stands, with its pictures so far. Waits up to wait_seconds for its end, with progress. To stop waiting
    does not cancel the job."""
    return await tell(caller, drawing(await follow_job(caller, asked.job_id, asked.wait_seconds, Signs(caller))))


async def cancel_job(caller: Caller, asked: CancelJobArguments) -> Told:
    """Cancel a job that you have ordered: one that waits at once, one that is drawn within two steps. Finished pictures
    are kept."""
    answer = await caller.ask("DELETE", f"/jobs/{asked.job_id}")
    return await tell(caller, drawing(JobBody.model_validate_json(answer.body)))


TOOLS = (
    Tool("get_job", "Look at a job", GetJobArguments, Drawing, get_job),
    Tool("cancel_job", "Cancel a job", CancelJobArguments, Drawing, cancel_job, reads=False, destroys=True),
)
