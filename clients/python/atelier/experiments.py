"""Which is better: experiments for both clients, from their start to what was decided."""

from __future__ import annotations

from typing import Unpack

from atelier import experiment_calls as calls
from atelier.experiment_calls import Replay
from atelier.flow import request
from atelier.models.answers import Assignment, Experiment, ExperimentEvent, Run
from atelier.retry import once
from atelier.voting import AsyncVoting


class AsyncExperiments(AsyncVoting):
    """The experiments of a studio. What they are is in the library (`experiments`); here they run, and are judged."""

    async def list(self) -> tuple[Experiment, ...]:
        """Every experiment, and how it stands."""
        found: tuple[Experiment, ...] = await self._run(calls.listed())
        return found

    async def get(self, experiment: Experiment | str) -> Experiment:
        """One experiment as it stands."""
        found: Experiment = await self._run(calls.get(experiment))
        return found

    async def start(
        self,
        experiment: Experiment | str,
        *,
        exposure: float | None = None,
        version: str | None = None,
        reason: str = "",
    ) -> Experiment:
        """Freeze its arms as they are now, and begin. Raises `StateConflict` for one that runs."""
        started: Experiment = await self._run(calls.begin(experiment, False, exposure, version, reason))
        return started

    async def begin_phase(
        self,
        experiment: Experiment | str,
        *,
        exposure: float | None = None,
        version: str | None = None,
        reason: str = "",
    ) -> Experiment:
        """End its phase and begin another, with arms and units anew; what was counted before stays apart. It is sent
        once: where no answer comes, `get` tells what became of it."""
        call = calls.begin(experiment, True, exposure, version, reason)
        begun: Experiment = await self._walk(request(call, once(self._retry)))
        return begun

    async def pause(self, experiment: Experiment | str, reason: str = "") -> Experiment:
        """Let the champion draw everything; jobs in work go on."""
        paused: Experiment = await self._run(calls.tell(experiment, "pause", reason=reason))
        return paused

    async def resume(self, experiment: Experiment | str, reason: str = "") -> Experiment:
        """Go on in the same phase: every unit is in the arm that it was in."""
        resumed: Experiment = await self._run(calls.tell(experiment, "resume", reason=reason))
        return resumed

    async def stop(self, experiment: Experiment | str, *, decision: str | None = None, reason: str = "") -> Experiment:
        """End it, with what was decided: `prefer:ARM`, `equal` or `undecided`."""
        stopped: Experiment = await self._run(calls.tell(experiment, "stop", decision=decision, reason=reason))
        return stopped

    async def expose(self, experiment: Experiment | str, share: float, reason: str = "") -> Experiment:
        """Let another share of the units take part, from 0 to 1. Nobody changes arms by it."""
        exposed: Experiment = await self._run(calls.expose(experiment, share, reason))
        return exposed

    async def events(self, experiment: Experiment | str, after: int = 0) -> tuple[ExperimentEvent, ...]:
        """Its log, from the event after number `after` on."""
        found: tuple[ExperimentEvent, ...] = await self._run(calls.events(experiment, after))
        return found

    async def assignment(self, experiment: Experiment | str, unit: str) -> Assignment:
        """Which arm a unit (a user, team, session or job) is in, and why."""
        found: Assignment = await self._run(calls.assignment(experiment, unit))
        return found

    async def replay(self, experiment: Experiment | str, **wish: Unpack[Replay]) -> Run:
        """Have a prompt set drawn by every arm, while nobody waits. Sent once: `runs` tells whether it was taken."""
        ordered: Run = await self._walk(request(calls.replay(experiment, wish), once(self._retry)))
        return ordered

    async def runs(self, experiment: Experiment | str) -> tuple[Run, ...]:
        """What was drawn for it, newest first. A prompt set of its own is drawn when a phase begins."""
        found: tuple[Run, ...] = await self._run(calls.runs(experiment))
        return found

    async def cancel_run(self, experiment: Experiment | str, run: Run | str) -> Run:
        """Cancel what is left of a run: what waits at once, what is drawn within two steps. What is drawn stays."""
        canceled: Run = await self._run(calls.cancel_run(experiment, run))
        return canceled
