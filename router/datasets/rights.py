"""Whose the pictures of a dataset are, and what that means for whatever learns from them."""

from __future__ import annotations

from collections.abc import Mapping

from configs.catalog import Catalog
from configs.datasets import DatasetConfig, DatasetPicture, PictureRight
from configs.errors import InvalidRequest
from router.jobs.model import Asset, LicenceVerdict, LicensedPart
from router.licences.model import UploadRight
from router.licences.verdicts import judge, parts_of

RIGHTS: tuple[PictureRight, ...] = ("own", "bought", "generated", "unknown")
_OF_A_MODEL = "generated"


def right_of(asset: Asset, said: Mapping[str, UploadRight]) -> tuple[PictureRight, str, tuple[str, ...]]:
    """What is known of a picture of the studio: the word on an upload, where it comes from, and the licences of all
    that drew it, or that drew what it is a copy of."""
    word: PictureRight = "unknown" if asset.kind == "uploaded" else "generated"
    source, licences, makers = "", list[str](), list[str]()
    for part in parts_of(asset.licence):
        if asset.kind == "uploaded" and part.picture == asset.id:
            last = said.get(asset.id)
            word, source = _word(part.licence if last is None else last.right), "" if last is None else last.source
        else:
            of_upload = said.get(part.picture) if part.picture else None
            licences.append(part.licence if of_upload is None else of_upload.right)
            makers.append(part.component)
    if asset.kind == "drawn":
        source = ", ".join(dict.fromkeys(filter(None, makers)))[:500]
    return word, source, tuple(sorted(set(licences)))


def _word(licence: str) -> PictureRight:
    return next((one for one in RIGHTS if one == licence), "unknown")


def with_right(picture: DatasetPicture, right: PictureRight, source: str, catalog: Catalog) -> DatasetPicture:
    """`picture` with another word. What was drawn here keeps the licences of what drew it; a word of `generated` brings
    those of the model that `source` names, where it is known. Raises `InvalidRequest` for a word against that."""
    drawn_here = picture.right == _OF_A_MODEL and bool(picture.licences)
    if drawn_here and right != _OF_A_MODEL:
        name = picture.name or picture.picture
        message = f"{name} was drawn by {picture.source}: what it may be used for follows from that"
        raise InvalidRequest(message, "right")
    licences = picture.licences
    if right == _OF_A_MODEL and not drawn_here:
        model = catalog.models.get(source.strip())
        licences = tuple(sorted({*licences, *(part.licence for part in model.licence_parts)})) if model else licences
    return picture.model_copy(update={"right": right, "source": source, "licences": licences})


def verdict_on(dataset: DatasetConfig, catalog: Catalog) -> LicenceVerdict:
    """What may be done with what learns from it, as far as its pictures decide."""
    parts = (LicensedPart(component=dataset.id, part=part.part, licence=part.licence) for part in dataset.licence_parts)
    return judge(tuple(parts), catalog)


def as_known_now(used: DatasetConfig, newest: DatasetConfig) -> DatasetConfig:
    """The version that a training used, with what was said since of the same pictures: a word that is given later
    counts for what was learned before."""
    said = {one.sha256: one for one in newest.pictures}
    pictures = tuple(
        one
        if (now := said.get(one.sha256)) is None
        else one.model_copy(update={"right": now.right, "source": now.source, "licences": now.licences})
        for one in used.pictures
    )
    return used.model_copy(update={"pictures": pictures})
