"""`python -m router.api.openapi`: write the OpenAPI document that clients are built from, or check that it is fresh."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from configs.catalog import Installation
from configs.load import load_catalog
from configs.placements import GeneratorPlacement
from configs.profile import ProfileConfig
from router.api.app import create_app
from router.replicas import DirectReplicas
from router.studio import Studio

DOCUMENT = Path(__file__).with_name("openapi.json")


def openapi() -> str:
    """The document of the current code, in stable order."""
    with TemporaryDirectory() as folder:
        studio = Studio.assemble(_silent(folder), DirectReplicas({}))
        return json.dumps(create_app(studio).openapi(), indent=1, sort_keys=True) + "\n"


def _silent(folder: str) -> Installation:
    """An installation that is never asked for a picture: the document does not depend on what is installed."""
    profile = ProfileConfig(
        id="openapi",
        description="for the document",
        generators=(GeneratorPlacement(model="none"),),
        default_model="none",
        state=folder,
    )
    return Installation(root=folder, profile=profile, catalog=load_catalog(), capabilities={})


def main(arguments: list[str]) -> int:
    """Write the document; with `--check`, exit 1 when the one in the repository is stale."""
    fresh = openapi()
    if "--check" in arguments:
        if DOCUMENT.exists() and DOCUMENT.read_text(encoding="utf-8") == fresh:
            return 0
        sys.stderr.write("router/api/openapi.json is stale: run `make openapi` and commit it\n")
        return 1
    DOCUMENT.write_text(fresh, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
