"""One file from a blob store or web server to the cache: goes on where it broke off, and is named by its hash."""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import obstore
from obstore.exceptions import BaseError, NotSupportedError, PreconditionError
from obstore.store import from_url

from configs.errors import ConfigError
from deployments.checkpoints.cache import digest
from deployments.checkpoints.hashes import mismatch, sha256

if TYPE_CHECKING:
    from obstore import GetOptions
    from obstore.store import ObjectStore

log = logging.getLogger(__name__)

_CHUNK = 4 * 2**20


@dataclass(frozen=True, slots=True)
class Remote:
    """A file where it comes from. `etag` changes with its content, where the server gives one."""

    url: str
    name: str
    size: int
    etag: str | None
    sha256: str | None

    @property
    def partial(self) -> str:
        """What it is called while it is not whole; another version of it never goes on from this one's bytes."""
        return digest(self.url, self.name, str(self.size), self.etag or "", self.sha256 or "") + ".partial"


def open_store(url: str, headers: Mapping[str, str] | None = None) -> ObjectStore:
    """The folder that `url` names. Keys come from the environment, as obstore reads them; `headers` go to it alone,
    not to where it sends on."""
    # A server that is down is noticed within a minute; one that drops a connection is asked for the rest.
    retry = {"max_retries": 4, "retry_timeout": timedelta(seconds=60)}
    # A whole answer has 30 seconds by default, in which no large file comes; a minute without a byte is too long.
    client: dict[str, Any] = {"timeout": timedelta(days=7), "read_timeout": timedelta(seconds=60)}
    if url.startswith("http://"):
        client["allow_http"] = True
    if headers:
        client["default_headers"] = dict(headers)
    return from_url(url, retry_config=retry, client_options=client)  # type: ignore[call-overload,no-any-return]


def find(store: ObjectStore, url: str, name: str, expected: str | None, owner: str) -> Remote:
    """Size and version of a file. Raises ConfigError if there is none."""
    with plainly(url, name, owner):
        meta = obstore.head(store, name)
    return Remote(url, name, meta["size"], meta["e_tag"], expected)


def download(store: ObjectStore, remote: Remote, blobs: Path, owner: str, report: Callable[[int], None]) -> str:
    """Have the file as `blobs/<its SHA-256>` and return that; `report` is told of the file's bytes that are here.

    Raises ConfigError if it breaks off (what is here stays, and the next call goes on) or has another hash.
    """
    if remote.sha256 is not None and (blobs / remote.sha256).exists():
        report(remote.size)
        return remote.sha256
    partial = blobs / remote.partial
    with plainly(remote.url, remote.name, owner):
        _fill(store, remote, partial, report)
    found = sha256(partial)
    if remote.sha256 not in (None, found):
        partial.unlink()
        raise ConfigError(mismatch(owner, remote.name, remote.sha256 or ""), "weights.files")
    os.replace(partial, blobs / found)
    return found


def _fill(store: ObjectStore, remote: Remote, partial: Path, report: Callable[[int], None]) -> None:
    """Have all bytes in `partial`. A connection that breaks off is opened again as long as each brings some."""
    here = _size(partial)
    if here > remote.size:
        partial.unlink()
        here = 0
    while here < remote.size or not partial.exists():
        before = here
        try:
            _append(store, remote, partial, report)
        except BaseError as error:
            if _size(partial) <= before:
                raise
            log.info("%s broke off at %s bytes and goes on (%s)", remote.name, _size(partial), _first_line(error))
        here = _size(partial)
        if here == before:
            break
    if here != remote.size:
        raise OSError(f"{here:,} of {remote.size:,} bytes came")


def _append(store: ObjectStore, remote: Remote, partial: Path, report: Callable[[int], None]) -> None:
    with partial.open("ab") as file:
        for chunk in _chunks(store, remote, file.tell(), file.truncate):
            file.write(chunk)
            report(file.tell())
        file.flush()
        os.fsync(file.fileno())


def _size(partial: Path) -> int:
    return partial.stat().st_size if partial.exists() else 0


def _chunks(store: ObjectStore, remote: Remote, here: int, restart: Callable[[int], int]) -> Iterator[bytes]:
    """The bytes from `here` on; all of them, after `restart(0)`, where a server knows no ranges."""
    try:
        yield from _stream(store, remote, here)
    except NotSupportedError:
        if not here:
            raise
        log.info("%s knows no ranges: beginning %s again", remote.url, remote.name)
        restart(0)
        yield from _stream(store, remote, 0)


def _stream(store: ObjectStore, remote: Remote, here: int) -> Iterator[bytes]:
    options: GetOptions = {}
    if here:
        options["range"] = {"offset": here}
    if remote.etag is not None and not remote.etag.startswith("W/"):  # a weak tag matches nothing
        options["if_match"] = remote.etag
    for chunk in obstore.get(store, remote.name, options=options).stream(min_chunk_size=_CHUNK):
        yield bytes(chunk)


@contextmanager
def plainly(url: str, name: str, owner: str) -> Iterator[None]:
    """Turn what obstore raises into a sentence that says what to do."""
    try:
        yield
    except FileNotFoundError:
        raise ConfigError(f"{owner}: {url} has no {name}: check 'weights' in its YAML.", "weights.url") from None
    except PreconditionError:
        what = f"{name} at {url} was changed while it was fetched: start again"
        raise ConfigError(f"{owner}: {what}.", "weights.url") from None
    except PermissionError as error:
        raise ConfigError(f"{owner}: {_refused(url, error)}", "weights.url") from None
    except (BaseError, OSError, ValueError) as error:
        raise ConfigError(f"{owner}: {_broken(url, name, error)}", "weights.url") from None


def _refused(url: str, error: Exception) -> str:
    return f"{url} refuses access: give its keys in the environment (AZURE_STORAGE_…, AWS_…). ({_first_line(error)})"


def _broken(url: str, name: str, error: Exception) -> str:
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return f"the disk is full while fetching {name}. Make room and start again: it goes on where it stopped."
    return f"{name} could not be fetched from {url}: {_first_line(error)}. Start again: it goes on where it stopped."


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
