"""Where weights lie on this machine: in a folder of the installation, or fetched once from the hub or a blob store."""

from __future__ import annotations

import logging
from pathlib import Path

from configs.errors import ConfigError
from configs.text import one_line
from configs.weights import Weights
from deployments.checkpoints.commits import check_files, gone, settle
from deployments.checkpoints.contents import Contents, contents, texts
from deployments.checkpoints.hashes import content_hash
from deployments.checkpoints.hub import fetch_repo
from deployments.checkpoints.mirror import fetch_url
from deployments.checkpoints.progress import Lines, Report

log = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[2]
LORA_FILES = ("*.safetensors",)


def locate(weights: Weights, owner: str, files: tuple[str, ...] | None = None, report: Report | None = None) -> Path:
    """The folder that `weights` names, or the file where it names one, fetched first if it is not here.

    A relative path starts at the repository root. `owner` is how messages call the one who asks, for example
    `model 'mini'`. `files` are patterns of what is wanted, by default what a checkpoint of its layout consists of.
    Raises ConfigError when it is not there or cannot be fetched.
    """
    wanted = Contents(files) if files is not None and weights.file is None else contents(weights)
    folder = _folder(weights, owner, wanted, report or Lines())
    place = folder if weights.file is None else folder / weights.file
    if weights.file is not None and not place.exists():
        raise ConfigError(
            f"{owner}: {weights} has no {weights.file}: check 'weights.file' in its YAML.", "weights.file"
        )
    if weights.file is None and files is None:
        _check_components(weights, folder, owner)
    return place


def locate_config(weights: Weights, owner: str, report: Report | None = None) -> Path:
    """The folder with the configs and tokenizers of a checkpoint in one file. Raises ConfigError."""
    if weights.config is None:
        raise ConfigError(
            f"{owner}: a checkpoint in one file needs 'weights.config', a folder or repository with the configs and "
            "tokenizers of its kind.",
            "weights.config",
        )
    return _folder(weights.config, owner, texts(weights.config), report or Lines())


def display(path: Path) -> str:
    """A path as messages show it: relative to the installation where it lies inside, and one plain line."""
    return one_line(str(from_root(path)))


def from_root(path: Path) -> Path:
    """A path as a YAML may name it: relative to the installation where it lies inside."""
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


def _folder(weights: Weights, owner: str, wanted: Contents, report: Report) -> Path:
    root = _root(weights, owner, wanted, report)
    folder = root if weights.folder is None else root / weights.folder
    if not folder.exists():
        message = f"{owner}: {weights} has no folder '{weights.folder}': check 'weights.folder' in its YAML."
        raise ConfigError(message, "weights.folder")
    return folder


def _root(weights: Weights, owner: str, wanted: Contents, report: Report) -> Path:
    if weights.moving:
        return _settled(weights, owner, wanted, report)
    if weights.unpinned is not None:
        log.warning("%s: %s is not pinned and may change: %s", owner, weights, weights.unpinned)
    if weights.repo is not None:
        return fetch_repo(weights, owner, wanted, report)
    if weights.url is not None:
        return fetch_url(weights, owner, wanted, report)
    if weights.sha256 is not None:
        raise ConfigError(
            f"{owner}: {weights} lies in the studio's file store, which is not read here.", "weights.sha256"
        )
    path = ROOT / (weights.path or "")
    if not path.exists():
        raise ConfigError(
            f"{owner}: its weights '{weights.path}' do not exist under the installation's folder. "
            "Put them there, or correct 'weights.path' in its YAML.",
            "weights.path",
        )
    return path


def _settled(weights: Weights, owner: str, wanted: Contents, report: Report) -> Path:
    """The folder of a repository at a branch: at the commit, and with the files, of its first fetch."""
    settled = settle(weights, owner)
    try:
        folder = fetch_repo(settled, owner, wanted, report)
    except ConfigError as error:
        if error.field == "weights.revision":
            raise gone(weights, owner, settled.revision or "") from None
        raise
    files = {file.relative_to(folder).as_posix(): file for file in folder.rglob("*") if file.is_file()}
    check_files(weights, owner, {name: content_hash(file) for name, file in files.items() if name in wanted})
    return folder


def _check_components(weights: Weights, folder: Path, owner: str) -> None:
    missing = [name for name in weights.components if not (folder / name).is_dir()]
    if missing:
        raise ConfigError(
            f"{owner}: {display(folder)} has no {', '.join(missing)}, which its YAML expects: "
            "fetch it whole, or correct 'weights.components'.",
            "weights.components",
        )
