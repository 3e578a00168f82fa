"""Data parallelism over processes of one thread each: on a busy machine no thread waits for another mid-operation."""

import os
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.distributed as dist
from torch import Tensor
from torch.multiprocessing.spawn import spawn

# glibc returns every large tensor to the kernel at once, and page faults then take two thirds of a training step.
ALLOCATOR = {
    "MALLOC_MMAP_MAX_": "0",
    "MALLOC_TRIM_THRESHOLD_": str(2**34),
    "MALLOC_TOP_PAD_": str(2**28),
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
    "OMP_NUM_THREADS": "1",
}


@dataclass(frozen=True)
class Crew:
    """One worker's place among `size` workers that train the same model on different parts of each batch."""

    rank: int = 0
    size: int = 1
    device: str = "cpu"

    @property
    def leads(self) -> bool:
        return self.rank == 0

    def average(self, gradients: Iterable[Tensor | None]) -> None:
        """Replace each gradient by the mean over the crew."""
        if self.size == 1:
            return
        present = [g for g in gradients if g is not None]
        flat = torch.cat([g.reshape(-1).float() for g in present])
        dist.all_reduce(flat)
        flat /= self.size
        parts = torch.split(flat, [g.numel() for g in present])
        for gradient, part in zip(present, parts, strict=True):
            gradient.copy_(part.view_as(gradient))


def launch(work: Callable[[Crew], None], workers: int, device: str = "cpu") -> None:
    """Run `work` (a picklable callable) in `workers` processes, or here when there is only one."""
    if workers == 1:
        work(Crew(device=device))
        return
    os.environ.update(ALLOCATOR)
    with tempfile.TemporaryDirectory() as folder:
        spawn(_start, (work, workers, device, folder), nprocs=workers)  # type: ignore[no-untyped-call]


def _start(rank: int, work: Callable[[Crew], None], workers: int, device: str, folder: str) -> None:
    torch.set_num_threads(1)
    meeting = (Path(folder) / "meeting").as_uri()
    dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=workers)
    try:
        work(Crew(rank, workers, device))
    finally:
        dist.destroy_process_group()
