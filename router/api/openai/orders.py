"""An order in OpenAI's words, from what came to what is answered: the same job underneath as any other."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import Depends, Header, Request, Response
from starlette._utils import get_route_path

from configs.errors import AtelierError, InvalidRequest
from router.api.deps import ConductorDep, PrincipalDep, StudioDep, ViewerDep
from router.api.jobs.orders import Session
from router.api.jobs.stream import EventStream
from router.api.openai.bodies import EditForm
from router.api.openai.following import check_drawn, leave, wait_for
from router.api.openai.pictures import Delivery
from router.api.openai.streams import drawn_events
from router.api.pictures.uses import Wanted, WantedDep
from router.api.rate_limits import rate_limit_headers
from router.api.repeats import Key
from router.job_request import JobRequest
from router.jobs.model import IdempotencyKey, Job, LicenceVerdict
from router.licences.model import Word
from router.licences.uses import Handed, refusal
from router.openai.answers import Call
from router.openai.masks import whiten_mask
from router.openai.models import offered_models, resolve_model
from router.openai.requests import ImagesRequest
from router.openai.translation import Brought, check_answer, check_images, translate
from router.people.principal import Principal
from router.people.viewer import Viewer
from router.remote_conductor import ConductorPort
from router.studio import Studio
from router.submission import Accepted, submit

JOB_HEADER = "X-Atelier-Job"
AssetTypeHeader = Annotated[
    str | None,
    Header(alias="X-Atelier-Asset-Type", max_length=96, description="Of requests whose body names none"),
]


@dataclass(frozen=True, slots=True)
class ImagesDesk:
    """Takes the order of one request, waits for its job and answers."""

    request: Request
    studio: Studio
    conductor: ConductorPort
    viewer: Viewer
    principal: Principal
    wanted: Wanted
    key: str | None
    session: str
    asset_type: str

    async def draw(self, asked: ImagesRequest) -> Response:
        """Raises what `submit` raises, `LicenceRestricted`, `DrawingFailed` and `AnswerOverdue`."""
        model, key = self._model(asked), self._key(asked)
        first = await self._first(key)
        if first is not None:
            return await self._answer(first, asked, "image_generation", {})
        accepted = await self._accept(translate(asked, model, self.asset_type), key)
        return await self._answer(accepted.job, asked, "image_generation", rate_limit_headers(accepted.quotas))

    async def edit(self, asked: ImagesRequest, form: EditForm) -> Response:
        """The same from pictures, which are kept as uploads for a while unless the order is refused."""
        model, key = self._model(asked), self._key(asked, *form.images, form.mask or b"")
        first = await self._first(key)
        if first is not None:
            return await self._answer(first, asked, "image_edit", {})
        installation = self.studio.installation
        drawing = model or offered_models(installation)[0]
        can = installation.capabilities[drawing]
        check_images(len(form.images), form.mask is not None, installation.catalog.models[drawing], can)
        kept: list[str] = []
        try:
            brought = await self._keep(form, kept)
            order = translate(asked, drawing, self.asset_type, brought, edits="edit" in can.modes)
            accepted = await self._accept(order, key)
        except AtelierError:
            for name in kept:
                await self.studio.store.remove_picture(self.viewer, name)
            raise
        return await self._answer(accepted.job, asked, "image_edit", rate_limit_headers(accepted.quotas))

    def _model(self, asked: ImagesRequest) -> str | None:
        installation = self.studio.installation
        check_answer(asked)
        most = installation.profile.limits.max_variations
        if asked.pictures > most:
            raise InvalidRequest(f"n may be 1 to {most} here (max_variations of the profile)", "n")
        return resolve_model(asked.model, installation)

    def _key(self, asked: ImagesRequest, *files: bytes) -> IdempotencyKey | None:
        """What is compared is what came: another boundary of a form, or order of fields, makes no difference."""
        if not (key := (self.key or "").strip()):
            return None
        path = get_route_path(self.request.scope).rpartition("/")[2]
        parts = [path.encode(), asked.model_dump_json(exclude_unset=True).encode(), *files]
        return IdempotencyKey(key, hashlib.sha256(b"".join(hashlib.sha256(one).digest() for one in parts)).hexdigest())

    async def _first(self, key: IdempotencyKey | None) -> Job | None:
        return None if key is None else await self.studio.store.submitted(self.viewer.owner, key)

    async def _keep(self, form: EditForm, kept: list[str]) -> Brought:
        """Upload what came; the names go into `kept` as they are given."""
        uploads, most = self.studio.uploads, self.studio.installation.profile.limits.max_picture_pixels
        until = datetime.now(UTC) + timedelta(days=self.studio.installation.profile.openai.keep_inputs_days)
        word = Word(getattr(form.asked, "right", None) or "unknown", "")
        mask = form.mask
        if mask is not None:
            mask = await asyncio.to_thread(whiten_mask, mask, form.images[0], most)
        for file in (*form.images, *(() if mask is None else (mask,))):
            try:
                picture, _ = await uploads.put(self.viewer, file, word, until)
            except AtelierError as error:
                raise type(error)(error.message, "image") from None
            kept.append(picture.id)
        return Brought(tuple(kept[: len(form.images)]), None if mask is None else kept[-1])

    async def _accept(self, order: JobRequest, key: IdempotencyKey | None) -> Accepted:
        """As a job, unless a licence forbids that it is handed out. Conditions can be acknowledged once it is there."""
        accepted = await submit(self.studio, self.viewer, order, key, None, self.session, self._allow)
        if accepted.is_new:
            self.conductor.wake()
        return accepted

    async def _allow(self, licence: LicenceVerdict) -> None:
        found = await self.wanted.obstacles([Handed("this picture", licence)])
        if barred := [one for one in found if one.refused]:
            raise refusal(self.wanted.use, barred)

    async def _answer(self, job: Job, asked: ImagesRequest, call: Call, headers: dict[str, str]) -> Response:
        headers = headers | {JOB_HEADER: job.id}
        if asked.stream:
            stream = EventStream(drawn_events(self._delivery, job, asked, call, self._leave))
            stream.headers.update(headers)
            return stream
        ended: Job | None = None
        try:
            ended = await wait_for(
                self.request, self.studio, self.viewer, job, self.studio.installation.profile.openai.wait_seconds
            )
        except asyncio.CancelledError:
            self._leave(job)
            raise
        if ended is None:
            self._leave(job)
            return Response(status_code=499)  # nobody reads it
        check_drawn(ended)
        answer = await self._delivery.answer(ended, asked)
        return Response(answer.model_dump_json(exclude_none=True), headers=headers, media_type="application/json")

    def _leave(self, job: Job) -> None:
        """Who has a key comes again for the job; nobody else can ask for it by name."""
        if self.key is None:
            leave(self.studio, self.conductor, self.viewer, job)

    @property
    def _delivery(self) -> Delivery:
        return Delivery(self.request, self.studio, self.viewer, self.principal, self.wanted)


async def _desk(
    request: Request,
    studio: StudioDep,
    conductor: ConductorDep,
    viewer: ViewerDep,
    principal: PrincipalDep,
    wanted: WantedDep,
    key: Key = None,
    session: Session = "",
    asset_type: AssetTypeHeader = None,
) -> ImagesDesk:
    usual = asset_type or studio.installation.profile.openai.asset_type
    return ImagesDesk(request, studio, conductor, viewer, principal, wanted, key, session, usual)


ImagesDeskDep = Annotated[ImagesDesk, Depends(_desk)]
