"""Words that a brand does not want in its pictures: a prompt with one is refused, so that nobody finds out too late."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from configs.brand import BrandKitConfig
from configs.errors import BannedWords
from router.job_request import JobRequest


def check_words(request: JobRequest, kit: BrandKitConfig | None) -> None:
    """Raises `BannedWords`, naming the word, the kit and the field, for a prompt or a slot that says a banned word;
    a negative prompt may."""
    if kit is None:
        return
    for field, text in _texts(request):
        said = _plain(text)
        for word in kit.banned_words:
            if re.search(rf"(?<!\w){re.escape(_plain(word))}(?!\w)", said):
                message = (
                    f"'{word}' is a banned word of the brand kit '{kit.id}': leave it out, "
                    "or draw without the kit (brand_kit: none)"
                )
                raise BannedWords(message, field)


def _texts(request: JobRequest) -> Iterator[tuple[str, str]]:
    yield "prompt", request.prompt
    yield from ((f"slots.{name}", words) for name, words in request.slots.items())


def _plain(text: str) -> str:
    """As people read it: in whatever case, width and spacing."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
