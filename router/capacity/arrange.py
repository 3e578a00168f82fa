"""Where replicas go: onto GPUs that are there where one has room, else onto the cheapest kind that is quick enough.

Used to decide whether there is room at all, and by the simulation to place each replica. Bytes are those of the ledger.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from router.capacity.world import DeploymentState, KindState


@dataclass(slots=True)
class Gpu:
    """One GPU of a node: bytes that are free, and what lies on it that others could share."""

    kind: str
    node: int
    free: float
    parts: set[str] = field(default_factory=set)
    """Text encoders, by name."""
    users: int = 0


def best_gpu(gpus: Iterable[Gpu], size: float, parts: Collection[str] = ()) -> Gpu | None:
    """Where a replica of `size` bytes goes: where most of its parts lie already, then where it leaves least room."""
    fitting = (gpu for gpu in gpus if gpu.free >= size)
    return min(fitting, key=lambda gpu: (-len(gpu.parts.intersection(parts)), gpu.free), default=None)


def rank_kinds(state: DeploymentState, kinds: Sequence[KindState], slo: float) -> list[KindState]:
    """Those on which a replica fits, best first: who draws a job within the SLO before who does not, then by what a job
    costs."""
    home = next((kind for kind in kinds if state.kinds and kind.name == state.kinds[0]), None)

    def rank(kind: KindState) -> tuple[bool, float, str]:
        seconds = state.seconds_per_job * (1.0 if home is None else home.speed / kind.speed)
        return seconds > slo, seconds * kind.price * max(state.gpus, 1), kind.name

    return sorted((kind for kind in kinds if kind.name in state.kinds and kind.bytes >= state.bytes), key=rank)


class Room:
    """The GPUs of a fleet as they fill up, within what may run and what an hour of them may cost."""

    def __init__(self, kinds: Sequence[KindState], budget_per_hour: float | None, closed: Collection[str] = ()) -> None:
        """Of kinds that are `closed` no node is asked for, and those that were asked for do not count."""
        self._kinds = {kind.name: kind for kind in kinds}
        self._closed, self._budget = frozenset(closed), budget_per_hour
        self._gpus: dict[str, list[Gpu]] = {kind.name: [] for kind in kinds}
        for kind in kinds:
            coming = 0 if kind.name in self._closed else kind.pending
            while len(self._gpus[kind.name]) < kind.there + coming:
                self._open(kind)

    @property
    def per_hour(self) -> float:
        """What the GPUs that are there, or were asked for, cost."""
        return sum(self._kinds[name].price * len(gpus) for name, gpus in self._gpus.items())

    def seat(self, state: DeploymentState, kind: str) -> None:
        """Place a replica that exists; there must be a node that it is on, whatever the bounds say."""
        if kind in self._kinds and not self._take(state, self._gpus[kind]):
            self._open(self._kinds[kind])
            self._take(state, self._gpus[kind])

    def find(self, state: DeploymentState, slo: float) -> str | None:
        """The kind on which one more replica finds its place, which it takes; None where there is none."""
        ranked = rank_kinds(state, list(self._kinds.values()), slo)
        for kind in ranked:
            if self._take(state, self._usable(kind)):
                return kind.name
        for kind in ranked:
            if self._may_open(kind):
                self._open(kind)
                if self._take(state, self._gpus[kind.name]):
                    return kind.name
        return None

    def has_place(self, state: DeploymentState) -> bool:
        """Whether one more fits on a GPU that is there, so that no node has to come for it."""
        return any(best_gpu(self._there(name), state.bytes) is not None for name in state.kinds if name in self._kinds)

    def could_open(self, state: DeploymentState) -> bool:
        """Whether a node could be asked for, were no kind closed."""
        return any(
            len(self._gpus[name]) + self._kinds[name].gpus_per_node <= self._kinds[name].most
            for name in state.kinds
            if name in self._closed
        )

    def leave(self, state: DeploymentState, kind: str) -> None:
        """Give back what a replica of `state` has taken there."""
        taken = [gpu for gpu in self._gpus.get(kind, ()) if gpu.users and gpu.free + state.bytes <= self._size(kind)]
        for gpu in taken[: max(state.gpus, 1)]:
            gpu.free, gpu.users = gpu.free + state.bytes, gpu.users - 1

    def _there(self, kind: str) -> list[Gpu]:
        return self._gpus[kind][: self._kinds[kind].there]

    def _usable(self, kind: KindState) -> list[Gpu]:
        """GPUs that are there or will be soon."""
        return self._there(kind.name) if kind.name in self._closed else self._gpus[kind.name]

    def _size(self, kind: str) -> float:
        return self._kinds[kind].bytes

    def _take(self, state: DeploymentState, gpus: Sequence[Gpu]) -> bool:
        if state.gpus > 1:
            return self._take_whole(state, gpus)
        gpu = best_gpu(gpus, state.bytes, state.parts)
        if gpu is not None:
            gpu.free, gpu.users = gpu.free - state.bytes, gpu.users + 1
            gpu.parts |= state.parts
        return gpu is not None

    def _take_whole(self, state: DeploymentState, gpus: Sequence[Gpu]) -> bool:
        """Empty GPUs of one node."""
        for node in {gpu.node for gpu in gpus}:
            empty = [gpu for gpu in gpus if gpu.node == node and not gpu.users]
            if len(empty) >= state.gpus:
                for gpu in empty[: state.gpus]:
                    gpu.free, gpu.users = gpu.free - state.bytes, 1
                return True
        return False

    def _may_open(self, kind: KindState) -> bool:
        if kind.name in self._closed or len(self._gpus[kind.name]) + kind.gpus_per_node > kind.most:
            return False
        return self._budget is None or self.per_hour + kind.price * kind.gpus_per_node <= self._budget

    def _open(self, kind: KindState) -> None:
        gpus = self._gpus[kind.name]
        node = len(gpus) // kind.gpus_per_node
        gpus += [Gpu(kind.name, node, kind.bytes) for _ in range(kind.gpus_per_node)]
