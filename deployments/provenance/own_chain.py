"""The chain that a studio makes for itself: once, in its state folder, whoever of many processes comes first."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from configs.errors import ConfigError
from deployments.provenance.certificate import make_chain

FOLDER = "credentials"
CHAIN, KEY = "certificate.pem", "key.pem"


def own_chain(state: Path) -> tuple[bytes, bytes]:
    """The chain and its key, made if there is none. Both appear at once, as a folder that is renamed into its place:
    whoever comes second finds those of the first. Raises `ConfigError` where they cannot be kept or read."""
    folder = state / FOLDER
    try:
        if not (folder / KEY).exists():
            _make(folder)
        return (folder / CHAIN).read_bytes(), (folder / KEY).read_bytes()
    except OSError as error:
        raise ConfigError(
            f"content credentials: {folder} cannot be read or made ({error.strerror or error}): make the state folder "
            "writable, give a certificate and a key in the profile, or write 'credentials: {enabled: false}'",
            "credentials",
        ) from None


def _make(folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{FOLDER}-", dir=folder.parent))  # readable for its owner alone
    try:
        for name, data in zip((CHAIN, KEY), make_chain(), strict=True):
            with open(os.open(made / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        with suppress(OSError):  # somebody was faster: theirs is there, whole
            os.rename(made, folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)
