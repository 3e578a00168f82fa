"""Which runs an experiment has: what begins by itself with a phase, and a replay that somebody orders."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Sequence

from configs.errors import InvalidRequest, NotFound, StateConflict, UnknownName
from configs.experiments import ExperimentConfig
from configs.prompt_sets import PromptSetConfig
from router.experiments.model import Experiment, Status
from router.experiments.runs.model import NewRun, Run, RunKind, RunLine
from router.ids import new_job_id
from router.library.kinds import PROMPT_SETS
from router.people.audit.model import Signature
from router.studio import Studio

USUAL_QUALITY = "standard"


async def begin_run(studio: Studio, experiment: Experiment) -> tuple[str, ...]:
    """Begin what an experiment draws by itself in its phase: its prompt set once, and what people ask for. Their ids:
    called again, for the same phase, it begins nothing anew. Raises `InvalidRequest` for a prompt set that is not
    there."""
    config, begun = experiment.phase.config, list[str]()
    if config.prompt_set is not None and config.mode in ("replay", "paired"):
        found = await find_prompts(studio, config.prompt_set)
        quality = _usual_quality(config)
        run = _new(experiment, "replay", tuple(_lines(found, config, quality, 1, None)), _name(found))
        await studio.runs.begin(run)
        begun.append(run.id)
    if config.mode == "shadow" or config.mode == "paired":
        run = _new(experiment, config.mode)
        await studio.runs.begin(run)
        begun.append(run.id)
    return tuple(begun)


async def order_replay(
    studio: Studio,
    experiment: Experiment,
    prompt_set: str | None = None,
    seeds: int = 1,
    quality: str | None = None,
    fresh: bool = False,
    signature: Signature | None = None,
) -> Run:
    """Have a set of prompts drawn by every arm; `fresh` with seeds that no run had before. Raises `StateConflict` where
    the experiment does not run, and `InvalidRequest` naming the field."""
    config = experiment.phase.config
    if experiment.status != Status.RUNNING:
        raise StateConflict(f"experiment {experiment.id} is {experiment.status.value}: its arms draw while it runs")
    name = prompt_set or config.prompt_set
    if name is None:
        known = tuple(studio.installation.catalog.prompt_sets)
        raise InvalidRequest(f"the experiment names no prompt set: give one of {', '.join(known)}", "prompt_set", known)
    found = await find_prompts(studio, name)
    lines = tuple(_lines(found, config, _check_quality(studio, config, quality), seeds, secrets if fresh else None))
    _check_lines(studio, lines, found)
    run = NewRun(f"run_{new_job_id()}", experiment.id, experiment.phase.number, "replay", lines, _name(found))
    await studio.runs.begin(run, signature)
    return await studio.runs.run(experiment.id, run.id)


async def find_prompts(studio: Studio, name: str) -> PromptSetConfig:
    """A prompt set by ID or ID@VERSION. Raises `UnknownName`, listing what there is."""
    id, _, version = name.partition("@")
    known = studio.installation.catalog.prompt_sets
    if not version and id in known:
        return known[id]
    try:
        found = await studio.library.store.versions(PROMPT_SETS.name, id)
    except NotFound:
        names = tuple(known)
        message = f"there is no prompt set '{id[:64]}'; there are {', '.join(names) or 'none'}"
        raise UnknownName(message, "prompt_set", names) from None
    entry = found.require(version, "prompt_set") if version else found.shown
    config: PromptSetConfig = studio.library.read(PROMPT_SETS, entry)
    return config


def seed_of(found: PromptSetConfig, number: int) -> int:
    """Of prompt `number` of a set, from 0: its own, or one drawn from its place, the same in every run."""
    said = found.prompts[number].seed
    place = hashlib.sha256(f"{found.id}/{number}".encode()).digest()
    return int.from_bytes(place[:4], "big") if said is None else said


def live_run_id(experiment: Experiment) -> str:
    """Of the run that draws what people ask for."""
    return _new(experiment, "paired" if experiment.phase.config.mode == "paired" else "shadow").id


def _new(
    experiment: Experiment, kind: RunKind, lines: tuple[RunLine, ...] = (), prompt_set: str | None = None
) -> NewRun:
    """A run that begins by itself: once in a phase, so its id is told by that."""
    number = experiment.phase.number
    told = hashlib.sha256(f"{experiment.id}/{number}/{kind}".encode()).hexdigest()
    return NewRun(f"run_{told[:24]}", experiment.id, number, kind, lines, prompt_set)


def _lines(
    found: PromptSetConfig, config: ExperimentConfig, quality: str, seeds: int, fresh: object | None
) -> Iterator[RunLine]:
    """Each prompt that is in the experiment's scope, once for each of its seeds."""
    for number, one in enumerate(found.prompts):
        if config.includes(one.asset_type, quality):
            first = seed_of(found, number) if fresh is None else secrets.randbits(32)
            for more in range(seeds):
                seed = (first + more) % 2**32
                yield RunLine(prompt=one.prompt, asset_type=one.asset_type, quality=quality, seed=seed)


def _usual_quality(config: ExperimentConfig) -> str:
    qualities = config.scope.qualities
    return USUAL_QUALITY if not qualities or USUAL_QUALITY in qualities else qualities[0]


def _check_quality(studio: Studio, config: ExperimentConfig, quality: str | None) -> str:
    if quality is None:
        return _usual_quality(config)
    known: Sequence[str] = config.scope.qualities or tuple(studio.installation.catalog.qualities)
    if quality not in known:
        raise UnknownName(f"'{quality[:64]}' is not drawn here; {', '.join(known)} are", "quality", tuple(known))
    return quality


def _check_lines(studio: Studio, lines: Sequence[RunLine], found: PromptSetConfig) -> None:
    most = studio.installation.profile.limits.max_batch_rows
    if not lines:
        raise InvalidRequest(f"no prompt of {found.id} is of an asset type of the experiment's scope", "prompt_set")
    if len(lines) > most:
        message = f"{len(lines):,} lines are more than a run may have, which is {most:,}: ask for fewer seeds"
        raise InvalidRequest(message, "seeds")


def _name(found: PromptSetConfig) -> str:
    return f"{found.id}@{found.version}"
