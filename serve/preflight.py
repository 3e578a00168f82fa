"""What would keep the studio from starting, found before Ray starts: one sentence each, that says what to do."""

from __future__ import annotations

import asyncio
import errno
import os
import pwd
import socket
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from configs.catalog import Installation
from configs.errors import ConfigError
from configs.profile import ProfileConfig
from configs.service import Address
from configs.sign_in import is_loopback
from deployments.checkpoints.installed import check_installed
from deployments.provenance.signing import Signing
from router.studio import check_stores
from serve.ray_token import token_file

_PROBE = bytes(64 * 1024)  # what a folder must take; small enough for any disk that is not full
_STORE_SECONDS = 4.0
_SOCKET_BYTES = 107  # the longest path that Linux gives a socket
_SESSION = "/ray/session_2026-01-01_00-00-00_000000_4194304/sockets/plasma_store"


def check(installation: Installation, environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """What a person should know before it starts: YAML files that the library does not take in. Raises `ConfigError`
    for the first thing that is in the way. Makes the state folder and its database."""
    profile = installation.profile
    check_temporary(environment)
    check_addresses(profile.http, profile.dashboard, served=profile.role != "worker")
    check_reach(profile)
    check_meeting(profile)
    state = Path(installation.root, installation.profile.state)
    check_state(state)
    token_file(state, environment)
    if profile.role != "door":  # which loads no weights, and writes no files
        check_installed(installation)
        Signing(profile.credentials, installation.root, profile.state).check(environment)
    return asyncio.run(check_stores(installation, _STORE_SECONDS))


def check_temporary(environment: Mapping[str, str]) -> None:
    """Ray keeps sockets and logs in a folder of its own, whose path the system limits."""
    name = "RAY_TMPDIR" if "RAY_TMPDIR" in environment else "TMPDIR"
    place = environment.get(name, "/tmp")
    remedy = "set RAY_TMPDIR to another folder, such as /tmp"
    if not os.path.isabs(place):
        raise ConfigError(f"{name} is '{place}', which is not an absolute path: {remedy}")
    most = _SOCKET_BYTES - len(_SESSION)
    if len(os.fsencode(place)) > most:
        raise ConfigError(f"{name} is too long for Ray's sockets, which take {most} bytes ('{place}'): {remedy}")
    _demand(Path(place, "ray"), f"Ray's temporary folder ({name}={place})", remedy)


def check_state(state: Path) -> None:
    """The studio's own folder, and what earlier runs left in it."""
    remedy = (
        "run as the user that it belongs to, make it writable, or choose another folder with 'state' in the profile"
    )
    what = "the state folder"
    _demand(state, what, remedy)
    for folder in (state / "logs", state / "blobs"):
        _demand(folder, what, remedy)
    for file in state.glob("jobs.db*"):
        if not os.access(file, os.R_OK | os.W_OK):
            raise ConfigError(_cannot(what, file, OSError(errno.EACCES, "", ""), remedy))


def check_addresses(http: Address, dashboard: Address | None, served: bool = True) -> None:
    """That both can be listened on, and are two; without `served`, nobody listens on `http`."""
    if served and dashboard is not None and http.port == dashboard.port:
        raise ConfigError(
            f"http and dashboard both have port {http.port}: choose another for one of them, with --http-port, "
            "--dashboard-port or in the profile",
            "http",
        )
    for use, address in (("http", http if served else None), ("dashboard", dashboard)):
        if address is not None:
            _check_free(use, address)


def check_reach(profile: ProfileConfig) -> None:
    """That nobody reaches a studio without signing in but this machine itself. Raises `ConfigError`."""
    host = profile.http.host
    if profile.role == "worker":  # which nobody reaches
        return
    if profile.sign_in.mode == "dev" and not is_loopback(host):
        raise ConfigError(
            f"http: whoever reaches {host} would be the developer '{profile.owner}', who may do everything: listen on "
            "127.0.0.1, or say in the profile who signs people in (sign_in, with mode: oidc)",
            "http",
        )


def check_meeting(profile: ProfileConfig) -> None:
    """That a door and its workers, which may be on any machine, find each other. Raises `ConfigError`."""
    if profile.role == "all":
        return
    if not (profile.database_url or "").startswith("postgresql"):
        raise ConfigError(
            "database_url: a door and its workers meet in a PostgreSQL database: write its postgresql://… as "
            "'database_url' in the profiles of both",
            "database_url",
        )
    if profile.blob_url is None:
        raise ConfigError(
            "blob_url: a door shows the files that its workers store: write one az://…, s3://… or file:///… as "
            "'blob_url' in the profiles of both",
            "blob_url",
        )


def _check_free(use: str, address: Address) -> None:
    for family, kind, protocol, _, place in _resolve(use, address):
        try:
            with socket.socket(family, kind, protocol) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(place)
                probe.listen(1)
        except OSError as error:
            why = _UNBOUND.get(error.errno or 0, _unbound)(use, address, error)
            raise ConfigError(f"{use}: {why}", use) from None


def _resolve(use: str, address: Address) -> list[Any]:
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not a name"
        raise ConfigError(f"{use}: '{address.host}' cannot be found ({why}): {_HOST}", use) from None
    return found[:1]  # the one that servers take


_HOST = "write 127.0.0.1, 0.0.0.0 or an address of this machine as 'host' in the profile"


def _busy(use: str, address: Address, _: OSError) -> str:
    where = f"port {address.port} on {address.host}"
    return f"{where} is busy: stop what uses it, or choose another in configs/profiles or with --{use}-port"


def _privileged(use: str, address: Address, _: OSError) -> str:
    return f"port {address.port} is kept for root: choose one from 1024 up, in configs/profiles or with --{use}-port"


def _elsewhere(_use: str, address: Address, _: OSError) -> str:
    return f"{address.host} is not an address of this machine: {_HOST}"


def _unbound(use: str, address: Address, error: OSError) -> str:
    where = f"port {address.port} on {address.host}"
    return f"{where} cannot be used ({error.strerror}): choose another in configs/profiles or with --{use}-port"


_UNBOUND: dict[int, Callable[[str, Address, OSError], str]] = {
    errno.EADDRINUSE: _busy,
    errno.EACCES: _privileged,
    errno.EADDRNOTAVAIL: _elsewhere,
}


def _demand(folder: Path, what: str, remedy: str) -> None:
    """That `folder` is there, or can be made, and takes files."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(_PROBE)
            probe.flush()
            os.fsync(probe.fileno())
    except (OSError, ValueError) as error:
        raise ConfigError(_cannot(what, folder, error, remedy)) from None


def _cannot(what: str, place: Path, error: Exception, remedy: str) -> str:
    number = error.errno if isinstance(error, OSError) else None
    if number in (errno.ENOSPC, errno.EDQUOT):
        return f"the disk of {what} is full ({place}): make room on it"
    if number in (errno.ENOTDIR, errno.EEXIST):
        return f"{what} is a file, or below one ({place}): {remedy}"
    if number in (errno.EACCES, errno.EPERM):
        return f"{what} cannot be written by user '{_user(os.geteuid())}'{_owned(place)} ({place}): {remedy}"
    why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return f"{what} cannot be used, {why} ({place}): {remedy}"


def _owned(place: Path) -> str:
    """Whose it is, or what there is of it."""
    while not os.path.lexists(place) and place != place.parent:
        place = place.parent
    try:
        owner = place.lstat().st_uid
    except OSError:
        return ""
    return f", {place} belongs to '{_user(owner)}'" if owner != os.geteuid() else ""


def _user(id: int) -> str:
    try:
        return pwd.getpwuid(id).pw_name
    except KeyError:
        return str(id)
