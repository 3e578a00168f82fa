"""Where the LoRAs come from that requests name: the installation's own list, and what people add while it runs.

What a request names with an `entry` is known by the content of that entry, which names its weights by their content: so
a replica asks once, needs no database, and two versions of one LoRA are two LoRAs to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import Protocol

from pydantic import ValidationError

from configs.errors import (
    BadLora,
    ConfigError,
    DamagedFile,
    FileStoreUnavailable,
    NotFound,
    StageError,
    StageUnavailable,
    TooLarge,
    UnknownName,
)
from configs.schema import AppliedLora, LoraConfig
from deployments.blobs.node_cache import NodeCache
from deployments.checkpoints.source import display
from deployments.loras import files

_ENTRY = ".json"
_LARGEST_ENTRY = 2**20


class LoraSource(Protocol):
    """Any thread may call; a call may take as long as a file takes to arrive."""

    def find(self, use: AppliedLora) -> LoraConfig:
        """What `use` names. Raises UnknownName, StageUnavailable while that cannot be known, and StageError or
        ConfigError for what cannot be used."""
        ...

    def weights(self, use: AppliedLora, config: LoraConfig) -> AbstractContextManager[Path]:
        """Its file on this node, for as long as the context is open. Raises as `find` does."""
        ...


class InstalledLoras:
    """Those of the installation's own list, by id; none that was added later."""

    def __init__(self, loras: Mapping[str, LoraConfig]) -> None:
        self._loras = loras

    def find(self, use: AppliedLora) -> LoraConfig:
        if use.entry or use.lora not in self._loras:
            raise UnknownName(f"there is no {title(use)} here", "loras", tuple(sorted(self._loras)))
        return self._loras[use.lora]

    def weights(self, use: AppliedLora, config: LoraConfig) -> AbstractContextManager[Path]:
        return nullcontext(files.find(config, title(use)))


class StoredLoras:
    """Those whose entries, and files, lie in the blob store under their hashes."""

    def __init__(self, cache: NodeCache) -> None:
        self._cache = cache

    def find(self, use: AppliedLora) -> LoraConfig:
        with self._held(use, use.entry, _ENTRY, _LARGEST_ENTRY) as file:
            body = file.read_bytes()
        try:
            config = LoraConfig.model_validate_json(body)
        except ValidationError:
            message = f"{title(use)}: its entry cannot be read; if the studio was updated, start it anew."
            raise BadLora(message, "loras") from None
        if config.id != use.lora:
            raise BadLora(f"{title(use)}: its entry is of '{config.id}'.", "loras")
        return config

    @contextmanager
    def weights(self, use: AppliedLora, config: LoraConfig) -> Iterator[Path]:
        if config.weights.sha256 is None:
            yield files.find(config, title(use))
            return
        with self._held(use, config.weights.sha256, ".safetensors", files.LARGEST_FILE) as file:
            try:
                yield file
            except ConfigError as error:  # nobody knows it by the name that it has on this node
                message = error.message.replace(display(file), "its file")
                raise type(error)(message, error.field, error.allowed) from None

    @contextmanager
    def _held(self, use: AppliedLora, key: str, suffix: str, largest: int) -> Iterator[Path]:
        with ExitStack() as held:
            with _refusing(use, "entry" if suffix == _ENTRY else "file"):
                file = held.enter_context(self._cache.held(key, suffix, largest, title(use)))
            yield file


class Loras:
    """Both: what a request names with an `entry` is stored, what it names by id alone is installed."""

    def __init__(self, installed: LoraSource, stored: LoraSource) -> None:
        self._installed, self._stored = installed, stored

    def find(self, use: AppliedLora) -> LoraConfig:
        return self._of(use).find(use)

    def weights(self, use: AppliedLora, config: LoraConfig) -> AbstractContextManager[Path]:
        return self._of(use).weights(use, config)

    def _of(self, use: AppliedLora) -> LoraSource:
        return self._stored if use.entry else self._installed


def title(use: AppliedLora) -> str:
    """How messages call it, for example `LoRA 'icons' 1.2.0`."""
    return f"LoRA '{use.lora}' {use.version}".rstrip()


@contextmanager
def _refusing(use: AppliedLora, what: str) -> Iterator[None]:
    """What keeps an entry or a file from arriving, as the answer to the request that needs it."""
    try:
        yield
    except FileStoreUnavailable as error:
        raise StageUnavailable(f"{title(use)} cannot be fetched now: {error.message}") from error
    except DamagedFile:
        raise StageError(f"{title(use)}: its {what} is damaged in the file store: add it again.", "loras") from None
    except NotFound:
        raise StageError(f"{title(use)}: its {what} is not in the file store: add it again.", "loras") from None
    except TooLarge as error:
        raise StageError(f"{title(use)}: its {what} is too large: {error.message}.", "loras") from None
    except OSError as error:
        why = error.strerror or type(error).__name__
        remedy = "make room, or set ATELIER_WEIGHTS to a folder that can be written"
        raise StageUnavailable(f"{title(use)} cannot be kept on its node ({why}): {remedy}") from error
