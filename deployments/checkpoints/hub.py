"""Weights of a hub repository, fetched by the hub's own library; added are hashes, one lock, and plain sentences."""

from __future__ import annotations

import errno
import io
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from configs.errors import ConfigError
from configs.weights import Weights
from deployments.checkpoints.cache import check_room, hub_folder, is_offline, one_at_a_time
from deployments.checkpoints.contents import Contents
from deployments.checkpoints.hashes import check_hash, named_hash
from deployments.checkpoints.progress import Progress, Report, gigabytes

log = logging.getLogger(__name__)

_DEAD_SECONDS = 3600.0  # without a byte: no download is that slow


def fetch_repo(weights: Weights, owner: str, wanted: Contents, report: Report) -> Path:
    """The folder with the `wanted` files of a repository at its revision: from the cache, or fetched into it.

    Files that are whole are never fetched again; one that breaks off goes on where it stopped, within one call.
    Raises ConfigError, with what to do, when they cannot be had or are not what their hashes say.
    """
    name = f"{weights.repo}@{weights.revision}"
    if is_offline():
        folder = _find(weights, wanted, offline=True)
        if folder is None:
            raise ConfigError(_offline(weights, owner), "weights.repo")
        return folder
    with one_at_a_time(name, owner):
        folder = _find(weights, wanted) or _download(weights, owner, wanted, report)
        _verify(weights, folder, owner, wanted)
    return folder


def _find(weights: Weights, wanted: Contents, offline: bool = False) -> Path | None:
    """What the cache has of a commit, if that is all. A branch may have moved, so that it counts only offline."""
    from huggingface_hub.errors import LocalEntryNotFoundError

    if not offline and (not weights.commit or not _listed(weights)):
        return None
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

    with _plainly(weights, owner):
        _sweep(hub_folder() or Path(constants.HF_HUB_CACHE), weights)
        missing = _missing_bytes(weights, wanted)
        check_room(hub_folder() or Path(constants.HF_HUB_CACHE), missing, owner)
        if missing:
            log.info("%s: fetching %s of %s", owner, gigabytes(missing), weights)
        folder = _snapshot(weights, wanted, tqdm_class=_bars(owner, missing, report))
        report(Progress(owner, missing, missing))
        return folder


def _sweep(cache: Path, weights: Weights) -> None:
    """Delete what killed processes left behind, up to a whole file each: the hub's library never takes it up again."""
    for left in (cache / f"models--{(weights.repo or '').replace('/', '--')}" / "blobs").glob("*.incomplete"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > _DEAD_SECONDS:
                left.unlink()


def _missing_bytes(weights: Weights, wanted: Contents) -> int:
    import huggingface_hub

    try:
        plan = huggingface_hub.snapshot_download(
            weights.repo or "",
            revision=weights.revision,
            cache_dir=hub_folder(),
            allow_patterns=list(wanted.allow),
            ignore_patterns=list(wanted.ignore) or None,
            tqdm_class=_bars("", 0, _nobody),
            dry_run=True,
        )
    except huggingface_hub.errors.DryRunError as error:
        raise error.__cause__ or error from None
    return sum(file.file_size or 0 for file in plan if file.will_download)


def _verify(weights: Weights, folder: Path, owner: str, wanted: Contents) -> None:
    for file in (path for path in folder.rglob("*") if path.is_file()):
        name = file.relative_to(folder).as_posix()
        expected = weights.files.get(name) or named_hash(file)
        if name in wanted and expected is not None:
            check_hash(file, expected, name, owner)


def _nobody(_: Progress) -> None:
    """A report that nobody wants."""


def _bars(owner: str, total: int, report: Report) -> type[Any]:
    """A stand-in for the hub's progress bars: what it would draw goes to `report`."""
    from tqdm.std import tqdm  # type: ignore[import-untyped]

    class Bar(tqdm):  # type: ignore[misc]
        monitor_interval = 0

        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **{**options, "file": io.StringIO(), "disable": False})

        def update(self, n: float | None = 1) -> bool | None:
            drawn: bool | None = super().update(n)
            if self.unit == "B" and self.n:
                report(Progress(owner, min(int(self.n), total), total))
            return drawn

    return Bar


@contextmanager
def _plainly(weights: Weights, owner: str) -> Iterator[None]:
    """Turn what the hub's library raises into a sentence that says what to do."""
    from huggingface_hub import errors

    try:
        yield
    except errors.GatedRepoError as error:
        raise ConfigError(f"{owner}: {_gated(weights, error)}", "weights.repo") from None
    except errors.RepositoryNotFoundError:
        reason = "does not exist on the hub, or needs HF_TOKEN: check 'weights.repo'"
        raise ConfigError(f"{owner}: '{weights.repo}' {reason}.", "weights.repo") from None
    except errors.RevisionNotFoundError:
        reason = f"has no revision '{weights.revision}': check 'weights.revision'"
        raise ConfigError(f"{owner}: '{weights.repo}' {reason}.", "weights.revision") from None
    except (errors.HTTPError, OSError, RuntimeError) as error:  # type: ignore[attr-defined]
        raise ConfigError(f"{owner}: {_broken(weights, error)}", "weights.repo") from None


def _gated(weights: Weights, error: Any) -> str:
    from huggingface_hub import constants, get_token

    page = f"{constants.ENDPOINT}/{weights.repo}"
    if get_token() is None:
        return f"'{weights.repo}' is gated: accept its licence at {page}, then set HF_TOKEN to a token of that account."
    reason = (
        "does not know the token in use" if error.response.status_code == 401 else "refuses the account of HF_TOKEN"
    )
    return f"'{weights.repo}' is gated and the hub {reason}: accept its licence at {page} with that account."


def _broken(weights: Weights, error: Exception) -> str:
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return f"the disk is full while fetching '{weights.repo}'. Make room and start again: whole files are kept."
    first = next(iter(str(error).splitlines()), type(error).__name__)
    return (
        f"'{weights.repo}' is not in the local cache and the hub does not answer: connect once, or use 'weights.path' "
        f"({first})."
    )


def _offline(weights: Weights, owner: str) -> str:
    return (
        f"{owner}: '{weights.repo}' at {weights.revision} is not whole in the local cache, and nothing is fetched "
        "while ATELIER_OFFLINE or HF_HUB_OFFLINE is set. Unset it once, or copy them here and set 'weights.path'."
    )
