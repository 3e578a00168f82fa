"""A studio as `make run` starts it, for what measures one from outside."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from configs.catalog import Installation
from serve.launch import Launch
from serve.terminal import PRINTED, Terminal


@contextmanager
def launched(installation: Installation, quiet: bool = False) -> Iterator[str]:
    """Its URL, once it is ready. What this process prints is kept from the terminal inside, as `Launch` does, and shown
    again after."""
    os.environ.setdefault("RAY_AUTH_MODE", "disabled")
    os.environ.setdefault("RAY_worker_niceness", "0")  # as what it is compared with; Ray gives way to everything
    before = [os.dup(descriptor) for descriptor in PRINTED]
    try:
        with Launch(installation, Terminal(None if quiet else sys.stdout)).running():
            yield f"http://127.0.0.1:{installation.profile.http.port}"
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        for descriptor, shown in zip(PRINTED, before, strict=True):
            os.dup2(shown, descriptor)
            os.close(shown)
