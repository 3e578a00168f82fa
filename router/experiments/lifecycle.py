"""Starting an experiment: what it names is there, every arm can draw, nothing else has its units; then it is frozen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from configs.catalog import Installation
from configs.entries import hash_of
from configs.errors import InvalidRequest, NotFound, StateConflict
from configs.experiments import CHAMPION, ExperimentConfig
from router.experiments.model import Experiment, FrozenArm, Held, Phase
from router.experiments.overlay import lay_over
from router.experiments.routing import find_down, find_hashes
from router.experiments.runs.beginning import begin_run, find_prompts
from router.job_request import JobRequest
from router.library.kinds import EXPERIMENTS
from router.library.pinning import NamedVersions, find_versions, pin_versions
from router.people.audit.model import Signature
from router.planning.making import make_plan
from router.studio import Studio


async def find_definition(studio: Studio, id: str, version: str | None = None) -> ExperimentConfig:
    """As the library has it: the live version, if none is named. Raises `NotFound`, `UnknownName` and
    `InvalidRequest`."""
    found = await studio.library.store.versions(EXPERIMENTS.name, id)
    config: ExperimentConfig = studio.library.read(
        EXPERIMENTS, found.shown if version is None else found.require(version)
    )
    return config


async def start(
    studio: Studio,
    id: str,
    actor: str,
    reason: str = "",
    version: str | None = None,
    exposure: float | None = None,
    again: bool = False,
    signature: Signature | None = None,
) -> Experiment:
    """Start an experiment, or (`again`) a new phase of one that is not stopped.

    Raises `NotFound`, `InvalidRequest` naming the arm that cannot draw, and `StateConflict` where it runs already or
    another has its units.
    """
    config = await find_definition(studio, id, version)
    await _check_arms(studio, config)
    if config.prompt_set is not None:
        await find_prompts(studio, config.prompt_set)
    store, held = studio.experiments.store, studio.experiments.held
    versions = await find_versions(studio.library, (arm.overlay for arm in config.arms), held.versions)
    arms = tuple(freeze(config, held, studio.installation, versions))
    phase = Phase(id, 1, config, hash_of(config), arms, store.clock())
    share = config.exposure if exposure is None else exposure
    check = _free_of(config, studio.installation)
    experiment = await store.start(phase, share, actor, reason, check, again, signature)
    await studio.experiments.refresh()
    await begin_run(studio, experiment)
    return experiment


def freeze(
    config: ExperimentConfig, held: Held, installation: Installation, versions: NamedVersions
) -> Iterator[FrozenArm]:
    """Its arms with all that they draw with today; `versions` are those that they name, looked up."""
    for arm in config.arms:
        champions = {
            f"{one.asset_type}/{one.quality}": one.overlay
            for one in held.champions.values()
            if arm.id == CHAMPION and config.includes(*one.key)
        }
        overlays = (arm.overlay, *champions.values())
        hashes = dict[str, str]()
        for overlay in overlays:
            hashes |= find_hashes(overlay, installation) | versions.hashes(overlay)
        yield FrozenArm(id=arm.id, weight=arm.weight, overlay=arm.overlay, hashes=hashes, champions=champions)


def find_overlap(config: ExperimentConfig, other: ExperimentConfig, installation: Installation) -> str | None:
    """Why two experiments cannot run at once; None if they can. Only a split takes units."""
    if config.mode != "split" or other.mode != "split":
        return None
    shared = next((one for one in _kinds(config, installation) if other.includes(*one)), None)
    if shared is None:
        return None
    if config.layer is None or other.layer is None:
        return (
            f"experiment {other.id} splits {shared[0]}, {shared[1]} already: give both a layer of the same name, with "
            "slots of their own"
        )
    if config.layer.name != other.layer.name:
        return f"experiment {other.id} splits {shared[0]}, {shared[1]} in the layer {other.layer.name}: use that, too"
    if config.layer.overlaps(other.layer):
        first, end = other.layer.slots
        return f"experiment {other.id} has the slots {first} to {end} of the layer {other.layer.name}: take others"
    return None


def _free_of(config: ExperimentConfig, installation: Installation) -> Any:
    def check(others: Sequence[Experiment]) -> None:
        for other in others:
            overlap = find_overlap(config, other.phase.config, installation)
            if overlap is not None:
                raise StateConflict(overlap, "layer")

    return check


async def _check_arms(studio: Studio, config: ExperimentConfig) -> None:
    """Where the scope is named, every arm draws all of it; else at least something. Raises `InvalidRequest`."""
    installation = studio.installation
    _check_scope(config, installation)
    for i, arm in enumerate(config.arms):
        down = find_down(arm.overlay, {}, installation)
        if down is not None:
            raise InvalidRequest(f"arm {arm.id} cannot draw: {down}", f"arms.{i}.overlay")
        errors = [await _try(studio, config, i, *kind) for kind in _kinds(config, installation)]
        wrong = [error for error in errors if error is not None]
        named = bool(config.scope.asset_types or config.scope.qualities)
        if wrong and (named or len(wrong) == len(errors)):
            raise InvalidRequest(wrong[0], f"arms.{i}.overlay")


async def _try(studio: Studio, config: ExperimentConfig, i: int, asset_type: str, quality: str) -> str | None:
    arm = config.arms[i]
    asked = JobRequest(prompt="a", asset_type=asset_type, quality=quality)
    try:
        request, installation = await pin_versions(studio.library, lay_over(asked, arm.overlay))
        make_plan(request, installation, studio.rates, 0)
    except (InvalidRequest, NotFound) as error:
        return f"arm {arm.id} cannot draw {asset_type}, {quality}: {error.message}"
    return None


def _check_scope(config: ExperimentConfig, installation: Installation) -> None:
    catalog = installation.catalog
    scopes: dict[str, tuple[tuple[str, ...], Any]] = {
        "asset_types": (config.scope.asset_types, catalog.asset_types),
        "qualities": (config.scope.qualities, catalog.qualities),
    }
    for field, (names, known) in scopes.items():
        unknown = next((name for name in names if name not in known), None)
        if unknown is not None:
            raise InvalidRequest(f"'{unknown}' is not known; known: {', '.join(known)}", f"scope.{field}", tuple(known))


def _kinds(config: ExperimentConfig, installation: Installation) -> Iterator[tuple[str, str]]:
    """Asset types and qualities in its scope."""
    catalog = installation.catalog
    for asset_type in catalog.asset_types:
        for quality in catalog.qualities:
            if config.includes(asset_type, quality):
                yield asset_type, quality
