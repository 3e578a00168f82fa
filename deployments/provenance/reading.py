"""What any file says of where it comes from, read in a process of its own: a stranger's file meets native code there,
which may take so much memory and time and no more, and has no keys and no network to reach."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from pydantic import ValidationError

from configs.formats import MEDIA_TYPES
from configs.frozen import Frozen
from deployments.provenance.containers import carrier_of, find_stores

State = Literal["none", "valid", "trusted", "invalid", "unreadable"]
_SECONDS = 20.0
_MEGABYTES = 1500
_ROOT = Path(__file__).parents[2]
_BEGINS = b"jumdc2pa"  # the description of a manifest store
_READER = "deployments.provenance.reader"


class Ingredient(Frozen):
    """A picture that another one was made of, as that one says. `is_signed`: it had credentials of its own."""

    title: str = ""
    relationship: str = ""
    instance: str = ""
    is_signed: bool = False


class Reading(Frozen):
    """What the credentials of a file say. `failures` are C2PA's codes of what does not hold, whether the signer is
    trusted apart. `picture` is what only an Atelier says. `stores` is how many manifest stores there are: one, in a
    file that is whole."""

    state: State
    failures: tuple[str, ...] = ()
    generator: str = ""
    signer: str = ""
    authority: str = ""
    signed_at: str | None = None
    source_types: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    ingredients: tuple[Ingredient, ...] = ()
    picture: dict[str, Any] = {}
    stores: int = 0


UNREADABLE = Reading(state="unreadable")


async def read_credentials(file: bytes, anchors: str | None = None) -> Reading:
    """Of a file of any kind; `anchors` are certificates in PEM whose signatures are trusted. What cannot be read within
    twenty seconds and 1.5 GB is `unreadable`."""
    carrier, stores = carrier_of(file), len(await asyncio.to_thread(find_stores, file))
    if carrier is None or not stores:  # the last word is that of a manifest that breaks off
        return UNREADABLE if carrier is not None and _BEGINS in file else Reading(state="none")
    with TemporaryDirectory(prefix="atelier-verify-") as folder:
        # By name: what is written to a pipe would be held twice, and a file is read where it is needed.
        Path(folder, "file").write_bytes(file)
        Path(folder, "anchors").write_text(anchors or "", "utf-8")
        told = await _ask(folder, MEDIA_TYPES[carrier])
    try:
        return Reading.model_validate_json(told).model_copy(update={"stores": stores})
    except ValidationError:
        return UNREADABLE.model_copy(update={"stores": stores})


async def _ask(folder: str, media_type: str) -> bytes:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", _READER, folder, media_type, str(_MEGABYTES)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=_ROOT,
        env={"PATH": "/usr/bin:/bin", "HOME": folder},
    )
    try:
        told, _ = await asyncio.wait_for(process.communicate(), _SECONDS)
        return told
    except TimeoutError:
        return b""
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
