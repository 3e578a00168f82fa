"""Who draws a request: the champion of its asset type and quality, a canary, or an arm of an experiment. Pure.

In this order: a request that goes on from another keeps what that was drawn with; an experiment that is paused, whose
layer has other units, or whose arms cannot all draw the request, leaves it to the champion; then the unit is hashed.
Eligibility is judged for all arms before anything is hashed: judged by arm, the shares would no longer be the weights.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from configs.catalog import Installation
from configs.entries import LORAS, hash_of
from configs.errors import InvalidRequest
from configs.experiments import CHAMPION, Overlay
from configs.schema import ModelConfig
from router.experiments.assignment import Weighted, bucket, choose_arm, is_exposed, takes_slot
from router.experiments.model import NO_OVERLAY, Champion, Experiment, FrozenArm, Held, Status
from router.experiments.overlay import find_clash, lay_over
from router.job_request import JobRequest
from router.plan import Routed

CANARY = "canary"
"""The arm of a champion's canary."""

Draws = Callable[[JobRequest], object]
"""Plans a request, and raises `InvalidRequest` for one that cannot be drawn."""


@dataclass(frozen=True, slots=True)
class Units:
    """Whose request it is, as the units of experiments count."""

    user: str
    team: str
    job: str
    session: str = ""

    def of(self, unit: str) -> str:
        """The unit of a kind; somebody without a session is one of their own."""
        return {"user": self.user, "team": self.team, "job": self.job, "session": self.session or self.user}[unit]


def route(
    request: JobRequest, held: Held, units: Units, installation: Installation, draws: Draws
) -> tuple[JobRequest, Routed | None]:
    """The request as it is to be drawn, and why; None where nothing but its own words and the configs say how."""
    asset_type = request.asset_type.partition("@")[0]
    champion = held.champions.get((asset_type, request.quality))
    outside = None
    for experiment in held.experiments:
        config = experiment.phase.config
        if config.mode == "split" and config.includes(asset_type, request.quality):
            routed = _assign(experiment, request, champion, units, installation, draws)
            if routed.reason != "other_layer":
                return lay_over(request, routed.overlay), routed
            outside = routed
    if champion is None:
        return request, outside
    return _by_champion(request, champion, units, installation, draws)


def keep(request: JobRequest, before: Routed) -> tuple[JobRequest, Routed]:
    """A request that goes on from one that was `routed`: it stays in its arm, with what that was drawn with."""
    return lay_over(request, before.overlay), before.model_copy(update={"reason": "kept", "pair": None, "run": None})


def as_arm(
    request: JobRequest, experiment: Experiment, arm: str, pair: str, run: str, reason: str
) -> tuple[JobRequest, Routed]:
    """The request as one arm draws it, whoever asked: of a pair, whose jobs all have the same prompt and seeds."""
    overlay = _frozen(experiment, arm).overlay_for(request.asset_type.partition("@")[0], request.quality)
    routed = Routed(
        reason=reason,
        experiment=experiment.id,
        phase=experiment.phase.number,
        assigned=arm,
        served=arm,
        overlay=overlay,
        unit=pair,
        pair=pair,
        run=run,
    )
    return lay_over(request, overlay), routed


def find_hashes(overlay: Overlay, installation: Installation) -> dict[str, str]:
    """What an arm draws with that could be another by tomorrow: its model's config and its LoRAs, by kind/id. One that
    it names by version never is."""
    catalog = installation.catalog
    found: dict[str, str] = {}
    if overlay.model in catalog.models:
        found[f"models/{overlay.model}"] = _hash_model(catalog.models[str(overlay.model)])
    for lora in overlay.loras:
        if lora.id in catalog.loras:
            found[f"loras/{lora.id}"] = catalog.pin(LORAS, catalog.loras[lora.id]).sha256
    return found


def find_down(overlay: Overlay, hashes: Mapping[str, str], installation: Installation) -> str | None:
    """Why an arm cannot draw as it did when it was frozen; None if it can."""
    placed = {one.model for one in installation.profile.generators}
    if overlay.model is not None and overlay.model not in placed:
        return f"{overlay.model} does not run here"
    now = find_hashes(overlay, installation)
    for lora in overlay.loras:
        if not lora.is_pinned and f"loras/{lora.id}" not in now:
            return f"{lora.id} is not in the library"
    changed = next((key for key, sha256 in hashes.items() if "@" not in key and now.get(key) != sha256), None)
    return None if changed is None else f"{changed.partition('/')[2]} is another than when it started"


_models: dict[str, tuple[ModelConfig, str]] = {}


def _hash_model(model: ModelConfig) -> str:
    """Models stay as they are for as long as a process lives: hashed once, not per request."""
    known = _models.get(model.id)
    if known is None or known[0] is not model:
        known = _models[model.id] = (model, hash_of(model))
    return known[1]


def _assign(
    experiment: Experiment,
    request: JobRequest,
    champion: Champion | None,
    units: Units,
    installation: Installation,
    draws: Draws,
) -> Routed:
    phase, unit = experiment.phase, units.of(experiment.phase.config.unit)
    revision = None if champion is None else champion.revision
    today = NO_OVERLAY if champion is None else champion.overlay
    routed = Routed(
        reason="split", experiment=experiment.id, phase=phase.number, champion=revision, overlay=_room(request, today)
    )
    if experiment.status == Status.PAUSED:
        return routed.model_copy(update={"reason": "paused"})
    if not takes_slot(phase.config.layer, unit):
        return routed.model_copy(update={"reason": "other_layer"})
    reason = _find_ineligible(request, phase.arms, installation, draws)
    if reason is not None:
        return routed.model_copy(update={"reason": reason})
    if not is_exposed(experiment.id, phase.number, unit, experiment.exposure):
        return routed.model_copy(update={"reason": "not_exposed"})
    assigned = choose_arm(experiment.id, phase.number, unit, [Weighted(one.id, one.weight) for one in phase.arms])
    arm = _frozen(experiment, assigned)
    overlay = _of(arm, request)
    told = {"assigned": assigned, "served": assigned, "overlay": overlay, "unit": _hash(experiment.id, unit)}
    down = find_down(overlay, arm.hashes, installation)
    if down is not None:
        told |= {"served": CHAMPION, "overlay": routed.overlay, "reason": f"down:{down}"}
    return routed.model_copy(update=told)


def _find_ineligible(
    request: JobRequest, arms: Sequence[FrozenArm], installation: Installation, draws: Draws
) -> str | None:
    """Why the request stays outside, if one of the arms that are there cannot draw it."""
    for arm in arms:
        overlay = _of(arm, request)
        clash = find_clash(request, overlay)
        if clash is not None:
            return f"ineligible:{arm.id}:the request says {clash} itself"
        if find_down(overlay, arm.hashes, installation) is None:
            why = _why_not(request, overlay, draws)
            if why is not None:
                return f"ineligible:{arm.id}:{why}"
    return None


def _by_champion(
    request: JobRequest, champion: Champion, units: Units, installation: Installation, draws: Draws
) -> tuple[JobRequest, Routed]:
    overlay, reason, assigned = champion.overlay, "champion", None
    canary = champion.canary
    if canary is not None and not canary.paused and find_clash(request, canary.overlay) is None:
        why = find_down(canary.overlay, canary.hashes, installation) or _why_not(request, canary.overlay, draws)
        if why is not None:
            reason = f"ineligible:{CANARY}:{why}"
        elif is_exposed(champion.name, canary.since, units.user, canary.share):
            overlay, reason, assigned = canary.overlay, CANARY, CANARY
        else:
            reason, assigned = "not_exposed", CHAMPION
    why = None if assigned == CANARY else _why_not(request, _room(request, overlay), draws)
    if why is not None:
        overlay, reason = NO_OVERLAY, f"down:{why}"
    overlay = _room(request, overlay)
    routed = Routed(
        reason=reason,
        experiment=champion.name if assigned else None,
        phase=canary.since if canary and assigned else None,
        assigned=assigned,
        served=assigned or CHAMPION,
        champion=champion.revision,
        overlay=overlay,
        unit=_hash(champion.name, units.user) if assigned else "",
    )
    return lay_over(request, overlay), routed


def _room(request: JobRequest, overlay: Overlay) -> Overlay:
    """A champion's overlay, or none of it where the request says otherwise itself: half a champion is none."""
    return NO_OVERLAY if find_clash(request, overlay) is not None else overlay


def _why_not(request: JobRequest, overlay: Overlay, draws: Draws) -> str | None:
    if overlay.is_empty:
        return None
    try:
        draws(lay_over(request, overlay))
    except InvalidRequest as error:
        return error.message
    return None


def _of(arm: FrozenArm, request: JobRequest) -> Overlay:
    return arm.overlay_for(request.asset_type.partition("@")[0], request.quality)


def _frozen(experiment: Experiment, id: str) -> FrozenArm:
    arm = experiment.phase.arm(id)
    if arm is None:
        raise InvalidRequest(f"experiment {experiment.id} has no arm '{id[:64]}'", "arm")
    return arm


def _hash(experiment: str, unit: str) -> str:
    """A unit as it is stored: two of one experiment compare, and no name can be read."""
    return f"{int(bucket(experiment, 0, 'unit', unit) * 2**53):014x}"
