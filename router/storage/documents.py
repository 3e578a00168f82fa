"""Documents in text columns: each has a version, and is read by a tolerant reader that knows the way from older ones.

What a newer release has added is passed over. What cannot be read is `UnreadableDocument`, never a crash of whoever
reads the row: one document that nobody understands must not stop the others.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Generic, TypeAlias, TypeVar, cast

from pydantic import TypeAdapter, ValidationError

T = TypeVar("T")

Body: TypeAlias = dict[str, Any]
Converter: TypeAlias = Callable[[Body], Body]
"""Takes the body of one version to that of the next."""

_VERSION = "document_version"
_REMEMBERED = 1024  # documents of a kind


class UnreadableDocument(Exception):
    """This release cannot make sense of a stored document. Its text says which and why, in one line."""


class Document(Generic[T]):
    """A kind of stored document: its type, its version, and its converters by the version that they read.

    Objects carry their version in the key `document_version` (1 where it is absent); arrays have none and are of
    version 1 for ever.
    """

    def __init__(
        self, name: str, type: Any, converters: Mapping[int, Converter] | None = None, repeats: bool = False
    ) -> None:
        """The newest version is the one after the last converter's. Of one that `repeats`, few different ones are read
        over and over (they must be frozen): the last ones are remembered. Raises `ValueError` for a gap between
        versions."""
        self.name = name
        self._adapter: TypeAdapter[T] = TypeAdapter(type)
        self._converters = dict(converters or {})
        self.version = len(self._converters) + 1
        self._head = f'{{"{_VERSION}":{self.version}'
        # Such text may hold what is no Unicode, as JSON's escapes can write it; only Python's own JSON takes that.
        self._is_free = type == dict[str, Any]
        if sorted(self._converters) != list(range(1, self.version)):
            raise ValueError(f"converters of {name} must lead from version 1 to the newest, one by one")
        self._parsed = lru_cache(_REMEMBERED)(self._parse) if repeats else self._parse

    def write(self, value: T) -> str:
        """`value` as one line of JSON of the newest version."""
        if self._is_free:
            return json.dumps({_VERSION: self.version, **cast(Body, value)}, separators=(",", ":"))
        text = self._adapter.dump_json(value).decode()
        return text if text.startswith("[") else self._head + ("," if text != "{}" else "") + text[1:]

    def read(self, text: str) -> T:
        """What `text` holds, whichever version wrote it. Raises `UnreadableDocument`."""
        try:
            return self._parsed(text)
        except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
            raise UnreadableDocument(f"the {self.name} cannot be read by this release: {_reason(error)}") from None

    def _parse(self, text: str) -> T:
        if (today := self._without_version(text)) is not None:
            read: T = self._adapter.validator.validate_json(today, extra="ignore")
            return read
        body = json.loads(text)
        if isinstance(body, dict):
            body = self._convert(body)
        return self._adapter.validate_python(body, extra="ignore")

    def _without_version(self, text: str) -> str | None:
        """What this version wrote, to be read in one go; None for anything else."""
        if text.startswith("["):
            return text
        head = self._head + ","
        return "{" + text[len(head) :] if text.startswith(head) and not self._is_free else None

    def _convert(self, body: Body) -> Body:
        version = body.pop(_VERSION, 1)
        if not isinstance(version, int) or version < 1:
            raise ValueError(f"{version!r} is no version")
        for known in range(version, self.version):
            body = self._converters[known](body)
        return body


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        return f"{'.'.join(str(part) for part in first['loc']) or 'it'}: {first['msg']}"
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
