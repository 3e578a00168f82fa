"""Changes of a dataset, all of which make a new version: pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from configs.catalog import Catalog
from configs.datasets import HUMAN, DatasetConfig, DatasetPicture, PictureRight
from configs.errors import InvalidRequest, UnknownName
from router.datasets.rights import with_right


@dataclass(frozen=True, slots=True)
class CaptionChange:
    """A caption in place of another, and who wrote it."""

    picture: str
    caption: str
    by: str = HUMAN
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class RightChange:
    """A word on `pictures`, all of them if none is named."""

    right: PictureRight
    source: str = ""
    pictures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be different; what is None or empty stays. `find` in captions becomes `replacement`."""

    name: str | None = None
    description: str | None = None
    asset_type: str | None = None
    trigger: str | None = None
    captions: Sequence[CaptionChange] = ()
    rights: Sequence[RightChange] = ()
    remove: Sequence[str] = ()
    add: Sequence[DatasetPicture] = ()
    find: str = ""
    replacement: str = ""


def changed(dataset: DatasetConfig, changes: Changes, catalog: Catalog) -> DatasetConfig:
    """Raises `InvalidRequest` and `UnknownName` for what names pictures that are not in it."""
    pictures = {one.picture: one for one in dataset.pictures}
    for one in changes.add:
        if one.picture in pictures:
            raise InvalidRequest(f"the picture {one.picture} is in this dataset already", "add")
        pictures[one.picture] = one
    for id in changes.remove:
        _require(pictures, id, "remove")
        del pictures[id]
    if not pictures:
        raise InvalidRequest("a dataset without pictures is none: leave some in it", "remove")
    _rewrite(pictures, changes)
    for said in changes.rights:
        for id in said.pictures or tuple(pictures):
            pictures[id] = with_right(_require(pictures, id, "rights"), said.right, said.source, catalog)
    fields = {"name": changes.name, "description": changes.description, "trigger": changes.trigger}
    told: dict[str, str | None] = {name: value for name, value in fields.items() if value is not None}
    if changes.asset_type is not None:
        told["asset_type"] = changes.asset_type or None
    return dataset.model_copy(update={**told, "pictures": tuple(pictures.values())})


def _rewrite(pictures: dict[str, DatasetPicture], changes: Changes) -> None:
    if changes.find:
        for id, one in pictures.items():
            caption = one.caption.replace(changes.find, changes.replacement)
            pictures[id] = one.model_copy(update={"caption": " ".join(caption.split())})
    for change in changes.captions:
        one = _require(pictures, change.picture, "captions")
        update = {"caption": change.caption, "caption_by": change.by, "unsure": change.unsure and change.by != HUMAN}
        pictures[change.picture] = one.model_copy(update=update)


def _require(pictures: Mapping[str, DatasetPicture], id: str, field: str) -> DatasetPicture:
    if id not in pictures:
        raise UnknownName(f"there is no picture '{id[:64]}' in this dataset", field)
    return pictures[id]
