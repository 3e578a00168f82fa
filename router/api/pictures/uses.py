"""What a picture is wanted for: `?use=` of every route that hands out bytes of one, and whether it may be had so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query

from configs.errors import LicenceRestricted
from configs.schema import Purpose
from router.api.deps import PrincipalDep, StudioDep
from router.licences.uses import Finding, Handed, check_use, find_obstacles
from router.people.principal import Principal
from router.studio import Studio

UseQuery = Annotated[
    Purpose | None,
    Query(
        description="What it is wanted for: `reference` (to look at), `internal`, or `product`; the studio's "
        "`default_use` if absent. What its licences do not allow is 403 `licence_restricted`"
    ),
]
ONLY_JUDGED = (
    "these pictures are shown to be judged, and not to be used: nothing tells what they were made with. Take the "
    "picture that you want from its job, where its licences are known"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the bytes of one answer are for, and who takes them."""

    studio: Studio
    principal: Principal
    use: Purpose

    async def check(self, pictures: Iterable[Handed]) -> None:
        """Raises `LicenceRestricted` unless all of them may be used so."""
        catalog = self.studio.installation.catalog
        await check_use(self.studio.licences, catalog, self.principal, self.use, tuple(pictures))

    async def obstacles(self, pictures: Iterable[Handed]) -> tuple[Finding, ...]:
        """What stands against it, picture by picture."""
        catalog = self.studio.installation.catalog
        return await find_obstacles(self.studio.licences, catalog, self.principal, self.use, tuple(pictures))


async def _wanted(studio: StudioDep, principal: PrincipalDep, use: UseQuery = None) -> Wanted:
    return Wanted(studio, principal, use or studio.installation.profile.default_use)


async def _judging(studio: StudioDep, principal: PrincipalDep, use: UseQuery = None) -> Wanted:
    if use == "product":
        raise LicenceRestricted(ONLY_JUDGED, "use", ("reference", "internal"))
    return Wanted(studio, principal, use or "internal")


WantedDep = Annotated[Wanted, Depends(_wanted)]
JudgingDep = Annotated[Wanted, Depends(_judging)]
"""Of pictures that nobody may know anything of: their verdicts are not told, either."""
