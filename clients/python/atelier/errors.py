"""The errors of the SDK, one tree that mirrors the server's codes, so that callers match on classes, not on numbers.

AtelierError
├── BadAddress               the studio's address is not an http(s) URL
│   └── BadEnvironment       … or a variable on how to get there (proxy, certificates) cannot be used: it is named
├── BadInput                 what was given cannot be sent: the sentence begins with its field
├── Unreachable              no answer: the studio is not running, or not at this address
├── UnexpectedAnswer         something answered, but not as Atelier does
├── EventsLost               a job has ended, but its last events did not arrive in time
│   └── NoStreams            … because something on the way refuses event streams
├── JobFailed                the job ended without all its pictures; `.job` holds those that were finished
│   └── JobCanceled          … because somebody canceled it
└── APIError                 the studio refused: `.code`, `.message`, `.field`, `.allowed`, `.status`
    ├── InvalidRequest       an input is wrong: `.field` names it
    │   ├── UnknownName      … no such model, LoRA, asset type, quality or size: `.allowed` lists what there is
    │   ├── IncompatibleLora … the LoRA was made for other models: `.allowed` lists those that the studio runs
    │   ├── Unsupported      … this model cannot do that: the message says why, and what it or another can
    │   ├── InvalidRows      … rows of a batch are wrong, and nothing was started: `.rows` says which, and why
    │   ├── IdempotencyConflict
    │   ├── StateConflict    … it is in a state in which that cannot be done, or somebody was faster
    │   ├── VersionConflict  … that version is there with other content, or a newer one: give a higher one
    │   └── Expired          … it was lent for a while, which is over: the message says how to get it anew
    ├── NotFinished          a batch has not ended yet, and cannot be downloaded as a whole
    ├── NotFound             no such job or picture, or not yours
    ├── NotAllowed           you may not do that: the message says who may
    │   ├── NotSignedIn      … or nobody knows who asks: sign in, or give a token or a key that counts
    │   └── Withheld         … or it would tell what must not be known yet, as results to who holds ballots
    │   └── LicenceRestricted  … or a licence does not allow this use: the message says which, and what lifts it
    ├── TooLarge             body or prompt over its limit
    ├── RateLimited          too much at once; `.retry_after` seconds
    │   └── QuotaReached     … a quota is used up: the message says which; no `.retry_after` where no waiting helps
    ├── Unavailable          the studio or a part of it is starting, or a proxy cannot reach it
    └── ServerError          the studio's own fault
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from atelier.models import Job, RowError


class AtelierError(Exception):
    """Root of the tree; `str(error)` is a sentence for people."""


class BadAddress(AtelierError, ValueError):
    pass


class BadEnvironment(BadAddress):
    pass


class BadInput(AtelierError, ValueError):
    pass


class Unreachable(AtelierError):
    pass


class UnexpectedAnswer(AtelierError):
    pass


class EventsLost(AtelierError):
    pass


class NoStreams(EventsLost):
    pass


class JobFailed(AtelierError):
    def __init__(self, job: Job) -> None:
        super().__init__(job)
        self.job = job

    def __str__(self) -> str:
        reason = self.job.error.message if self.job.error else f"the job ended as '{self.job.status}'"
        return f"Job {self.job.job_id}: {reason}"


class JobCanceled(JobFailed):
    def __str__(self) -> str:
        return f"Job {self.job.job_id} was canceled"


class APIError(AtelierError):
    def __init__(
        self,
        message: str,
        code: str = "",
        status: int = 0,
        field: str | None = None,
        allowed: tuple[str, ...] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, code, status, field, allowed, retry_after)
        self.message = message
        self.code = code
        self.status = status
        self.field = field
        self.allowed = allowed
        self.retry_after = retry_after

    def __str__(self) -> str:
        field = f"{self.field}: " if self.field and not self.message.startswith(self.field) else ""
        missing = [name for name in self.allowed or () if name not in self.message]
        allowed = f" (allowed: {', '.join(self.allowed)})" if self.allowed and missing else ""
        return f"{field}{self.message}{allowed}"


class InvalidRequest(APIError):
    pass


class UnknownName(InvalidRequest):
    pass


class IncompatibleLora(InvalidRequest):
    pass


class Unsupported(InvalidRequest):
    pass


class InvalidRows(InvalidRequest):
    def __init__(
        self,
        message: str,
        code: str = "",
        status: int = 0,
        field: str | None = None,
        allowed: tuple[str, ...] | None = None,
        retry_after: float | None = None,
        rows: tuple[RowError, ...] = (),
    ) -> None:
        super().__init__(message, code, status, field, allowed, retry_after)
        self.args = (*self.args, rows)
        self.rows = rows

    def __str__(self) -> str:
        return self.message


class IdempotencyConflict(InvalidRequest):
    pass


class VersionConflict(InvalidRequest):
    pass


class StateConflict(InvalidRequest):
    pass


class Expired(InvalidRequest):
    pass


class NotFinished(APIError):
    pass


class NotFound(APIError):
    pass


class NotAllowed(APIError):
    pass


class NotSignedIn(NotAllowed):
    pass


class Withheld(NotAllowed):
    pass


class LicenceRestricted(NotAllowed):
    pass


class TooLarge(APIError):
    pass


class RateLimited(APIError):
    pass


class QuotaReached(RateLimited):
    pass


class Unavailable(APIError):
    pass


class ServerError(APIError):
    pass


_BY_CODE: dict[str, type[APIError]] = {
    "unknown_name": UnknownName,
    "lora_incompatible": IncompatibleLora,
    "unsupported_capability": Unsupported,
    "idempotency_conflict": IdempotencyConflict,
    "invalid_rows": InvalidRows,
    "not_finished": NotFinished,
    "version_conflict": VersionConflict,
    "state_conflict": StateConflict,
    "expired": Expired,
    "quota_reached": QuotaReached,
    "withheld": Withheld,
    "licence_restricted": LicenceRestricted,
}
_BY_STATUS: dict[int, type[APIError]] = {
    401: NotSignedIn,
    403: NotAllowed,
    404: NotFound,
    413: TooLarge,
    429: RateLimited,
    502: Unavailable,
    503: Unavailable,
    504: Unavailable,
}


def error_class(code: str, status: int) -> type[APIError]:
    """The class for an error answer. A code that this version does not know falls back on its status."""
    fallback = ServerError if status >= 500 else InvalidRequest
    return _BY_CODE.get(code) or _BY_STATUS.get(status, fallback)
