"""What is known of a picture to find it by, and the columns, words and terms that this becomes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from router.assets.search.colours import cell_of
from router.assets.search.terms import SEEN, term, tokens
from router.assets.search.words import words_of
from router.jobs.model import HELD_BACK, ImageRecord, Job, LicenceVerdict, UploadedPicture
from router.plan import BLIND

PURPOSES = ("reference", "internal", "product")


@dataclass(frozen=True, slots=True)
class Entry:
    """A picture as it is found. What changes once it is finished comes from tables of its own: `tags`, `favourite_of`
    (who keeps it among their favourites), `collections` that it is in."""

    asset_id: str
    owner: str
    space: str
    kind: str
    created_at: datetime
    prompt: str = ""
    asset_type: str = ""
    quality: str = ""
    model: str = ""
    loras: tuple[str, ...] = ()
    licence: LicenceVerdict | None = None
    notes: tuple[str, ...] = ()
    colours: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    favourite_of: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()

    @property
    def facets(self) -> tuple[str, ...]:
        """What it is counted under."""
        return tuple(dict.fromkeys(self._facets()))

    def _facets(self) -> Iterator[str]:
        yield term("kind", self.kind)
        named = {"type": self.asset_type, "quality": self.quality, "model": self.model}
        yield from (term(facet, value) for facet, value in named.items() if value)
        yield from (term("lora", lora) for lora in self.loras)
        yield from (term("tag", tag) for tag in self.tags)
        if self.licence is not None:
            yield from (term("licence", one) for one in self.licence.licences)
            yield from (term(purpose, getattr(self.licence, purpose)) for purpose in PURPOSES)
        if self.favourite_of or self.collections:
            yield "kept:"

    def _terms(self) -> Iterator[str]:
        yield from self.facets
        yield term("owner", self.owner)
        if not self.owner.startswith(HELD_BACK):
            yield SEEN
            yield term("space", self.space)
        yield from (term("colour", cell_of(colour)) for colour in self.colours)
        yield from (term("favourite", who) for who in self.favourite_of)
        yield from (term("in", collection) for collection in self.collections)

    def columns(self) -> dict[str, Any]:
        """Its row of `asset_search`, but for its number."""
        return {
            "asset_id": self.asset_id,
            "owner": self.owner,
            "space": self.space,
            "prompt": self.prompt,
            "asset_type": self.asset_type,
            "quality": self.quality,
            "model": self.model,
            "loras": " ".join(self.loras),
            "colours": " ".join(self.colours),
            **self.changing(),
            "deleted_at": None,
        }

    def changing(self) -> dict[str, str]:
        """The columns that follow from what changes once it is finished."""
        described = (self.prompt, self.asset_type, *self.tags, *self.notes)
        return {
            "words": " ".join(words_of(*described)),
            "terms": tokens(self._terms()),
            "facets": "\n".join(self.facets),
        }

    @property
    def day(self) -> str:
        """On which it is counted."""
        return self.created_at.astimezone(UTC).date().isoformat()


def nobody_of(batch_id: str) -> str:
    """Whose the pictures of a blind comparison are, as they are found, until its sides are named."""
    return f"{HELD_BACK}{batch_id}"


def drawn_entry(job: Job, image: ImageRecord, now: datetime) -> Entry:
    """Of a picture that has just been finished. One of a blind comparison is nobody's until its sides are named, and a
    replay is nobody's for ever: it is found by the picture that it draws again."""
    entry, plan = _drawn_entry(job, image, now), job.plan
    if plan.replayed is not None:
        return replace(entry, owner=nobody_of(job.id))
    veiled = plan.routed is not None and plan.routed.reason == BLIND
    return replace(entry, owner=nobody_of(job.batch)) if veiled else entry


def _drawn_entry(job: Job, image: ImageRecord, now: datetime) -> Entry:
    plan = job.plan
    return Entry(
        asset_id=image.asset_id,
        owner=job.owner,
        space=job.space,
        kind="drawn",
        created_at=now,
        prompt=plan.prompt,
        asset_type=plan.asset_type,
        quality=plan.quality,
        model=plan.base.model,
        loras=tuple(one.lora for one in plan.base.all_loras),
        licence=image.licence,
        notes=image.notes,
        colours=image.colours,
    )


def uploaded_entry(picture: UploadedPicture, now: datetime) -> Entry:
    """Of a picture that somebody has brought."""
    return Entry(
        asset_id=picture.id,
        owner=picture.owner,
        space=picture.space,
        kind="uploaded",
        created_at=now,
        colours=picture.colours,
    )
