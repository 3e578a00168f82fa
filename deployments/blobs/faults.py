"""What went wrong with the file store, in words: obstore's errors become one exception with a reason and a remedy."""

from __future__ import annotations

import errno
import re

from obstore.exceptions import PermissionDeniedError, UnauthenticatedError

from configs.errors import FileStoreUnavailable, StoreUnavailable

_FULL = "the disk that the studio keeps its files on is full: make room on it"
_READ_ONLY = "the disk that the studio keeps its files on cannot be written: mount it writable"
_FORBIDDEN = "the studio may not use the folder that it keeps its files in: make it readable and writable for its user"
_TOO_MANY = "the studio has too many files open: raise the limit (ulimit -n) and start it again"
_NO_FOLDER = "the folder that the studio keeps its files in is not there: bring it back, or its disk"
_BROKEN = "the disk that the studio keeps its files on gives errors: check it"
_NO_CONTAINER = "the file store has no container or bucket of the name in 'blob_url': create it, or correct the name"
_DENIED = "the file store refuses the studio's credentials: correct them, or allow them to read, write and delete"
_REFUSED = "the file store refuses what the studio asks ({}): check 'blob_url' and the settings that come with it"
_STORE_FULL = "the file store is full, or its quota is used up: make room in it, or have the quota raised"
_ELSEWHERE = "the bucket is in another region than the studio asks: set AWS_REGION to that of the bucket"
_AWAY = "the file store does not answer: check that it runs and can be reached"

_BY_NUMBER = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), _FULL),
    errno.EROFS: _READ_ONLY,
    **dict.fromkeys((errno.EACCES, errno.EPERM), _FORBIDDEN),
    **dict.fromkeys((errno.EMFILE, errno.ENFILE), _TOO_MANY),
    **dict.fromkeys((errno.ENOTDIR, errno.ENOENT, errno.EISDIR, errno.ELOOP), _NO_FOLDER),
}
_NUMBER = re.compile(r"\(os error (\d+)\)")
_STATUS = re.compile(r"status code: ([45]\d\d)")
_CONTAINER = re.compile(r"ContainerNotFound|NoSuchBucket|(container|bucket) does not exist", re.IGNORECASE)
# As Ceph, MinIO, Azure and plain HTTP call it.
_NO_ROOM = re.compile(r"QuotaExceeded|StorageFull|InsufficientStorage|AccountIsFull|status code: 507")
_REGION = re.compile(r"AuthorizationHeaderMalformed|PermanentRedirect|IllegalLocationConstraint|status code: 301")
# S3 deletes with status 200, and says in the answer that it did not.
_NO_RIGHTS = re.compile(r"AccessDenied|SignatureDoesNotMatch|InvalidAccessKeyId")
_TRY_LATER = ("408", "429")


def name_fault(error: Exception, local: bool) -> FileStoreUnavailable:
    """The exception that says what keeps a store from working, where `error` is what obstore raised. A `local` store is
    a folder."""
    what = _local(str(error)) if local else _remote(error)
    return FileStoreUnavailable(what)


def cause_of(error: StoreUnavailable) -> str:
    """The library's own words for it, for the log: one line, without what a URL may hold of secrets."""
    first = str(error.__cause__ or "").partition("\n")[0]
    return re.sub(r"\?\S+", "?…", first)


def no_folder() -> FileStoreUnavailable:
    """The folder of a local store is gone."""
    return FileStoreUnavailable(_NO_FOLDER)


def no_answer() -> FileStoreUnavailable:
    """The store has said nothing for too long."""
    return FileStoreUnavailable(_AWAY)


def lacks_container(error: Exception) -> bool:
    """Whether something is not found because the container or bucket, which would hold it, is not there."""
    return _CONTAINER.search(str(error)) is not None


def _local(text: str) -> str:
    number = _NUMBER.search(text)
    return _BY_NUMBER.get(int(number[1]), _BROKEN) if number else _BROKEN


def _remote(error: Exception) -> str:
    text = str(error)
    status = _STATUS.search(text)
    if isinstance(error, FileNotFoundError) or lacks_container(error):
        return _NO_CONTAINER
    if _NO_ROOM.search(text):
        return _STORE_FULL
    if _REGION.search(text):
        return _ELSEWHERE
    if isinstance(error, (PermissionDeniedError, UnauthenticatedError)) or _NO_RIGHTS.search(text):
        return _DENIED
    if status is None or status[1].startswith("5") or status[1] in _TRY_LATER:
        return _AWAY
    return _DENIED if status[1] in ("401", "403") else _REFUSED.format(f"status {status[1]}")
