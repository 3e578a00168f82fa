"""Adapters on their way from a file to a slot: read, converted, checked and laid out on a thread of their own."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from configs.errors import AtelierError, BadLora, StageError
from configs.schema import AppliedLora, LoraConfig
from deployments.loras.changes import Change, LowRank
from deployments.loras.keys import Anatomy, Place
from deployments.loras.preflight import Checked, Preflight, check_family, check_file, check_packed
from deployments.loras.slots import Adapter, Packed, Slots
from deployments.loras.source import LoraSource, title

log = logging.getLogger(__name__)

_FETCHES = 32  # at a time: more than a replica is given requests


@dataclass(frozen=True, slots=True)
class Prepared:
    """An adapter in main memory: `packed` for a slot, or, if none can hold it, its `changes`."""

    report: Preflight
    packed: Packed | None
    changes: Mapping[Place, Change]

    @property
    def nbytes(self) -> int:
        if self.packed is not None:
            return self.packed.nbytes
        return sum(change.nbytes for change in self.changes.values())


class Loader:
    """The LoRAs of a source, each prepared for one model when it is first asked for, and kept while there is room.

    Each waits for its file on a thread of its own, so that none is held up by what is slow to arrive; they are
    prepared one at a time.
    """

    def __init__(
        self,
        source: LoraSource,
        family: str,
        anatomy: Anatomy,
        slots: Slots,
        limit: int,
        lent: Collection[str] = (),
    ) -> None:
        """`lent` are the components of the model that other models have too: nothing may be merged into them."""
        self._source, self._family, self._anatomy, self._slots = source, family, anatomy, slots
        self._limit, self._lent = limit, frozenset(lent)
        self._kept: OrderedDict[str, Future[Prepared]] = OrderedDict()
        self._fetching = ThreadPoolExecutor(_FETCHES, thread_name_prefix="lora-files")
        self._preparing = ThreadPoolExecutor(1, thread_name_prefix="loras")

    def ask(self, use: AppliedLora) -> Future[Prepared]:
        """What `use` names, as soon as it is ready. What has failed is tried again: it may be there now."""
        key = use.key
        if key not in self._kept or _failed(self._kept[key]):
            self._drop_oldest()
            self._kept[key] = self._fetching.submit(self._fetch, use)
        self._kept.move_to_end(key)
        return self._kept[key]

    def close(self) -> None:
        """What has not begun is not read any more."""
        for threads in (self._fetching, self._preparing):
            threads.shutdown(wait=False, cancel_futures=True)

    def _fetch(self, use: AppliedLora) -> Prepared:
        config = self._source.find(use)
        check_family(config, self._family, title(use))
        with self._source.weights(use, config) as file:
            return self._preparing.submit(self._prepare, use, config, file).result()

    def _prepare(self, use: AppliedLora, config: LoraConfig, file: Path) -> Prepared:
        owner = title(use)
        checked = check_file(file, self._anatomy, self._slots.largest, owner)
        self._check_lent(checked, owner)
        adapter = _adapter(config, checked, self._anatomy.denoiser)
        if adapter is None or not self._slots.fits(adapter):
            report = replace(checked.report, exclusive=checked.report.exclusive or "it changes layers without slots")
            check_packed(report.exclusive, checked.converted.changes, self._anatomy, owner)
            return Prepared(report, None, checked.converted.changes)
        return Prepared(checked.report, self._slots.pack(adapter), {})

    def _check_lent(self, checked: Checked, owner: str) -> None:
        shared = sorted(self._lent.intersection(checked.report.encoders))
        if shared:
            raise BadLora(
                f"{owner}: it changes {' and '.join(shared)}, which models that share replicas have in common: give "
                "this model replicas of its own, or start the studio anew with the LoRA in configs/loras.",
                "loras",
            )

    def _drop_oldest(self) -> None:
        sizes = {name: kept.result().nbytes for name, kept in self._kept.items() if _succeeded(kept)}
        total = sum(sizes.values())
        for name, size in sizes.items():
            if total <= self._limit:
                break
            del self._kept[name]
            total -= size


def reason(adapters: str, failure: BaseException) -> AtelierError:
    """What to answer when adapters, by their titles, could not be prepared."""
    if isinstance(failure, AtelierError):
        return failure
    log.error("%s could not be loaded", adapters, exc_info=failure)
    return StageError(f"{adapters} could not be loaded ({type(failure).__name__}); the replica's log has more")


def when_all(futures: list[Future[Prepared]], call: Callable[[], None]) -> None:
    """Call back when all are done, from whichever thread is last; perhaps more than once."""

    def look(_: Future[Prepared]) -> None:
        if all(future.done() for future in futures):
            call()

    for future in futures:
        future.add_done_callback(look)


def _succeeded(future: Future[Prepared]) -> bool:
    return future.done() and not _failed(future)


def _failed(future: Future[Prepared]) -> bool:
    return future.done() and (future.cancelled() or future.exception() is not None)


def _adapter(config: LoraConfig, checked: Checked, denoiser: str) -> Adapter | None:
    """What slots would hold; None if it is not for slots."""
    changes = {place: change for place, change in checked.converted.changes.items() if isinstance(change, LowRank)}
    if checked.report.exclusive or len(changes) < len(checked.converted.changes):
        return None
    tensors = {place.module: change for place, change in changes.items() if place.component == denoiser}
    nbytes = sum(change.nbytes for change in tensors.values())
    return Adapter(config.id, config.family, checked.report.rank, tensors, nbytes)
