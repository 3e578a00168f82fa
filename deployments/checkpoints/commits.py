"""Repositories whose YAML names a branch: the commit of the first fetch is written down, and nothing else is used."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

from filelock import FileLock
from pydantic import Field, StringConstraints, ValidationError

from configs.errors import ConfigError
from configs.frozen import Frozen
from configs.weights import Sha256, Weights
from deployments.checkpoints.pinning import ask

log = logging.getLogger(__name__)

ACCEPT = "python -m deployments.checkpoints accept"
_DEFAULT = Path(__file__).resolve().parents[2] / ".atelier"
_FIELD = "weights.revision"


class Locked(Frozen):
    """The commit that a branch was at when it was first fetched, and the SHA-256 of each file that came of it."""

    commit: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{40}$")]
    since: datetime
    files: dict[str, Sha256] = {}


class LockFile(Frozen):
    """All of an installation, by `repository@branch`."""

    version: Literal[1] = 1
    repositories: dict[str, Locked] = Field(default={})


def lock_path() -> Path:
    """`weights-lock.json` in the state folder, which `$ATELIER_STATE` names; `.atelier` if it is not set."""
    return Path(os.environ.get("ATELIER_STATE") or _DEFAULT).expanduser() / "weights-lock.json"


def find_locked(weights: Weights) -> Locked | None:
    """What is written down of a repository at a branch. Raises ConfigError if the file cannot be read."""
    return _read().repositories.get(_key(weights))


def settle(weights: Weights, owner: str) -> Weights:
    """`weights` at the commit that is written down; if there is none, the hub is asked, once for all processes that
    share the state folder. Raises ConfigError."""
    locked = find_locked(weights) or _resolve(weights, owner)
    return weights.model_copy(update={"revision": locked.commit})


def check_files(weights: Weights, owner: str, found: Mapping[str, str]) -> None:
    """Refuse files (name -> SHA-256) that are not those written down; write down those that are new. `weights` name
    the branch. Raises ConfigError."""
    locked = find_locked(weights)
    if locked is not None and not _new(locked, weights, owner, found):
        return
    with _changing(owner):
        known = _read()
        locked = known.repositories.get(_key(weights))
        if locked is None:
            raise ConfigError(f"{owner}: {lock_path()} was deleted while '{weights}' was fetched: start again.", _FIELD)
        files = {**locked.files, **_new(locked, weights, owner, found)}
        _write(known, _key(weights), locked.model_copy(update={"files": files}))


def forget(weights: Weights, owner: str) -> bool:
    """Let the next fetch take the commit that the branch is at by then. Whether there was anything to forget."""
    if find_locked(weights) is None:
        return False
    with _changing(owner):
        _write(_read(), _key(weights), None)
    return True


def gone(weights: Weights, owner: str, commit: str) -> ConfigError:
    """What is said where the hub no longer has the commit that is written down."""
    return ConfigError(
        f"{owner}: the hub no longer has the commit {commit} of '{weights}', which {lock_path()} names: look at what "
        f"became of '{weights.revision}', and take that with `{ACCEPT} ID`.",
        _FIELD,
    )


def _resolve(weights: Weights, owner: str) -> Locked:
    with _changing(owner):
        known = _read()
        locked = known.repositories.get(_key(weights))
        if locked is None:
            commit = ask(weights, owner)
            locked = Locked(commit=commit, since=datetime.now(UTC).replace(microsecond=0))
            _write(known, _key(weights), locked)
            log.warning(
                "%s: %s stays at commit %s, where '%s' is now: %s says so", owner, weights, commit, weights.revision,
                lock_path(),
            )  # fmt: skip
        return locked


def _new(locked: Locked, weights: Weights, owner: str, found: Mapping[str, str]) -> dict[str, str]:
    for name, digest in found.items():
        known = locked.files.get(name, digest)
        if known != digest:
            raise ConfigError(
                f"{owner}: {name} of '{weights}' is another file than at its first fetch (SHA-256 {digest[:12]}…, not "
                f"{known[:12]}…), though the commit is still {locked.commit[:12]}…: look at what changed it, then "
                f"fetch it anew, or take it as it is with `{ACCEPT} ID`.",
                _FIELD,
            )
    return {name: digest for name, digest in found.items() if name not in locked.files}


def _key(weights: Weights) -> str:
    return f"{weights.repo}@{weights.revision}"


def _read() -> LockFile:
    file = lock_path()
    try:
        return LockFile.model_validate_json(file.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return LockFile()
    except OSError as error:
        raise ConfigError(
            f"{file} cannot be read ({error.strerror}), and it says which commits are used: make it readable.", _FIELD
        ) from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "its text"
        raise ConfigError(
            f"{file} is damaged ({where}: {first['msg']}), and it says which commits are used: restore it, or delete "
            "it, and the branches' commits of today are written down.",
            _FIELD,
        ) from None


@contextmanager
def _changing(owner: str) -> Iterator[None]:
    """One process at a time, of all that share the state folder."""
    file = lock_path()
    lock = FileLock(file.with_name(f".{file.name}.lock"))
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with lock:
            yield
    except OSError as error:
        raise ConfigError(
            f"{owner}: the commit that its weights stay at cannot be written to {file} ({error.strerror or error}): "
            "make the folder writable, set ATELIER_STATE to another, or write the commit into the YAML with "
            "`python -m deployments.checkpoints pin ID`.",
            _FIELD,
        ) from None


def _write(known: LockFile, key: str, locked: Locked | None) -> None:
    """Whole or not at all."""
    repositories = {name: one for name, one in known.repositories.items() if name != key}
    if locked is not None:
        repositories[key] = locked
    text = LockFile(repositories=dict(sorted(repositories.items()))).model_dump_json(indent=2)
    file = lock_path()
    with tempfile.NamedTemporaryFile("w", dir=file.parent, prefix=f".{file.name}.", delete=False) as new:
        try:
            new.write(text + "\n")
            new.flush()
            os.fsync(new.fileno())
            Path(new.name).chmod(0o644)
            os.replace(new.name, file)
        except OSError:
            Path(new.name).unlink(missing_ok=True)
            raise
