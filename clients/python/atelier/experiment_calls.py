"""The questions about experiments as values, for both clients."""

from __future__ import annotations

from typing import Any, TypedDict

from atelier.calls import Call, reader, segment
from atelier.errors import BadInput
from atelier.models.answers import (
    Assignment,
    Experiment,
    ExperimentEvent,
    ExperimentList,
    ExperimentLog,
    Run,
    RunList,
)
from atelier.values import to_json, to_text


def listed() -> Call[tuple[Experiment, ...]]:
    read = reader(ExperimentList)
    return Call("GET", "/experiments", lambda response: read(response).experiments)


def get(experiment: Experiment | str) -> Call[Experiment]:
    return Call("GET", path_of(experiment), reader(Experiment))


def begin(
    experiment: Experiment | str, again: bool, exposure: float | None, version: str | None, reason: str
) -> Call[Experiment]:
    """`again` is another phase."""
    path = f"{path_of(experiment)}/{'phases' if again else 'start'}"
    return Call("POST", path, reader(Experiment), body=given(exposure=exposure, version=version, reason=reason))


def tell(experiment: Experiment | str, what: str, **said: Any) -> Call[Experiment]:
    """Pause, resume or stop it."""
    return Call("POST", f"{path_of(experiment)}/{what}", reader(Experiment), body=given(**said))


def expose(experiment: Experiment | str, share: float, reason: str) -> Call[Experiment]:
    return Call("PATCH", path_of(experiment), reader(Experiment), body=given(exposure=share, reason=reason))


def events(experiment: Experiment | str, after: int) -> Call[tuple[ExperimentEvent, ...]]:
    read = reader(ExperimentLog)
    return Call("GET", f"{path_of(experiment)}/events", lambda response: read(response).events, params={"after": after})


def assignment(experiment: Experiment | str, unit: str) -> Call[Assignment]:
    asked: dict[str, str | int] = {"experiment": id_of(experiment), "unit": to_text(unit, "unit")}
    return Call("GET", "/assignments", reader(Assignment), params=asked)


class Replay(TypedDict, total=False):
    """What every arm draws: `prompt_set` (ID or ID@VERSION; the experiment's own if absent), `seeds` pictures of each
    prompt, in a `quality` of its scope. `fresh`: with seeds that no run had, to confirm what another has shown."""

    prompt_set: str | None
    seeds: int
    quality: str | None
    fresh: bool


def replay(experiment: Experiment | str, wish: Replay) -> Call[Run]:
    known = Replay.__annotations__
    for name in wish:
        if name not in known:
            raise BadInput(f"{name} is no field of a replay; the fields are {', '.join(known)}")
    return Call("POST", f"{path_of(experiment)}/runs", reader(Run), body=given(**wish))


def runs(experiment: Experiment | str) -> Call[tuple[Run, ...]]:
    read = reader(RunList)
    return Call("GET", f"{path_of(experiment)}/runs", lambda response: read(response).runs)


def cancel_run(experiment: Experiment | str, run: Run | str) -> Call[Run]:
    id = run.run_id if isinstance(run, Run) else to_text(run, "run")
    if not id.strip("."):
        raise BadInput("run: give a run, or a run's id")
    return Call("DELETE", f"{path_of(experiment)}/runs/{segment(id)}", reader(Run))


def given(**said: Any) -> dict[str, Any]:
    """What was said, as JSON. Raises `BadInput`, naming the field."""
    return {name: to_json(value, name) for name, value in said.items() if value is not None}


def path_of(experiment: Experiment | str) -> str:
    return f"/experiments/{segment(id_of(experiment))}"


def id_of(experiment: Experiment | str) -> str:
    """Raises `BadInput` for what names no experiment."""
    id = experiment.id if isinstance(experiment, Experiment) else experiment
    if not isinstance(id, str) or not id.strip("."):
        raise BadInput("experiment: give an experiment, or an experiment's id")
    return id
