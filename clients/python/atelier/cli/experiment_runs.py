"""`atelier experiments replay` and `runs`: the same prompts with the same seeds on every arm, while nobody waits."""

from __future__ import annotations

from typing import Annotated

import typer

from atelier.cli import options
from atelier.cli.answers import answering
from atelier.cli.draw import PATIENCE
from atelier.cli.findings import Id
from atelier.cli.jobs import age
from atelier.cli.layout import Table
from atelier.cli.options import DEFAULT_URL
from atelier.cli.printing import print_json, print_line, print_table, say
from atelier.client import Atelier
from atelier.models.answers import Run


def replay(
    id: Id,
    prompt_set: Annotated[
        str | None,
        typer.Option(
            "--prompt-set", parser=options.a_text, metavar="ID", help="ID or ID@VERSION; the experiment's if absent."
        ),
    ] = None,
    seeds: Annotated[int, typer.Option("--seeds", min=1, metavar="N", help="Pictures of each prompt.")] = 1,
    quality: options.Quality = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="With seeds that no run had, to confirm what another has shown.")
    ] = False,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Have a prompt set drawn by every arm, while nobody waits."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        run = studio.experiments.replay(id, prompt_set=prompt_set, seeds=seeds, quality=quality, fresh=fresh)
        if as_json:
            print_json(run.model_dump(mode="json"))
        else:
            print_line(f"{run.run_id} draws {run.lines} lines of {run.prompt_set or 'prompts'} on every arm")


def runs(id: Id, as_json: options.Json = False, url: options.Url = DEFAULT_URL, api_key: options.ApiKey = None) -> None:
    """List what was drawn for it, newest first; its own prompt set is drawn when a phase begins."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        found = studio.experiments.runs(id)
        if as_json:
            print_json({"runs": [one.model_dump(mode="json") for one in found]})
        elif not found:
            say(f"Nothing was drawn for {id}.")
        else:
            names = ("run", "phase", "kind", "status", "lines", "drawn", "age")
            print_table(Table(names, [(*_row(one), _about(one)) for one in found], prose="about"))


def cancel(
    id: Id,
    run: Annotated[
        str,
        typer.Argument(metavar="RUN", parser=options.an_id, help="Of `experiments runs`.", show_default=False),
    ],
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Cancel what is left of a run: what waits at once, what is drawn within two steps."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        canceled = studio.experiments.cancel_run(id, run)
        if as_json:
            print_json(canceled.model_dump(mode="json"))
        else:
            done, left = canceled.jobs.complete, canceled.jobs.canceled
            print_line(f"{canceled.run_id} is {canceled.status}: {done} jobs were drawn, {left} canceled")


def _row(run: Run) -> tuple[str, ...]:
    lines = f"{run.settled}/{run.lines}" if run.kind == "replay" else str(run.settled)
    return run.run_id, str(run.phase), run.kind, run.status, lines, str(run.jobs.complete), age(run.created_at)


def _about(run: Run) -> str:
    lost = [f"{count} {word}" for count, word in ((run.skipped, "skipped"), (run.dropped, "dropped")) if count]
    return "; ".join(filter(None, (run.prompt_set, *lost, run.reason)))
