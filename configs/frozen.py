"""What every parsed config is, in a module of its own so that the schema can be more than one file."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """A parsed config: immutable, and without room for keys that nobody reads."""

    model_config = ConfigDict(frozen=True, extra="forbid")
