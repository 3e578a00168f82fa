"""Weights of a hub repository, fetched with the hub's own library into its cache; added are hashes, one lock, plain
sentences, and large files that go on where they broke off."""

from __future__ import annotations

import io
import logging
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from configs.errors import ConfigError
from configs.weights import Weights
from deployments.checkpoints.cache import check_room, hub_folder, is_offline, one_at_a_time
from deployments.checkpoints.contents import Contents
from deployments.checkpoints.hashes import check_hash, named_hash
from deployments.checkpoints.large import LargeFiles, find_large
from deployments.checkpoints.progress import Progress, Report, gigabytes
from deployments.checkpoints.refusals import offline, plainly

if TYPE_CHECKING:
    from huggingface_hub import DryRunFileInfo

log = logging.getLogger(__name__)

_DEAD_SECONDS = {"*.incomplete": 3600.0, "*.partial": 30 * 86400.0}
"""Without a byte. What the hub's library began, nobody takes up again; what we began, who comes back within a month."""


def fetch_repo(weights: Weights, owner: str, wanted: Contents, report: Report) -> Path:
    """The folder with the `wanted` files of a repository at its revision: from the cache, or fetched into it.

    Files that are whole are never fetched again; a large one that breaks off goes on where it stopped.
    Raises ConfigError, with what to do, when they cannot be had or are not what their hashes say.
    """
    name = f"{weights.repo}@{weights.revision}"
    if is_offline():
        folder = _cached(weights, wanted)
        if folder is None:
            raise ConfigError(offline(weights, owner), "weights.repo")
        return folder
    with one_at_a_time(name, owner):
        folder = _find(weights, wanted) or _download(weights, owner, wanted, report)
        _verify(weights, folder, owner, wanted)
    return folder


def _find(weights: Weights, wanted: Contents) -> Path | None:
    """What the cache has, if that is all: it must know what the repository lists."""
    return _cached(weights, wanted) if _listed(weights) else None


def _cached(weights: Weights, wanted: Contents) -> Path | None:
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        return _snapshot(weights, wanted, local_files_only=True)
    except LocalEntryNotFoundError:
        return None


def _snapshot(weights: Weights, wanted: Contents, **options: Any) -> Path:
    import huggingface_hub

    folder: str = huggingface_hub.snapshot_download(
        weights.repo or "",
        revision=weights.revision,
        cache_dir=hub_folder(),
        allow_patterns=list(wanted.allow),
        ignore_patterns=list(wanted.ignore) or None,
        **options,
    )
    return Path(folder)


def _listed(weights: Weights) -> bool:
    """Whether the cache knows what files the repository has, and so whether all of them are here."""
    from huggingface_hub import get_cached_repo_tree
    from huggingface_hub.errors import CachedRepoTreeNotFoundError

    try:
        return bool(get_cached_repo_tree(weights.repo or "", revision=weights.revision, cache_dir=hub_folder()))
    except CachedRepoTreeNotFoundError:
        return False


def _download(weights: Weights, owner: str, wanted: Contents, report: Report) -> Path:
    from huggingface_hub import constants

    cache = hub_folder() or Path(constants.HF_HUB_CACHE)
    with plainly(weights, owner):
        _sweep(cache, weights)
        missing = _missing(weights, wanted)
        total = sum(file.file_size or 0 for file in missing)
        large = LargeFiles(weights, owner, cache, find_large(weights, missing))
        check_room(cache, total - large.here, owner)
        if total:
            log.info("%s: fetching %s of %s", owner, gigabytes(total - large.here), weights)
        large.fetch(total, report)
        folder = _snapshot(weights, wanted, tqdm_class=_bars(owner, large.here, total, report))
        report(Progress(owner, total, total))
        return folder


def _sweep(cache: Path, weights: Weights) -> None:
    """Delete what killed processes left behind, up to a whole file each."""
    blobs = cache / f"models--{(weights.repo or '').replace('/', '--')}" / "blobs"
    for pattern, seconds in _DEAD_SECONDS.items():
        for left in blobs.glob(pattern):
            with suppress(OSError):
                if time.time() - left.stat().st_mtime > seconds:
                    left.unlink()


def _missing(weights: Weights, wanted: Contents) -> list[DryRunFileInfo]:
    import huggingface_hub

    try:
        plan = huggingface_hub.snapshot_download(
            weights.repo or "",
            revision=weights.revision,
            cache_dir=hub_folder(),
            allow_patterns=list(wanted.allow),
            ignore_patterns=list(wanted.ignore) or None,
            tqdm_class=_bars("", 0, 0, _nobody),
            dry_run=True,
        )
    except huggingface_hub.errors.DryRunError as error:
        raise error.__cause__ or error from None
    return [file for file in plan if file.will_download]


def _verify(weights: Weights, folder: Path, owner: str, wanted: Contents) -> None:
    for file in (path for path in folder.rglob("*") if path.is_file()):
        name = file.relative_to(folder).as_posix()
        expected = weights.files.get(name) or named_hash(file)
        if name in wanted and expected is not None:
            check_hash(file, expected, name, owner)


def _nobody(_: Progress) -> None:
    """A report that nobody wants."""


def _bars(owner: str, before: int, total: int, report: Report) -> type[Any]:
    """A stand-in for the hub's progress bars: what it would draw, after the bytes `before`, goes to `report`."""
    from tqdm.std import tqdm  # type: ignore[import-untyped]

    class Bar(tqdm):  # type: ignore[misc]
        monitor_interval = 0

        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **{**options, "file": io.StringIO(), "disable": False})

        def update(self, n: float | None = 1) -> bool | None:
            drawn: bool | None = super().update(n)
            if self.unit == "B" and self.n:
                report(Progress(owner, min(before + int(self.n), total), total))
            return drawn

    return Bar
