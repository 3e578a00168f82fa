"""The place that a `blob_url` names, opened: nothing is asked of it yet."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from obstore.exceptions import BaseError
from obstore.store import AzureStore, GCSStore, LocalStore, ObjectStore, S3Store, from_url

from configs.errors import ConfigError

# Whoever uses the store waits and tries again, so that obstore, which does for three minutes, need not.
_RETRY: dict[str, Any] = {
    "max_retries": 2,
    "retry_timeout": timedelta(seconds=10),
    "backoff": {"max_backoff": timedelta(seconds=1)},
}
# A whole answer has 30 seconds by default, in which no large file comes through a narrow line: here a part of it has.
# An endpoint that somebody wrote as http:// is meant as such.
_CLIENT: dict[str, Any] = {
    "connect_timeout": timedelta(seconds=5),
    "read_timeout": timedelta(seconds=30),
    "timeout": timedelta(hours=1),
    "allow_http": True,
}
_HASTY: dict[str, Any] = {"read_timeout": timedelta(seconds=4), "connect_timeout": timedelta(seconds=2)}

_FORMS = "write az://container, s3://bucket, gs://bucket or file:///folder, and leave keys to the environment"


def open_url(url: str, hasty: bool = False) -> ObjectStore:
    """The store, with patience for large files, or with little where it is `hasty`. Raises `ConfigError`, which tells
    nothing of the URL that may be secret, when no files can be kept there."""
    parts = urlsplit(url)
    if "@" in parts.netloc and not parts.scheme.startswith("abfs") or parts.query:
        raise ConfigError(f"blob_url must hold no keys: {_FORMS} (AZURE_STORAGE_…, AWS_…)", "blob_url")
    if parts.scheme == "file" and not parts.netloc and parts.path != "":
        return open_folder(Path(unquote(parts.path)))
    try:
        client = _CLIENT | (_HASTY if hasty else {})
        store = from_url(url, retry_config=_RETRY, client_options=client)  # type: ignore[call-overload]
    except (ValueError, BaseError) as error:
        raise ConfigError(f"blob_url '{url}' cannot be used ({_first_line(error)}): {_FORMS}", "blob_url") from None
    if not isinstance(store, (AzureStore, S3Store, GCSStore)):
        raise ConfigError(f"blob_url '{url}' is no place that keeps files: {_FORMS}", "blob_url")
    return store


def open_folder(folder: Path) -> ObjectStore:
    """Files under `folder`, which is made if it is not there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return LocalStore(prefix=folder)
    except (OSError, ValueError, BaseError) as error:
        why = getattr(error, "strerror", None) or _first_line(error)
        raise ConfigError(
            f"no files can be kept in {folder} ({why}): correct 'blob_url' or 'state'", "blob_url"
        ) from None


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
