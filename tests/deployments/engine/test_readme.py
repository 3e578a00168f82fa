"""The engine's page shows a program: it runs as it is printed, draws its picture, and can be scraped."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from prometheus_client.parser import text_string_to_metric_families

from configs.load import ROOT

pytestmark = pytest.mark.slow

PAGE = (ROOT / "deployments/engine/README.md").read_text(encoding="utf-8")
SCRAPE = """
from urllib.request import urlopen

print(urlopen(f"http://127.0.0.1:{server.server_port}/metrics").read().decode())
"""


def test_the_program_on_the_page_draws_and_reports(tmp_path: Path) -> None:
    (program,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    file = tmp_path / "bicycle.png"
    here = program.replace("9464", "0").replace('"bicycle.png"', repr(str(file)))
    done = subprocess.run(
        [sys.executable, "-c", here + SCRAPE], cwd=ROOT, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert Image.open(file).size == (128, 128)
    said, exposed = done.stdout.split("# HELP", 1)
    assert said.splitlines() == [f"step {step} of 12" for step in range(1, 13)]
    read = {
        one.name: one.value
        for family in text_string_to_metric_families("# HELP" + exposed)
        for one in family.samples
        if one.labels.get("model") == "mini"
    }
    assert read["atelier_engine_tick_seconds_count"] == 12
    assert read["atelier_engine_backlog_seconds"] == read["atelier_engine_resident_loras"] == 0
