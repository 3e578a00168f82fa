"""For how long drawn pictures of a space are kept: the word of the profile and that of its leads, as one number. Pure.

The operator's word wins: where a profile names a space, its leads may say fewer days and no more.
"""

from __future__ import annotations

from collections.abc import Iterable

from configs.profile import ProfileConfig
from configs.retention import RetentionBounds
from router.people.spaces.model import Space


def bounds_of(profile: ProfileConfig, space: str) -> RetentionBounds:
    """What leads of a space may say."""
    bounds = profile.retention_bounds
    most = min(bounds.most, profile.retention_days.get(space, bounds.most))
    return RetentionBounds(least=min(bounds.least, most), most=most)


def days_kept(profile: ProfileConfig, space: Space) -> int | None:
    """None where pictures stay. What leads said under another profile is brought within the bounds of this one."""
    said = space.files.retention_days
    if said is None:
        return profile.retention_days.get(space.id)
    bounds = bounds_of(profile, space.id)
    return max(bounds.least, min(said, bounds.most))


def days_by_space(profile: ProfileConfig, spaces: Iterable[Space]) -> dict[str, int]:
    """Of all spaces whose pictures do not stay, those that the profile alone knows, too."""
    said = ((space.id, days_kept(profile, space)) for space in spaces)
    return profile.retention_days | {id: days for id, days in said if days is not None}
