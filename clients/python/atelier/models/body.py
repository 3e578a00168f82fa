"""What all answers are: bodies that take fields which came later."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Body(BaseModel):
    """An answer: immutable, and open to fields that came later."""

    model_config = ConfigDict(frozen=True, extra="ignore")
