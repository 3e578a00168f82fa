"""Whether a LoRA that was trained here may become live: somebody has to have said whose all its pictures are."""

from __future__ import annotations

from configs.entries import DATASETS, LORAS
from configs.errors import LicenceRestricted, NotFound
from configs.schema import LoraConfig
from router.library.kinds import kind_named
from router.library.model import LIVE, Entry
from router.library.store import LibraryStore
from router.storage.documents import UnreadableDocument

_UNKNOWN = "unknown"
_NAMED = 3


async def check_rights(store: LibraryStore, entry: Entry, lora: object, mark: str | None) -> None:
    """Raises `LicenceRestricted`, naming pictures, where a mark would make a LoRA live that learned from what may be
    anybody's. What was brought as a file says itself what it is under."""
    if entry.kind == LORAS and mark == LIVE and isinstance(lora, LoraConfig):
        await check_learned(store, lora)


async def check_learned(store: LibraryStore, lora: LoraConfig) -> None:
    """Raises `LicenceRestricted` for a version that may not be drawn with for everybody."""
    if lora.trained is None:
        return
    pictures = await _of_nobody(store, lora.trained.dataset, lora.trained.dataset_version)
    if pictures:
        more = f" and {len(pictures) - _NAMED} more" if len(pictures) > _NAMED else ""
        named = ", ".join(pictures[:_NAMED]) + more
        raise LicenceRestricted(
            f"{lora.id} {lora.version} cannot become live: it learned from {named} of {lora.trained.dataset}, and "
            "nobody has said whose they are; say so in the dataset, and train again",
            pictures=pictures,
        )


async def _of_nobody(store: LibraryStore, dataset: str, version: str) -> tuple[str, ...]:
    try:
        entry = (await store.versions(DATASETS, dataset)).require(version)
        found = kind_named(DATASETS).read(entry)
    except (NotFound, UnreadableDocument):  # what nobody can read says nothing for it
        return (f"all of {dataset} {version}",)
    return tuple(one.picture for one in found.pictures if _UNKNOWN in one.all_licences)
