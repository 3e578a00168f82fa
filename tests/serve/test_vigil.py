"""The console says what the studio waits for, once, and when it is over."""

from __future__ import annotations

import io
import socket
from pathlib import Path

import pytest
from rich.console import Console

from configs.errors import FileStoreUnavailable
from configs.service import Address
from router.api.app import create_app
from serve.vigil import Vigil
from tests.studio import painted_studio, serving


def said(console: Console) -> list[str]:
    stream = console.file
    assert isinstance(stream, io.StringIO)
    lines = stream.getvalue().splitlines()
    stream.truncate(0)
    stream.seek(0)
    return lines


def test_an_outage_is_said_once_and_so_is_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    console = Console(file=io.StringIO(), width=40)
    studio = painted_studio(tmp_path)
    known = studio.blobs.availability
    with serving(create_app(studio)) as url:
        vigil = Vigil(Address(host="127.0.0.1", port=int(url.rpartition(":")[2])), console, answer_seconds=60)
        vigil.look()
        assert said(console) == []
        known.lost(FileStoreUnavailable("the disk is [bold]full[/]: make room"), 10**9)
        vigil.look()
        vigil.look()
        assert said(console) == ["waiting: the disk is [bold]full[/]: make room; jobs go on by themselves then"]
        known.lost(FileStoreUnavailable("the disk is away: mount it"))
        vigil.look()
        assert said(console) == ["waiting: the disk is away: mount it; jobs go on by themselves then"]
        known.found(10**9)
        vigil.look()
        vigil.look()
        (line,) = said(console)
        assert line.startswith("over: the studio can work again, after ")
    vigil.look()  # nobody answers
    assert said(console) == []


def test_another_program_at_the_address_is_no_studio() -> None:
    console = Console(file=io.StringIO())
    with socket.create_server(("127.0.0.1", 0)) as silent:
        Vigil(Address(host="127.0.0.1", port=silent.getsockname()[1]), console, answer_seconds=0.2).look()
    assert said(console) == []
