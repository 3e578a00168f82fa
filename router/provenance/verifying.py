"""Any file, looked at: its credentials, its recipe, and the picture of this studio that it is of."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from contextlib import suppress
from pathlib import Path

from configs.errors import ConfigError, InvalidRequest, NotFound, TooLarge
from deployments.messages import Recipe
from deployments.provenance.containers import carrier_of
from deployments.provenance.reading import Reading, read_credentials
from deployments.provenance.removing import unsigned
from deployments.stages.recipe import read_parameters, read_recipe, to_json
from router.jobs.model import ImageRecord
from router.people.viewer import Viewer
from router.provenance.telling import tell
from router.provenance.verification import AllowedUses, Integrity, Issuer, Made, OwnPicture, Verification
from router.studio import Studio

_USES = ("reference", "internal", "product")
_SELF_MADE = "Atelier, self-made"
_EXPIRED = frozenset({"signingCredential.expired", "claimSignature.outsideValidity"})
_SOURCE_TYPE = re.compile(rb"newscodes/digitalsourcetype/(\w{1,60})")
_MADE: dict[str, Made] = {
    "trainedAlgorithmicMedia": "model",
    "compositeWithTrainedAlgorithmicMedia": "changed by a model",
    "compositeSynthetic": "changed by a model",
    "algorithmicallyEnhanced": "enhanced by a program",
    "digitalCapture": "captured",
    "computationalCapture": "captured",
    "negativeFilm": "captured",
    "positiveFilm": "captured",
    "print": "captured",
}
"""IPTC's digital source types (cv.iptc.org/newscodes/digitalsourcetype), in words."""


async def verify(studio: Studio, viewer: Viewer, file: bytes) -> Verification:
    """Of a file of any kind, also of others. Raises `TooLarge` above `max_picture_bytes`, `InvalidRequest` for nothing,
    `ConfigError` where the certificates to trust cannot be read, and `StoreUnavailable`."""
    most = studio.installation.profile.limits.max_picture_bytes
    if len(file) > most:
        raise TooLarge(f"the file has {len(file):,} bytes, and {most:,} are the most that is looked at")
    if not file:
        raise InvalidRequest("the file is empty", "file")
    reading, (recipe, parameters, bare) = await asyncio.gather(
        read_credentials(file, _anchors(studio)), asyncio.to_thread(_look, file)
    )
    own = await _own(studio, viewer, file, bare, reading, recipe)
    found = Verification(
        sentence="",
        format=carrier_of(file) or _vector(file),
        sha256=hashlib.sha256(file).hexdigest(),
        integrity=_integrity(reading, own),
        made=_made(reading, bare),
        made_by=reading.generator or ("" if recipe is None else f"Atelier {recipe.atelier}"),
        issuer=_issuer(reading),
        actions=reading.actions,
        ingredients=reading.ingredients,
        licence=_licence(reading, recipe),
        recipe=None if recipe is None else json.loads(to_json(recipe)),
        private=recipe is not None and recipe.private or reading.picture.get("private") is True,
        parameters=parameters if recipe is None else None,
        picture=own,
    )
    return tell(found, reading)


def _anchors(studio: Studio) -> str | None:
    installation = studio.installation
    if installation.profile.credentials.trusted is None:
        return None
    path = Path(installation.root, installation.profile.credentials.trusted)
    try:
        return path.read_text("utf-8")
    except (OSError, ValueError) as error:
        raise ConfigError(f"'credentials.trusted' names {path}, which cannot be read: {error}", "credentials") from None


def _look(file: bytes) -> tuple[Recipe | None, str | None, bytes]:
    recipe = None
    with suppress(InvalidRequest):
        recipe = read_recipe(file)
    return recipe, read_parameters(file), unsigned(file)


def _vector(file: bytes) -> str | None:
    begins = file.lstrip()[:200]
    if begins.startswith(b"%PDF-"):
        return "pdf"
    return "svg" if begins.startswith(b"<") and b"<svg" in file[:4096] else None


async def _own(
    studio: Studio, viewer: Viewer, file: bytes, bare: bytes, reading: Reading, recipe: Recipe | None
) -> OwnPicture | None:
    """The picture that the file says it is of, if there is one here that the viewer may see, and it is that."""
    job_id, index = _place(reading, recipe)
    try:
        images = (await studio.store.job(viewer, job_id)).images if job_id else ()
    except NotFound:
        return None
    record = next((one for one in images if one.index == index), None)
    if record is None:
        return None
    return await _held_against(studio, record, f"{job_id}/{index}", file, bare)


async def _held_against(studio: Studio, record: ImageRecord, name: str, file: bytes, bare: bytes) -> OwnPicture | None:
    """With whichever of its files is the same, with its signature or without; else with none."""
    key = hashlib.sha256(file).hexdigest()
    kind = carrier_of(file) or _vector(file)
    for one in record.files:
        if one.sha256 == key:
            return OwnPicture(asset_id=record.asset_id, picture=name, format=one.rendition, same_bytes=True)
    for one in record.files:
        with suppress(NotFound):
            if one.format == kind and await asyncio.to_thread(unsigned, await studio.blobs.get(one.sha256)) == bare:
                return OwnPicture(asset_id=record.asset_id, picture=name, format=one.rendition, same_bytes=False)
    return OwnPicture(asset_id=record.asset_id, picture=name, format="", same_bytes=False)


def _place(reading: Reading, recipe: Recipe | None) -> tuple[str, int]:
    if recipe is not None:
        job_id, index = recipe.job_id, str(recipe.index)
    else:
        job_id, _, index = str(reading.picture.get("picture", "")).rpartition("/")
    known = job_id.isascii() and job_id.isprintable() and len(job_id) <= 64 and index.isdecimal() and len(index) < 6
    return (job_id, int(index)) if known else ("", 0)


def _integrity(reading: Reading, own: OwnPicture | None) -> Integrity:
    if own is not None and own.same_bytes:
        return "unchanged"
    if reading.state == "none":
        return "signature removed" if own is not None and own.format else "unsigned"
    if reading.state == "unreadable" or reading.stores > 1:
        return "unreadable"
    return "changed" if set(reading.failures) - _EXPIRED else "unchanged"


def _made(reading: Reading, bare: bytes) -> Made:
    """As whoever signed says; else as the mark beside the pixels says."""
    said = [one.rpartition("/")[2] for one in reading.source_types]
    if not said:
        said = [one.decode() for one in _SOURCE_TYPE.findall(bare)[:1]]
    return next((_MADE[one] for one in reversed(said) if one in _MADE), "unknown")


def _issuer(reading: Reading) -> Issuer | None:
    if not reading.signer and not reading.authority:
        return None
    return Issuer(
        name=reading.signer or reading.authority,
        authority=reading.authority,
        trusted=reading.state == "trusted",
        self_made=reading.authority == _SELF_MADE,
        expired=bool(_EXPIRED & set(reading.failures)),
        signed_at=reading.signed_at,
    )


def _licence(reading: Reading, recipe: Recipe | None) -> AllowedUses | None:
    uses, licences = reading.picture.get("use", {}), reading.picture.get("licences", "")
    said = {name: uses[name] for name in _USES if name in uses} if isinstance(uses, dict) else {}
    try:
        found = AllowedUses.model_validate({"licences": str(licences)[:2000], **said})
    except ValueError:  # of somebody who says the same words and means others
        found = AllowedUses()
    if recipe is not None and not found.licences:
        found = found.model_copy(update={"licences": recipe.licence})
    return None if found == AllowedUses() else found
