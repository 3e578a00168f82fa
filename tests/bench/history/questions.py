"""What is measured: the lists and searches of a history, each with what it stands for."""

from __future__ import annotations

from datetime import timedelta

from router.assets.search.question import Filters, Question
from router.people.viewer import Viewer
from tests.bench.history.pictures import BEGIN, COLLECTION, COMMON_WORD, DAYS, OWNER, RARE_MODEL, RARE_WORD


def _by(*terms: tuple[str, str], query: str = "", colour: str = "") -> Filters:
    return Filters(query=query, terms=terms, colour=colour)


def _lately(share: float) -> Filters:
    since = BEGIN + timedelta(days=DAYS * share)
    return Filters(since=since, until=since + timedelta(days=7))


FILTERS: dict[str, Filters] = {
    "no filter": Filters(),
    "a rare word": _by(query=RARE_WORD),
    "a common word": _by(query=f"{COMMON_WORD} "),
    "the beginning of common words": _by(query="fl"),
    "two letters, any word": _by(query="ca*"),
    "a rare and a common word": _by(query=f"{RARE_WORD} {COMMON_WORD}"),
    "a word that no picture has": _by(query="xyzzyqq"),
    "asset type": _by(("type", "icon")),
    "quality": _by(("quality", "high")),
    "a rare model": _by(("model", RARE_MODEL)),
    "LoRA": _by(("lora", "lora-7")),
    "allowed for products": _by(("product", "allowed")),
    "refused for products": _by(("product", "refused")),
    "favourites": _by(("favourite", OWNER)),
    "tag": _by(("tag", "tag 7")),
    "collection": _by(("in", COLLECTION)),
    "uploads": _by(("kind", "uploaded")),
    "another owner": _by(("owner", "user-7")),
    "colour": _by(colour="e01b24"),
    "a week, two years ago": _lately(0.33),
    "word, type and model": _by(("type", "icon"), ("model", "mini"), query=f"{COMMON_WORD} "),
    "favourites with a word, of a rare model": _by(("favourite", OWNER), ("model", RARE_MODEL), query=COMMON_WORD),
}


def ask(filters: Filters, owner: str = OWNER) -> Question:
    return Question(Viewer(owner), filters)
