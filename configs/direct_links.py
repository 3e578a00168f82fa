"""Whether files may be fetched from the file store itself: the `direct_links` part of a profile."""

from __future__ import annotations

from pydantic import Field

from configs.frozen import Frozen


class DirectLinks(Frozen):
    """Links that are handed out once everything was checked, and then work for whoever has them until they end."""

    enabled: bool = Field(default=False, description="needs a blob_url of Azure or S3: az://…, s3://…")
    seconds: int = Field(default=300, ge=10, le=3600, description="for which a link works, whatever happens meanwhile")
