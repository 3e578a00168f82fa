"""The look at an installation's weights before anything starts: headers of local files only, milliseconds."""

from __future__ import annotations

from configs.catalog import Installation
from configs.weights import Weights
from deployments.checkpoints.commits import find_locked, lock_path
from deployments.checkpoints.gguf_headers import read_gguf_header
from deployments.checkpoints.headers import read_header
from deployments.checkpoints.inventory import all_sources
from deployments.checkpoints.preflight import inspect
from deployments.checkpoints.source import locate


def check_installed(installation: Installation) -> None:
    """Raises ConfigError for local weights of the profile that are missing or not whole, naming file and YAML.

    Weights of a hub repository are looked at by the replica that loads them.
    """
    catalog, profile = installation.catalog, installation.profile
    for generator in profile.generators:
        model = catalog.models[generator.model]
        owner = f"configs/models/{model.id}.yaml"
        if _is_local(model.weights) and model.weights.file is not None:
            read = read_gguf_header if model.weights.is_gguf else read_header
            read(locate(model.weights, owner), owner)
        elif _is_local(model.weights) and model.weights.layout == "diffusers":
            inspect(locate(model.weights, owner), None, owner, model.weights.precision)
        for applied in generator.loras:
            _check_folder(catalog.loras[applied.lora].weights, f"configs/loras/{applied.lora}.yaml")
    for placement in profile.upscalers:
        upscaler = catalog.upscalers[placement.upscaler]
        _check_folder(upscaler.weights, f"configs/upscalers/{upscaler.id}.yaml")
    for one in profile.scorers:
        _check_folder(catalog.scorers[one.scorer].weights, f"configs/scorers/{one.scorer}.yaml")
    for captioner in profile.captioners:
        _check_folder(catalog.captioners[captioner.captioner].weights, f"configs/captioners/{captioner.captioner}.yaml")
    if profile.cutter is not None:
        _check_folder(catalog.cutters[profile.cutter].weights, f"configs/cutters/{profile.cutter}.yaml")


def find_unpinned(installation: Installation) -> list[str]:
    """A sentence for each URL of the profile that may change, since no hashes pin it, and for each repository at a
    branch: at which commit it stays. Raises ConfigError if what is written down of that cannot be read."""
    each = [(source.owner, weights) for source in all_sources(installation) for weights in _all(source.weights)]
    return [f"{owner}: {_state(weights)}" for owner, weights in each if weights.unpinned is not None]


def _state(weights: Weights) -> str:
    if not weights.moving:
        return f"{weights} is not pinned and may change: {weights.unpinned}"
    locked = find_locked(weights)
    if locked is None:
        return f"{weights} has no commit: where '{weights.revision}' is at the first fetch, it stays ({lock_path()})"
    return f"{weights} stays at {locked.commit}, where '{weights.revision}' was on {locked.since:%Y-%m-%d}"


def _all(weights: Weights) -> list[Weights]:
    return [weights] if weights.config is None else [weights, *_all(weights.config)]


def _check_folder(weights: Weights, owner: str) -> None:
    if not _is_local(weights):
        return
    place = locate(weights, owner)
    for file in sorted(place.glob("*.safetensors")) if place.is_dir() else [place]:
        read_header(file, owner)


def _is_local(weights: Weights) -> bool:
    return weights.path is not None
