"""`capacity plan`: the machines that a crowd needs, what a month of them costs, and what breaks first."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.table import Table

from configs.catalog import Installation
from configs.errors import ConfigError, InvalidRequest
from configs.fleet import Fleet
from router.capacity.cost import Month, bill, fixed_costs
from router.capacity.simulation.picture import Side, draw
from router.capacity.simulation.plan import LOAD_BYTES_PER_SECOND, Limit, Plan, Terms, find_limit, make_plan, simulate
from router.capacity.simulation.sessions import Crowd, imagine
from serve.capacity import terms as shared
from serve.capacity.shown import add_columns, cells

if TYPE_CHECKING:
    from rich.console import Console

_ROWS = (100, 200, 1000)
_PICTURES_A_SESSION = 4
_WHY = {
    "start": "jobs wait for a GPU that starts: keep it longer, or warm at working hours",
    "load": "jobs wait for models to be loaded: more memory, or fewer models",
    "queue": "jobs wait for each other: more nodes, or quicker ones",
}


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--users", type=shared.positive, required=True)
    parser.add_argument("--jobs-per-user-day", type=shared.positive, required=True, metavar="JOBS")
    parser.add_argument("--mix", required=True, help="models and their shares: flux-1-schnell=.7,sdxl-base=.3")
    parser.add_argument("--quality", default="standard", help="that decides the steps (standard)")
    parser.add_argument("--pictures", type=int, default=1, choices=range(1, 17), metavar="1-16", help="of a job (1)")
    parser.add_argument("--seeds", type=int, default=5, choices=range(1, 51), metavar="1-50", help="made-up months (5)")
    parser.add_argument("--days", type=shared.positive, default=28.0, help="of each made-up month that are drawn (28)")
    shared.add_options(parser)


def answer(options: argparse.Namespace, console: Console) -> None:
    shared.check_image(options.image)
    installation, fleet = shared.load(options)
    mix = _mix(options.mix, installation)
    crowd = _crowd(options, mix, installation)
    fits = {name: shared.fit(mix, kind, installation) for name, kind in fleet.kinds.items() if kind.max}
    held = {name: found for name, found in fits.items() if isinstance(found, shared.Fit)}
    sizes = {name: found.sizes for name, found in held.items()}
    if not sizes:
        raise ConfigError(f"no kind of {fleet.id} holds these models: {'; '.join(map(str, fits.values()))}", "fleet")
    terms = Terms(options.slo, options.target, options.keep_alive, options.seeds, options.days, options.warm)
    plan = make_plan(dict.fromkeys(sizes, crowd), sizes, fleet, terms, shared.route)
    best = plan.best
    limit = find_limit(best, crowd, sizes[best.kind], fleet, terms, shared.route)
    console.print(_table(plan, fleet, crowd))
    for line in (*_notes(held, fits), *_verdict(plan, fleet, limit)):
        console.print(line, soft_wrap=True)
    console.print(_by_hand(plan, fleet, crowd, sizes))
    console.print(shared.prices(fleet, sizes), soft_wrap=True)
    if options.image is not None:
        trace = imagine(crowd, terms.days, 0)
        always = simulate(best.kind, 1, sizes[best.kind], [trace], fleet, terms, shared.route, always=1)
        sides = [Side(f"0-{best.nodes} x {best.kind}", best.records[0]), Side("one, always", always.records[0])]
        title = f"{crowd.jobs_per_day:g} jobs a day on {best.kind}"
        shared.write_image(options.image, draw(title, sides, terms.days, fleet.currency))
        console.print(f"drawn: {options.image}", soft_wrap=True)


def _mix(text: str, installation: Installation) -> dict[str, float]:
    mix: dict[str, float] = {}
    for part in text.split(","):
        model, _, weight = part.strip().partition("=")
        shared.check_model(model, installation)
        try:
            mix[model] = shared.positive(weight)
        except argparse.ArgumentTypeError:
            raise InvalidRequest(f"'{part.strip()}' has no share: write {model}=0.5", "mix") from None
    return mix


def _crowd(options: argparse.Namespace, mix: dict[str, float], installation: Installation) -> Crowd:
    seconds = {}
    for name in mix:
        model = installation.catalog.models[name]
        if options.quality not in model.steps:
            known = ", ".join(model.steps)
            raise InvalidRequest(f"{name} draws no {options.quality}: it has {known}", "quality")
        seconds[name] = model.steps[options.quality] * model.seconds_per_step * options.pictures
    return Crowd(options.users * options.jobs_per_user_day, mix, seconds, options.pictures)


def _table(plan: Plan, fleet: Fleet, crowd: Crowd) -> Table:
    terms = plan.terms
    title = (
        f"{crowd.jobs_per_day:g} jobs a day, in sessions; {100 * terms.target:g} % are to wait {terms.slo_seconds:g} s "
        f"at most; {terms.seeds} made-up months"
    )
    table = Table(title=title)
    table.add_column("kind")
    table.add_column("nodes", justify="right")
    add_columns(table, fleet.currency)
    for option in plan.options:
        nodes = f"{fleet.kinds[option.kind].min}-{option.nodes}"
        table.add_row(option.kind, nodes, *cells(option.report, option.bill), style="bold" * (option is plan.best))
    return table


def _notes(held: dict[str, shared.Fit], fits: dict[str, shared.Fit | str]) -> Iterator[str]:
    for kind, found in held.items():
        for model, preset in found.presets.items():
            yield f"{kind}: {model} fits with the preset {preset} alone, which draws more slowly than is reckoned here."
    for kind, why in fits.items():
        if isinstance(why, str):
            yield f"{kind}: left out, {why}."


def _verdict(plan: Plan, fleet: Fleet, limit: Limit | None) -> Iterator[str]:
    best, terms = plan.best, plan.terms
    least, most = fixed_costs(fleet)
    enough = best.report.attained.mean >= terms.target
    yield f"{best.kind}, 0 to {best.nodes} nodes: " + ("enough." if enough else "the best there is, and not enough.")
    if not enough:
        yield f"Why: {_WHY[next(iter(best.report.missed), 'queue')]}."
    elif limit is None:
        yield "What breaks first: nothing, up to 16 times as many people."
    else:
        yield (
            f"What breaks first: at {limit.factor} times as many people {100 * limit.attained:.0f} % are in time, with "
            f"all nodes of the kind; {_WHY[limit.why]}."
        )
    if fleet.fixed:
        fixed = f"{least:g}" if least == most else f"{least:g} to {most:g}"
        named = ", ".join(one.name for one in fleet.fixed)
        yield f"Beside it {fixed} {fleet.currency} a month, before the first picture: {named}."


def _by_hand(plan: Plan, fleet: Fleet, crowd: Crowd, sizes: dict[str, dict[str, float]]) -> Table:
    """The same without chance: S (C + K) + N s."""
    table = Table(title=f"By hand, {_PICTURES_A_SESSION} pictures a session: {fleet.currency} a month for machines")
    table.add_column("pictures a month")
    for option in plan.options:
        table.add_column(option.kind, justify="right")
    table.add_column("and beside it", justify="right")
    least, most = fixed_costs(fleet)
    for pictures in _ROWS:
        found = [_row(pictures, option.kind, plan.terms, fleet, crowd, sizes[option.kind]) for option in plan.options]
        fixed = f"{least:g}" if least == most else f"{least:g}-{most:g}"
        table.add_row(str(pictures), *(f"{dollars:.1f}" for dollars in found), fixed)
    return table


def _row(pictures: int, name: str, terms: Terms, fleet: Fleet, crowd: Crowd, sizes: dict[str, float]) -> float:
    kind, weights = fleet.kinds[name], sum(crowd.mix.values())
    seconds = sum(crowd.seconds[model] * part for model, part in crowd.mix.items()) / weights / crowd.pictures
    load = sum(sizes[model] * part for model, part in crowd.mix.items()) / weights / LOAD_BYTES_PER_SECOND
    idle = terms.keep_alive_seconds + kind.idle_seconds
    sessions = pictures / _PICTURES_A_SESSION
    month = Month(sessions, pictures, seconds / kind.speed, kind.start_seconds + load, idle)
    return bill(month.node_seconds, kind, fleet)
