"""Written by `python -m clients.generator.synchronous` from `audit.py`, where it is changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Unpack

from atelier.audit import AuditFilter, _export, _page
from atelier.calls import Call
from atelier.flow import Flow
from atelier.models.answers import AuditLine as AuditLine
from atelier.models.answers import AuditPage as AuditPage
from atelier.retry import Retry


class Audit:
    """The audit of a studio, for its operators and admins."""

    def __init__(self, run: Callable[[Call[Any]], Any], walk: Callable[[Flow[Any]], Any], retry: Retry) -> None:
        self._run, self._walk, self._retry = run, walk, retry

    def lines(self, page_size: int = 50, **chosen: Unpack[AuditFilter]) -> Iterator[AuditLine]:
        """Who changed what, newest first; pages are fetched as they are needed."""
        before: int | None = None
        while True:
            page: AuditPage = self._run(_page(chosen, page_size, before))
            yield from page.lines
            if page.next is None:
                return
            before = page.next

    def export(self, to: str | Path, **chosen: Unpack[AuditFilter]) -> Path:
        """Write it to a file as JSON lines, oldest first."""
        written: Path = self._walk(_export(chosen, to, self._retry))
        return written
