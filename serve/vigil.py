"""While the studio runs in the foreground, its console says what it waits for, and when that is over."""

from __future__ import annotations

import http.client
import json
import threading
import time

from rich.console import Console
from rich.text import Text

from configs.service import Address

_EVERY_SECONDS = 5.0
_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # an address to listen on is none to ask


class Vigil:
    """Looks at `/readyz` of the studio at `address` from time to time. What is said there before the studio was ready
    is left out: the start has said it."""

    def __init__(self, address: Address, console: Console, answer_seconds: float = 5.0) -> None:
        self._answer_seconds = answer_seconds
        self._host, self._port, self._console = _ANY.get(address.host, address.host), address.port, console
        self._waits: tuple[str, float] | None = None

    def begin(self) -> None:
        """Look from now on, beside whatever this process does, until it ends."""
        threading.Thread(target=self._keep, name="vigil", daemon=True).start()

    def _keep(self) -> None:
        while True:
            self.look()
            time.sleep(_EVERY_SECONDS)

    def look(self) -> None:
        """Print what has changed since the last look. A studio that does not answer has its own ways to say so."""
        try:
            reason = self._ask()
        except (OSError, http.client.HTTPException, ValueError):
            return
        before = None if self._waits is None else self._waits[0]
        if reason == before:
            return
        if reason is not None:
            self._say("waiting:", "yellow", f"{reason}; jobs go on by themselves then")
        elif self._waits is not None:
            self._say("over:", "green", f"the studio can work again, after {self._seconds()}; jobs go on")
        self._waits = None if reason is None else (reason, time.monotonic() if self._waits is None else self._waits[1])

    def _ask(self) -> str | None:
        """What the studio waits for, in its words. Raises what a connection and a body that is none of ours raise."""
        connection = http.client.HTTPConnection(
            self._host, self._port, timeout=self._answer_seconds
        )  # never by a proxy
        try:
            connection.request("GET", "/readyz")
            health = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        if not isinstance(health, dict) or "status" not in health:
            raise ValueError("no answer of a studio")
        return str(health["detail"]) if health["status"] == "waiting" else None

    def _seconds(self) -> str:
        assert self._waits is not None
        return f"{time.monotonic() - self._waits[1]:.0f} s"

    def _say(self, word: str, colour: str, sentence: str) -> None:
        self._console.print(Text.assemble((word, f"bold {colour}"), f" {sentence}"), soft_wrap=True)
