"""What the pictures of a plan descend from, as their rows say it."""

from __future__ import annotations

from router.jobs.model import Parent
from router.plan import Plan


def parents_of(plan: Plan) -> tuple[Parent, ...]:
    """Every picture that it begins with, looks at or follows, in its role; then the one that it goes on from, unless it
    is among them."""
    given = tuple(Parent(asset_id=one.image.asset_id, role=one.role) for one in plan.base.inputs if one.image.asset_id)
    origin = plan.origin
    if origin is None or not origin.asset_id or origin.asset_id in {one.asset_id for one in given}:
        return given
    return (*given, Parent(asset_id=origin.asset_id, role=origin.call))
