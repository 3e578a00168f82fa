"""What all answers are made of: bodies that take fields which came later, notes, and verdicts on licences."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict


class Body(BaseModel):
    """An answer: immutable, and open to fields that came later."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class RowError(Body):
    """A row of a batch that cannot be: `line` counts from 1 in the file or the list; `field` is the column at fault."""

    line: int
    field: str | None = None
    code: str = "invalid_request"
    message: str

    def __str__(self) -> str:
        where = f"line {self.line}" if self.field is None else f"line {self.line}, {self.field}"
        return f"{where}: {self.message}"


class Note(Body):
    """What to know of a plan: `message` is a sentence for people, `code` says what it is about."""

    code: str
    message: str


class Notice(Body):
    """What to know before something is used: `label` in a few words, such as `Reference only`, and a sentence; where
    the text is that says so, and when somebody read it."""

    label: str
    sentence: str
    source: str | None = None
    read_on: date | None = None


class Uses(Body):
    """What may be done, per purpose: `allowed`, `conditional` or `refused`."""

    reference: str
    internal: str
    product: str


class Licence(Uses):
    """What a picture may be used for now. `accepted` is what held when it was ordered, where that differs."""

    licences: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    accepted: Uses | None = None
    notice: Notice | None = None
