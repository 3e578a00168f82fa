"""What is wrong with one row of a list or a file, where many are asked for at once."""

from __future__ import annotations

from pydantic import Field

from configs.frozen import Frozen


class RowError(Frozen):
    """A row that cannot be: where it is, which of its fields, and a sentence for people."""

    line: int = Field(ge=1, description="of the file, or of the list, from 1")
    field: str | None = Field(default=None, description="the column or field at fault; absent for the row as a whole")
    code: str = "invalid_request"
    message: str
