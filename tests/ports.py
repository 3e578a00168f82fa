"""Ports for servers that a test starts, stops and starts again."""

from __future__ import annotations

import random
import socket

_OURS = range(20_000, 32_768)
"""Above Ray's, and below those that the system gives to connections: one of these is taken by whoever asks for an
address while the server is still to start, or is stopped; a client that calls a stopped server may even meet itself."""
_choice = random.SystemRandom()


def free_port() -> int:
    """One on loopback that nobody listens at."""
    while True:
        port = _choice.choice(_OURS)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
