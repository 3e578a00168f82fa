"""What a container's environment says of a profile: what is secret, and so in no file and no chart."""

from __future__ import annotations

from collections.abc import Mapping

from configs.profile import ProfileConfig

DATABASE_URL = "ATELIER_DATABASE_URL"


def surrounded(profile: ProfileConfig, environment: Mapping[str, str]) -> ProfileConfig:
    """`profile`, with the database that `environment` names in place of its own."""
    named = environment.get(DATABASE_URL, "").strip()
    return profile.model_copy(update={"database_url": named}) if named else profile
