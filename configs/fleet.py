"""What machines with GPUs there can be, and what they cost: one source for ledger, planner, chart, simulation, prices.

`configs/fleets/<id>.yaml`. Prices are what somebody read somewhere on a day: data with a source, never a constant.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import Field, StringConstraints, model_validator

from configs.frozen import Frozen
from configs.schema import Identifier
from configs.service import NodeBounds
from configs.text import Line

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Label = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]([A-Za-z0-9._/-]{0,120}[A-Za-z0-9])?$")]
"""A key or a value of a label, as Kubernetes and Ray take both."""
RAY_KIND = "ray.io/accelerator-type"


class Price(Frozen):
    """What a node costs while it runs, as somebody read it on a day; 0 for a machine of one's own."""

    per_hour: float = Field(ge=0, allow_inf_nan=False, description="of a node with all its GPUs")
    currency: Currency = "USD"
    source: Line
    read_on: date


class FixedCost(Frozen):
    """What a month costs whether or not anybody draws: a database, a registry, the front door."""

    name: Line
    per_month: float = Field(ge=0, allow_inf_nan=False, description="at least")
    up_to: float | None = Field(default=None, ge=0, allow_inf_nan=False, description="where it is not always the same")
    currency: Currency = "USD"
    source: Line
    read_on: date


class Grant(Frozen):
    """What a provider gives for nothing each month, of nodes whose price is in part their CPUs and memory."""

    cpu_seconds: float = Field(ge=0, allow_inf_nan=False)
    memory_gb_seconds: float = Field(ge=0, allow_inf_nan=False)
    per_cpu_second: float = Field(ge=0, allow_inf_nan=False, description="what it would cost")
    per_memory_gb_second: float = Field(ge=0, allow_inf_nan=False)
    source: Line
    read_on: date

    def worth(self, node_seconds: float, cpus: float, memory_gb: float) -> float:
        """Of a month in which nodes with so much each were paid for."""
        cpu, memory = node_seconds * cpus, node_seconds * memory_gb
        return (
            min(cpu, self.cpu_seconds) * self.per_cpu_second
            + min(memory, self.memory_gb_seconds) * self.per_memory_gb_second
        )


class Toleration(Frozen):
    """That replicas may run where a node says who must not, as Kubernetes has it."""

    key: Label
    value: str = ""
    effect: Annotated[str, StringConstraints(pattern=r"^(NoSchedule|PreferNoSchedule|NoExecute)$")] = "NoSchedule"


class GpuKind(Frozen):
    """Nodes that are alike: so many GPUs of one sort in each, `min` of them always, `max` at most.

    `speed` is how fast one draws beside the machine on which a model's seconds were measured: half of it takes twice as
    long. `start_seconds` pass between asking for a node and having it in the cluster, image pulled.
    """

    memory_gb: float = Field(gt=0, allow_inf_nan=False, description="of one GPU, in 10^9 bytes")
    gpus_per_node: int = Field(default=1, ge=1, le=64)
    min: int = Field(default=0, ge=0, description="nodes that always run")
    max: int = Field(default=1, ge=0, le=10_000, description="nodes that may run")
    price: Price
    start_seconds: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    idle_seconds: float = Field(
        default=60.0, ge=0, allow_inf_nan=False, description="that an empty node stays, and is paid for"
    )
    speed: float = Field(default=1.0, gt=0, allow_inf_nan=False)
    spot: bool = Field(default=False, description="may be taken away at short notice")
    cpus: float = Field(default=4.0, gt=0, description="of a node")
    cpu_memory_gb: float = Field(default=16.0, gt=0, description="of a node, in 10^9 bytes")
    machine: Line = Field(default="", description="what the provider calls it")
    labels: dict[Label, Label] = Field(default={}, description="of its nodes in Ray: replicas are pinned by them")
    node_selector: dict[Label, str] = Field(default={}, description="of Kubernetes")
    tolerations: tuple[Toleration, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _priced(cls, value: Any) -> Any:
        if isinstance(value, dict) and "price" not in value:
            raise ValueError("has no price: write per_hour, source and read_on (per_hour: 0 for a machine of your own)")
        return value

    @model_validator(mode="after")
    def _ordered(self) -> GpuKind:
        if self.min > self.max:
            raise ValueError("min is larger than max")
        return self

    @property
    def gpus(self) -> int:
        """That there may be."""
        return self.max * self.gpus_per_node

    @property
    def price_per_gpu_hour(self) -> float:
        return self.price.per_hour / self.gpus_per_node


class Fleet(Frozen):
    """The machines of an installation (`configs/fleets/<id>.yaml`); without kinds it has no GPU."""

    id: Identifier
    description: str
    kinds: dict[Identifier, GpuKind] = {}
    fixed: tuple[FixedCost, ...] = Field(default=(), description="that is paid for beside the GPUs")
    granted: Grant | None = Field(default=None, description="that is not paid for, in the currency of the prices")

    @model_validator(mode="after")
    def _tells_kinds_apart(self) -> Fleet:
        told: dict[frozenset[tuple[str, str]], str] = {}
        for name, kind in self.kinds.items():
            labels = frozenset(kind.labels.items())
            if len(self.kinds) > 1 and not labels:
                raise ValueError(f"{name} needs 'labels', for example {RAY_KIND}: by them replicas find its nodes")
            if labels in told:
                raise ValueError(f"{name} and {told[labels]} have the same labels: replicas could not tell them apart")
            told[labels] = name
        currencies = sorted({each.currency for each in self._amounts()})
        if len(currencies) > 1:
            raise ValueError(f"prices are in {' and '.join(currencies)}: convert them to one currency")
        return self

    def bounded(self, bounds: Mapping[str, NodeBounds]) -> Fleet:
        """With so many nodes of some kinds, and without those of which there are none. Raises ValueError."""
        unknown = sorted(bounds.keys() - self.kinds.keys())
        if unknown:
            raise ValueError(
                f"'{unknown[0]}' is no kind of the fleet {self.id}; known: {', '.join(sorted(self.kinds))}"
            )
        given = {name: kind.model_copy(update=dict(bounds.get(name, ()))) for name, kind in self.kinds.items()}
        return self.model_copy(update={"kinds": {name: kind for name, kind in given.items() if kind.max}})

    @property
    def currency(self) -> str:
        """That all its prices are in."""
        return next((each.currency for each in self._amounts()), "USD")

    def _amounts(self) -> Iterator[Price | FixedCost]:
        yield from (kind.price for kind in self.kinds.values())
        yield from self.fixed
