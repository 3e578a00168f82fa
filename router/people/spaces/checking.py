"""Whether what a space wants to be drawn with is there."""

from __future__ import annotations

from configs.catalog import Installation
from configs.errors import UnknownName
from router.people.spaces.model import Defaults


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
