"""What the engine asks for adapters: leases that become ready without ever making a step of the model wait.

Files are read and checked on the library's thread while a request is queued; only the copy into a slot is made on the
engine's thread, in `settle`, between two steps.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from concurrent.futures import Future
from typing import Literal

from configs.errors import AtelierError, StageError
from configs.schema import AppliedLora
from deployments.engine.metrics import SILENT, Metrics
from deployments.loras.changes import Change
from deployments.loras.keys import Anatomy, Place
from deployments.loras.merged import Merged, Part
from deployments.loras.prepared import Loader, Prepared, reason, when_all
from deployments.loras.residency import Residency
from deployments.loras.slots import Packed, Selection, Slot, Slots
from deployments.loras.source import LoraSource, title

_TOO_MANY = (
    "these LoRAs do not fit into the model's slots together, and weights kept in few bits take none in another way: "
    "ask for fewer, or give the model more 'lora_slots'"
)


class Lease:
    """The adapters of one request, from the moment it is queued until it is done. Used by the engine's thread."""

    def __init__(self, owner: Adapters, uses: Sequence[AppliedLora], wanted: Mapping[str, Future[Prepared]]) -> None:
        self._owner = owner
        self.uses = tuple(uses)
        self.wanted = dict(wanted)
        """By the keys of its adapters, as its `slots` are."""
        self.state: Literal["loading", "ready", "failed", "released"] = "loading"
        self.error: AtelierError | None = None
        self.exclusive: Hashable | None = None
        """What has to be worn (`Adapters.wear`) while this request is encoded or stepped; equal ones share a batch."""
        self.slots: dict[str, Slot] = {}

    @property
    def settled(self) -> bool:
        """Whether it is ready or has failed: there is nothing to wait for any more."""
        return self.state != "loading"

    def selection(self) -> Selection:
        """The slots of its adapters, with their strengths; without those that are worn. Only when it is ready."""
        if self.state != "ready":
            raise RuntimeError(f"the adapters are {self.state}, not ready")
        return tuple((self.slots[use.key], use.strength) for use in self.uses if use.key in self.slots)

    def release(self) -> None:
        """The request is done, failed or canceled. A second release does nothing."""
        if self.state != "released":
            self.state = "released"
            self._owner.let_go(self)


class Adapters:
    """The LoRAs of one model. Everything is called from the thread that runs the model, except where it says so.

    Leases are served in the order they were asked for: one that waits for a slot holds back those behind it that need
    a slot too, so that a rarely used adapter is not kept out for ever by popular ones.
    """

    def __init__(
        self,
        slots: Slots,
        residency: Residency[Slot],
        source: LoraSource,
        family: str,
        anatomy: Anatomy,
        metrics: Metrics = SILENT,
        lent: Collection[str] = (),
    ) -> None:
        """`lent` are the components that other models have too."""
        self._metrics = metrics
        self._slots = slots
        self._residency = residency
        self._loader = Loader(source, family, anatomy, slots, residency.limit, lent)
        self._denoiser = anatomy.denoiser
        self._packed = bool(anatomy.packed)
        self._merged = Merged(anatomy)
        self._waiting: list[Lease] = []
        self._worn_by: dict[Hashable, list[Lease]] = {}
        self._parts: dict[Hashable, list[Part]] = {}

    def ask(self, uses: Sequence[AppliedLora], on_ready: Callable[[], None] = lambda: None) -> Lease:
        """Begin to load what a request uses. `on_ready` is called, from any thread, when `settle` can serve it.

        Whatever is wrong with one of them becomes the lease's error.
        """
        uses = [use for use in uses if use.strength != 0]
        lease = Lease(self, uses, {use.key: self._loader.ask(use) for use in uses})
        if not uses:
            lease.state = "ready"
        else:
            self._waiting.append(lease)
            when_all(list(lease.wanted.values()), on_ready)
        return lease

    def settle(self) -> None:
        """Serve the leases whose files are read: copy what is not there into slots. Far less work than a step."""
        blocked = False
        for lease in [*self._waiting]:
            if all(future.done() for future in lease.wanted.values()):
                blocked = not self._serve(lease, blocked) or blocked

    def wear(self, key: Hashable | None) -> None:
        """Merge what leases with that `exclusive` need into the weights, or (None) restore them."""
        if key is None:
            self._merged.clear()
        else:
            self._merged.apply(key, self._parts[key])

    def pin(self, adapter: str) -> None:
        """Keep an adapter that is in a slot there. Raises KeyError if it is not."""
        self._residency.pin(adapter)

    def unpin(self, adapter: str) -> None:
        """It may leave again. Raises KeyError if it is not in a slot."""
        self._residency.unpin(adapter)

    @property
    def residency(self) -> Residency[Slot]:
        """What is in slots, with its counts of hits and loads."""
        return self._residency

    def resident(self) -> tuple[str, ...]:
        """The adapters in slots, last used first."""
        return self._residency.resident()

    def close(self) -> None:
        """Stop reading, and restore the weights. None of its LoRAs counts as resident any more."""
        self._loader.close()
        self._tell_resident(0)
        self._merged.clear()

    def let_go(self, lease: Lease) -> None:
        """For `Lease.release`."""
        if lease in self._waiting:
            self._waiting.remove(lease)
        self._free(lease)
        wearers = self._worn_by.get(lease.exclusive, [])
        if lease in wearers:
            wearers.remove(lease)
            if not wearers:
                del self._worn_by[lease.exclusive], self._parts[lease.exclusive]

    def _serve(self, lease: Lease, blocked: bool) -> bool:
        """Whether it is settled now; not if it needs a slot and none is free, or others wait for one."""
        for adapter, future in lease.wanted.items():
            failure = future.exception()
            if failure is not None:
                return self._fail(lease, {adapter}, failure)
        prepared = {adapter: future.result() for adapter, future in lease.wanted.items()}
        packed = {adapter: found.packed for adapter, found in prepared.items() if found.packed is not None}
        if not self._slots.would_hold(packed.values(), self._residency.limit):
            if self._packed:
                return self._fail(lease, packed, StageError(_TOO_MANY, "loras"))
            packed = {}  # more than fit at once: merged like the others
        try:
            if packed and (blocked or not self._place(lease, packed)):
                return False
        except (RuntimeError, MemoryError) as error:  # the device has no memory for another slot
            self._free(lease)
            return self._fail(lease, packed, error)
        self._dress(lease, {adapter: found for adapter, found in prepared.items() if adapter not in packed})
        return self._end_wait(lease, "ready")

    def _fail(self, lease: Lease, adapters: Collection[str], failure: BaseException) -> bool:
        lease.error = reason(", ".join(title(use) for use in lease.uses if use.key in adapters), failure)
        return self._end_wait(lease, "failed")

    def _end_wait(self, lease: Lease, state: Literal["ready", "failed"]) -> bool:
        lease.state = state
        lease.wanted.clear()
        self._waiting.remove(lease)
        return True

    def _place(self, lease: Lease, packed: Mapping[str, Packed]) -> bool:
        """Take slots for all of them, or for none."""
        if self._take(lease, packed):
            return True
        # Those that are here may lie in slots larger than they need, which the others need: let them move.
        for adapter in packed:
            if self._residency.idle(adapter):
                self._evict(adapter)
        return self._take(lease, packed)

    def _take(self, lease: Lease, packed: Mapping[str, Packed]) -> bool:
        for adapter, lines in sorted(packed.items(), key=lambda item: -item[1].rank):
            slot = self._residency.acquire(adapter)
            if slot is not None:
                self._metrics.count("atelier_engine_slot_hits_total")
            else:
                slot = self._load(adapter, lines)
            if slot is None:
                self._free(lease)
                return False
            lease.slots[adapter] = slot
        return True

    def _free(self, lease: Lease) -> None:
        for adapter in lease.slots:
            self._residency.release(adapter)
        lease.slots.clear()

    def _load(self, adapter: str, packed: Packed) -> Slot | None:
        """Copy into a slot, in use from then on; the idle make room. None if there is none and nobody is idle."""
        if not self._make_room(packed.rank):
            return None
        begun = time.perf_counter()
        slot = self._slots.put(packed)
        self._residency.admit(adapter, slot, self._slots.slot_bytes(slot), uses=1)
        self._metrics.count("atelier_engine_lora_loads_total", lora=_id(adapter))
        self._metrics.observe("atelier_engine_lora_load_seconds", time.perf_counter() - begun)
        self._tell_resident(len(self.resident()))
        return slot

    def _evict(self, adapter: str) -> None:
        self._slots.drop(self._residency.evict(adapter))
        self._metrics.count("atelier_engine_lora_evictions_total", lora=_id(adapter))
        self._tell_resident(len(self.resident()))

    def _tell_resident(self, count: int) -> None:
        self._metrics.gauge("atelier_engine_resident_loras", count)

    def _make_room(self, rank: int) -> bool:
        if not self._slots.free(rank):
            leaving = self._residency.oldest(lambda slot: slot.rank >= rank)
            if leaving is None:
                return False
            self._evict(leaving)
        victims = self._residency.victims(self._slots.slot_bytes(self._slots.next_free(rank)))
        for victim in victims or ():
            self._evict(victim)
        if victims:
            self._slots.trim()
        return victims is not None

    def _dress(self, lease: Lease, prepared: Mapping[str, Prepared]) -> None:
        """Note what this lease needs merged."""
        if not prepared:
            return
        uses = [use for use in lease.uses if use.key in prepared]
        lease.exclusive = tuple((use.key, use.strength) for use in uses)
        self._worn_by.setdefault(lease.exclusive, []).append(lease)
        self._parts[lease.exclusive] = [Part(self._changes(prepared[use.key]), use.strength) for use in uses]

    def _changes(self, prepared: Prepared) -> Mapping[Place, Change]:
        if prepared.packed is None:
            return prepared.changes
        return {Place(self._denoiser, name): change for name, change in self._slots.unpack(prepared.packed).items()}


def _id(adapter: str) -> str:
    """Of the LoRA, whichever version: each value of a metric's tag is kept for ever."""
    return adapter.partition("@")[0]
