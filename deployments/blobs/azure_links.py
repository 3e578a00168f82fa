"""Shared access signatures of Azure: signed with a key that Azure lends to the studio's identity for a day (a user
delegation key), so that no key of the account is needed, nor ever made."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from urllib.parse import quote, urlsplit

from azure.core.exceptions import AzureError
from azure.storage.blob import BlobSasPermissions, BlobServiceClient, UserDelegationKey, generate_blob_sas

from configs.errors import ConfigError, FileStoreUnavailable
from deployments.blobs.direct_links import LinkedFile

_LENT = timedelta(days=1)
_SPARE = timedelta(hours=2)  # longer than any link works
_SKEW = timedelta(minutes=5)  # of clocks
_SECONDS = 10  # for an answer of Azure

Lender = Callable[[datetime, datetime], UserDelegationKey]
"""Asks for a key to sign with, from when to when."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


class AzureSigner:
    """Signs as the identity that the studio has; against an emulator on this machine, with its account's key."""

    def __init__(
        self,
        container: str,
        environment: Mapping[str, str],
        lender: Lender | None = None,
        clock: Callable[[], datetime] = _utc_now,
    ) -> None:
        """Raises `ConfigError` where there is no account, or its key where only an identity may sign."""
        account, key = environment.get("AZURE_STORAGE_ACCOUNT_NAME"), environment.get("AZURE_STORAGE_ACCOUNT_KEY")
        if not account:
            raise ConfigError("direct links need AZURE_STORAGE_ACCOUNT_NAME: set it", "direct_links")
        said = environment.get("AZURE_STORAGE_ENDPOINT")
        self._endpoint = (said or f"https://{account}.blob.core.windows.net").rstrip("/")
        if key and not _is_here(self._endpoint):
            raise ConfigError(
                "direct links are signed by an identity (a machine's or a pod's), not with the key of a storage "
                "account, which would have to be changed to revoke one: take AZURE_STORAGE_ACCOUNT_KEY away, or turn "
                "off 'direct_links'",
                "direct_links",
            )
        self._account, self._container, self._key = account, container, key
        self._lend, self._clock = lender or self._ask, clock
        self._lent: tuple[datetime, UserDelegationKey] | None = None
        self._lock = threading.Lock()

    def sign(self, file: LinkedFile, seconds: int) -> str:
        """Asks Azure once a day."""
        now = self._clock()
        signed = generate_blob_sas(
            self._account,
            self._container,
            file.path,
            account_key=self._key,
            user_delegation_key=None if self._key else self._delegation(now),
            permission=BlobSasPermissions(read=True),
            start=now - _SKEW if not self._key else None,
            expiry=now + timedelta(seconds=seconds),
            content_disposition=file.disposition,
            content_type=file.media_type,
            protocol=urlsplit(self._endpoint).scheme if not self._key else None,
        )
        return f"{self._endpoint}/{quote(self._container)}/{quote(file.path)}?{signed}"

    def _delegation(self, now: datetime) -> UserDelegationKey:
        with self._lock:
            if self._lent is None or self._lent[0] < now + _SPARE:
                until = now + _LENT
                self._lent = (until, self._lend(now - _SKEW, until))
            return self._lent[1]

    def _ask(self, start: datetime, until: datetime) -> UserDelegationKey:
        from azure.identity import DefaultAzureCredential

        try:
            with BlobServiceClient(self._endpoint, DefaultAzureCredential(), read_timeout=_SECONDS) as client:
                return client.get_user_delegation_key(start, until)
        except AzureError as error:
            raise FileStoreUnavailable(
                "Azure lends the studio no key to sign links with: give its identity the role Storage Blob Delegator, "
                "or fetch the file without 'direct'"
            ) from error


def _is_here(endpoint: str) -> bool:
    host = urlsplit(endpoint).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
