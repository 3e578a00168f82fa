"""Hours of the day in which trainings run. Pure."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Literal, TypeAlias

from configs.frozen import Frozen

ScheduleName: TypeAlias = Literal["now", "overnight"]


class Window(Frozen):
    """From `opens` to `closes` by the clock of UTC, over midnight where it closes before it opens."""

    opens: time
    closes: time

    def seconds_to_open(self, now: datetime) -> float:
        """0 while it is open."""
        if self._is_open(now.time()):
            return 0.0
        opens = datetime.combine(now.date(), self.opens, now.tzinfo)
        return ((opens if opens > now else opens + timedelta(days=1)) - now).total_seconds()

    def seconds_to_close(self, now: datetime) -> float:
        """0 while it is closed."""
        if not self._is_open(now.time()):
            return 0.0
        closes = datetime.combine(now.date(), self.closes, now.tzinfo)
        return ((closes if closes > now else closes + timedelta(days=1)) - now).total_seconds()

    def _is_open(self, at: time) -> bool:
        if self.opens <= self.closes:
            return self.opens <= at < self.closes
        return at >= self.opens or at < self.closes
