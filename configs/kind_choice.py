"""Which kind of a fleet a deployment is pinned to: the one that it names, or the cheapest that holds it."""

from __future__ import annotations

from configs.fleet import Fleet, GpuKind


def choose_kind(fleet: Fleet, named: str | None, gigabytes: float | None, gpus: float) -> str:
    """The name of a kind for replicas that take `gigabytes` of a GPU (None: nobody counted), or `gpus` whole ones.

    A share is another size on another kind, so each deployment has one. The cheapest by work done: price by speed.
    Raises ValueError with one sentence.
    """
    if not fleet.kinds:
        raise ValueError(f"the fleet {fleet.id} has no GPUs: name another in 'fleet'")
    if named is not None and named not in fleet.kinds:
        raise ValueError(f"'{named}' is not a kind of the fleet {fleet.id}; known: {', '.join(sorted(fleet.kinds))}")
    considered = fleet.kinds if named is None else {named: fleet.kinds[named]}
    fitting = {name: kind for name, kind in considered.items() if _holds(kind, gigabytes, gpus)}
    if not fitting:
        sizes = ", ".join(f"{name} {kind.memory_gb:g} GB" for name, kind in considered.items())
        what = f"{gpus:g} GPUs in one node" if gpus > 1 else f"{gigabytes or 0:.1f} GB"
        raise ValueError(f"no kind of the fleet {fleet.id} has {what}: {sizes}")
    return min(fitting, key=lambda name: _cost(fitting[name], gigabytes))


def _holds(kind: GpuKind, gigabytes: float | None, gpus: float) -> bool:
    return kind.max > 0 and kind.gpus_per_node >= gpus and (gigabytes or 0.0) <= kind.memory_gb


def _cost(kind: GpuKind, gigabytes: float | None) -> tuple[float, float]:
    share = 1.0 if gigabytes is None else gigabytes / kind.memory_gb
    return kind.price_per_gpu_hour * share / kind.speed, -kind.speed
