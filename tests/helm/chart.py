"""The chart, rendered by a real Helm. `python -m tests.helm.chart` writes down what the examples become."""

from __future__ import annotations

import copy
import json
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from configs.load import ROOT

CHART, EXAMPLES = ROOT / "helm" / "atelier", ROOT / "helm" / "examples"
NAMES = tuple(sorted(file.stem for file in EXAMPLES.glob("*.yaml")))
SNAPSHOTS = Path(__file__).parent / "snapshots"


def helm(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run it: the one that `make test` installs, or the machine's."""
    own = Path(sys.prefix, "bin", "helm")
    found = str(own) if own.exists() else shutil.which("helm")
    assert found, "there is no helm: python -m tests.helm.install brings one"
    with tempfile.TemporaryDirectory() as home:  # nobody's plugins or repositories
        places = {f"HELM_{name}_HOME": home for name in ("CACHE", "CONFIG", "DATA")}
        return subprocess.run(
            [found, *arguments], capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin", **places}
        )


@cache
def example(name: str) -> tuple[dict[str, Any], ...]:
    """The objects that an example's values make."""
    done = template(EXAMPLES / f"{name}.yaml")
    assert done.returncode == 0, done.stderr
    return objects(done.stdout)


def objects(text: str) -> tuple[dict[str, Any], ...]:
    """Of what Helm wrote."""
    return tuple(each for each in yaml.load_all(text, yaml.CSafeLoader) if each)


def template(*values: Path) -> subprocess.CompletedProcess[str]:
    """Render it for a release `studio` in the namespace `art`."""
    files = [part for file in values for part in ("--values", str(file))]
    return helm("template", "studio", str(CHART), "--namespace", "art", *files)


def service(objects: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    """The RayService among them."""
    return next(each for each in objects if each["kind"] == "RayService")


def snapshot(name: str) -> str:
    """What an example becomes, without the texts of dashboards and rules, and with its Serve config to be read."""
    kept = copy.deepcopy([each for each in example(name) if each["kind"] not in ("PrometheusRule", "ConfigMap")])
    for each in (each for each in kept if each["kind"] == "RayService"):
        each["spec"]["serveConfigV2"] = json.loads(each["spec"]["serveConfigV2"])
    return yaml.dump_all(kept, Dumper=yaml.CSafeDumper, sort_keys=True, width=110)


def main() -> None:
    SNAPSHOTS.mkdir(exist_ok=True)
    for name in NAMES:
        (SNAPSHOTS / f"{name}.yaml").write_text(snapshot(name))


if __name__ == "__main__":
    main()
