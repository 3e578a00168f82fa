"""The API's document, with what FastAPI cannot know of it: what the gate reads, and what streams tell."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from router.api.jobs.stream import declare_streams
from router.api.space_header import declare_space


def complete_document(app: FastAPI) -> None:
    """Have the document of `app` told with all of it."""
    describe = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = describe()
            declare_space(document)
            declare_streams(document)
        return describe()

    app.openapi = openapi  # type: ignore[method-assign]
