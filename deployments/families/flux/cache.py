"""The step cache, decided for each row of a batch by itself: equal to diffusers' first-block cache for that row alone.

A full pass remembers what the first block did to the picture, and what all the others did. When the first block does
nearly the same again, the others are taken from memory. As in diffusers, this may skip the last step too; the steps of
a fixed `skip` never hold the first or the last.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import torch

from deployments.families.flux.canvas import Bucket, cut, lay
from deployments.families.flux.passes import Batch, Residual, Stream, blocks, enter, leave
from deployments.loras.slots import Selection
from deployments.messages import StepCache


@dataclass(frozen=True, slots=True)
class Memory:
    """What the last full pass of a row did to its picture [1, S, W]: in the first block, and in all the others."""

    first: torch.Tensor
    others: torch.Tensor


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the batch, as the cache sees it; without `policy` it always goes all the way."""

    bucket: Bucket
    selection: Selection
    policy: StepCache | None
    memory: Memory | None
    last: bool
    step: int

    def skips(self, drift: float) -> bool:
        """Whether this step is taken from memory, the first block having changed by `drift` since the last full one."""
        if self.policy is None or self.memory is None:
            return False
        if self.step in self.policy.skip and not self.last:
            return True
        # Not 'drift <= threshold': not-a-number skips in diffusers.
        return self.policy.threshold is not None and not drift > self.policy.threshold


@dataclass(frozen=True, slots=True)
class Passed:
    """What became of a row: its memory from now on, and whether it went through all blocks."""

    memory: Memory | None
    full: bool


@dataclass(frozen=True, slots=True)
class Between:
    """What the rest of the family does in a pass: `select` chooses the LoRAs of some rows, `control` finds what
    ControlNets add to some rows of the batch, by number. A row that skips is not asked for."""

    select: Callable[[Sequence[Selection]], AbstractContextManager[None]]
    control: Callable[[Sequence[int]], Sequence[Residual]]


def partial(
    transformer: Any, batch: Batch, lines: Sequence[Line], canvas: Bucket, between: Between
) -> tuple[torch.Tensor, list[Passed]]:
    """The velocities [B, S, C], each row through all blocks or only through the first, and what to remember.

    What ControlNets add, behind the first block too, counts as the work of the others: so a skipped step needs none.
    """
    everyone = [line.selection for line in lines]
    first, *others = blocks(transformer)
    with between.select(everyone):
        entered = enter(transformer, batch)
        begun = entered.through([first])
    changes = [
        cut(change, line.bucket, canvas)
        for line, change in zip(lines, torch.split(begun.picture - entered.picture, 1), strict=True)
    ]
    drifts = _drifts(lines, changes)
    full = [row for row, line in enumerate(lines) if not line.skips(drifts[row])]
    residuals = between.control(full)
    with between.select([everyone[row] for row in full]):
        done = begun.rows(full).plus(residuals).through(others, residuals) if full else None
    pictures, passed = _gather(lines, changes, begun, done, full, canvas)
    with between.select(everyone):
        return leave(transformer, torch.cat(pictures), begun.time), passed


def _drifts(lines: Sequence[Line], changes: Sequence[torch.Tensor]) -> list[float]:
    """How much the first block's change differs from the remembered one, relatively. Zero where nobody asks.

    One copy from the device for all rows, and none where only fixed steps are skipped.
    """
    drifts = {
        row: (change - line.memory.first).abs().mean() / line.memory.first.abs().mean()
        for row, (line, change) in enumerate(zip(lines, changes, strict=True))
        if line.memory is not None and line.policy is not None and line.policy.threshold is not None
    }
    measured = dict(zip(drifts, torch.stack([*drifts.values()]).tolist(), strict=True)) if drifts else {}
    return [measured.get(row, 0.0) for row in range(len(lines))]


def _gather(
    lines: Sequence[Line],
    changes: Sequence[torch.Tensor],
    begun: Stream,
    done: Stream | None,
    full: Sequence[int],
    canvas: Bucket,
) -> tuple[list[torch.Tensor], list[Passed]]:
    """Each row's picture [1, S, W] behind the last block, computed or remembered."""
    computed = dict(zip(full, () if done is None else torch.split(done.picture, 1), strict=True))
    pictures, passed = [], []
    for row, (line, start) in enumerate(zip(lines, torch.split(begun.picture, 1), strict=True)):
        memory, picture = line.memory, computed.get(row)
        if picture is None:
            assert memory is not None
            picture = start + lay(memory.others, line.bucket, canvas)
        elif line.policy is not None:
            # A copy, because a view would keep the other rows' alive.
            memory = Memory(changes[row].clone(), cut(picture - start, line.bucket, canvas))
        pictures.append(picture)
        passed.append(Passed(memory, full=row in computed))
    return pictures, passed
