"""What one call for a batch says, whether it came as JSON or beside a CSV file, and the lines that it stands for."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from configs.errors import InvalidRequest
from configs.frozen import Frozen
from configs.rows import RowError
from router.batches.model import Line, Way

ALL = "all"
"""What stands for every asset type."""

_SWEPT = {
    "asset_type": "asset types",
    "model": "models",
    "quality": "qualities",
    "lora": "settings of LoRAs",
    "seed": "seeds",
    "way": "ways of drawing",
}


def _split(said: Any) -> Any:
    """`icon,logo` of an address, where a list may be one text."""
    if isinstance(said, str):
        return _split([said])
    if isinstance(said, list | tuple) and all(isinstance(one, str) for one in said):
        return [part.strip() for one in said for part in one.split(",") if part.strip()]
    return said


Several = Annotated[tuple[Annotated[str, Field(max_length=64)], ...], BeforeValidator(_split), Field(max_length=64)]
Seeds = Annotated[tuple[Annotated[int, Field(ge=0, lt=2**32)], ...], BeforeValidator(_split), Field(max_length=1000)]


class BatchSweep(Frozen):
    """What is said for all rows: each row is drawn once for every combination of what is listed."""

    name: str = Field(default="", max_length=100, description="to know the batch by")
    asset_types: Several = Field(default=(), description="Ids of GET /asset-types, or `all`")
    models: Several = Field(default=(), description="Ids of GET /models")
    qualities: Several = ()
    loras: Annotated[
        tuple[Annotated[str, Field(max_length=300)], ...], BeforeValidator(_split), Field(max_length=64)
    ] = Field(
        default=(),
        description="Settings of LoRAs, each as a cell of a file has it: `icons@0.4`, "
        "`icons@1.2.0@0.4` of a version, or several with `;` between",
        examples=[["icons@0.4", "icons@0.8"]],
    )
    seeds: Seeds = ()
    skip_invalid: bool = Field(default=False, description="Leave rows out that are wrong, rather than refuse all")
    dry_run: bool = Field(default=False, description="Answer 200 with what would be done, and do nothing")

    def axes(self, asset_types: Sequence[str]) -> dict[str, tuple[Any, ...]]:
        """What is swept, by the field of a request; `asset_types` are all that there are."""
        types = tuple(asset_types) if self.asset_types == (ALL,) else self.asset_types
        said = {"asset_type": types, "model": self.models, "quality": self.qualities, "lora": self.loras}
        return {name: values for name, values in {**said, "seed": self.seeds}.items() if values}


class BatchBody(BatchSweep):
    """Many pictures in one call: `prompts`, or `rows` that say more each, times all that is swept."""

    prompts: tuple[str, ...] = Field(default=(), description="What each row shows, in plain words")
    rows: tuple[dict[str, Any], ...] = Field(
        default=(), description="Requests as POST /generate takes them, in place of `prompts`"
    )

    def lines(self) -> tuple[Line, ...]:
        """Its rows, numbered from 1. Raises `InvalidRequest` where it has none, or two kinds of them."""
        if bool(self.prompts) == bool(self.rows):
            which = "give one of prompts and rows, not both" if self.rows else "give prompts, or rows"
            raise InvalidRequest(f"{which}: a batch is a list of one of them", "prompts")
        rows: Sequence[Mapping[str, Any]] = self.rows or [{"prompt": prompt} for prompt in self.prompts]
        return tuple(Line(number, row) for number, row in enumerate(rows, start=1))


def count_jobs(lines: Sequence[Line], axes: Mapping[str, Sequence[Any]], most: int) -> int:
    """How many jobs they are. Raises `InvalidRequest` for more than a batch may be."""
    jobs = len(lines)
    for values in axes.values():
        jobs *= len(values)
    if jobs <= most:
        return jobs
    if not axes:
        raise InvalidRequest(f"{jobs:,} rows are more than a batch may have, which is {most:,}: split them", "rows")
    times = " x ".join(f"{len(values)} {_SWEPT[name]}" for name, values in axes.items())
    message = f"{len(lines):,} rows x {times} are {jobs:,} jobs, and a batch may be {most:,}: split it"
    raise InvalidRequest(message, "rows")


def find_overlaps(lines: Sequence[Line], axes: Mapping[str, Sequence[Any]]) -> Iterator[RowError]:
    """Rows that say for themselves what all are swept over: which of the two is meant, nobody can tell."""
    for line in lines:
        for name in axes:
            if name in line.fields:
                message = f"it has its own, and all rows are drawn with each of the {_SWEPT[name]}: say it in one place"
                yield RowError(line=line.number, field=name, message=message)


def expand(
    lines: Sequence[Line], axes: Mapping[str, Sequence[Any]], ways: Sequence[Way | None] = (None,)
) -> Iterator[Line]:
    """Each line once for every combination of what is swept, in the order in which the axes are written, and of the
    ways in which it is drawn."""
    for line in lines:
        for *values, way in itertools.product(*axes.values(), ways):
            yield Line(line.number, {**line.fields, **dict(zip(axes, values, strict=True))}, way)
