"""Settings that hold for the whole suite: one thread per numerical library, no hub, no proxy on loopback, examples that
may take their time, tests that may not; and how it is shared out between processes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from httpx._config import DEFAULT_TIMEOUT_CONFIG
from hypothesis import HealthCheck, settings

from tests.short_form import examples

if TYPE_CHECKING:
    from tests.sharing_out import SharedOut

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
os.environ.setdefault("RAY_worker_niceness", "0")  # Ray says 15: beside two other processes of tests it gets nothing
os.environ["NO_PROXY"] = "127.0.0.1,localhost"

# Five seconds, unless a test says otherwise, are little for an answer while two other processes test.
DEFAULT_TIMEOUT_CONFIG.read = 60

# On a machine that has much else to do any example may take long, and so may making one.
settings.register_profile(
    "any machine", max_examples=examples(100), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> SharedOut:
    from tests.sharing_out import SharedOut

    config.option.loadscopereorder = False
    return SharedOut(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    from tests.time_limits import give_patience

    give_patience(items)
    if hasattr(config, "workerinput"):
        from tests.sharing_out import arranged

        items[:] = arranged(items)


class Marking:
    """Before `-m` chooses, so that it may choose by these marks."""

    def __init__(self, counts: bool) -> None:
        """`counts`: lines are counted (pytest-cov)."""
        self._counts = counts

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        from tests.counted import leave_out_others
        from tests.short_form import shorten
        from tests.studios import mark_studios

        mark_studios(items)
        shorten(items)
        if self._counts:
            leave_out_others(items)


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Marking(config.pluginmanager.hasplugin("_cov")))
