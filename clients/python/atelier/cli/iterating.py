"""`atelier again`, `like`, `tweak`, `finish`: jobs that go on from finished pictures; `lineage`: what came of what."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from atelier.cli import files, options
from atelier.cli.answers import answering, show
from atelier.cli.draw import PATIENCE, Drawing, deliver, page_of
from atelier.cli.options import DEFAULT_URL
from atelier.cli.printing import print_json, print_line, print_tree, say, stderr
from atelier.client import Atelier
from atelier.iterating import Lineage, LineageLine
from atelier.models import Accepted

PictureName = Annotated[
    str,
    typer.Argument(
        metavar="JOB_ID/INDEX",
        parser=options.a_text,
        help="A finished picture: its job and its place there, from 0; or its asset_id.",
        show_default=False,
    ),
]
More = Annotated[int, typer.Option("-n", "--num-variations", metavar="N", help="How many pictures.")]


def again(
    job_id: options.JobId,
    count: More = 4,
    out: options.Out = Path(),
    seed: options.Seed = None,
    open_page: options.Open = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Draw more pictures of a job's request, with seeds that were not drawn yet."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        prompt = studio.job(job_id).prompt

        def order(key: str) -> Accepted:
            return studio.iterating.regenerate(job_id, count, seed=seed, idempotency_key=key)

        _draw(studio, order, prompt, count, out, open_page, as_json, quiet, url)


def like(
    picture: PictureName,
    count: More = 4,
    how: Annotated[
        str | None,
        typer.Option(
            "--how",
            parser=options.a_text,
            metavar="WAY",
            help="seed, image_prompt or redraw; the first that the model can if absent.",
        ),
    ] = None,
    closeness: Annotated[
        float | None,
        typer.Option("--closeness", parser=options.a_number, metavar="NUMBER", help="0 to 1: how near; 0.5 if absent."),
    ] = None,
    out: options.Out = Path(),
    seed: options.Seed = None,
    open_page: options.Open = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Draw more pictures like one."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:

        def order(key: str) -> Accepted:
            more = {"closeness": closeness, "seed": seed}
            return studio.iterating.like(picture, count, how=how, idempotency_key=key, **more)  # type: ignore[arg-type]

        _draw(studio, order, "picture", count, out, open_page, as_json, quiet, url)


def tweak(
    picture: PictureName,
    prompt: Annotated[
        str,
        typer.Argument(metavar="prompt", parser=options.a_text, help="In place of the picture's.", show_default=False),
    ],
    negative_prompt: options.Avoid = None,
    count: More = 1,
    out: options.Out = Path(),
    open_page: options.Open = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Draw a picture again with other words; all else is kept, the seed too."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:

        def order(key: str) -> Accepted:
            more = {"negative_prompt": negative_prompt, "idempotency_key": key}
            return studio.iterating.tweak(picture, prompt, num_variations=count, **more)

        _draw(studio, order, prompt, count, out, open_page, as_json, quiet, url)


def finish(
    picture: PictureName,
    quality: options.Quality = None,
    strength: Annotated[
        float | None,
        typer.Option(
            "--strength",
            parser=options.a_number,
            metavar="NUMBER",
            help="0.05 to 0.6: how much is drawn anew; 0.35 if absent.",
        ),
    ] = None,
    size: options.Size = None,
    count: More = 1,
    out: options.Out = Path(),
    open_page: options.Open = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Carry a draft to a better quality (high if absent) with the composition that it has."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:

        def order(key: str) -> Accepted:
            return studio.iterating.finish(
                picture, quality, strength=strength, size=size, num_variations=count, idempotency_key=key
            )

        _draw(studio, order, "picture", count, out, open_page, as_json, quiet, url)


def replay(
    picture: PictureName,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Draw a picture again as its recipe has it, and say whether it came out the same, and else by how much not and
    what is different by now. The exit code is 1 where it did not."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:

        def order(key: str) -> Accepted:
            return studio.iterating.replay(picture, idempotency_key=key)

        job, failure = Drawing(studio, order, 1, quiet or as_json and not stderr.is_terminal).run()
        if failure is not None:
            raise failure
        if as_json:
            print_json({} if job.replay is None else job.replay.model_dump(mode="json"))
        else:
            print_line("" if job.replay is None else job.replay.sentence)
    if job.replay is None or not job.replay.identical:
        raise typer.Exit(1)


def lineage(
    job_id: Annotated[
        str,
        typer.Argument(
            metavar="JOB_ID", parser=options.a_text, help="A job, or the pic_ of a picture.", show_default=False
        ),
    ],
    depth: Annotated[int, typer.Option("--depth", min=1, max=32, metavar="N", help="Generations, each way.")] = 8,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Show what a job comes from and what came of it."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        found = studio.iterating.lineage(job_id, depth)
        if as_json:
            print_json(found.model_dump(mode="json"))
            return
        for line in reversed(found.ancestors):
            print_tree(_ancestor(line), {})
        print_tree(job_id, _branches(found, job_id))
        if not found.is_whole:
            say("There is more of it: ask with a larger --depth")


def _ancestor(line: LineageLine) -> str:
    gone = " (deleted)" if line.deleted else ""
    return f"{line.parent}{gone}  {line.prompt}  -> {line.call} -> {line.job_id}"


def _branches(found: Lineage, job_id: str) -> dict[str, list[tuple[str, str]]]:
    """The lines below each job: the next job's id and what is shown of it."""
    branches: dict[str, list[tuple[str, str]]] = {}
    for line in found.descendants:
        at = line.parent_job if line.depth > 1 and line.parent_job else job_id
        place = f" of {line.parent.partition('/')[2]}" if "/" in line.parent else ""
        shown = f"{line.call}{place}: {line.job_id}  {line.status}  {line.quality}  {line.prompt}"
        branches.setdefault(at, []).append((line.job_id, shown))
    return branches


def _draw(
    studio: Atelier,
    order: Callable[[str], Accepted],
    prompt: str,
    count: int,
    out: Path,
    open_page: bool,
    as_json: bool,
    quiet: bool,
    url: str,
) -> None:
    """As `atelier generate` does it."""
    files.check_folder(out, prompt)
    job, failure = Drawing(studio, order, count, quiet or as_json and not stderr.is_terminal).run()
    if open_page:
        show(page_of(url, job.job_id))
    deliver(studio, job, out, failure, as_json)
