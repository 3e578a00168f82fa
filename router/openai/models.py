"""Which model of this installation a program means: by its id, or by a name that another service gave it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

from configs.catalog import Installation
from configs.errors import UnknownName
from configs.openai_door import USUAL


def offered_models(installation: Installation) -> tuple[str, ...]:
    """Ids of the models that draw here, the default first."""
    profile = installation.profile
    return tuple(dict.fromkeys([profile.default_model, *(one.model for one in profile.generators)]))


def listed_models(installation: Installation) -> tuple[str, ...]:
    """What GET /v1/models has: those, and aliases that are whole names."""
    aliases = (name for name in installation.profile.openai.aliases if "*" not in name)
    return tuple(dict.fromkeys([*offered_models(installation), *aliases]))


def resolve_model(name: str | None, installation: Installation) -> str | None:
    """The id of a model; None where nothing is said, so that asset type and studio choose. Raises `UnknownName`."""
    offered = offered_models(installation)
    if name is None or name in offered:
        return name
    meant = next(_meant(name, installation.profile.openai.aliases.items()), None)
    if meant == USUAL:
        return offered[0]
    if meant in offered:
        return meant
    known = listed_models(installation)
    raise UnknownName(f"'{name}' is no model of this studio; choose one of {', '.join(known)}", "model", known)


def _meant(name: str, aliases: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Whole names first."""
    pairs = sorted(aliases, key=lambda pair: "*" in pair[0])
    return (model for alias, model in pairs if fnmatchcase(name, alias))
