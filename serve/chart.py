"""What of the chart is made from the code: its values and their schema, and each profile and fleet as Helm reads them.

`python -m serve.chart` writes it, `--check` says whether it is as written.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from configs.chart.pages import values_page, values_schema
from configs.chart.values import OF_THE_CHART
from configs.errors import ConfigError
from configs.fleet import Fleet, GpuKind
from configs.load import ROOT, load_fleets, load_installation, load_profile, read_document
from deployments.families.registry import FAMILIES
from serve.serve_config import serve_config

CHART = ROOT / "helm" / "atelier"
_KEPT = 0.9  # of a node's cores and memory, for our pod; the rest is Kubernetes' own


def files() -> Iterator[tuple[Path, str]]:
    """Path and text of each. Raises `ConfigError`."""
    yield CHART / "values.yaml", values_page()
    yield CHART / "values.schema.json", values_schema()
    for file in sorted((ROOT / "configs" / "profiles").glob("*.yaml")):
        if load_profile(file.stem).role == "all":
            yield CHART / "files" / "profiles" / f"{file.stem}.json", profile_file(file.stem)
    for id, fleet in load_fleets().items():
        yield CHART / "files" / "fleets" / f"{id}.json", fleet_file(fleet)


def profile_file(id: str) -> str:
    """A profile's Serve config with the profile itself in it, but for what the chart says."""
    installation = load_installation(id, FAMILIES.table())
    written: dict[str, Any] = read_document(ROOT / "configs" / "profiles" / f"{id}.yaml").data
    kept = {key: value for key, value in written.items() if key not in OF_THE_CHART - {"id", "description"}}
    return serve_config(kept, installation)


def fleet_file(fleet: Fleet) -> str:
    """Its kinds as worker groups need them."""
    return json.dumps({name: _group(kind) for name, kind in fleet.kinds.items()}, indent=2) + "\n"


def _group(kind: GpuKind) -> dict[str, Any]:
    return {
        "min": kind.min,
        "max": kind.max,
        "gpus": kind.gpus_per_node,
        "cpu": f"{round(kind.cpus * _KEPT * 1000)}m",
        "memory": f"{int(kind.cpu_memory_gb * _KEPT * 1000)}M",
        "spot": kind.spot,
        "labels": kind.labels,
        "nodeSelector": kind.node_selector,
        "tolerations": [one.model_dump() for one in kind.tolerations],
    }


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0, or 2 where something cannot be made or, with `--check`, is not as it would be made."""
    parser = argparse.ArgumentParser(prog="python -m serve.chart", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    checking = parser.parse_args(arguments).check
    try:
        made = dict(files())
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    left = [file for folder in ("profiles", "fleets") for file in (CHART / "files" / folder).glob("*.json")]
    stale = [file for file, text in made.items() if not file.exists() or file.read_text() != text]
    stale += [file for file in left if file not in made]
    if checking:
        for file in stale:
            sys.stderr.write(f"{file.relative_to(ROOT)} is not as the code has it: run python -m serve.chart\n")
        return 2 if stale else 0
    for file in stale:
        if file not in made:
            file.unlink()
            continue
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(made[file])
    return 0


if __name__ == "__main__":
    sys.exit(main())
