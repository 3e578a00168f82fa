"""What somebody looks for among pictures, and the condition that it becomes: groups of tokens, of each of which one
must be there."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any, Literal, TypeAlias

from configs.errors import InvalidRequest
from router.assets.search.colours import cells_near
from router.assets.search.numbers import first_number
from router.assets.search.terms import SEEN, term, token
from router.assets.search.words import Word, asked_words
from router.people.viewer import Viewer

Sort: TypeAlias = Literal["newest", "oldest"]
Group: TypeAlias = tuple[Word, ...]
"""Any of these."""


def sight_of(viewer: Viewer) -> Group:
    """What a picture must have one of for somebody to see it: as `Viewer.sees` has it, but that nobody lists what
    experiments draw unseen."""
    if viewer.sees_all:
        return (Word(token(SEEN)),)
    own = term("owner", viewer.owner)
    return tuple(Word(token(one)) for one in (own, *(term("space", space) for space in sorted(viewer.spaces))))


@dataclass(frozen=True, slots=True)
class Filters:
    """Of a search; what is empty does not narrow it. `terms` are pairs of a facet and a value, all of which must be
    there; times are aware, the first included and the last not."""

    query: str = ""
    terms: tuple[tuple[str, str], ...] = ()
    colour: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether it narrows nothing."""
        return self == Filters()

    def groups(self) -> tuple[Group, ...]:
        """What must be found beside what one may see. Raises `InvalidRequest`."""
        words = asked_words(self.query) if self.query else ()
        near = (tuple(Word(token(term("colour", cell))) for cell in cells_near(self.colour)),) if self.colour else ()
        exact = tuple((Word(token(term(*pair))),) for pair in self.terms)
        return (*exact, *near, *((word,) for word in words))

    def numbers(self) -> tuple[int, int]:
        """The first number that is in it, and the first that is beyond."""
        since = 0 if self.since is None else first_number(self.since)
        return since, 2**63 - 1 if self.until is None else first_number(self.until)


@dataclass(frozen=True, slots=True)
class Question:
    """A search of a `viewer`, and the order of its answers. Those that are `deleted` are the viewer's own."""

    viewer: Viewer
    filters: Filters = field(default_factory=Filters)
    sort: Sort = "newest"
    deleted: bool = False

    def sign(self, number: int) -> str:
        """The cursor after the picture `number`: the number, and what it was found by."""
        return f"{number:x}-{self._mark()}"

    def after(self, cursor: str) -> int:
        """The number in a cursor of this very search. Raises `InvalidRequest` for any other."""
        number, _, mark = cursor.partition("-")
        if mark != self._mark():
            raise InvalidRequest(
                "this is not the `next` of a page of this very search: begin again without `before`, or ask as you did "
                "for that page",
                "before",
            )
        return int(number, 16)

    def _mark(self) -> str:
        asked: Any = (sight_of(self.viewer), self.filters.groups(), self.filters.numbers(), self.sort, self.deleted)
        text = json.dumps(asked, default=lambda word: [word.text, word.begins])
        return blake2b(text.encode(), digest_size=6).hexdigest()
