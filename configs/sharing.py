"""Replicas that several models share: each is loaded when it is first asked for, and leaves when others need room."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import Field

from configs.replicas import GeneratorReplicas


class SharedReplicas(GeneratorReplicas):
    """Replicas of one process each, in which the models of every placement that names them take turns.

    A model that nobody has asked for during `keep_alive_seconds` is unloaded; the one that was used longest ago leaves
    earlier when another would not fit into `memory_gb` beside it. None leaves while it draws.
    """

    keep_alive_seconds: float = Field(default=900.0, gt=0, description="after its last request, while there is room")
    memory_gb: float | None = Field(
        default=None, gt=0, description="for all loaded models together, in 10^9 bytes; as much as they like if absent"
    )


def deployment_of(share: str) -> str:
    """What the deployment of shared replicas is called."""
    return f"shared-{share}"


def split_name(placement: str) -> tuple[str, tuple[str, ...]]:
    """A placement's deployment, and what its methods are told beside: what draws, where several share the replicas."""
    deployment, _, variant = placement.partition("/")
    return deployment, (variant,) if variant else ()


def find_unshared(names: Iterable[str | None], shared: Iterable[str], both: Iterable[str | None] = ()) -> str | None:
    """One sentence if placements name replicas that are not there, or leave out some that are; None where all is well.

    `names` are those that placements share (None: they have their own); `both` those beside which they say `replicas`.
    """
    named, known = {name for name in names if name is not None}, set(shared)
    for name in both:
        return f"'replicas' beside 'share: {name}' says it twice: write it in 'shared.{name}'"
    if missing := sorted(named - known):
        return f"'share: {missing[0]}' is not among 'shared'; known: {', '.join(sorted(known)) or 'none'}"
    if unused := sorted(known - named):
        return f"no generator has 'share: {unused[0]}': name it in one, or take it out of 'shared'"
    return None
