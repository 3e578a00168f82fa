"""`make observe`: a Prometheus over the studio that runs here, found by what Ray has written down of itself."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import yaml

from helm.observe.__main__ import CHART

DISCOVERY = "prom_metrics_service_discovery.json"
"""Ray keeps in it where its nodes and its dashboard export: only where it has a dashboard."""
PLAIN_NAMES = [
    {"source_labels": ["__name__"], "regex": "ray_(atelier_.+)", "target_label": "__name__", "replacement": "$1"}
]
"""Ray puts its name before ours; dashboards and rules know ours."""


def program(name: str = "prometheus") -> Path | None:
    """The machine's Prometheus, or the one that `tests/install-servers.sh prometheus` has unpacked."""
    found = shutil.which(name) or shutil.which(name, path=Path(sys.prefix, "prometheus/usr/bin"))
    return None if found is None else Path(found)


def configuration(discovery: Path | None, studio: str | None, interval: str = "5s") -> dict[str, Any]:
    """Of a Prometheus that scrapes all nodes of a cluster, or a `studio` (host:port) of one process, with the chart's
    recording rules and alerts."""
    if studio is not None:
        scraped: dict[str, Any] = {"job_name": "studio", "static_configs": [{"targets": [studio]}]}
    else:
        found = {"files": [str(discovery)], "refresh_interval": "10s"}
        scraped = {"job_name": "ray", "file_sd_configs": [found], "metric_relabel_configs": PLAIN_NAMES}
    return {
        "global": {"scrape_interval": interval, "evaluation_interval": interval},
        "rule_files": [str(path) for path in sorted((CHART / "rules").glob("*.yaml"))],
        "scrape_configs": [scraped],
    }


def command(prometheus: Path, folder: Path, port: int, config: dict[str, Any]) -> list[str]:
    """How it is started, with its configuration and its data in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "prometheus.yml"
    file.write_text(yaml.safe_dump(config, sort_keys=False))
    return [
        str(prometheus),
        f"--config.file={file}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--storage.tsdb.retention.time=7d",
        "--log.level=warn",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m helm.observe.local", description=__doc__)
    parser.add_argument("--port", type=int, default=9090, help="of Prometheus, on this machine alone")
    parser.add_argument("--studio", metavar="HOST:PORT", help="a studio of one process; a Ray cluster if absent")
    parser.add_argument("--folder", type=Path, default=Path(".atelier/prometheus"), help="for its data")
    asked = parser.parse_args()
    discovery = Path(os.environ.get("RAY_TMPDIR", gettempdir()), "ray", DISCOVERY)
    prometheus = program()
    if prometheus is None:
        sys.exit("no Prometheus here: run tests/install-servers.sh prometheus")
    if asked.studio is None and not discovery.exists():
        sys.exit(f"no studio with a dashboard runs here ({discovery} is not there): start one with make run")
    address = f"http://127.0.0.1:{asked.port}"
    print(f"  Prometheus  {address}/graph?g0.expr=atelier:queue_jobs:by_deployment&g0.tab=0")  # noqa: T201
    print(f"  alerts      {address}/alerts")  # noqa: T201
    print(f"  dashboards  import {CHART / 'dashboards'}/*.json into a Grafana that has {address}")  # noqa: T201
    print("  Ray's own   RAY_PROMETHEUS_HOST is this address by default; Ctrl-C stops it", flush=True)  # noqa: T201
    config = configuration(None if asked.studio else discovery, asked.studio)
    try:
        sys.exit(subprocess.run(command(prometheus, asked.folder, asked.port, config)).returncode)
    except KeyboardInterrupt:
        sys.exit(0)


if __name__ == "__main__":
    main()
