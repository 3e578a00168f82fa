"""The TypeScript SDK against the real API: its own tests, with the address of a studio that paints."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from configs.load import ROOT

pytestmark = pytest.mark.slow

CLIENTS = ROOT / "clients"
_NODE = {"PATH": f"{ROOT / '.venv' / 'node' / 'bin'}:{os.environ['PATH']}"}


@pytest.fixture(autouse=True, scope="module")
def _installed() -> None:
    if not (CLIENTS / "node_modules" / ".bin" / "vitest").exists():
        pytest.skip("`make test` installs what runs it")


def test_it_draws_follows_and_fetches(url: str) -> None:
    command = ["../node_modules/.bin/vitest", "run", "--reporter=json", "test/studio.test.ts"]
    environment = {**os.environ, **_NODE, "ATELIER_URL": url}
    tried = subprocess.run(command, cwd=CLIENTS / "typescript", env=environment, capture_output=True, text=True)
    assert tried.returncode == 0, tried.stdout[-8000:] + tried.stderr[-2000:]
    told = json.loads(tried.stdout)
    assert (told["numPassedTests"], told["numPendingTests"]) == (3, 0)


def test_what_is_built_runs_in_node_alone_and_brings_its_types(url: str, tmp_path: Path) -> None:
    build = ["../node_modules/.bin/tsc", "--project", "tsconfig.build.json", "--outDir", str(tmp_path)]
    subprocess.run(build, cwd=CLIENTS / "typescript", env={**os.environ, **_NODE}, check=True)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    program = f"""
      import {{ Atelier }} from "./src/index.js";
      const studio = new Atelier("{url}");
      const job = await studio.wait(await studio.submit({{ prompt: "a lamp", quality: "draft" }}));
      console.log(job.status, (await studio.content(job.images[0])).length > 0);
    """
    node = ["node", "--input-type=module", "--eval", program]
    ran = subprocess.run(node, cwd=tmp_path, env={**os.environ, **_NODE}, capture_output=True, text=True)
    assert (ran.stdout, ran.stderr) == ("complete true\n", "")
    assert "generate(request: Generate" in (tmp_path / "src" / "client.d.ts").read_text()
