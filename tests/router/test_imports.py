"""What starting the front desk loads: no model library, whatever the table of stages names."""

from __future__ import annotations

import subprocess
import sys

LOADED = """
import sys
import router.api.app, router.conductor
print(*sorted({"torch", "diffusers", "transformers", "ray"} & sys.modules.keys()))
"""


def test_the_router_loads_neither_torch_nor_ray() -> None:
    answer = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == ""
