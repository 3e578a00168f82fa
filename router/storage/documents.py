"""Documents in text columns: each has a version, and is read by a tolerant reader that knows the way from older ones.

What a newer release has added is passed over. What cannot be read is `UnreadableDocument`, never a crash of whoever
reads the row: one document that nobody understands must not stop the others.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeAlias, TypeVar, get_origin

from pydantic import TypeAdapter, ValidationError

T = TypeVar("T")

Body: TypeAlias = dict[str, Any]
Converter: TypeAlias = Callable[[Body], Body]
"""Takes the body of one version to that of the next."""

_VERSION = "document_version"


class UnreadableDocument(Exception):
    """This release cannot make sense of a stored document. Its text says which and why, in one line."""


class Document(Generic[T]):
    """A kind of stored document: its type, its version, and its converters by the version that they read.

    Objects carry their version in the key `document_version` (1 where it is absent); arrays have none and are of
    version 1 for ever.
    """

    def __init__(self, name: str, type: Any, converters: Mapping[int, Converter] | None = None) -> None:
        """The newest version is the one after the last converter's. Raises `ValueError` for a gap between them."""
        self.name = name
        self._adapter: TypeAdapter[T] = TypeAdapter(type)
        self._converters = dict(converters or {})
        self.version = len(self._converters) + 1
        # What this version wrote is read in one go, but for free dictionaries, in which the version would stay.
        self._prefix = "" if _is_free(type) else f'{{"{_VERSION}":{self.version},'
        if sorted(self._converters) != list(range(1, self.version)):
            raise ValueError(f"converters of {name} must lead from version 1 to the newest, one by one")

    def write(self, value: T) -> str:
        """`value` as one line of JSON of the newest version."""
        body = self._adapter.dump_python(value, mode="json")
        if isinstance(body, dict):
            body = {_VERSION: self.version, **body}
        return json.dumps(body, separators=(",", ":"))

    def read(self, text: str) -> T:
        """What `text` holds, whichever version wrote it. Raises `UnreadableDocument`."""
        try:
            if self._prefix and text.startswith(self._prefix):
                return self._adapter.validate_json(text, extra="ignore")
            body = json.loads(text)
            if isinstance(body, dict):
                body = self._convert(body)
            return self._adapter.validate_python(body, extra="ignore")
        except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
            raise UnreadableDocument(f"the {self.name} cannot be read by this release: {_reason(error)}") from None

    def _convert(self, body: Body) -> Body:
        version = body.pop(_VERSION, 1)
        if not isinstance(version, int) or version < 1:
            raise ValueError(f"{version!r} is no version")
        for known in range(version, self.version):
            body = self._converters[known](body)
        return body


def _is_free(type: Any) -> bool:
    return get_origin(type) is dict


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        return f"{'.'.join(str(part) for part in first['loc']) or 'it'}: {first['msg']}"
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
