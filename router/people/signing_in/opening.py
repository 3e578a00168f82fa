"""Which door an installation has."""

from __future__ import annotations

from router.people.signing_in.door import Door, developers_door
from router.studio import Studio


def open_door(studio: Studio) -> Door:
    """The door that the profile of `studio` asks for."""
    return developers_door(studio.installation.profile.owner)
