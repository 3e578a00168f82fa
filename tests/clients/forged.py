"""A studio that answers whatever a test wants: every answer of the API, forged from the SDK's own models.

A field that is added to a model is forged like all others, so no test has to be told of it.
"""

from __future__ import annotations

import json
import threading
import types
import typing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from atelier import champions, events, library, models
from atelier.models import answers
from pydantic import BaseModel

Forge = Callable[[str, type], Any]
"""A value for a field: its name, and str, int, float, bool or datetime."""


def forge(kind: type[BaseModel], value: Forge, many: int = 2) -> dict[str, Any]:
    """An answer with every field set, lists of `many`."""
    hints = typing.get_type_hints(kind)
    return {name: _forge(name, hints[name], value, many) for name in kind.model_fields}


def _forge(name: str, hint: Any, value: Forge, many: int) -> Any:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return _forge(name, arguments[0], value, many)
    if hint is Any:
        return value(name, str)
    if origin is typing.Literal:
        return arguments[0]
    if origin in (typing.Union, types.UnionType):
        return _forge(name, next(one for one in arguments if one is not type(None)), value, many)
    if origin is tuple:
        return [_forge(name, arguments[0], value, many) for _ in range(many)]
    if origin is dict:
        return {value(name, str): _forge(name, arguments[1], value, many)}
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return forge(hint, value, many)
    if hint is date:
        return value(name, datetime)[:10]
    return value(name, hint)


LIBRARY: dict[str, type[BaseModel]] = {
    "loras": library.Entries,
    "versions": library.Versions,
    "diff": library.Diff,
    "history": library.History,
    "mark": library.Marks,
}

EXPERIMENTS: dict[str, type[BaseModel]] = {
    "experiments": answers.ExperimentList,
    "events": answers.ExperimentLog,
    "results": answers.Results,
    "runs": answers.RunList,
    "ballots": answers.Ballots,
    "champions": champions.ChampionList,
    "history": champions.ChampionList,
}


@dataclass
class ForgedStudio:
    """Set `value` before each command; `status` turns every answer into an error of the API."""

    value: Forge
    status: int = 200
    url: str = ""

    def answer(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, str, bytes]:
        if self.status != 200:
            error = {"code": self.value("code", str), "message": self.value("message", str)}
            more = {"field": self.value("field", str), "allowed": [self.value("allowed", str)] * 2}
            return self.status, "application/json", json.dumps({"error": error | more}).encode()
        if path.startswith("/jobs/") and path.endswith("/events"):
            return 200, "text/event-stream", b"".join(self._events())
        if path.startswith("/file/"):
            return 200, "image/png", b"a picture"
        return 200, "application/json", json.dumps(self._body(method, path, body)).encode()

    def _body(self, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        if path == "/generate" and body.get("dry_run"):
            return forge(models.Plan, self.value)
        kinds: dict[str, type[BaseModel]] = {
            "/jobs": models.JobsPage,
            "/pictures": models.PicturesPage,
            "/models": models.Models,
        }
        kinds |= {"/loras": models.Loras, "/asset-types": models.AssetTypes, "/readyz": models.Health}
        kinds |= {"/brand": models.BrandKits}
        if path.startswith("/library/"):
            return forge(LIBRARY.get(path.rpartition("/")[2], library.Entry), self.value)
        for room, kind in (("/experiments", answers.Experiment), ("/champions", champions.Champion)):
            if path.startswith(room):
                return forge(EXPERIMENTS.get(path.rpartition("/")[2], kind), self.value)
        page = forge(kinds.get(path, models.Picture if path == "/pictures" else models.Job), self.value)
        return page | {"next": None} if "next" in page else page

    def _events(self) -> Iterator[bytes]:
        kinds: dict[str, type[BaseModel]] = {
            "progress": events.Progress,
            "job.stage": events.StageStarted,
            "job.image": events.ImageFinished,
        }
        kinds |= {"job.unheard": events.LogEvent, "job.complete": events.LogEvent}
        for seq, (name, kind) in enumerate(kinds.items(), 1):
            data = forge(kind, self.value) | {"seq": seq, "type": name}
            yield f"id: {seq}\nevent: {name}\ndata: {json.dumps(data)}\n\n".encode()


@contextmanager
def forged_studio(value: Forge) -> Iterator[ForgedStudio]:
    """A forged studio behind HTTP on a free port of this machine."""
    studio = ForgedStudio(value)

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *arguments: Any) -> None:
            pass

        def _answer(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            path = self.path.partition("?")[0]
            body = json.loads(sent) if path == "/generate" else {}
            status, kind, answer = studio.answer(self.command, path, body)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = do_DELETE = _answer  # noqa: N815

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        studio.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield studio
        finally:
            server.shutdown()
            thread.join(10)


def moment(year: int) -> str:
    return datetime(year, 1, 1).isoformat() + "Z"
