"""The vocabulary of what lifts a verdict: licences that were bought, conditions that were acknowledged, and what was
said of uploads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from configs.schema import Purpose

Right: TypeAlias = Literal["own", "bought", "unknown"]
"""What somebody says of a picture that they bring: the id of a policy in `configs/licences.yaml`."""

GrantState: TypeAlias = Literal["planned", "active", "ended", "revoked"]
SubjectKind: TypeAlias = Literal["asset", "job", "batch"]


@dataclass(frozen=True, slots=True)
class Grant:
    """A licence that was bought: for what is under `licence`, for all of `component`, or for what of one is under the
    other. With no `space` it is for all of them; without an `until` it does not end."""

    id: str
    component: str | None
    licence: str | None
    space: str | None
    purposes: tuple[Purpose, ...]
    since: datetime
    until: datetime | None
    reference: str
    recorded_by: str
    recorded_at: datetime
    revoked_by: str | None = None
    revoked_at: datetime | None = None

    def state(self, now: datetime) -> GrantState:
        """What it is worth now."""
        if self.revoked_at is not None:
            return "revoked"
        if now < self.since:
            return "planned"
        return "ended" if self.until is not None and now >= self.until else "active"


@dataclass(frozen=True, slots=True)
class Subject:
    """What an acknowledgement is of: a picture, or all that a job or a batch has."""

    kind: SubjectKind
    id: str


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """That somebody has read `text`, a condition a line, and keeps to it when they use a picture for `purpose`."""

    id: str
    principal: str
    subject: Subject
    purpose: Purpose
    text: str
    at: datetime

    @property
    def conditions(self) -> Sequence[str]:
        """Each that was read."""
        return self.text.splitlines()


@dataclass(frozen=True, slots=True)
class Word:
    """What somebody says of a picture that they bring."""

    right: Right = "unknown"
    source: str = ""


NO_WORD = Word()


@dataclass(frozen=True, slots=True)
class UploadRight:
    """What was last said of an upload: whose it is, and where it comes from."""

    picture_id: str
    owner: str
    right: Right
    source: str
    said_by: str
    said_at: datetime
    cleared_by: str | None = None
    """Who has looked at what it looks like, and found that it is another picture."""
