"""Where weights come from, as data: every source is safetensors or GGUF, and pinned, or says why it is not."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from configs.frozen import Frozen

_COMMIT = re.compile(r"^[0-9a-f]{40}$")
_SCHEMES = ("az://", "s3://", "gs://", "https://", "http://")
TENSORS = (".safetensors", ".gguf")
TEXTS = (".json", ".txt", ".model", ".jinja")
SUFFIXES = TENSORS + TEXTS
"""What is fetched of a checkpoint: never a pickle (.bin, .pt, .ckpt), which can run code when it is read."""


def _name(value: str) -> str:
    if value.startswith("/") or any(part in ("", ".", "..") for part in value.split("/")):
        raise ValueError(f"'{value}' is not a file's name inside the folder")
    if not value.endswith(SUFFIXES):
        raise ValueError(f"'{value}' is not of a kind that is fetched: {', '.join(SUFFIXES)}")
    return value


FileName = Annotated[str, AfterValidator(_name)]
FolderName = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9_-][A-Za-z0-9_.-]*(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*$")
]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Component = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,64}$")]


class Weights(Frozen):
    """A folder of this installation (`path`), a hub repository at one commit, a blob or web folder (`url`), or a file
    in the studio's own file store, by what it holds (`sha256`).

    `components` are the folders of a diffusers pipeline that are used; others stay where they are. With `file` one
    file is meant: a LoRA, an adapter, or a whole checkpoint, whose configs and tokenizers come from `config`; so do
    the weights of the components that `config` names. A GGUF file holds a transformer and nothing else.
    """

    path: str | None = None
    sha256: Sha256 | None = Field(default=None, description="of a file that was brought to the studio: POST /loras")
    size_bytes: int | None = Field(default=None, gt=0, description="of that file")
    repo: str | None = None
    revision: str | None = Field(default=None, description="a commit of the repository, 40 hex digits")
    url: str | None = Field(default=None, description="az://…, s3://…, gs://… or https://…; keys in the environment")
    unpinned: str | None = Field(
        default=None,
        min_length=1,
        description="why no commit or hash pins it; such a repository stays at the commit of its first fetch",
    )
    layout: Literal["diffusers", "model"] = Field(
        default="diffusers", description="model: one model's files, no folders"
    )
    components: tuple[Component, ...] = Field(default=(), description="folders expected in a diffusers pipeline")
    precision: Literal["fp16", "bf16"] | None = Field(
        default=None, description="of model.fp16.safetensors and its like"
    )
    folder: FolderName | None = Field(
        default=None, description="the folder inside that is meant, such as models/image_encoder"
    )
    file: FileName | None = Field(default=None, description="the one file that is meant")
    config: Weights | None = Field(default=None, description="folder with the configs of a checkpoint in one file")
    files: dict[FileName, Sha256] = Field(default={}, description="name -> SHA-256, checked when they are fetched")

    @model_validator(mode="after")
    def _one_source(self) -> Weights:
        if [self.path, self.repo, self.url, self.sha256].count(None) != 3:
            raise ValueError(
                "give either 'path' (a local folder), 'repo' (a hub repository), 'url' (a blob folder) or 'sha256' (a "
                "file that was brought to the studio)"
            )
        if self.sha256 is None and self.size_bytes is not None:
            raise ValueError("'size_bytes' belongs to 'sha256'")
        if self.sha256 is not None and (self.file is not None or self.folder is not None):
            raise ValueError("'sha256' is one file: leave 'file' and 'folder'")
        if self.repo is not None:
            self._check_repo()
        if self.url is not None:
            self._check_url(self.url)
        if self.file is not None and not self.file.endswith(TENSORS):
            raise ValueError(f"'file' must be a safetensors file, or the GGUF of a transformer, not '{self.file}'")
        if self.config is not None and self.file is None:
            raise ValueError("'config' belongs to a checkpoint in one file: give 'file' too")
        if self.is_gguf and self.config is None:
            raise ValueError("a GGUF holds a model's transformer: give 'config', where its other components come from")
        return self

    def _check_repo(self) -> None:
        if self.revision is None:
            raise ValueError("'repo' needs 'revision', so that the same weights load tomorrow")
        if not self.commit and self.unpinned is None:
            raise ValueError(
                f"'revision: {self.revision}' can move: write the commit (40 hex digits), or say in 'unpinned' why "
                "none is known; it then stays at the commit of its first fetch"
            )

    def _check_url(self, url: str) -> None:
        if not url.startswith(_SCHEMES):
            raise ValueError(f"'url' must begin with one of {', '.join(_SCHEMES)}")
        if "?" in url or "@" in url:
            raise ValueError("'url' must hold no keys: leave them to the environment (AZURE_STORAGE_…, AWS_…)")
        if url.startswith("http://") and not self.files:
            raise ValueError(
                "'http://' can be changed on its way: give the SHA-256 of each file in 'files', or use https"
            )
        if not self.files and self.unpinned is None:
            raise ValueError("'url' needs 'files' (name: SHA-256), or say in 'unpinned' why there are none")

    @property
    def is_gguf(self) -> bool:
        """Whether it is a transformer in a GGUF file."""
        return self.file is not None and self.file.endswith(".gguf")

    @property
    def commit(self) -> bool:
        """Whether `revision` is a commit, which never changes."""
        return _COMMIT.match(self.revision or "") is not None

    @property
    def moving(self) -> bool:
        """Whether it is a repository at no commit: it stays at the one of its first fetch on this installation."""
        return self.repo is not None and not self.commit

    def __str__(self) -> str:
        """As messages name it, for example `black-forest-labs/FLUX.1-dev`."""
        return self.repo or self.url or self.path or f"file {self.sha256}"
