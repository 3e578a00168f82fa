"""A dataset that is not here yet, as far as a plan needs it: how many pictures, what they say, and whose they are."""

from __future__ import annotations

import hashlib

from pydantic import ValidationError

from configs.catalog import Catalog
from configs.datasets import DatasetConfig, DatasetPicture
from configs.entries import DATASETS, EntryPin
from configs.errors import InvalidRequest
from configs.semver import FIRST
from router.datasets.rights import with_right
from router.training.planning import Material
from router.training.request import DatasetSketch, SketchedPicture


def material_of(id: str, sketch: DatasetSketch, catalog: Catalog) -> Material:
    """As its first version would be. Raises `InvalidRequest` for an id that no dataset can have."""
    pictures = tuple(_picture(number, one, catalog) for number, one in enumerate(sketch.pictures))
    try:
        dataset = DatasetConfig(id=id, name=id, asset_type=sketch.asset_type, trigger=sketch.trigger, pictures=pictures)
    except ValidationError:
        raise InvalidRequest(
            f"'{id[:64]}' cannot be a dataset's id: small letters, digits, '-', '_'", "dataset"
        ) from None
    return Material(EntryPin(kind=DATASETS, id=id, version=FIRST, sha256=_hash(id)), dataset)


def _picture(number: int, one: SketchedPicture, catalog: Catalog) -> DatasetPicture:
    """Each is unlike all others, since nobody has seen them."""
    name = f"sketched-{number}"
    bare = DatasetPicture(picture=name, sha256=_hash(name), width=1, height=1, name=name, caption=one.caption)
    return with_right(bare, one.right, one.source, catalog)


def _hash(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()
