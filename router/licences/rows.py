"""Rows to the vocabulary of licences and back."""

from __future__ import annotations

from typing import Any, cast

from configs.schema import Purpose
from router.licences.model import Acknowledgement, Grant, Right, Subject, UploadRight
from router.licences.verdicts import PURPOSES
from router.storage.database import AnyRow


def grant_row(grant: Grant) -> dict[str, Any]:
    """Parameters that insert a grant."""
    return {
        "id": grant.id,
        "component": grant.component,
        "licence": grant.licence,
        "space": grant.space,
        "purposes": " ".join(grant.purposes),
        "since": grant.since,
        "until": grant.until,
        "reference": grant.reference,
        "recorded_by": grant.recorded_by,
        "recorded_at": grant.recorded_at,
        "revoked_by": grant.revoked_by,
        "revoked_at": grant.revoked_at,
    }


def read_grant(row: AnyRow) -> Grant:
    """A grant; purposes that a newer release has are passed over."""
    said = row.purposes.split()
    return Grant(
        id=row.id,
        component=row.component,
        licence=row.licence,
        space=row.space,
        purposes=tuple(purpose for purpose in PURPOSES if purpose in said),
        since=row.since,
        until=row.until,
        reference=row.reference,
        recorded_by=row.recorded_by,
        recorded_at=row.recorded_at,
        revoked_by=row.revoked_by,
        revoked_at=row.revoked_at,
    )


def acknowledgement_row(one: Acknowledgement) -> dict[str, Any]:
    """Parameters that insert an acknowledgement."""
    return {
        "id": one.id,
        "principal": one.principal,
        "kind": one.subject.kind,
        "subject": one.subject.id,
        "purpose": one.purpose,
        "conditions": one.text,
        "at": one.at,
    }


def read_acknowledgement(row: AnyRow) -> Acknowledgement:
    subject = Subject(cast(Any, row.kind), row.subject)
    return Acknowledgement(row.id, row.principal, subject, cast(Purpose, row.purpose), row.conditions, row.at)


def right_row(one: UploadRight) -> dict[str, Any]:
    """Parameters that insert what was said of an upload."""
    return {
        "picture_id": one.picture_id,
        "owner": one.owner,
        "said": one.right,
        "source": one.source,
        "said_by": one.said_by,
        "said_at": one.said_at,
    }


def read_right(row: AnyRow) -> UploadRight:
    """A word that this release does not know is none."""
    right: Right = row.said if row.said in ("own", "bought") else "unknown"
    return UploadRight(row.picture_id, row.owner, right, row.source, row.said_by, row.said_at, row.cleared_by)
