"""What a job goes on from, found: a job with its request and its plan, and the finished picture that was named."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import ValidationError

from configs.errors import InvalidRequest, MissingAsset, NotFound, UnknownName
from deployments.messages import Call, Origin
from router.job_request import JobRequest
from router.jobs.model import ImageRecord, Job
from router.jobs.store import JobStore
from router.people.viewer import Viewer
from router.pictures.names import finished_place, pixels_of
from router.plan import Plan


@dataclass(frozen=True, slots=True)
class Parent:
    """A job as it was asked for and as it was planned; and a finished picture of it, where one was named, whose pixels
    are the file `sha256`."""

    job: Job
    request: JobRequest
    plan: Plan
    picture: ImageRecord | None = None
    sha256: str = ""

    @property
    def field(self) -> str:
        """That named it."""
        return "job_id" if self.picture is None else "asset_id"

    @property
    def name(self) -> str:
        """As requests name it."""
        return self.job.id if self.picture is None else f"{self.job.id}/{self.picture.index}"

    @property
    def seed(self) -> int:
        """Of the picture, else of the first."""
        return self.plan.seeds[0] if self.picture is None else self.picture.seed

    def begin(self, call: Call) -> Origin:
        """What a job that goes on from it says of it."""
        if self.picture is None:
            return Origin(call=call, job_id=self.job.id)
        index, asset_id = self.picture.index, self.picture.asset_id
        return Origin(call=call, job_id=self.job.id, index=index, asset_id=asset_id, sha256=self.sha256)


async def find_job(store: JobStore, viewer: Viewer, job_id: str) -> Parent:
    """Raises `UnknownName` for one that is not there, or not yours, `InvalidRequest` for one that cannot be read."""
    try:
        job = await store.job(viewer, job_id)
    except NotFound:
        message = f"there is no job '{job_id}' of yours: GET /jobs lists them"
        raise UnknownName(message, "job_id") from None
    request, plan = _read(job, "job_id")
    return Parent(job, request, plan)


async def find_picture(store: JobStore, viewer: Viewer, name: str) -> Parent:
    """Raises `MissingAsset` for one that is not there, not finished, not drawn here or not yours, and `InvalidRequest`
    for one whose job cannot be read."""
    field = "asset_id"
    job, index = await _find(store, viewer, name, field)
    image = next((one for one in job.images if one.index == index), None)
    if image is None:
        state = "has no such picture" if job.status.ended else "has not finished it yet: wait for it"
        raise MissingAsset(f"there is no picture '{job.id}/{index}': this job {state}", field)
    file = pixels_of(image.files)
    if file is None:
        raise MissingAsset(f"picture '{name}' is there as SVG only: draw it as PNG, too", field)
    request, plan = _read(job, field)
    return Parent(job, request, plan, image, file.sha256)


async def _find(store: JobStore, viewer: Viewer, name: str, field: str) -> tuple[Job, int]:
    """The job of a picture, and the picture's index in it."""
    try:
        place = finished_place(name)
        if place is None:
            place = (await store.asset(viewer, name)).place
            if place is None:
                message = f"'{name}' was uploaded and not drawn here: give it to POST /generate as image, with a prompt"
                raise MissingAsset(message, field)
        return await store.job(viewer, place[0]), place[1]
    except NotFound:
        message = f"there is no picture '{name}' of yours: name a finished one by its asset_id or as JOB_ID/INDEX"
        raise MissingAsset(message, field) from None


def _read(job: Job, field: str) -> tuple[JobRequest, Plan]:
    plan = job.readable_plan
    try:
        request = JobRequest.model_validate(job.request)
    except ValidationError:
        plan = None
    if plan is None:
        message = f"job {job.id} was ordered with another release, whose order this one cannot read: order it anew"
        raise InvalidRequest(message, field)
    return request, plan
