"""For how many days the drawn pictures of a space may be kept."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Field, model_validator

from configs.frozen import Frozen

Days: TypeAlias = Annotated[int, Field(strict=True, ge=1, le=36_500)]


class RetentionBounds(Frozen):
    """What leads may say of their spaces."""

    least: Days = Field(default=7, description="days that nobody may go below")
    most: Days = Field(default=36_500, description="days; of a space that `retention_days` names, those")

    @model_validator(mode="after")
    def _in_order(self) -> RetentionBounds:
        if self.least > self.most:
            raise ValueError(f"'least' is {self.least}, more than 'most', which is {self.most}: turn them round")
        return self
