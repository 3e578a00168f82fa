"""What is asked of a kind of stage: by the request, else by its asset type and its quality, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, TypeAlias

from pydantic import ValidationError

from configs.catalog import Catalog
from configs.contracts import AssetTypeConfig, QualityConfig
from configs.errors import ConfigError, InvalidRequest
from configs.fitness import Misfit
from deployments.stages.kind import Settings, StageKind
from router.stage_table import STAGES, StageSettings, settings_of

Terms: TypeAlias = bool | Mapping[str, Any] | None
"""Settings of one kind of stage: true for the usual ones, false for never, None for nothing said."""


def settle_settings(
    kind: StageKind[Any], asked: StageSettings, asset_type: AssetTypeConfig, quality: QualityConfig
) -> Settings | Literal[False] | None:
    """What holds for `kind`; None where nobody asks for it, False where somebody leaves it out. A request's word counts
    most, then the asset type's; a quality adds stages, and leaves them out where a request does not insist.

    Raises `InvalidRequest`, naming the field, for settings that do not go together.
    """
    if kind.settings is None:
        return None
    said = settings_of(kind, asked)
    own: Terms = said if said is None or said is False else said.model_dump(mode="json", exclude_unset=True)
    of_type, of_quality = asset_type.stages.get(kind.name), quality.stages.get(kind.name)
    if own is False or (own is None and (of_type is False or of_quality is False)):
        return False
    layers = [one for one in (of_quality, of_type, own) if one is not None and one is not False]
    if not layers:
        return None
    merged: dict[str, Any] = {}
    for layer in layers:
        merged = _over(merged, {} if layer is True else layer, kind.settings)
    try:
        settled: Settings = kind.settings.model_validate(merged)
        return settled
    except ValidationError as error:
        place, message = _first(error)
        raise InvalidRequest(message, ".".join(["stages", kind.name, *map(str, place)])) from None


def find_stage_misfits(stages: Mapping[str, Terms]) -> Iterator[Misfit]:
    """Everything in the `stages` of an asset type or a quality that no kind of stage understands."""
    known = {kind.name: kind.settings for kind in STAGES if kind.settings is not None}
    for name, terms in stages.items():
        settings = known.get(name)
        if settings is None:
            yield Misfit(("stages", name), f"'{name}' is no stage that has settings; there are {', '.join(known)}")
        elif isinstance(terms, Mapping):
            yield from _misfits(name, terms, settings)


def check_qualities(catalog: Catalog) -> None:
    """Raises `ConfigError` for a quality whose `stages` no kind understands."""
    for quality in catalog.qualities.values():
        for misfit in find_stage_misfits(quality.stages):
            place = ".".join(map(str, misfit.place))
            raise ConfigError(f"configs/qualities/{quality.id}.yaml: {place}: {misfit.message}", place)


def _misfits(name: str, terms: Mapping[str, Any], settings: type[Settings]) -> Iterator[Misfit]:
    try:
        settings.model_validate(terms)
    except ValidationError as error:
        for one in error.errors(include_url=False):
            if one["type"] != "missing":  # a request, or the other of the two, may say it
                yield Misfit(("stages", name, *one["loc"]), _message(one))


def _over(merged: dict[str, Any], layer: Mapping[str, Any], settings: type[Settings]) -> dict[str, Any]:
    """`layer` over what was said before; what it names replaces the alternatives to that."""
    replaced = {other for group in settings.alternatives if group & layer.keys() for other in group}
    return {name: value for name, value in merged.items() if name not in replaced} | dict(layer)


def _first(error: ValidationError) -> tuple[tuple[str | int, ...], str]:
    one = error.errors(include_url=False)[0]
    return one["loc"], _message(one)


def _message(error: Any) -> str:
    if error["type"] == "extra_forbidden":
        return "is not a setting"
    return str(error["msg"]).removeprefix("Value error, ")
