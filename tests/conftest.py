"""Settings that hold for the whole suite: one thread per numerical library, no hub, no proxy on loopback."""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
os.environ["NO_PROXY"] = "127.0.0.1,localhost"
