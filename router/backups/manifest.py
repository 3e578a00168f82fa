"""What a backup says of itself: which dump and which files are in it, each by its SHA-256."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from configs.errors import ConfigError

_NAME = re.compile(r"manifests/(\d{8}T\d{6}Z)-([0-9a-f]{64})\.json")
_SHA256 = r"^[0-9a-f]{64}$"


class _Said(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BackupFile(_Said):
    """`name` is what people know it by."""

    sha256: str = Field(pattern=_SHA256)
    name: str
    size_bytes: int = Field(ge=0)


class Manifest(_Said):
    """`missing` are names of files that rows name and the studio's store had not, or not whole."""

    version: Literal[1] = 1
    made_at: datetime
    schema_: str = Field(alias="schema")
    engine: Literal["sqlite", "postgresql"]
    rows: int = Field(ge=0)
    dump: BackupFile
    files: tuple[BackupFile, ...]
    missing: tuple[str, ...] = ()


def write_manifest(manifest: Manifest) -> tuple[str, bytes]:
    """Its name, which has its time and its own SHA-256, and its bytes."""
    data = manifest.model_dump_json(by_alias=True).encode()
    return f"manifests/{manifest.made_at:%Y%m%dT%H%M%SZ}-{hashlib.sha256(data).hexdigest()}.json", data


def is_manifest(name: str) -> bool:
    """Whether a file of this name is one."""
    return _NAME.fullmatch(name) is not None


def read_manifest(name: str, data: bytes) -> Manifest:
    """Raises `ConfigError` where it is not what was written under its name."""
    named = _NAME.fullmatch(name)
    if named is None or hashlib.sha256(data).hexdigest() != named[2]:
        raise ConfigError(f"the manifest {name} is damaged or was changed: restore from another backup")
    try:
        return Manifest.model_validate_json(data)
    except ValidationError as error:
        raise ConfigError(f"this release cannot read the manifest {name} ({error.error_count()} errors)") from None
