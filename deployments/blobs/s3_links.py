"""Presigned URLs of S3 (Signature Version 4 in the query, as AWS documents it), with the answer's type and name signed
along: obstore's have neither."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

from configs.errors import ConfigError
from deployments.blobs.direct_links import LinkedFile

_ALGORITHM = "AWS4-HMAC-SHA256"
_ENDPOINTS = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT")


def _utc_now() -> datetime:
    return datetime.now(UTC)


class S3Signer:
    """Signs with the keys of the environment."""

    def __init__(self, bucket: str, environment: Mapping[str, str], clock: Callable[[], datetime] = _utc_now) -> None:
        """Raises `ConfigError` where the environment has no keys: those of a machine's role are not known here."""
        self._clock = clock
        self._id, self._secret = environment.get("AWS_ACCESS_KEY_ID"), environment.get("AWS_SECRET_ACCESS_KEY")
        self._token = environment.get("AWS_SESSION_TOKEN")
        self._region = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION") or "us-east-1"
        if not (self._id and self._secret):
            raise ConfigError(
                "direct links to S3 are signed with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, of a user who may "
                "read: set both, or turn off 'direct_links'",
                "direct_links",
            )
        said = next((environment[name] for name in _ENDPOINTS if environment.get(name)), None)
        endpoint = (said or f"https://s3.{self._region}.amazonaws.com").rstrip("/")
        scheme, host, path = urlsplit(endpoint)[:3]
        in_host = environment.get("AWS_VIRTUAL_HOSTED_STYLE_REQUEST", "").lower() == "true"
        if in_host and said is None:
            host = f"{bucket}.{host}"
        self._origin, self._host = f"{scheme}://{host}", host
        self._folder = path if in_host else f"{path}/{bucket}"

    def sign(self, file: LinkedFile, seconds: int) -> str:
        """Asks nobody."""
        assert self._secret is not None
        now = self._clock()
        scope = f"{now:%Y%m%d}/{self._region}/s3/aws4_request"
        query = {
            "X-Amz-Algorithm": _ALGORITHM,
            "X-Amz-Credential": f"{self._id}/{scope}",
            "X-Amz-Date": f"{now:%Y%m%dT%H%M%SZ}",
            "X-Amz-Expires": str(seconds),
            "X-Amz-SignedHeaders": "host",
            "response-content-disposition": file.disposition,
            "response-content-type": file.media_type,
        } | ({"X-Amz-Security-Token": self._token} if self._token else {})
        asked = "&".join(f"{_escape(name)}={_escape(query[name])}" for name in sorted(query))
        path = quote(f"{self._folder}/{file.path}", safe="/-_.~")
        canonical = "\n".join(("GET", path, asked, f"host:{self._host}", "", "host", "UNSIGNED-PAYLOAD"))
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        text = "\n".join((_ALGORITHM, query["X-Amz-Date"], scope, digest))
        signature = _mac(self._key(scope), text).hex()
        return f"{self._origin}{path}?{asked}&X-Amz-Signature={signature}"

    def _key(self, scope: str) -> bytes:
        key = f"AWS4{self._secret}".encode()
        for part in scope.split("/"):
            key = _mac(key, part)
        return key


def _mac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def _escape(text: str) -> str:
    return quote(text, safe="-_.~")
