"""`capacity replay`: the same jobs under this policy, on machines that always run, and on one that does."""

from __future__ import annotations

import argparse
import asyncio
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from configs.catalog import Installation
from configs.errors import ConfigError, InvalidRequest
from configs.fleet import Fleet
from router.capacity.simulation.past import read_past
from router.capacity.simulation.picture import Side, draw
from router.capacity.simulation.plan import Option, Terms, simulate
from router.capacity.simulation.trace import Trace
from router.capacity.simulation.trace_file import read_trace
from router.storage.database import Database, database_url
from serve.capacity import terms as shared
from serve.capacity.shown import add_columns, cells

if TYPE_CHECKING:
    from rich.console import Console


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("trace", nargs="?", type=Path, help="a CSV file: at,model,seconds and, if known, pictures")
    parser.add_argument("--from-db", action="store_true", help="the jobs of the profile's own database instead")
    parser.add_argument("--days", type=shared.positive, help="of the database: the last so many")
    parser.add_argument("--kind", help="of GPUs in the fleet; the cheapest that holds the models if absent")
    parser.add_argument("--speed", type=shared.positive, default=1.0, help="of what the seconds were measured on (1)")
    shared.add_options(parser)


def answer(options: argparse.Namespace, console: Console) -> None:
    shared.check_image(options.image)
    installation, fleet = shared.load(options)
    trace = _trace(options, installation, console)
    kind, sizes = _kind(options.kind, trace, fleet, installation)
    terms = Terms(options.slo, options.target, options.keep_alive, seeds=1, warm=options.warm)
    most = fleet.kinds[kind].max
    ways = {
        f"this policy, 0-{most}": (most, 0),
        f"{most}, always": (most, most),
        "one, always": (1, 1),
    }
    found = {
        name: simulate(kind, nodes, sizes, [trace], fleet, terms, shared.route, always)
        for name, (nodes, always) in ways.items()
    }
    console.print(_table(found, trace, kind, fleet, terms))
    console.print(shared.prices(fleet, {kind: sizes}), soft_wrap=True)
    if options.image is not None:
        sides = [Side(name, option.records[0]) for name, option in found.items()]
        title = f"{len(trace.arrivals):,} jobs replayed on {kind}"
        shared.write_image(options.image, draw(title, sides, trace.seconds / 86400, fleet.currency))
        console.print(f"drawn: {options.image}", soft_wrap=True)


def _table(found: dict[str, Option], trace: Trace, kind: str, fleet: Fleet, terms: Terms) -> Table:
    title = (
        f"{len(trace.arrivals):,} jobs in {trace.seconds / 86400:.1f} days on {kind}; in time: {terms.slo_seconds:g} s"
    )
    table = Table(title=title)
    table.add_column("nodes")
    add_columns(table, fleet.currency)
    for name, option in found.items():
        table.add_row(name, *cells(option.report, option.bill))
    return table


def _trace(options: argparse.Namespace, installation: Installation, console: Console) -> Trace:
    if options.from_db == (options.trace is not None):
        raise ConfigError("say what to replay: a CSV file, or --from-db", "trace")
    if options.from_db:
        return _of_models(asyncio.run(_past(installation, options.days)), installation, console, options.speed)
    try:
        text = options.trace.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRequest(f"{options.trace} cannot be read: {error}", "trace") from None
    return _at_speed(read_trace(text, installation.catalog.models), options.speed)


async def _past(installation: Installation, days: float | None) -> Trace:
    url = database_url(installation.profile, Path(installation.root, installation.profile.state))
    path = url.removeprefix("sqlite:///")
    if path != url and not Path(path).exists():
        raise ConfigError("there is no job database yet: the first start of the studio makes it", "from-db")
    database = Database(url)
    try:
        return await read_past(database, days)
    finally:
        await database.close()


def _of_models(trace: Trace, installation: Installation, console: Console, speed: float) -> Trace:
    """Deployments are told by the models that they draw with; what the profile has no more is left out, and said."""
    models = {one.name: one.model for one in installation.profile.generators}
    gone = Counter(one.model for one in trace.arrivals if one.model not in models)
    for name, jobs in gone.items():
        console.print(f"left out: {jobs} jobs of {name}, which this profile does not run", soft_wrap=True)
    kept = tuple(replace(one, model=models[one.model]) for one in trace.arrivals if one.model in models)
    if not kept:
        raise InvalidRequest("none of the past jobs is of a deployment that this profile runs", "profile")
    return _at_speed(replace(trace, arrivals=kept), speed)


def _at_speed(trace: Trace, speed: float) -> Trace:
    if speed == 1:
        return trace
    return replace(trace, arrivals=tuple(replace(one, seconds=one.seconds * speed) for one in trace.arrivals))


def _kind(asked: str | None, trace: Trace, fleet: Fleet, installation: Installation) -> tuple[str, dict[str, float]]:
    if asked is not None and asked not in fleet.kinds:
        raise ConfigError(f"the fleet {fleet.id} has no kind '{asked}'; it has {', '.join(fleet.kinds)}", "kind")
    names = [asked] if asked else sorted(fleet.kinds, key=lambda name: fleet.kinds[name].price_per_gpu_hour)
    why = ""
    for name in names:
        found = shared.fit(trace.shares(), fleet.kinds[name], installation)
        if isinstance(found, shared.Fit):
            return name, found.sizes
        why = found
    raise ConfigError(f"no kind of {fleet.id} that may be used holds these models: {why}", "kind")
