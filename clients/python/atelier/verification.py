"""What a file is, of whomever it is: what the studio finds of it, and the question."""

from __future__ import annotations

from pathlib import Path

from atelier.calls import Call, reader
from atelier.errors import BadInput
from atelier.flow import Flow, ReadFile, request
from atelier.models.answers import AllowedUses as AllowedUses
from atelier.models.answers import Ingredient as Ingredient
from atelier.models.answers import Issuer as Issuer
from atelier.models.answers import OwnPicture as OwnPicture
from atelier.models.answers import Verification as Verification
from atelier.retry import Retry


def verify(file: Path | str | bytes, retry: Retry) -> Flow[Verification]:
    """Ask what a file is. Raises OSError where it cannot be read, BadInput for an empty one."""
    data = file if isinstance(file, bytes) else (yield ReadFile(Path(file)))
    if not isinstance(data, bytes):
        raise TypeError("a file was read without an outcome")
    if not data:
        raise BadInput("the file is empty")
    name = "file" if isinstance(file, bytes) else Path(file).name
    call: Call[Verification] = Call("POST", "/verify", reader(Verification), files={"file": (name, data)})
    return (yield from request(call, retry))
