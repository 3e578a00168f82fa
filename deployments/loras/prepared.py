"""Adapters on their way from a file to a slot: read, converted, checked and laid out on a thread of their own."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

from configs.errors import AtelierError, StageError, UnknownName
from configs.schema import LoraConfig
from deployments.loras.changes import Change, LowRank
from deployments.loras.keys import Anatomy, Place
from deployments.loras.preflight import Checked, Preflight, check, check_packed
from deployments.loras.slots import Adapter, Packed, Slots

log = logging.getLogger(__name__)


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


class Library:
    """The configured LoRAs of a family, each prepared when it is first asked for and kept while there is room."""

    def __init__(
        self, catalogue: Mapping[str, LoraConfig], family: str, anatomy: Anatomy, slots: Slots, limit: int
    ) -> None:
        self._catalogue = catalogue
        self._family = family
        self._anatomy = anatomy
        self._slots = slots
        self._limit = limit
        self._kept: OrderedDict[str, Future[Prepared]] = OrderedDict()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="loras")

    def ask(self, adapter: str) -> Future[Prepared]:
        """The adapter of that id, as soon as it is ready. Raises UnknownName."""
        if adapter not in self._catalogue:
            names = tuple(sorted(name for name, lora in self._catalogue.items() if lora.family == self._family))
            raise UnknownName(f"there is no LoRA '{adapter}' here", "loras", names)
        if adapter not in self._kept:
            self._drop_oldest()
            self._kept[adapter] = self._thread.submit(partial(self._prepare, self._catalogue[adapter]))
        self._kept.move_to_end(adapter)
        return self._kept[adapter]

    def forget(self, adapter: str) -> None:
        """Read it again next time: it failed, and somebody may put a whole file in its place."""
        self._kept.pop(adapter, None)

    def close(self) -> None:
        """What has not begun is not read any more."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _prepare(self, config: LoraConfig) -> Prepared:
        checked = check(config, self._family, self._anatomy, self._slots.largest)
        adapter = _adapter(config, checked, self._anatomy.denoiser)
        if adapter is None or not self._slots.fits(adapter):
            report = replace(checked.report, exclusive=checked.report.exclusive or "it changes layers without slots")
            check_packed(report.exclusive, checked.converted.changes, self._anatomy, f"LoRA '{config.id}'")
            return Prepared(report, None, checked.converted.changes)
        return Prepared(checked.report, self._slots.pack(adapter), {})

    def _drop_oldest(self) -> None:
        sizes = {name: kept.result().nbytes for name, kept in self._kept.items() if _succeeded(kept)}
        total = sum(sizes.values())
        for name, size in sizes.items():
            if total <= self._limit:
                break
            del self._kept[name]
            total -= size


def reason(adapter: str, failure: BaseException) -> AtelierError:
    """What to answer when an adapter could not be prepared."""
    if isinstance(failure, AtelierError):
        return failure
    log.error("LoRA '%s' could not be loaded", adapter, exc_info=failure)
    return StageError(f"LoRA '{adapter}' could not be loaded ({type(failure).__name__}); the replica's log has more")


def when_all(futures: list[Future[Prepared]], call: Callable[[], None]) -> None:
    """Call back when all are done, from whichever thread is last; perhaps more than once."""

    def look(_: Future[Prepared]) -> None:
        if all(future.done() for future in futures):
            call()

    for future in futures:
        future.add_done_callback(look)


def _succeeded(future: Future[Prepared]) -> bool:
    return future.done() and not future.cancelled() and future.exception() is None


def _adapter(config: LoraConfig, checked: Checked, denoiser: str) -> Adapter | None:
    """What slots would hold; None if it is not for slots."""
    changes = {place: change for place, change in checked.converted.changes.items() if isinstance(change, LowRank)}
    if checked.report.exclusive or len(changes) < len(checked.converted.changes):
        return None
    tensors = {place.module: change for place, change in changes.items() if place.component == denoiser}
    nbytes = sum(change.nbytes for change in tensors.values())
    return Adapter(config.id, config.family, checked.report.rank, tensors, nbytes)
