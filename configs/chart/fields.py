"""What the chart's values are made of: names in Kubernetes' spelling, and no place for a secret itself."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

from configs.frozen import Frozen

Quantity = Annotated[str, StringConstraints(pattern=r"^[0-9]+(\.[0-9]+)?(m|Ki|Mi|Gi|Ti|k|M|G|T)?$")]
"""Of Kubernetes: `500m`, `16Gi`."""
ObjectName = Annotated[str, StringConstraints(pattern=r"^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?)?$")]
"""Of something in Kubernetes; empty where there is none."""
Labels = dict[str, str]
NAMES_A_SECRET = "(?i)(passw|secret|token|credential|(api|access|account)_?key|connection_?string|database_url)"
"""Names of settings whose values belong into a Secret."""


class ChartValue(Frozen):
    """A part of the values: camelCase outside, closed."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True)


class SecretKey(ChartValue):
    """Where a secret lies: a Secret of the namespace, and a key in it. It is named here, never written."""

    name: ObjectName = Field(default="", description="of the Secret")
    key: str = Field(default="", pattern=r"^[A-Za-z0-9._-]*$", description="in it")


class Resources(ChartValue):
    """What a container is given: as much as it asks for, so that nobody takes it away."""

    cpu: Quantity = "1"
    memory: Quantity = "2Gi"
