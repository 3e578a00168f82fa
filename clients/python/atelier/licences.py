"""What may be used for what: licences, those that were bought, and what is acknowledged, for both clients."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from atelier.batches import Batch, BatchAccepted
from atelier.calls import Call, reader, segment
from atelier.errors import BadInput
from atelier.models import Accepted, Image, Job, Picture
from atelier.models.answers import Acknowledgement as Acknowledgement
from atelier.models.answers import Grant as Grant
from atelier.models.answers import Grants as Grants
from atelier.models.answers import LicenceText as LicenceText
from atelier.models.answers import LicenceTexts as LicenceTexts
from atelier.models.answers import UsedBy as UsedBy
from atelier.pictures import Use
from atelier.values import to_json

Something: TypeAlias = Job | Accepted | Image | Picture | Batch | BatchAccepted | str
"""What somebody may keep to the conditions of: pictures, or what they are of."""


def _all() -> Call[tuple[LicenceText, ...]]:
    read = reader(LicenceTexts)
    return Call("GET", "/licences", lambda response: read(response).licences)


def _grants() -> Call[tuple[Grant, ...]]:
    read = reader(Grants)
    return Call("GET", "/licences/grants", lambda response: read(response).grants)


def _grant(reference: str, **said: Any) -> Call[Grant]:
    times = {name: value.isoformat() for name, value in said.items() if isinstance(value, datetime)}
    body = {name: to_json(value, name) for name, value in (said | times).items() if value is not None}
    return Call("POST", "/licences/grants", reader(Grant), body={"reference": reference, **body})


def _revoke(grant: Grant | str) -> Call[Grant]:
    id = grant.grant_id if isinstance(grant, Grant) else grant
    return Call("DELETE", f"/licences/grants/{segment(id)}", reader(Grant))


def _acknowledge(what: Something, purpose: Use, text: str | None) -> Call[Acknowledgement]:
    body = {"purpose": purpose} | ({} if text is None else {"text": text})
    return Call("POST", f"{_path(what)}/acknowledge", reader(Acknowledgement), body=body)


def _path(what: Something) -> str:
    """A picture's, a job's or a batch's."""
    if isinstance(what, Batch | BatchAccepted):
        return f"/batches/{segment(what.batch_id)}"
    if isinstance(what, Job | Accepted | Image):
        return f"/jobs/{segment(what.job_id)}"
    id = what.picture_id if isinstance(what, Picture) else what
    if not isinstance(id, str):
        raise BadInput("what: give a job, a picture or a batch, or the id of one")
    kind = "images" if id.startswith("pic_") else "batches" if id.startswith("batch_") else "jobs"
    return f"/{kind}/{segment(id)}"


def _state(picture: Picture | str, right: str, source: str) -> Call[Picture]:
    id = picture.picture_id if isinstance(picture, Picture) else picture
    return Call("PATCH", f"/pictures/{segment(id)}", reader(Picture), body={"right": right, "source": source})


class AsyncLicences:
    """What pictures of a studio may be used for; for operators, what was bought."""

    def __init__(self, run: Callable[[Call[Any]], Awaitable[Any]]) -> None:
        self._run = run

    async def all(self) -> tuple[LicenceText, ...]:
        """Every licence with its source, and the models, LoRAs and networks that are under it."""
        found: tuple[LicenceText, ...] = await self._run(_all())
        return found

    async def grants(self) -> tuple[Grant, ...]:
        """Those that were recorded as bought, the newest first."""
        found: tuple[Grant, ...] = await self._run(_grants())
        return found

    async def grant(
        self,
        reference: str,
        *,
        licence: str | None = None,
        component: str | None = None,
        space: str | None = None,
        purposes: Sequence[Use] = ("internal", "product"),
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Grant:
        """Record a licence that was bought: of all that is under `licence`, of a `component` such as a model, or of
        what of one is under the other. `reference` says which contract it is; times have a zone."""
        said = {"licence": licence, "component": component, "space": space, "purposes": [*purposes]}
        found: Grant = await self._run(_grant(reference, **said, since=since, until=until))
        return found

    async def revoke(self, grant: Grant | str) -> Grant:
        """It holds no longer."""
        found: Grant = await self._run(_revoke(grant))
        return found

    async def acknowledge(self, what: Something, purpose: Use, text: str | None = None) -> Acknowledgement:
        """Say that you have read the conditions of using pictures for a purpose, and keep to them: all pictures of a
        job (also where one of them is given), a picture by its id, or a batch. With a `text`, only if they are that."""
        found: Acknowledgement = await self._run(_acknowledge(what, purpose, text))
        return found

    async def state(self, picture: Picture | str, right: str, source: str = "") -> Picture:
        """Say whose an upload is: `own`, `bought`, or `unknown`."""
        found: Picture = await self._run(_state(picture, right, source))
        return found
