"""The errors that users meet, one tree, imported by every room so that an error keeps its class across processes.

AtelierError
├── InvalidRequest          the request asks for something that cannot be: names the field
│   ├── UnknownName         … for a model, LoRA, asset type, quality or size that is not configured
│   ├── IncompatibleLora    … for a LoRA that was made for other models
│   ├── MissingAsset        … for a picture that is not there, or not yours
│   ├── Unsupported         … for what this model cannot do: says what it can
│   ├── BannedWords         … words that a brand kit does not want: says which
│   ├── InvalidRows         … rows of a batch: `rows` says which, by line, and why
│   ├── VersionConflict     this version is there with other content, or one that is newer: give a higher one
│   └── IdempotencyConflict the key was used before with another body
├── StateConflict           it is in a state in which that cannot be done, or somebody was faster: says which
├── Expired                 it was lent for a while, which is over: says how to get it anew
├── Withheld                it would tell what must not be known yet: says until when
├── LicenceRestricted       a picture may not be used for that: says which part decides it, and what lifts it
├── NotFinished             what is asked for is there only when a batch has ended
├── NotSignedIn             nobody has said who asks, or not so that it can be believed: says how to sign in
├── IssuerUnavailable       who signs people in has been away for too long: try later
├── DeviceRefused           a device gets no tokens, or not yet: its code is what RFC 8628 says
├── NotAllowed              who asks may not do that: says which role or scope it needs, or whose it is
├── NotFound                no such job, picture or file, or not yours
│   └── DamagedFile         … or a file whose bytes are not those that were stored
├── TooLarge                body, prompt or file over its limit
├── TooBusy                 more work is waiting than this installation accepts: try later
│   └── QuotaReached        … or than a person, a space or a key may have: says which, and when it is free again
├── StoreUnavailable        the database is away, full, not writable, or locked: says what to do
│   └── FileStoreUnavailable … or the file store is full, not writable, away, or refuses: says what to do
├── ConfigError             a YAML file, a weights folder or a setting is wrong: the start is refused
│   └── BadLora             … a LoRA's file is of another model, not whole, or without effect
├── StageError              a stage could not do its work
│   ├── StageUnavailable    … because its replica died or is starting: worth another attempt
│   ├── DeadlineMissed      … because there is too much to do before the request's deadline
│   └── Canceled            … because the job was canceled
├── DrawingFailed           a job that somebody waits for has failed: `code` is why
├── AnswerOverdue           it is not done in the time that an answer may take: names the job, which goes on
├── UnreadablePlan          a stored plan is of a release that this one cannot read
└── LeaseLost               another worker holds this job now: stop and discard

Every class rebuilds from `args`, because errors are pickled across replica handles. Messages quote files, hubs and
requests: what could be more than characters to a terminal is removed when an error is made.
"""

from __future__ import annotations

from configs.quotas import QuotaState
from configs.rows import RowError
from configs.text import lines


class AtelierError(Exception):
    """Root of the tree. `code` is the stable name that programs match on; `field` is the input at fault, if any;
    `allowed` are the values that it may have, where they can be listed."""

    code = "internal_error"

    def __init__(self, message: str, field: str | None = None, allowed: tuple[str, ...] = ()) -> None:
        message = lines(message)
        super().__init__(message, field, allowed)
        self.message = message
        self.field = field
        self.allowed = allowed

    def __str__(self) -> str:
        return self.message


class InvalidRequest(AtelierError):
    code = "invalid_request"


class UnknownName(InvalidRequest):
    code = "unknown_name"


class IncompatibleLora(InvalidRequest):
    code = "lora_incompatible"


class MissingAsset(InvalidRequest):
    code = "missing_asset"


class Unsupported(InvalidRequest):
    code = "unsupported_capability"


class BannedWords(InvalidRequest):
    code = "banned_words"


class InvalidRows(InvalidRequest):
    """Nothing was started. `rows` are the first that are wrong, and the sentence says of how many."""

    code = "invalid_rows"

    def __init__(
        self,
        message: str,
        field: str | None = None,
        allowed: tuple[str, ...] = (),
        rows: tuple[RowError, ...] = (),
    ) -> None:
        super().__init__(message, field, allowed)
        self.args = (self.message, field, allowed, rows)
        self.rows = rows


class IdempotencyConflict(InvalidRequest):
    code = "idempotency_conflict"


class VersionConflict(InvalidRequest):
    code = "version_conflict"


class StateConflict(AtelierError):
    code = "state_conflict"


class Expired(AtelierError):
    code = "expired"


class Withheld(AtelierError):
    code = "withheld"


class NotSignedIn(AtelierError):
    """`refused` says that something was shown (a token, a key) which does not count; otherwise nothing was."""

    code = "unauthorized"

    def __init__(
        self, message: str, field: str | None = None, allowed: tuple[str, ...] = (), refused: bool = False
    ) -> None:
        super().__init__(message, field, allowed)
        self.args = (self.message, field, allowed, refused)
        self.refused = refused


class IssuerUnavailable(AtelierError):
    code = "sign_in_unavailable"


class DeviceRefused(AtelierError):
    """`error` is RFC 8628's word: authorization_pending, slow_down, expired_token or access_denied."""

    code = "device_refused"

    def __init__(
        self, message: str, field: str | None = None, allowed: tuple[str, ...] = (), error: str | None = None
    ) -> None:
        super().__init__(message, field, allowed)
        self.args = (self.message, field, allowed, error)
        self.code = error or self.code


class NotAllowed(AtelierError):
    """`scope` is the one that a token or a key lacks, where that is all that is missing."""

    code = "forbidden"

    def __init__(
        self, message: str, field: str | None = None, allowed: tuple[str, ...] = (), scope: str | None = None
    ) -> None:
        super().__init__(message, field, allowed)
        self.args = (self.message, field, allowed, scope)
        self.scope = scope


class LicenceRestricted(AtelierError):
    """`allowed` are milder uses to ask about, `parts` what decides it, `pictures` the names of those that it is about;
    `acknowledge` is the text that lifts it once it is acknowledged, empty where only something bought does."""

    code = "licence_restricted"

    def __init__(
        self,
        message: str,
        field: str | None = None,
        allowed: tuple[str, ...] = (),
        parts: tuple[str, ...] = (),
        pictures: tuple[str, ...] = (),
        acknowledge: str = "",
    ) -> None:
        super().__init__(message, field, allowed)
        self.args = (self.message, field, allowed, parts, pictures, acknowledge)
        self.parts, self.pictures, self.acknowledge = parts, pictures, acknowledge


class NotFinished(AtelierError):
    code = "not_finished"


class NotFound(AtelierError):
    code = "not_found"


class DamagedFile(NotFound):
    code = "file_damaged"


class TooLarge(AtelierError):
    code = "too_large"


class TooBusy(AtelierError):
    code = "too_busy"


class QuotaReached(TooBusy):
    """`reached` is the limit that this would exceed; it is free again in `retry_after` seconds, None where no waiting
    helps. `states` are all limits that were counted."""

    code = "quota_reached"

    def __init__(
        self,
        message: str,
        field: str | None = None,
        allowed: tuple[str, ...] = (),
        reached: QuotaState | None = None,
        retry_after: int | None = None,
        states: tuple[QuotaState, ...] = (),
    ) -> None:
        super().__init__(message, field, allowed)
        self.args = (self.message, field, allowed, reached, retry_after, states)
        self.reached = reached
        self.retry_after = retry_after
        self.states = states


class StoreUnavailable(AtelierError):
    code = "store_unavailable"


class FileStoreUnavailable(StoreUnavailable):
    code = "file_store_unavailable"


class ConfigError(AtelierError):
    code = "config_error"


class BadLora(ConfigError):
    code = "lora_unusable"


class StageError(AtelierError):
    code = "stage_failed"


class StageUnavailable(StageError):
    code = "stage_unavailable"


class DeadlineMissed(StageError):
    code = "deadline"


class Canceled(StageError):
    code = "canceled"


class DrawingFailed(AtelierError):
    """`failure` is the code that the job has, `job_id` names it."""

    code = "drawing_failed"

    def __init__(
        self,
        message: str,
        field: str | None = None,
        allowed: tuple[str, ...] = (),
        failure: str = "",
        job_id: str = "",
    ) -> None:
        super().__init__(message, field, allowed)
        self.args = (self.message, field, allowed, failure, job_id)
        self.code, self.job_id = failure or self.code, job_id


class AnswerOverdue(AtelierError):
    """`job_id` names the job."""

    code = "answer_overdue"

    def __init__(self, message: str, field: str | None = None, allowed: tuple[str, ...] = (), job_id: str = "") -> None:
        super().__init__(message, field, allowed)
        self.args = (self.message, field, allowed, job_id)
        self.job_id = job_id


class UnreadablePlan(AtelierError):
    code = "unreadable_plan"


class LeaseLost(AtelierError):
    code = "lease_lost"
