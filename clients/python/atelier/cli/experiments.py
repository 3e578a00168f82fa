"""`atelier experiments`: which way of drawing is better; started, watched, paused, and ended with a decision."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer

from atelier.cli import experiment_runs, findings, options
from atelier.cli.answers import answering
from atelier.cli.draw import PATIENCE
from atelier.cli.findings import Id
from atelier.cli.help import Commands
from atelier.cli.jobs import age
from atelier.cli.layout import Fact, Table
from atelier.cli.options import DEFAULT_URL
from atelier.cli.overlays import in_words, percent
from atelier.cli.printing import print_facts, print_json, print_line, print_table, say
from atelier.cli.prompts import prompts
from atelier.cli.votes import votes
from atelier.client import Atelier
from atelier.models.answers import Arm, Experiment, ExperimentEvent, Guardrail

Reason = Annotated[str, typer.Option("--reason", parser=options.a_text, metavar="TEXT", help="Why, for its log.")]
Exposure = Annotated[
    float | None,
    typer.Option(
        "--exposure", parser=options.a_number, metavar="SHARE", help="Of the units, 0 to 1; its own if absent."
    ),
]
Version = Annotated[
    str | None,
    typer.Option("--version", parser=options.a_text, metavar="VERSION", help="Of its entry; what is live if absent."),
]


def list_experiments(
    as_json: options.Json = False, url: options.Url = DEFAULT_URL, api_key: options.ApiKey = None
) -> None:
    """List the experiments of the library, and how they stand."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        found = studio.experiments.list()
        if as_json:
            print_json({"experiments": [one.model_dump(mode="json") for one in found]})
        elif not found:
            say("No experiments yet. Add one with `atelier library add experiments ID 1.0.0 -f FILE --mark live`.")
        else:
            names = ("id", "state", "phase", "mode", "exposure", "arms")
            print_table(Table(names, [(*_row(one), one.name) for one in found], prose="name"))


def show(id: Id, as_json: options.Json = False, url: options.Url = DEFAULT_URL, api_key: options.ApiKey = None) -> None:
    """Show an experiment: what is compared, and how it stands."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        found = studio.experiments.get(id)
        if as_json:
            print_json(found.model_dump(mode="json"))
        else:
            print_facts(_facts(found))


def start(
    id: Id,
    exposure: Exposure = None,
    version: Version = None,
    reason: Reason = "",
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Freeze its arms as they are now, and begin."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        _tell(studio.experiments.start(id, exposure=exposure, version=version, reason=reason), as_json)


def phase(
    id: Id,
    exposure: Exposure = None,
    version: Version = None,
    reason: Reason = "",
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """End its phase and begin another, with arms and units anew: as a winner is confirmed on fresh pictures."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        _tell(studio.experiments.begin_phase(id, exposure=exposure, version=version, reason=reason), as_json)


def pause(
    id: Id,
    reason: Reason = "",
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Let the champion draw everything; jobs in work go on."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        _tell(studio.experiments.pause(id, reason), as_json)


def resume(
    id: Id,
    reason: Reason = "",
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Go on in the same phase: every unit is in the arm that it was in."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        _tell(studio.experiments.resume(id, reason), as_json)


def stop(
    id: Id,
    decision: Annotated[
        str | None,
        typer.Option(
            "--decision", parser=options.a_text, metavar="DECISION", help="prefer:ARM, equal or undecided, if any."
        ),
    ] = None,
    reason: Reason = "",
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """End it, with what was decided."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        _tell(studio.experiments.stop(id, decision=decision, reason=reason), as_json)


def expose(
    id: Id,
    share: Annotated[
        float, typer.Argument(metavar="SHARE", parser=options.a_number, help="Of the units, 0 to 1, as 0.25.")
    ],
    reason: Reason = "",
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Let another share of the units take part. Nobody changes arms by it."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        _tell(studio.experiments.expose(id, share, reason), as_json)


def events(
    id: Id,
    after: Annotated[int, typer.Option("--after", min=0, metavar="N", help="Only those after number N.")] = 0,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Say what was done to it: who did what, and why, in order."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        found = studio.experiments.events(id, after)
        if as_json:
            print_json({"events": [one.model_dump(mode="json") for one in found]})
            return
        rows = [(str(one.seq), one.type, one.actor, age(one.at), _said(one)) for one in found]
        print_table(Table(("seq", "event", "by", "age"), rows, prose="what"))


def _tell(experiment: Experiment, as_json: bool) -> None:
    if as_json:
        print_json(experiment.model_dump(mode="json"))
        return
    print_line(f"{experiment.id} is {_state(experiment)}")
    for arm in experiment.arms:
        if arm.down is not None and experiment.state != "stopped":
            say(f"Note: arm {arm.id} cannot draw, the champion does: {arm.down}")


def _state(experiment: Experiment) -> str:
    if experiment.state == "ready":
        return "ready"
    words = f"{experiment.state}, phase {experiment.phase}"
    if experiment.state != "stopped":
        return f"{words}, exposure {percent(experiment.exposure)}"
    return words if experiment.decision is None else f"{words}, decided: {experiment.decision}"


def _row(experiment: Experiment) -> tuple[str, ...]:
    arms = ", ".join(arm.id for arm in experiment.arms)
    phase = str(experiment.phase or "-")
    return experiment.id, experiment.state, phase, experiment.definition.mode, percent(experiment.exposure), arms


def _facts(experiment: Experiment) -> list[Fact]:
    definition, scope = experiment.definition, experiment.definition.scope
    unit = f", by {definition.unit}" if definition.mode == "split" else ""
    facts = [
        Fact("id", experiment.id),
        Fact("name", experiment.name, prose=True),
        Fact("version", experiment.version),
        Fact("state", _state(experiment)),
        Fact("mode", f"{definition.mode}{unit}"),
        Fact("asset types", ", ".join(scope.asset_types) or "all"),
        Fact("qualities", ", ".join(scope.qualities) or "all"),
    ]
    facts += [Fact("prompt set", definition.prompt_set)] if definition.prompt_set else []
    facts += [Fact(f"arm {arm.id}", _about(arm)) for arm in experiment.arms]
    facts += [Fact("guardrail", _bound(one)) for one in definition.guardrails]
    rule = definition.stop
    facts.append(Fact("votes", f"{rule.min_votes} to {rule.max_votes}, of {rule.min_raters} raters or more"))
    facts += [Fact("about", definition.description, prose=True)] if definition.description else []
    return facts + ([Fact("since", f"{age(experiment.changed_at)} ago")] if experiment.changed_at else [])


def _about(arm: Arm) -> str:
    down = f"; cannot draw: {arm.down}" if arm.down else ""
    return f"weight {arm.weight:g}; {in_words(arm.overlay)}{down}"


def _bound(guardrail: Guardrail) -> str:
    if guardrail.max is not None:
        return f"{guardrail.metric} at most {percent(guardrail.max)}"
    return f"{guardrail.metric} at most {guardrail.max_ratio or 1:g} times the champion's"


def _said(event: ExperimentEvent) -> str:
    """Why, what became of what, and what else is told."""
    changed = [
        f"{name} {_word(event.before.get(name))} -> {_word(value)}"
        for name, value in event.after.items()
        if event.before.get(name) != value
    ]
    told = [f"{name} {_word(value)}" for name, value in event.told.items() if not isinstance(value, Mapping | list)]
    return "; ".join(filter(None, (event.reason, *changed, *told)))


def _word(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return "none" if value is None else str(value)


app = Commands(help="Which way of drawing is better: compare, judge and decide.", no_args_is_help=True)
COMMANDS: dict[str, Callable[..., None]] = {
    "list": list_experiments,
    "show": show,
    "start": start,
    "phase": phase,
    "pause": pause,
    "resume": resume,
    "stop": stop,
    "expose": expose,
    "events": events,
    "prompts": prompts,
    "results": findings.results,
    "votes": votes,
    "replay": experiment_runs.replay,
    "runs": experiment_runs.runs,
    "cancel": experiment_runs.cancel,
}
for _name, _command in COMMANDS.items():
    app.command(_name, epilog=options.EXIT_CODES)(_command)
