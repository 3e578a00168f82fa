"""A training's folder on this node: what the file store has comes in, checkpoints go out."""

from __future__ import annotations

import asyncio
import io
import os
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path

from PIL import Image

from configs.errors import DamagedFile, NotFound, StageError
from deployments.blobs.keeper import FileKeeper
from deployments.stages.mark import DRAWN, save_marked
from deployments.trainings import CheckpointFiles, LearnedPicture

ADAPTER = "adapter.safetensors"
_QUALITY = 90  # of samples, as WebP


class Workspace:
    """Of one training. Its `folder` outlives a crash, so that little has to be fetched then."""

    def __init__(self, base: Path, job_id: str, files: FileKeeper) -> None:
        self.folder, self.cache = base / job_id, base / "cache"
        self._pictures, self._adapters = base / "pictures", self.folder / "adapters"
        self._files = files

    async def open_pictures(self, pictures: tuple[LearnedPicture, ...]) -> dict[str, Path]:
        """The files of a dataset, by hash. Raises `StageError` for one that is gone."""
        return {one.sha256: await self._fetched(one.sha256, self._pictures / one.sha256) for one in pictures}

    def hold(self, step: int) -> None:
        """Have what draws after a step here for as long as the training is, whatever becomes of its checkpoint; blocks.
        Raises OSError."""
        _link(self._checkpoint(step) / ADAPTER, self._adapter(step))

    def open_adapters(self, known: Mapping[int, str]) -> dict[int, Path]:
        """All that draws, by step: what is held here, and what was saved before; blocks."""
        for step, sha256 in known.items():
            if not self._adapter(step).exists():
                self._fetch(sha256, self._adapter(step))
        found = self._adapters.glob("step-*.safetensors")
        return {int(one.stem.removeprefix("step-")): one for one in sorted(found)}

    async def restore(self, checkpoint: CheckpointFiles | None) -> None:
        """Have this checkpoint here, and none that is newer: what nobody was told of is learned again, and the same."""
        reached = 0 if checkpoint is None else checkpoint.step
        for newer in (one for one in self._steps() if one > reached):
            await asyncio.to_thread(shutil.rmtree, self._checkpoint(newer), ignore_errors=True)
            self._adapter(newer).unlink(missing_ok=True)
        if checkpoint is None or checkpoint.step in self._steps():
            return
        partial = self.folder / f".restored-{checkpoint.step:06d}"
        await asyncio.to_thread(shutil.rmtree, partial, ignore_errors=True)
        await self._fetched(checkpoint.adapter, partial / ADAPTER)
        rest = await self._fetched(checkpoint.rest, partial / "rest.zip")
        await asyncio.to_thread(_unpack, rest, partial)
        partial.rename(self._checkpoint(checkpoint.step))

    async def keep(self, step: int) -> CheckpointFiles:
        """Bring the checkpoint of a step to the file store. Older ones leave this node then, but for what draws."""
        folder = self._checkpoint(step)
        rest = self.folder / f".{folder.name}.zip"
        await asyncio.to_thread(_pack, folder, rest)
        adapter = await self._files.put_file(self._adapter(step))
        kept = CheckpointFiles(step=step, adapter=adapter, rest=await self._files.put_file(rest))
        rest.unlink(missing_ok=True)
        for older in (one for one in self._steps() if one < step):
            await asyncio.to_thread(shutil.rmtree, self._checkpoint(older), ignore_errors=True)
        return kept

    async def keep_pictures(self, *pictures: Image.Image) -> tuple[str, ...]:
        """Bring pictures that a model drew to the file store, as WebP that says so; their hashes."""
        return await self._files.put(await asyncio.to_thread(lambda: [_webp(one) for one in pictures]))

    def remove(self) -> None:
        """Nothing of the training is needed here any more."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _checkpoint(self, step: int) -> Path:
        return self.folder / f"step-{step:06d}"

    def _adapter(self, step: int) -> Path:
        return self._adapters / f"step-{step:06d}.safetensors"

    def _steps(self) -> list[int]:
        """Of the checkpoints here, which have their names only when they are whole."""
        return [int(one.name.removeprefix("step-")) for one in self.folder.glob("step-*") if one.is_dir()]

    async def _fetched(self, sha256: str, file: Path) -> Path:
        if not file.exists():
            await asyncio.to_thread(self._fetch, sha256, file)
        return file

    def _fetch(self, sha256: str, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        partial = file.with_name(f".{file.name}.partial")
        try:
            with partial.open("w+b") as opened:
                self._files.blobs.fetch(sha256, opened)
            partial.rename(file)
        except (NotFound, DamagedFile) as error:
            raise StageError(f"a file that the training needs is not there any more: {error.message}") from None
        finally:
            partial.unlink(missing_ok=True)


def _link(file: Path, into: Path) -> None:
    into.parent.mkdir(parents=True, exist_ok=True)
    into.unlink(missing_ok=True)
    os.link(file, into)


def _pack(folder: Path, into: Path) -> None:
    """All files of a checkpoint but what draws; equal files make equal archives."""
    with zipfile.ZipFile(into, "w") as archive:
        for file in sorted(one for one in folder.iterdir() if one.name != ADAPTER):
            with file.open("rb") as opened, archive.open(zipfile.ZipInfo(file.name), "w", force_zip64=True) as entry:
                shutil.copyfileobj(opened, entry, 2**20)


def _unpack(file: Path, folder: Path) -> None:
    with zipfile.ZipFile(file) as archive:
        for name in archive.namelist():
            with archive.open(name) as entry, (folder / Path(name).name).open("wb") as opened:
                shutil.copyfileobj(entry, opened, 2**20)
    file.unlink()


def _webp(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    save_marked(picture, buffer, "WEBP", DRAWN, quality=_QUALITY)
    return buffer.getvalue()
