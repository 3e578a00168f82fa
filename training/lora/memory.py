"""What a run holds, and what would fit where it did not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import torch

from configs.errors import StageError
from configs.training import TrainingSettings


def memory_in_use(device: torch.device) -> int:
    """Bytes: the most of the GPU since the start, or what the process has now."""
    if device.type == "cuda":
        return int(torch.cuda.max_memory_allocated(device))
    return int(psutil.Process().memory_info().rss)


@contextmanager
def saying_what_would_fit(settings: TrainingSettings) -> Iterator[None]:
    """Turns running out of memory into a StageError that says what to change."""
    try:
        yield
    except (torch.OutOfMemoryError, MemoryError):
        raise StageError(f"memory does not suffice for this training: {_advice(settings)}", "settings") from None
    except RuntimeError as error:
        if "can't allocate memory" not in str(error):
            raise
        raise StageError(f"memory does not suffice for this training: {_advice(settings)}", "settings") from None


def _advice(settings: TrainingSettings) -> str:
    """The first things to change, in the order of what they cost."""
    advice = []
    if not settings.gradient_checkpointing:
        advice.append("set 'gradient_checkpointing' (a third slower, far less memory)")
    if settings.batch > 1:
        half = settings.batch // 2
        advice.append(f"'batch' to {half} with 'accumulation' {settings.accumulation * -(-settings.batch // half)}")
    if settings.precision != "bfloat16":
        advice.append("'precision' to 'bfloat16'")
    if settings.base == "as_is" and settings.kind == "lora":
        advice.append("'base' to 'nf4'")
    if settings.optimiser == "adamw":
        advice.append("'optimiser' to 'adamw8bit'")
    smaller = f"'size' to {settings.size * 3 // 4 // 64 * 64}" if settings.size and settings.size > 256 else ""
    return ", or ".join([*advice, *filter(None, [smaller, "a smaller 'rank'"])])
