"""What all answers are made of: bodies that take fields which came later, notes, and verdicts on licences."""

from __future__ import annotations

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


class Licence(Body):
    """What a picture may be used for, per purpose: `allowed`, `conditional` or `refused`."""

    reference: str
    internal: str
    product: str
    licences: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
