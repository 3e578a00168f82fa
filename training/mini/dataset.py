"""The world rendered once to disk, one array per size, so that training reads pictures instead of drawing them."""

import random
from collections.abc import Iterator
from functools import lru_cache
from multiprocessing import get_context

import numpy as np
from numpy.typing import NDArray

from training.mini.workspace import Workspace
from training.mini.world.pictures import render, render_cover
from training.mini.world.scene import SIZES, Scene, sample

Size = tuple[int, int]


def scene_at(seed: int, index: int) -> Scene:
    """The training scene with this number: the same seed and number give the same scene."""
    return sample(random.Random(seed * 1_000_003 + index))


def name_of(size: Size) -> str:
    return f"{size[0]}x{size[1]}"


def render_world(space: Workspace, count: int, processes: int = 2) -> Iterator[int]:
    """Render scenes 0..count-1 into one uint8 array (n × height × width × 3) per size; yields how many are done."""
    groups: dict[Size, list[int]] = {size: [] for size in SIZES}
    for index in range(count):
        groups[scene_at(space.seed, index).size].append(index)
    for size, indices in groups.items():
        np.save(space.path("world", f"indices-{name_of(size)}.npy"), np.asarray(indices))
        shape = (len(indices), size[1], size[0], 3)
        np.lib.format.open_memmap(_file(space, size), mode="w+", dtype=np.uint8, shape=shape).flush()
        tokens = (len(indices), size[1] // 16 * size[0] // 16)
        np.lib.format.open_memmap(_file(space, size, "cover"), mode="w+", dtype=np.uint8, shape=tokens).flush()
    chunks = [
        (space, size, start, indices[start : start + 100])
        for size, indices in groups.items()
        for start in range(0, len(indices), 100)
    ]
    done = 0
    with get_context("spawn").Pool(processes) as pool:
        for written in pool.imap_unordered(_render_chunk, chunks):
            done += written
            yield done


def _render_chunk(chunk: tuple[Workspace, Size, int, list[int]]) -> int:
    space, size, start, indices = chunk
    pictures = np.lib.format.open_memmap(_file(space, size), mode="r+")
    covers = np.lib.format.open_memmap(_file(space, size, "cover"), mode="r+")
    for row, index in enumerate(indices, start):
        scene = scene_at(space.seed, index)
        pictures[row] = render(scene)
        covers[row] = render_cover(scene).reshape(-1)
    pictures.flush()
    covers.flush()
    return len(indices)


def _file(space: Workspace, size: Size, kind: str = "pictures") -> str:
    return str(space.path("world", f"{kind}-{name_of(size)}.npy"))


def load_pictures(space: Workspace, size: Size) -> NDArray[np.uint8]:
    """The rendered pictures of one size, mapped from disk: for reading in order."""
    pictures: NDArray[np.uint8] = np.load(_file(space, size), mmap_mode="r")
    return pictures


def load_covers(space: Workspace, size: Size) -> NDArray[np.uint8]:
    """How much of each token of one size the subject covers, n × tokens, 0..255."""
    covers: NDArray[np.uint8] = np.load(_file(space, size, "cover"))
    return covers


@lru_cache
def hold_pictures(space: Workspace, size: Size, share: float) -> NDArray[np.uint8]:
    """The first `share` of the pictures in memory: for reading at random, which from disk starves the trainer."""
    pictures = load_pictures(space, size)
    return np.array(pictures[: max(1, int(len(pictures) * share))])


def load_indices(space: Workspace, size: Size) -> NDArray[np.int64]:
    """Scene numbers of the pictures of one size, in row order."""
    indices: NDArray[np.int64] = np.load(space.path("world", f"indices-{name_of(size)}.npy"))
    return indices
