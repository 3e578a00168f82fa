"""`atelier jobs`, `job`, `cancel`, `open`: what was asked for before."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from atelier.cli import files, options
from atelier.cli.answers import answering, describe, exit_code, show
from atelier.cli.draw import PATIENCE, page_of, result
from atelier.cli.layout import Fact, Table
from atelier.cli.options import DEFAULT_URL
from atelier.cli.printing import print_facts, print_json, print_line, print_path, print_table, say
from atelier.cli.progress import estimate
from atelier.cli.text import plain
from atelier.client import Atelier
from atelier.models import Candidate, Input, Job, LoraUse

Folder = Annotated[
    Path | None,
    typer.Option("--out", "-o", metavar="FOLDER", help="Write the finished pictures into this folder."),
]


def jobs(
    limit: options.Limit = 20,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """List your jobs, newest first."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        found = list(itertools.islice(studio.jobs(min(limit, 200)), limit))
        if as_json:
            print_json({"jobs": [job.model_dump(mode="json") for job in found]})
        elif found:
            print_table(_table(found))
        else:
            say('No jobs yet. Try: atelier generate "a red bicycle icon"')


def job(
    job_id: options.JobId,
    out: Folder = None,
    use: options.Use = None,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Show one job; with --out, write its pictures."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        found = studio.job(job_id)
        if out is not None:
            files.check_folder(out, found.prompt)
        paths, problem = ([], None) if out is None else files.write(studio, found, out, use)
        told = result(found, paths) | found.model_dump(mode="json")
        if as_json:
            print_json(told if problem is None else told | {"error": describe(problem)})
        else:
            _print_job(found)
            for path in paths:
                print_path(path)
        if problem is not None:
            say(str(problem))
            raise typer.Exit(exit_code(problem))


def grid(
    job_id: options.JobId,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="The file to write, .png or .webp.")] = Path(
        "grid.png"
    ),
    sort: Annotated[
        str | None,
        typer.Option(
            "--sort", parser=options.a_text, metavar="SCORE", help="The best first, by a score such as fidelity."
        ),
    ] = None,
    use: options.Use = None,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Write the finished pictures of a job on one sheet, each with its seed, scores and model."""
    format = out.suffix.lower().removeprefix(".")
    if format not in ("png", "webp"):
        raise typer.BadParameter(f"'{out}' is no .png or .webp file", param_hint="--out")
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        sheet = studio.grid(job_id, format, sort, use)
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(sheet)
        if as_json:
            print_json({"job_id": job_id, "file": str(out)})
        else:
            print_path(out)


def cancel(
    job_id: options.JobId, as_json: options.Json = False, url: options.Url = DEFAULT_URL, api_key: options.ApiKey = None
) -> None:
    """Cancel a job. A waiting one ends at once, a running one within two steps; finished pictures are kept."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        found = studio.cancel(job_id)
        if as_json:
            print_json(found.model_dump(mode="json"))
        elif found.ended and found.status != "canceled":
            print_line(f"{found.job_id} had ended already: {found.status}")
        else:
            print_line(f"{found.job_id} {'canceled' if found.ended else 'is being canceled'}")


def open_page(
    job_id: Annotated[
        str | None, typer.Argument(metavar="JOB_ID", parser=options.an_id, help="A job; the studio if absent.")
    ] = None,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Show the studio, or a job, in the browser."""
    with answering(as_json=False), Atelier(url, api_key, retry=PATIENCE) as studio:
        if job_id is None:
            studio.health()
            show(url.rstrip("/") + "/")
        else:
            show(page_of(url, studio.job(job_id).job_id))


def _table(found: list[Job]) -> Table:
    rows = [
        (one.job_id, one.status, f"{one.images_completed}/{one.images_total}", one.asset_type, age(one.created_at))
        for one in found
    ]
    names = ("job", "status", "pictures", "type", "age")
    return Table(names, [(*row, one.prompt) for row, one in zip(rows, found, strict=True)], prose="prompt")


def _print_job(one: Job) -> None:
    state = one.state_detail or one.status
    facts = [
        Fact("job", one.job_id),
        Fact("prompt", one.prompt, prose=True),
        Fact("status", f"{state}, {one.images_completed} of {one.images_total} pictures"),
        Fact("made with", f"{one.model}, {one.asset_type}, {one.quality}"),
        Fact("licence", f"product use: {one.licence.product} ({', '.join(one.licence.licences)})"),
    ]
    if one.loras:
        facts.append(Fact("loras", ", ".join(map(_worn, one.loras))))
    facts += [Fact(given.role.replace("_", " "), f"{given.picture}{how(given, one.strength)}") for given in one.inputs]
    if not one.ended:
        facts.append(Fact("remaining", estimate(one.estimated_time_seconds)))
    if one.error is not None:
        facts.append(Fact("error", one.error.message, prose=True))
    for image in one.images:
        facts.append(Fact(f"picture {image.index + 1:<2}", f"seed {image.seed}  {image.url}"))
        facts += [Fact("", written(image.scores))] if image.scores else []
    facts += [Fact(f"drawing {drawn.candidate + 1:<2}", _drawn(drawn)) for drawn in one.candidates]
    print_facts(facts)


def _worn(lora: LoraUse) -> str:
    """As `generate --lora` takes it."""
    return "@".join(filter(None, (lora.id, lora.version, f"{lora.strength:g}")))


def _drawn(one: Candidate) -> str:
    """A drawing that was scored, and what became of it."""
    chosen = "not kept" if one.index is None else f"picture {one.index + 1}"
    return f"seed {one.seed}  {written(one.scores)}  {chosen}"


def written(scores: Mapping[str, float]) -> str:
    """Scores in one line."""
    return ", ".join(f"{plain(name)} {value:g}" for name, value in scores.items())


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
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    seconds = max(0.0, (datetime.now(UTC) - aware).total_seconds())
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
