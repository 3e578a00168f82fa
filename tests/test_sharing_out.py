"""Every file and folder that is named to begin early is there."""

from __future__ import annotations

from configs.load import ROOT
from tests.sharing_out import LONG, ONE_AT_A_TIME


def test_what_begins_early_is_there() -> None:
    assert [name for name in (*ONE_AT_A_TIME, *LONG) if not (ROOT / name).exists()] == []
