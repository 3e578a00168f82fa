"""What the hub's library raises, and what it cannot do, as sentences that say what to do."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from configs.errors import ConfigError
from configs.weights import Weights

_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR)
_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")
CONNECT = "is not in the local cache and the hub does not answer: connect once, or use 'weights.path'"


@contextmanager
def plainly(weights: Weights, owner: str, silent: str = CONNECT) -> Iterator[None]:
    """Turn what the hub's library raises into ConfigError; `silent` is said of a repository whose hub is."""
    from httpx2 import InvalidURL
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
    except (ImportError, ValueError, InvalidURL) as error:  # what its HTTP library has for addresses of proxies
        if not (_set_variables() and (isinstance(error, InvalidURL) or "proxy" in str(error).lower())):
            raise
        reason = f"the hub cannot be asked for '{weights.repo}', since a proxy's address is none that can be used"
        raise ConfigError(f"{owner}: {reason}.{_set_variables()}", "weights.repo") from None


def _set_variables() -> str:
    """A sentence that names the variables which the hub's library obeys, where any is set."""
    names = [name for name, value in os.environ.items() if value and name.upper() in _VARIABLES]
    return f" It obeys {', '.join(sorted(names))}: correct what is wrong, or unset it." if names else ""


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
    # Without a file's name it is no file of the cache, but that of the certificates.
    if isinstance(error, OSError) and error.errno in _FORBIDDEN and (error.filename or not _set_variables()):
        place = error.filename or "the cache"
        return f"'{weights.repo}' cannot be kept ({place}: {error.strerror}): set ATELIER_WEIGHTS to a folder of yours."
    first = next(iter(str(error).splitlines()), type(error).__name__)
    return f"'{weights.repo}' {silent} ({first}).{_set_variables()}"


def offline(weights: Weights, owner: str) -> str:
    """What is said of a repository that is not here, where nothing may be fetched."""
    return (
        f"{owner}: '{weights.repo}' at {weights.revision} is not whole in the local cache, and nothing is fetched "
        "while ATELIER_OFFLINE or HF_HUB_OFFLINE is set. Unset it once, or copy them here and set 'weights.path'."
    )
