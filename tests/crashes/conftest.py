"""Processes that are there at once, to be killed."""

from __future__ import annotations

import multiprocessing
from multiprocessing.context import ForkServerContext

import pytest


@pytest.fixture(scope="module")
def processes() -> ForkServerContext:
    """Starts workers in milliseconds: each is forked from one that has done the imports."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.crashes.worker"])
    return context
