"""The secret that Ray's dashboard and job API ask for: made at the first start, readable by this user only."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from configs.errors import ConfigError

PLACE = "RAY_AUTH_TOKEN_PATH"
_GIVEN = "RAY_AUTH_TOKEN"


def token_file(state: Path, environment: Mapping[str, str]) -> Path:
    """The file with the secret: the one that `environment` names, or `ray-token` in the state folder, made if it is
    not there. Raises `ConfigError` when Ray could not read it."""
    named = environment.get(PLACE)
    file = Path(named) if named else state / "ray-token"
    if environment.get(_GIVEN):
        return file  # which Ray does not look at
    try:
        if not named and _is_blank(file):
            _write(file)
        blank = not file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(_refusal(file, named, getattr(error, "strerror", None) or "not text")) from None
    if blank:
        raise ConfigError(_refusal(file, named, "it is empty"))
    return file


def _refusal(file: Path, named: str | None, why: str) -> str:
    if named:
        return f"the token of Ray that {PLACE} names cannot be used ({file}: {why}): name another, or unset {PLACE}"
    return (
        f"the token of Ray's dashboard cannot be used ({file}: {why}): run as the user who made it, "
        f"delete it so that a new one is made, or name another with {PLACE}"
    )


def _is_blank(file: Path) -> bool:
    """Whether it is missing, or was left without content by a start that broke off."""
    return not file.exists() or (file.is_file() and file.stat().st_size == 0)


def _write(file: Path) -> None:
    """Whole or not at all; of two starts at once, one makes it and both take that."""
    with tempfile.NamedTemporaryFile("w", dir=file.parent) as stream:  # readable by this user only
        stream.write(secrets.token_hex(32))
        stream.flush()
        file.unlink(missing_ok=True)
        with suppress(FileExistsError):
            os.link(stream.name, file)
