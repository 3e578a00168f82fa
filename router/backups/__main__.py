"""`python -m router.backups`: back up a studio while it runs, verify a backup, restore it elsewhere."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from configs.errors import AtelierError
from configs.load import ROOT, load_profile
from deployments.blobs.store import BlobStore
from router.backups.place import BackupPlace
from router.backups.restoring import check_folder, restore, verify
from router.backups.taking import take_backup
from router.storage.database import database_url, describe, parse_url

if TYPE_CHECKING:
    from collections.abc import Callable

    from router.backups.copying import Progress

_TELL_SECONDS = 1.0


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0 when all is whole, 1 when something is missing or damaged, 2 when it could not be done, 130 after
    Ctrl-C, from where the same command goes on."""
    options = _parser().parse_args(arguments)
    work = {"backup": _backup, "restore": _restore, "verify": _verify, "list": _list}[options.command]
    try:
        return asyncio.run(work(options))
    except AtelierError as error:
        print(error.message, file=sys.stderr)  # noqa: T201 - a command's answer
        return 2
    except KeyboardInterrupt:
        print("stopped: the same command goes on from here", file=sys.stderr)  # noqa: T201
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m router.backups", description=__doc__)
    parser.add_argument("command", choices=["backup", "restore", "verify", "list"])
    parser.add_argument("place", help="a folder or a blob URL (az://…, s3://…) for backups")
    parser.add_argument("--profile", default="local", help="an id in configs/profiles, or a YAML file (default: local)")
    parser.add_argument("--state", type=Path, help="the studio's state folder, instead of the profile's")
    parser.add_argument("--database", help="sqlite:///path or postgresql://…, instead of the profile's")
    parser.add_argument("--files", help="a blob URL for the studio's files, instead of the profile's")
    parser.add_argument("--backup", help="part of a backup's name, as `list` says them (default: the newest)")
    parser.add_argument("--check", action="store_true", help="with backup: read what is there, mend what is damaged")
    return parser


async def _backup(options: argparse.Namespace) -> int:
    url, blobs, _ = _studio(options)
    taken = await take_backup(url, blobs, BackupPlace(options.place, new=True), _teller(), options.check)
    progress = taken.progress
    _say(f"{taken.name.removeprefix('manifests/')}: {taken.manifest.rows} rows of {describe(parse_url(url))},")
    _say(f"{len(taken.manifest.files)} files, {progress.there} of them there before, {_size(progress.size_bytes)}")
    return _tell_faults(taken.manifest.missing)


async def _restore(options: argparse.Namespace) -> int:
    place = BackupPlace(options.place)
    manifest = await place.read(options.backup)
    url, blobs, folder = _studio(options)
    if folder is not None:
        check_folder(folder, manifest)
    verdict = await restore(place, manifest, url, blobs, _teller())
    _say(f"restored {manifest.rows} rows into {describe(parse_url(url))} and {verdict.progress.files} files,")
    _say(f"{_size(verdict.progress.size_bytes)}, as they were at {manifest.made_at:%Y-%m-%d %H:%M} UTC")
    return _tell_faults(verdict.faults)


async def _verify(options: argparse.Namespace) -> int:
    place = BackupPlace(options.place)
    manifest = await place.read(options.backup)
    verdict = await verify(place, manifest, _teller())
    _say(
        f"{verdict.progress.files} files, {_size(verdict.progress.size_bytes)},"
        f" as they were at {manifest.made_at:%Y-%m-%d %H:%M} UTC"
    )
    return _tell_faults((*verdict.faults, *manifest.missing))


async def _list(options: argparse.Namespace) -> int:
    for name in await BackupPlace(options.place).names():
        _say(name.removeprefix("manifests/"))
    return 0


def _studio(options: argparse.Namespace) -> tuple[str, BlobStore, Path | None]:
    """Its database, its files, and the folder of these if they are in one."""
    profile = load_profile(options.profile)
    state = options.state or Path(ROOT, profile.state)
    url = options.database or (f"sqlite:///{state / 'jobs.db'}" if options.state else database_url(profile, state))
    files = options.files or (None if options.state else profile.blob_url)
    return url, BlobStore.open(files, state / "blobs"), state / "blobs" if files is None else None


def _teller() -> Callable[[Progress], None]:
    """Tells how far it is, about once a second."""
    last = time.monotonic()

    def tell(progress: Progress) -> None:
        nonlocal last
        if time.monotonic() - last >= _TELL_SECONDS:
            last = time.monotonic()
            told = f"{progress.files} of {progress.total} files, {_size(progress.size_bytes)}"
            print(f"{told}, {progress.there} there before", file=sys.stderr)  # noqa: T201

    return tell


def _tell_faults(faults: tuple[str, ...]) -> int:
    for fault in faults:
        _say(f"NOT WHOLE: {fault}")
    if not faults:
        _say("every hash is as it should be")
    return 1 if faults else 0


def _size(size: int) -> str:
    return f"{size / 1e6:.1f} MB"


def _say(line: str) -> None:
    print(line)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
