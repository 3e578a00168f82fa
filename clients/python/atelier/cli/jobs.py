"""`atelier jobs`, `job`, `cancel`, `open`: what was asked for before."""

from __future__ import annotations

import itertools
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from atelier.cli import options
from atelier.cli.answers import answering, plain, print_json, say, show
from atelier.cli.draw import PATIENCE, result
from atelier.cli.options import DEFAULT_URL
from atelier.cli.progress import estimate
from atelier.client import Atelier
from atelier.models import Input, Job

JobId = Annotated[str, typer.Argument(metavar="JOB_ID", help="As `atelier jobs` shows it.", show_default=False)]
Limit = Annotated[int, typer.Option("--limit", "-l", min=1, help="How many, newest first.")]
Folder = Annotated[Path | None, typer.Option("--out", "-o", help="Write the finished pictures into this folder.")]


def jobs(
    limit: Limit = 20, as_json: options.Json = False, url: options.Url = DEFAULT_URL, api_key: options.ApiKey = None
) -> None:
    """List your jobs, newest first."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        found = list(itertools.islice(studio.jobs(min(limit, 200)), limit))
        if as_json:
            print_json({"jobs": [job.model_dump(mode="json") for job in found]})
        elif found:
            _print_table(found)
        else:
            say('No jobs yet. Try: atelier generate "a red bicycle icon"')


def job(
    job_id: JobId,
    out: Folder = None,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Show one job; with --out, write its pictures."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        found = studio.job(job_id)
        paths = [] if out is None else studio.save(found, out)
        if as_json:
            print_json(result(found, paths) | found.model_dump(mode="json"))
            return
        _print_job(found)
        for path in paths:
            typer.echo(str(path))


def cancel(
    job_id: JobId, as_json: options.Json = False, url: options.Url = DEFAULT_URL, api_key: options.ApiKey = None
) -> None:
    """Cancel a job: a waiting one at once, a running one within two steps. Finished pictures are kept."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        found = studio.cancel(job_id)
        if as_json:
            print_json(found.model_dump(mode="json"))
        elif found.ended and found.status != "canceled":
            typer.echo(f"{found.job_id} had ended already: {found.status}")
        else:
            typer.echo(f"{found.job_id} {'canceled' if found.ended else 'is being canceled'}")


def open_page(
    job_id: Annotated[str | None, typer.Argument(metavar="[JOB_ID]", help="A job; the studio if absent.")] = None,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Show the studio, or a job, in the browser."""
    with answering(as_json=False), Atelier(url, api_key, retry=PATIENCE) as studio:
        place = url.rstrip("/") + "/"
        if job_id is None:
            studio.health()
        else:
            place += f"?job={studio.job(job_id).job_id}"
        show(place)


def _print_table(found: list[Job]) -> None:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("job", "status", "pictures", "asset type", "age"):
        table.add_column(name, no_wrap=True)
    table.add_column("prompt", overflow="ellipsis", no_wrap=True)
    for one in found:
        pictures = f"{one.images_completed}/{one.images_total}"
        cells = (one.job_id, one.status, pictures, one.asset_type, age(one.created_at), one.prompt)
        table.add_row(*(Text(plain(cell)) for cell in cells))
    # Piped output keeps whole prompts, whatever width a terminal would have had.
    Console(highlight=False, width=None if sys.stdout.isatty() else 4000).print(table)


def _print_job(one: Job) -> None:
    lines = [
        f"job         {one.job_id}",
        f"prompt      {plain(one.prompt)}",
        f"status      {one.state_detail or one.status}, {one.images_completed} of {one.images_total} pictures",
        f"made with   {one.model}, {one.asset_type}, {one.quality}",
        f"licence     product use: {one.licence.product} ({', '.join(one.licence.licences)})",
    ]
    if one.loras:
        lines.append(f"loras       {', '.join(f'{lora.id}@{lora.strength:g}' for lora in one.loras)}")
    lines += [f"{given.role.replace('_', ' '):<11} {given.picture}{how(given, one.strength)}" for given in one.inputs]
    if not one.ended:
        lines.append(f"remaining   {estimate(one.estimated_time_seconds)}")
    if one.error is not None:
        lines.append(f"error       {plain(one.error.message)}")
    lines += [f"picture {image.index + 1:<3} seed {image.seed}  {image.url}" for image in one.images]
    typer.echo("\n".join(lines))


def how(given: Input, strength: float | None) -> str:
    """How a job began with a picture: what of it differs from the usual."""
    words = [given.kind] if given.kind else []
    if given.role == "image" and strength is not None:
        words.append(f"{strength:.0%} redrawn")
    if given.scale not in (None, 1):
        words.append(f"x{given.scale:g}")
    if (given.start or 0) > 0 or (given.end is not None and given.end < 1):
        words.append(f"{given.start or 0:.0%} to {1 if given.end is None else given.end:.0%} of the steps")
    return f" ({', '.join(words)})" if words else ""


def age(moment: datetime) -> str:
    """How long ago, in one unit."""
    seconds = max(0.0, (datetime.now(UTC) - moment.astimezone(UTC)).total_seconds())
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
