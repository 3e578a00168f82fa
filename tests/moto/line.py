"""The line between a client and a server on loopback, which can be cut: the server keeps what it has, as a real one in
another house does."""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import suppress

from tests.ports import free_port

_CHUNK = 65_536
_RESET = struct.pack("ii", 1, 0)


class Line:
    """Connections to `port` go on to `server_port` while it is joined. `cut_after` bytes, where given, have come from
    clients when it is cut by itself, in the middle of whatever they send."""

    def __init__(self, server_port: int) -> None:
        self.port = free_port()
        self.cut_after: int | None = None
        self._server_port, self._lock = server_port, threading.Lock()
        self._listening: socket.socket | None = None
        self._open: set[socket.socket] = set()

    def join(self) -> None:
        """Let connections through, from now on."""
        listening = socket.create_server(("127.0.0.1", self.port))
        self._listening = listening
        threading.Thread(target=self._accept, args=(listening,), daemon=True).start()

    def cut(self) -> None:
        """End all connections, and take no more."""
        with self._lock:
            listening, self._listening = self._listening, None
            there, self._open = self._open, set()
        for one in ([listening] if listening else []) + [*there]:
            with suppress(OSError):
                if one is not listening:
                    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self, listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = listening.accept()
                server = socket.create_connection(("127.0.0.1", self._server_port))
                with self._lock:
                    joined = self._listening is listening
                    self._open |= {client, server} if joined else set()
                if not joined:
                    client.close()
                    server.close()
                    return
                for ends in ((client, server, True), (server, client, False)):
                    threading.Thread(target=self._pass_on, args=ends, daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, sent: bool) -> None:
        with suppress(OSError):
            while data := source.recv(_CHUNK):
                if sent and self._is_reached(len(data)):
                    self.cut()
                    return
                target.sendall(data)
        for one in (source, target):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            with self._lock:
                self._open.discard(one)
            one.close()

    def _is_reached(self, size: int) -> bool:
        with self._lock:
            if self.cut_after is None:
                return False
            self.cut_after -= size
            if self.cut_after > 0:
                return False
            self.cut_after = None
            return True
