"""`make run`: start Ray and the application on this machine, say when it is ready, stop all of it on Ctrl-C."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from configs.catalog import Installation
from configs.errors import ConfigError
from configs.service import Address
from configs.text import lines
from deployments.checkpoints.installed import find_unpinned
from deployments.checkpoints.inventory import all_sources
from deployments.terminal import headed
from serve.gpu_table import gpu_table
from serve.interrupts import Interrupts
from serve.keep_alive import watch_idleness
from serve.preflight import check
from serve.proxies import except_loopback
from serve.ray_token import PLACE, token_file
from serve.reasons import find_reason
from serve.terminal import Terminal
from serve.vigil import Vigil

if TYPE_CHECKING:
    from ray import serve as ray_serve

APPLICATION = "atelier"

_log = logging.getLogger("atelier.launch")


class Launch:
    """One run of an installation in the foreground. With `verbose`, prints how long each phase of the start took."""

    def __init__(self, installation: Installation, terminal: Terminal, verbose: bool = False) -> None:
        self._installation = installation
        self._profile = installation.profile
        self._terminal, self._console = terminal, terminal.console
        self._verbose = verbose
        self._is_worker = self._profile.role == "worker"
        self._state = Path(installation.root, installation.profile.state)
        self._log = self._state / "logs" / "launch.log"
        self._interrupts = Interrupts(terminal.descriptor)
        self._began = time.monotonic()

    def run(self) -> None:
        """Start, print the ready line, and stay until SIGINT or SIGTERM; either before that ends the process. A worker
        stays until nothing has waited for a while. Raises `ConfigError` when it cannot start."""
        self._interrupts.install()
        with self.running():
            self._interrupts.install()  # again: Ray has put itself before them
            self._announce()
            if self._is_worker:
                watch_idleness(self._installation, self._leave)
            else:
                Vigil(self._profile.http, self._console).begin()
            self._interrupts.wait()

    def _leave(self) -> None:
        self._interrupts.leave(f"nothing has waited for {self._profile.worker.keep_alive_seconds:g} s: leaving")

    @contextmanager
    def running(self) -> Iterator[None]:
        """The studio is ready inside, and gone after. What this process prints goes to `logs/launch.log` from then on,
        but for what the terminal's console prints. Raises `ConfigError` when it cannot start."""
        told = check(self._installation)
        self._set_environment()
        for warning in (*find_unpinned(self._installation), *told):
            self._console.print(headed("warning:", "yellow", warning), soft_wrap=True)
        if any(entry.share for entry in self._installation.ledger):
            self._console.print(gpu_table(self._installation.ledger))
        if not self._verbose:
            self._terminal.keep(self._log)
        try:
            self._start()
            yield
        finally:
            self._stop()

    def _start(self) -> None:
        """Start Ray and the application, side by side where they do not need each other."""
        with ThreadPoolExecutor(1) as beside:
            application = beside.submit(self._bind)
            with self._phase("Ray"):
                self._start_ray()
            with self._phase("Serve"):
                self._start_serve()
            with self._phase("application"):
                self._run(application)

    def _stop(self) -> None:
        """Stop what was started, and nothing else."""
        import ray
        from ray import serve as ray_serve

        self._terminal.keep(self._log)
        if ray.is_initialized():
            ray_serve.shutdown()  # type: ignore[no-untyped-call]
            ray.shutdown()

    def _set_environment(self) -> None:
        except_loopback(os.environ)
        root = self._installation.root
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH", "")]))
        os.environ.setdefault(PLACE, str(token_file(self._state, os.environ)))
        os.environ.setdefault("ATELIER_STATE", str(self._state))  # where replicas write down commits
        os.environ.setdefault("RAY_SERVE_RETAINED_DEAD_REPLICAS", "0")
        # What a replica has loaded stays: the collector need not look through it again and again while it works.
        os.environ.setdefault("RAY_SERVE_FREEZE_GC_ON_STARTUP", "1")
        # A line for each request, which Ray would collect although nobody sees it; Serve's log files have it anyway.
        os.environ.setdefault("RAY_SERVE_LOG_TO_STDERR", "1" if self._verbose else "0")
        # Ray gives one thread to a replica that reserves no cores; here they share all that there are.
        os.environ.setdefault("OMP_NUM_THREADS", str(len(os.sched_getaffinity(0))))
        for name, url in self._profile.monitoring.environment.items():
            os.environ.setdefault(name, url)
        os.environ.setdefault("HF_HUB_OFFLINE", "1" if self._all_local() else "0")

    def _all_local(self) -> bool:
        return all(source.weights.path is not None for source in all_sources(self._installation))

    def _start_ray(self) -> None:
        import ray

        dashboard = self._profile.dashboard
        try:
            with _our_signals():
                ray.init(
                    address="local",
                    include_dashboard=dashboard is not None,
                    dashboard_host=dashboard.host if dashboard else "127.0.0.1",
                    dashboard_port=dashboard.port if dashboard else None,
                    object_store_memory=self._profile.object_store_mb * 2**20,
                    log_to_driver=self._verbose,
                    logging_level=logging.ERROR,
                )
        except Exception as error:  # noqa: BLE001 - a bare one is what Ray raises when a busy machine takes it too long
            raise self._failed("Ray", error) from None

    def _bind(self) -> ray_serve.Application:
        from serve.app import bind

        return bind(self._installation)

    def _start_serve(self) -> None:
        import ray
        from ray import serve as ray_serve

        try:
            http = {"host": self._profile.http.host, "port": self._profile.http.port}
            proxies = "Disabled" if self._is_worker else "HeadOnly"
            ray_serve.start(proxy_location=proxies, http_options=http)
        except (OSError, RuntimeError, ray.exceptions.RayError) as error:
            raise self._failed("Serve", error) from None

    def _run(self, application: Future[ray_serve.Application]) -> None:
        from ray import serve as ray_serve

        try:
            prefix = None if self._is_worker else "/"
            ray_serve.run(application.result(), name=APPLICATION, route_prefix=prefix)
        except RuntimeError as error:
            deployments = ray_serve.status().applications[APPLICATION].deployments.values()
            told = "\n".join([str(error), *(one.message for one in deployments)])
            raise self._failed("the application", RuntimeError(told)) from None

    def _failed(self, what: str, error: Exception) -> ConfigError:
        _log.error("%s did not start: %s", what, error)
        return ConfigError(find_reason(f"{type(error).__name__}: {error}", str(self._log), what))

    def _announce(self) -> None:
        took = time.monotonic() - self._began
        self._console.print(f"[bold green]ready[/] after {took:.0f} s · Ctrl-C stops it\n")
        if self._is_worker:
            self._console.print("  draws what a door has accepted, and leaves when nothing waits\n")
            return
        url = _url(self._profile.http)
        self._console.print(f"  studio     [bold]{url}[/]\n  API docs   {url}/docs")
        if self._profile.dashboard is not None:
            token = lines(str(Path(self._profile.state, "ray-token")))
            self._console.print(Text(f"  dashboard  {_url(self._profile.dashboard)}  (its token is in {token})"))
        self._console.print('  try        .venv/bin/atelier generate "a red bicycle icon" -n 4 -o out/\n')

    @contextmanager
    def _phase(self, name: str) -> Iterator[None]:
        began = time.monotonic()
        with self._console.status(f"starting {name} …"):
            yield
        if self._verbose:
            self._console.print(f"{name:<14}{time.monotonic() - began:6.1f} s")


@contextmanager
def _our_signals() -> Iterator[None]:
    """Keep Ray from answering SIGTERM, which it does at once: it would leave the studio, and processes, behind."""
    from ray._private import utils

    theirs = utils.set_sigterm_handler
    utils.set_sigterm_handler = lambda _: None
    try:
        yield
    finally:
        utils.set_sigterm_handler = theirs


def _url(address: Address) -> str:
    host = f"[{address.host}]" if ":" in address.host else address.host
    return f"http://{host}:{address.port}"
