"""The place that a `blob_url` names, opened: nothing is asked of it yet."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from obstore.exceptions import BaseError
from obstore.store import AzureStore, GCSStore, LocalStore, ObjectStore, S3Store, from_url

from configs.errors import ConfigError

_FORMS = "write az://container, s3://bucket, gs://bucket or file:///folder, and leave keys to the environment"


def open_url(url: str) -> ObjectStore:
    """Raises `ConfigError`, which tells nothing of the URL that may be secret, when no files can be kept there."""
    parts = urlsplit(url)
    if "@" in parts.netloc and not parts.scheme.startswith("abfs") or parts.query:
        raise ConfigError(f"blob_url must hold no keys: {_FORMS} (AZURE_STORAGE_…, AWS_…)", "blob_url")
    if parts.scheme == "file" and not parts.netloc and parts.path != "":
        return open_folder(Path(unquote(parts.path)))
    try:
        store = from_url(url)
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
