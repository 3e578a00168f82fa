"""Where weights lie: a folder of this installation, or a hub repository pinned by revision and copied here once."""

from __future__ import annotations

from pathlib import Path

from configs.errors import ConfigError
from configs.schema import Weights

ROOT = Path(__file__).resolve().parents[2]

# What a diffusers folder needs; single-file copies at the top of a repository (24 GB for FLUX.1) stay on the hub.
PIPELINE_FILES = ("model_index.json", "*/*.json", "*/*.safetensors", "*/*.txt", "*/*.model")
LORA_FILES = ("*.safetensors",)


def locate(weights: Weights, owner: str, files: tuple[str, ...] = PIPELINE_FILES) -> Path:
    """The folder (or file) that `weights` names, downloaded first if it lives on the hub.

    A relative path starts at the repository root. `owner` is how messages call the one who asks, for example
    `model 'mini'`. Raises ConfigError when it is not there or cannot be fetched.
    """
    if weights.path is None:
        return _download(weights, owner, files)
    path = ROOT / weights.path
    if not path.exists():
        raise ConfigError(
            f"{owner}: its weights '{weights.path}' do not exist under the installation's folder. "
            "Put them there, or correct 'weights.path' in its YAML.",
            "weights.path",
        )
    return path


def display(path: Path) -> str:
    """A path as messages show it: relative to the installation where it lies inside."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def _download(weights: Weights, owner: str, files: tuple[str, ...]) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        LocalEntryNotFoundError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    repo = weights.repo or ""
    try:
        return Path(snapshot_download(repo, revision=weights.revision, allow_patterns=list(files)))
    except GatedRepoError:
        reason = "is gated: accept its licence on the hub, then set HF_TOKEN"
    except RepositoryNotFoundError:
        reason = "does not exist on the hub, or needs HF_TOKEN: check 'weights.repo'"
    except RevisionNotFoundError:
        reason = f"has no revision '{weights.revision}': check 'weights.revision'"
    except (LocalEntryNotFoundError, HfHubHTTPError, OSError):
        reason = "is not in the local cache and the hub does not answer: connect once, or use 'weights.path'"
    raise ConfigError(f"{owner}: '{repo}' {reason}.", "weights.repo")
