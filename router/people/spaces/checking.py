"""Whether what a space wants is there, and within what the operator allows."""

from __future__ import annotations

from configs.catalog import Installation
from configs.errors import InvalidRequest, UnknownName
from configs.profile import ProfileConfig
from router.people.spaces.model import Defaults, SpaceFiles
from router.people.spaces.retention import bounds_of


def check_defaults(defaults: Defaults | None, installation: Installation) -> None:
    """Raises `UnknownName`, naming the field and what there is."""
    catalog = installation.catalog
    known = {
        "asset_type": tuple(catalog.asset_types),
        "quality": tuple(catalog.qualities),
        "model": tuple(dict.fromkeys(one.model for one in installation.profile.generators)),
        "brand_kit": (*catalog.brand_kits, "none"),
    }
    for field, there in known.items():
        said = None if defaults is None else getattr(defaults, field)
        if said is not None and said.partition("@")[0] not in there:
            message = f"'{said}' is not here; choose one of {', '.join(there)}"
            raise UnknownName(message, f"defaults.{field}", there)


def check_files(files: SpaceFiles | None, space: str, profile: ProfileConfig) -> None:
    """Raises `InvalidRequest`, naming the field, for what the profile does not leave to the leads of a space."""
    if files is None:
        return
    if not files.credentials and not profile.credentials.optional:
        raise InvalidRequest(
            "this studio signs all of its files: an operator may write 'credentials: {optional: true}' in its profile",
            "files.credentials",
        )
    bounds = bounds_of(profile, space)
    if files.retention_days is not None and not bounds.least <= files.retention_days <= bounds.most:
        raise InvalidRequest(
            f"this studio lets you keep pictures of '{space}' for {bounds.least} to {bounds.most} days: say as many, "
            "or ask an operator, whose profile says so",
            "files.retention_days",
        )
