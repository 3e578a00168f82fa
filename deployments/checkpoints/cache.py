"""Where fetched weights are kept, and one process at a time that fetches: the replicas of a node share both."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from configs.errors import ConfigError
from deployments.checkpoints.progress import gigabytes

log = logging.getLogger(__name__)

_DEFAULT = Path(__file__).resolve().parents[2] / ".atelier" / "weights"
_YES = {"1", "true", "yes", "on"}


def weights_folder() -> Path:
    """`$ATELIER_WEIGHTS`, or `.atelier/weights` in the installation's folder."""
    return Path(os.environ.get("ATELIER_WEIGHTS") or _DEFAULT).expanduser()


def hub_folder() -> Path | None:
    """Where hub repositories lie: below `$ATELIER_WEIGHTS` if that is set, else None for the hub's own cache
    (`HF_HOME`), so that what other programs have fetched is not fetched again."""
    return weights_folder() / "hub" if os.environ.get("ATELIER_WEIGHTS") else None


def is_offline() -> bool:
    """Whether `ATELIER_OFFLINE` or the hub's own `HF_HUB_OFFLINE` forbids to fetch anything."""
    return any(os.environ.get(name, "").lower() in _YES for name in ("ATELIER_OFFLINE", "HF_HUB_OFFLINE"))


def digest(*parts: str) -> str:
    """A short, stable name for `parts`, fit for a file."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


@contextmanager
def one_at_a_time(name: str, owner: str) -> Iterator[None]:
    """Hold the lock of what `name` names; others on this node wait. Without effect in a folder that is read-only."""
    folder = weights_folder() / "locks"
    lock = FileLock(folder / f"{digest(name)}.lock")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            log.info("%s: another process is at %s; waiting for it", owner, name)
            lock.acquire()
    except OSError as error:
        log.debug("no lock for %s: %s", name, error)
    try:
        yield
    finally:
        lock.release()


def check_room(folder: Path, needed: int, owner: str) -> None:
    """Raise ConfigError if `needed` bytes are more than the disk of `folder` has free."""
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise ConfigError(
            f"{owner}: {gigabytes(needed)} are still to be fetched and {folder} has {gigabytes(free)} free. "
            "Make room, or set ATELIER_WEIGHTS to a folder on a larger disk.",
            "weights",
        )
