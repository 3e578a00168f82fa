"""Which kind of content a request says that it brings."""

from __future__ import annotations

from email.message import Message

from starlette.requests import Request


def content_type(request: Request) -> str:
    """`type/subtype` in small letters, without parameters; empty when the request does not say."""
    header = Message()
    header["content-type"] = request.headers.get("content-type", "")
    return header.get_content_type() if header["content-type"] else ""


def is_json(request: Request) -> bool:
    """As the framework judges it: application/json, or application/…+json."""
    main, _, sub = content_type(request).partition("/")
    return main == "application" and (sub == "json" or sub.endswith("+json"))
