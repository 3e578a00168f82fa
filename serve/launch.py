"""`make run`: start Ray and the application on this machine, say when it is ready, stop all of it on Ctrl-C."""

from __future__ import annotations

import ipaddress
import logging
import os
import secrets
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from configs.catalog import Installation
from configs.errors import ConfigError
from configs.schema import Address
from deployments.checkpoints.installed import check_installed, find_unpinned
from deployments.checkpoints.inventory import all_sources
from deployments.terminal import headed
from serve.shares import draw_up

if TYPE_CHECKING:
    from ray import serve as ray_serve

APPLICATION = "atelier"


class Launch:
    """One run of an installation in the foreground. With `verbose`, prints how long each phase of the start took."""

    def __init__(self, installation: Installation, console: Console, verbose: bool = False) -> None:
        self._installation = installation
        self._profile = installation.profile
        self._console = console
        self._verbose = verbose
        self._began = time.monotonic()

    def run(self) -> None:
        """Start, print the ready line, and stay until SIGINT or SIGTERM. Raises `ConfigError` before anything runs."""
        check_installed(self._installation)
        for warning in find_unpinned(self._installation):
            self._console.print(headed("warning:", "yellow", warning), soft_wrap=True)
        self._check_ports()
        if any(entry.share for entry in self._installation.ledger):
            self._console.print(draw_up(self._installation.ledger))
        signal.signal(signal.SIGINT, signal.default_int_handler)  # shells start background jobs with it ignored
        try:
            self.start()
            self._announce()
            signal.signal(signal.SIGTERM, signal.default_int_handler)  # in place of Ray's, which leaves at once
            while True:
                signal.pause()
        except KeyboardInterrupt:
            self._console.print("\nstopping …")
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            self.stop()

    def start(self) -> None:
        """Start Ray and the application, side by side where they do not need each other."""
        self._set_environment()
        with ThreadPoolExecutor(1) as pool:
            application = pool.submit(self._bind)
            self._start_ray()
            self._start_serve(application)

    def stop(self) -> None:
        """Stop what `start` started, and nothing else."""
        import ray
        from ray import serve as ray_serve

        if ray.is_initialized():
            ray_serve.shutdown()  # type: ignore[no-untyped-call]
            ray.shutdown()

    def _check_ports(self) -> None:
        for use, address in (("http", self._profile.http), ("dashboard", self._profile.dashboard)):
            if address is not None:
                _check_free(use, address)

    def _set_environment(self) -> None:
        root = self._installation.root
        state = Path(root, self._profile.state)
        state.mkdir(parents=True, exist_ok=True)
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH", "")]))
        os.environ.setdefault("RAY_AUTH_TOKEN_PATH", str(_token(state / "ray-token")))
        os.environ.setdefault("RAY_SERVE_RETAINED_DEAD_REPLICAS", "0")
        # A line for each request, which Ray would collect although nobody sees it; Serve's log files have it anyway.
        os.environ.setdefault("RAY_SERVE_LOG_TO_STDERR", "1" if self._verbose else "0")
        # Ray gives one thread to a replica that reserves no cores; here they share all that there are.
        os.environ.setdefault("OMP_NUM_THREADS", str(len(os.sched_getaffinity(0))))
        os.environ.setdefault("HF_HUB_OFFLINE", "1" if self._all_local() else "0")

    def _all_local(self) -> bool:
        return all(source.weights.path is not None for source in all_sources(self._installation))

    def _start_ray(self) -> None:
        import ray

        dashboard = self._profile.dashboard
        with self._phase("Ray"):
            ray.init(
                address="local",
                include_dashboard=dashboard is not None,
                dashboard_host=dashboard.host if dashboard else "127.0.0.1",
                dashboard_port=dashboard.port if dashboard else None,
                object_store_memory=self._profile.object_store_mb * 2**20,
                log_to_driver=self._verbose,
                logging_level=logging.ERROR,
            )

    def _bind(self) -> ray_serve.Application:
        from serve.app import bind

        return bind(self._installation)

    def _start_serve(self, application: Future[ray_serve.Application]) -> None:
        from ray import serve as ray_serve

        with self._phase("Serve"):
            http = {"host": self._profile.http.host, "port": self._profile.http.port}
            ray_serve.start(proxy_location="HeadOnly", http_options=http)
        with self._phase("application"):
            try:
                ray_serve.run(application.result(), name=APPLICATION, route_prefix="/")
            except RuntimeError as error:
                raise ConfigError(_reason(str(error))) from None

    def _announce(self) -> None:
        took = time.monotonic() - self._began
        url = f"http://{self._profile.http.host}:{self._profile.http.port}"
        self._console.print(f"[bold green]ready[/] after {took:.0f} s · Ctrl-C stops it\n")
        self._console.print(f"  studio     [bold]{url}[/]\n  API docs   {url}/docs")
        if self._profile.dashboard is not None:
            token = Path(self._profile.state, "ray-token")
            dashboard = f"http://{self._profile.dashboard.host}:{self._profile.dashboard.port}"
            self._console.print(f"  dashboard  {dashboard}  (its token is in {token})")
        if not ipaddress.ip_address(socket.gethostbyname(self._profile.http.host)).is_loopback:
            owner = self._profile.owner
            self._console.print(f"  [yellow]there is no sign-in yet: whoever reaches this address is '{owner}'[/]")
        self._console.print('  try        .venv/bin/atelier generate "a red bicycle icon" -n 4 -o out/\n')

    @contextmanager
    def _phase(self, name: str) -> Iterator[None]:
        began = time.monotonic()
        with self._console.status(f"starting {name} …"):
            yield
        if self._verbose:
            self._console.print(f"{name:<14}{time.monotonic() - began:6.1f} s")


def _reason(message: str) -> str:
    """The sentence of the error that kept a replica from starting, out of the report that Serve makes of it."""
    sentences = [line.partition("ConfigError: ")[2] for line in message.splitlines() if "ConfigError: " in line]
    return sentences[-1] if sentences else "a replica did not start; `-v` shows its log"


def _token(file: Path) -> Path:
    """The secret that Ray's dashboard and job API ask for, made at the first start and readable by this user only."""
    if not file.exists():
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            stream.write(secrets.token_hex(32))
    return file


def _check_free(use: str, address: Address) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address.host, address.port))
        except OSError as error:
            message = (
                f"{use}: port {address.port} on {address.host} is busy ({error.strerror}); stop what uses it, "
                f"or choose another in configs/profiles or with --{use}-port"
            )
            raise ConfigError(message, use) from None
