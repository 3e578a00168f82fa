"""What the hub's library raises, and what it cannot do, as sentences that say what to do."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from configs.errors import ConfigError
from configs.weights import Weights

_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR)
CONNECT = "is not in the local cache and the hub does not answer: connect once, or use 'weights.path'"


@contextmanager
def plainly(weights: Weights, owner: str, silent: str = CONNECT) -> Iterator[None]:
    """Turn what the hub's library raises into ConfigError; `silent` is said of a repository whose hub is."""
    from huggingface_hub import errors

    try:
        yield
    except errors.GatedRepoError as error:
        raise ConfigError(f"{owner}: {_gated(weights, error)}", "weights.repo") from None
    except errors.RepositoryNotFoundError:
        reason = "does not exist on the hub, or needs HF_TOKEN: check 'weights.repo'"
        raise ConfigError(f"{owner}: '{weights.repo}' {reason}.", "weights.repo") from None
    except errors.RevisionNotFoundError:
        reason = f"has no revision '{weights.revision}': check 'weights.revision'"
        raise ConfigError(f"{owner}: '{weights.repo}' {reason}.", "weights.revision") from None
    except (errors.HTTPError, OSError, RuntimeError) as error:  # type: ignore[attr-defined]
        raise ConfigError(f"{owner}: {_broken(weights, error, silent)}", "weights.repo") from None


def _gated(weights: Weights, error: Any) -> str:
    from huggingface_hub import constants, get_token

    page = f"{constants.ENDPOINT}/{weights.repo}"
    if get_token() is None:
        return f"'{weights.repo}' is gated: accept its licence at {page}, then set HF_TOKEN to a token of that account."
    reason = (
        "does not know the token in use" if error.response.status_code == 401 else "refuses the account of HF_TOKEN"
    )
    return f"'{weights.repo}' is gated and the hub {reason}: accept its licence at {page} with that account."


def _broken(weights: Weights, error: Exception, silent: str) -> str:
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return f"the disk is full while fetching '{weights.repo}'. Make room and start again: what has come is kept."
    if isinstance(error, OSError) and error.errno in _FORBIDDEN:
        place = error.filename or "the cache"
        return f"'{weights.repo}' cannot be kept ({place}: {error.strerror}): set ATELIER_WEIGHTS to a folder of yours."
    first = next(iter(str(error).splitlines()), type(error).__name__)
    return f"'{weights.repo}' {silent} ({first})."


def offline(weights: Weights, owner: str) -> str:
    """What is said of a repository that is not here, where nothing may be fetched."""
    return (
        f"{owner}: '{weights.repo}' at {weights.revision} is not whole in the local cache, and nothing is fetched "
        "while ATELIER_OFFLINE or HF_HUB_OFFLINE is set. Unset it once, or copy them here and set 'weights.path'."
    )
