"""Champions: what is drawn with from now on, let in step by step, and taken back in one call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from configs.errors import InvalidRequest, NotFound, StateConflict, UnknownName
from configs.experiments import Overlay
from configs.fitness import find_overlay_misfits
from router.experiments.model import NO_OVERLAY, Canary, Champion, EventType, MoveKind, Phase
from router.experiments.overlay import lay_over
from router.experiments.routing import find_down, find_hashes
from router.job_request import JobRequest
from router.library.pinning import NamedVersions, find_versions, pin
from router.library.promotion import check_learned
from router.people.audit.model import Signature
from router.planning.making import make_plan
from router.studio import Studio

RAMP = (0.1, 0.25, 0.5, 1.0)
"""Shares of the people for whom a canary draws, one after the other; after the last it is the champion."""


@dataclass(frozen=True, slots=True)
class Promotion:
    """What is to become champion, of which experiment's arm, why, and whether at once or by a canary."""

    overlay: Overlay
    actor: str
    reason: str
    experiment: str | None = None
    arm: str | None = None
    by_canary: bool = True
    signature: Signature | None = None


async def promote(
    studio: Studio, asset_type: str, quality: str, wish: Promotion, expected: int | None
) -> tuple[Champion, tuple[str, ...]]:
    """Make an overlay the champion, or begin its canary; and what a person should know of that.

    Raises `UnknownName`, `InvalidRequest` where it cannot draw (such as a LoRA that is gone), `LicenceRestricted` for a
    version of a LoRA that may not become live, and `StateConflict` if the champion is not at the revision `expected`,
    or another canary is on its way.
    """
    _check_key(studio, asset_type, quality)
    versions = await find_versions(studio.library, (wish.overlay,))
    check_overlay(studio, asset_type, quality, wish.overlay, versions)
    for lora in versions.loras(wish.overlay):
        await check_learned(studio.library.store, lora)
    now = studio.experiments.store.clock()
    hashes = find_hashes(wish.overlay, studio.installation) | versions.hashes(wish.overlay)

    def make(known: Champion | None) -> Champion:
        before = known or _first(asset_type, quality, now)
        if before.canary is not None:
            raise StateConflict("a canary is on its way: let it in, or roll back, before another begins")
        moved = replace(before, actor=wish.actor, reason=wish.reason, experiment=wish.experiment, at=now)
        if not wish.by_canary:
            return replace(moved, kind="promote", overlay=wish.overlay)
        canary = Canary(overlay=wish.overlay, since=before.revision + 1, share=RAMP[0], hashes=hashes)
        return replace(moved, kind="canary", canary=canary)

    warnings = await _warn(studio, wish)
    champion = await _move(studio, (asset_type, quality), expected, make, wish.signature)
    if wish.experiment is not None:
        await _note(studio, wish.experiment, EventType.PROMOTED, champion)
    return champion, warnings


async def ramp(
    studio: Studio,
    asset_type: str,
    quality: str,
    actor: str,
    reason: str,
    expected: int | None,
    signature: Signature | None = None,
) -> Champion:
    """Let a canary draw for the next share of the people; after all of them it is the champion. Raises
    `StateConflict`."""

    def make(known: Champion | None) -> Champion:
        champion, canary = _with_canary(known)
        if canary.paused:
            raise StateConflict("the canary is paused: resume it, or roll back")
        larger = next((share for share in RAMP if share > canary.share), None)
        moved = replace(champion, actor=actor, reason=reason, at=studio.experiments.store.clock())
        if larger is None:
            return replace(moved, kind="promote", overlay=canary.overlay, canary=None)
        return replace(moved, kind="ramp", canary=canary.model_copy(update={"share": larger}))

    return await _move(studio, (asset_type, quality), expected, make, signature)


async def pause(
    studio: Studio,
    asset_type: str,
    quality: str,
    actor: str,
    reason: str,
    paused: bool,
    expected: int | None = None,
    signature: Signature | None = None,
) -> Champion:
    """Keep a canary from drawing, or let it go on. Raises `StateConflict`."""
    kind: MoveKind = "pause" if paused else "resume"

    def make(known: Champion | None) -> Champion:
        champion, canary = _with_canary(known)
        if canary.paused == paused:
            raise StateConflict(f"the canary is {'paused' if paused else 'not paused'} already")
        now = studio.experiments.store.clock()
        changed = canary.model_copy(update={"paused": paused})
        return replace(champion, kind=kind, actor=actor, reason=reason, canary=changed, at=now)

    return await _move(studio, (asset_type, quality), expected, make, signature)


async def roll_back(
    studio: Studio,
    asset_type: str,
    quality: str,
    actor: str,
    reason: str,
    expected: int | None,
    signature: Signature | None = None,
) -> Champion:
    """Take a canary back, or else go to what was champion before. Raises `StateConflict` where nothing was."""
    store = studio.experiments.store
    moves = (await store.moves(asset_type, quality)).read

    def make(known: Champion | None) -> Champion:
        if known is None:
            raise StateConflict(f"nothing was ever promoted for {asset_type}, {quality}")
        moved = replace(known, kind="rollback", actor=actor, reason=reason, at=store.clock())
        if known.canary is not None:
            return replace(moved, canary=None)
        before = _find_before(known, moves)
        if before is None and known.overlay == NO_OVERLAY:
            raise StateConflict(f"{asset_type}, {quality} is drawn as the configs say: there is nothing to take back")
        return replace(moved, overlay=NO_OVERLAY if before is None else before)

    champion = await _move(studio, (asset_type, quality), expected, make, signature)
    if champion.experiment is not None:
        await _note(studio, champion.experiment, EventType.ROLLED_BACK, champion)
    return champion


def _find_before(known: Champion, moves: Sequence[Champion]) -> Overlay | None:
    """The overlay that was champion before; None where that is what the configs say. Raises `StateConflict` where
    nobody can tell."""
    revision = known.revision
    for one in moves:
        if one.revision < revision - 1:
            break
        if one.overlay != known.overlay:
            return one.overlay
        revision = one.revision
    if revision > 1:
        raise StateConflict(
            f"this release cannot read what was champion at revision {revision - 1}: promote what is to be drawn with"
        )
    return None


def check_overlay(studio: Studio, asset_type: str, quality: str, overlay: Overlay, versions: NamedVersions) -> None:
    """Raises `InvalidRequest`, naming the field, for one that cannot draw pictures of this kind. `versions` are those
    that it names, looked up."""
    installation = studio.installation
    misfit = next(find_overlay_misfits(overlay, installation.catalog), None)
    if misfit is not None:
        raise InvalidRequest(misfit.message, ".".join(("overlay", *map(str, misfit.place))))
    down = find_down(overlay, {}, installation)
    if down is not None:
        raise InvalidRequest(f"it cannot draw: {down}", "overlay")
    asked = JobRequest(prompt="a", asset_type=asset_type, quality=quality)
    try:
        request, pinned = pin(lay_over(asked, overlay), installation, versions)
        make_plan(request, pinned, studio.rates, 0)
    except InvalidRequest as error:
        raise InvalidRequest(f"it cannot draw {asset_type}, {quality}: {error.message}", "overlay") from None


def is_confirmed(phases: tuple[Phase, ...], arm: str) -> bool:
    """Whether an arm has won twice, the second time with fresh votes: the first win of the best of several arms looks
    better than it is."""
    return sum(phase.decision == f"prefer:{arm}" for phase in phases) > 1


async def _warn(studio: Studio, wish: Promotion) -> tuple[str, ...]:
    if wish.experiment is None:
        return ("no experiment says that this is better than what is live",)
    phases = await studio.experiments.store.phases(wish.experiment)
    if wish.arm is None or not any(phase.decision == f"prefer:{wish.arm}" for phase in phases):
        return (f"experiment {wish.experiment} has not decided for it",)
    if is_confirmed(phases, wish.arm):
        return ()
    return (
        f"{wish.arm} has won once: begin a new phase (POST /experiments/{wish.experiment}/phases) and judge fresh "
        "pictures, before you trust how much better it is",
    )


def _first(asset_type: str, quality: str, now: datetime) -> Champion:
    """Before anything was promoted."""
    return Champion(asset_type, quality, 0, "promote", NO_OVERLAY, None, "", "", None, now)


def _with_canary(known: Champion | None) -> tuple[Champion, Canary]:
    if known is None or known.canary is None:
        raise StateConflict("no canary is on its way")
    return known, known.canary


async def _move(
    studio: Studio,
    key: tuple[str, str],
    expected: int | None,
    make: Callable[[Champion | None], Champion],
    signature: Signature | None,
) -> Champion:
    champion = await studio.experiments.store.move_champion(key, expected, make, signature)
    await studio.experiments.refresh()
    return champion


async def _note(studio: Studio, experiment: str, type: EventType, champion: Champion) -> None:
    """Best effort: the champion has moved already, and its experiment may be one that this release cannot read."""
    told = {"asset_type": champion.asset_type, "quality": champion.quality, "revision": champion.revision}
    with suppress(StateConflict, NotFound):
        await studio.experiments.store.note(experiment, type, champion.actor, champion.reason, told)


def _check_key(studio: Studio, asset_type: str, quality: str) -> None:
    catalog = studio.installation.catalog
    for field, name, known in (
        ("asset_type", asset_type, tuple(catalog.asset_types)),
        ("quality", quality, tuple(catalog.qualities)),
    ):
        if name not in known:
            raise UnknownName(f"'{name[:64]}' is not known; choose one of {', '.join(known)}", field, known)
