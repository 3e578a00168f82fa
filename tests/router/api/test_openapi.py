"""Answers of the running API are as its own document says, whatever is sent: status, content type, headers, body."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

pytestmark = pytest.mark.slow

EXAMPLES = os.environ.get("API_EXAMPLES", "")
"""Per operation, at random; a few, and always the same, unless somebody says (`make fuzz-api`)."""


def test_answers_are_as_the_document_says(api: httpx.Client, tmp_path: Path) -> None:
    """Not that all that fits the document is taken: it cannot say which models and pictures there are."""
    document = api.get("/openapi.json").json()
    del document["components"]["securitySchemes"]  # whoever asks this studio is its developer
    for operation in (operation for methods in document["paths"].values() for operation in methods.values()):
        operation.pop("security", None)
    # Of spaces made up at random it would come to the gate, and no further.
    document["components"]["parameters"]["space"]["schema"] = {"type": "string", "enum": ["home", "nowhere"]}
    # Where a route that asks for no more has two headers, it would have a third refused, which HTTP does not.
    document["paths"]["/jobs/{job_id}/events"]["get"]["parameters"].remove({"$ref": "#/components/parameters/space"})
    (tmp_path / "openapi.json").write_text(json.dumps(document))
    command = [str(Path(sys.executable).with_name("schemathesis")), "run", "openapi.json", "--url", str(api.base_url)]
    command += ["--exclude-checks", "positive_data_acceptance"]
    if EXAMPLES:
        command += ["--phases", "examples,coverage,fuzzing", "--max-examples", EXAMPLES]
    else:
        command += ["--phases", "examples,fuzzing", "--max-examples", "2", "--generation-deterministic"]
    command += ["--exclude-path", "/events"]  # it ends when its client leaves; tests/router/api/test_own_events.py
    command += ["--request-timeout", "30", "--continue-on-failure", "--no-color"]
    tried = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)  # it leaves a cache
    assert tried.returncode == 0, tried.stdout[-20_000:] + tried.stderr[-2000:]
    assert f"Tested: {sum(map(len, document['paths'].values())) - 1}\n" in tried.stdout
