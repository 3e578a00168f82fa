"""Debian's Prometheus: where the machine has it, or where `tests/install-servers.sh` has put it."""

from __future__ import annotations

import shutil
from pathlib import Path

from configs.load import ROOT

_UNPACKED = ROOT / ".venv/prometheus/usr/bin"


def program(name: str) -> Path:
    """`prometheus` or `promtool`. Raises FileNotFoundError, and says what to do."""
    found = shutil.which(name) or shutil.which(name, path=_UNPACKED)
    if found is None:
        raise FileNotFoundError(f"no {name} here: run tests/install-servers.sh prometheus")
    return Path(found)
