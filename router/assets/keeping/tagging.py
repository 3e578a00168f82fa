"""Tags as people write them, made plain: short, in lower case, each once."""

from __future__ import annotations

from collections.abc import Sequence

from configs.errors import InvalidRequest
from configs.text import one_line

MOST_TAGS = 20
LONGEST_TAG = 60


def plain_tags(written: Sequence[str]) -> tuple[str, ...]:
    """Sorted. Raises `InvalidRequest` for one that is empty, too long, or holds what is not shown, and for too many."""
    tags = tuple(sorted({plain_tag(tag) for tag in written}))
    if len(tags) > MOST_TAGS:
        raise InvalidRequest(f"a picture has at most {MOST_TAGS} tags, these are {len(tags)}: leave some out", "tags")
    return tags


def plain_tag(written: str, field: str = "tags") -> str:
    """Raises `InvalidRequest`."""
    tag = " ".join(filter(None, written.casefold().split(" ")))
    if tag != one_line(tag):
        raise InvalidRequest(
            "a tag holds characters that are not shown (line breaks, tabs, controls): write it anew", field
        )
    if not 0 < len(tag) <= LONGEST_TAG:
        raise InvalidRequest(f"a tag has 1 to {LONGEST_TAG} characters; this one has {len(tag)}", field)
    return tag
