"""`atelier compare` and `atelier pick`: models side by side on a sheet, named, or blind until all is judged."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from atelier.cli import options
from atelier.cli.answers import answering
from atelier.cli.draw import PATIENCE
from atelier.cli.files import check_folder, command
from atelier.cli.layout import Fact, Table
from atelier.cli.options import DEFAULT_URL, ExitCode
from atelier.cli.printing import print_facts, print_json, print_path, print_table, say, stderr
from atelier.cli.progress import BatchDisplay, estimate
from atelier.cli.signals import interrupted
from atelier.client import Atelier
from atelier.comparisons import ComparedPrompt, CompareOptions, Comparison, ComparisonAccepted, ComparisonPlan, Side
from atelier.errors import NotFound
from atelier.session import new_key

Models = Annotated[
    list[str] | None,
    typer.Option(
        "--models",
        "-m",
        parser=options.a_text,
        metavar="ID,…",
        help="Two or more of `atelier models`.",
        show_default=False,
    ),
]
Arms = Annotated[
    list[str] | None,
    typer.Option(
        "--arm",
        parser=options.a_text,
        metavar="ID=JSON",
        help='In place of --models: what a way changes, as few=\'{"steps": {"standard": 10}}\'; repeat it.',
        show_default=False,
    ),
]


def compare(
    prompt: Annotated[
        str | None, typer.Argument(metavar="PROMPT", parser=options.a_text, help="What to draw.", show_default=False)
    ] = None,
    models: Models = None,
    arms: Arms = None,
    prompt_set: Annotated[
        str | None,
        typer.Option("--prompt-set", parser=options.a_text, metavar="ID", help="In place of PROMPT: or ID@VERSION."),
    ] = None,
    seeds: Annotated[
        int | None, typer.Option("--seeds", min=1, metavar="N", help="Pictures a side; 2 if absent, 1 with a set.")
    ] = None,
    seed: options.Seed = None,
    asset_type: options.AssetType = None,
    quality: options.Quality = None,
    blind: Annotated[bool, typer.Option("--blind", help="Letters in place of names, until all is judged.")] = False,
    sheet: Annotated[
        Path | None, typer.Option("--sheet", "-o", metavar="FILE", help="Where the sheet is written; ID.png if absent.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be drawn.")] = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Draw one prompt, or a prompt set, with several models (or in several ways) and the same seeds, side by side.

    With --blind, look at the sheet, say which side is better with `atelier pick`, and be told what was what.
    """
    if (prompt is None) == (prompt_set is None):
        raise typer.BadParameter("give a prompt, or --prompt-set, one of them", param_hint="PROMPT")
    wish = CompareOptions(
        prompt=prompt,
        prompt_set=prompt_set,
        models=[part.strip() for one in models or () for part in one.split(",") if part.strip()] or None,
        arms=[_read_arm(arm) for arm in arms or ()] or None,
        seeds=seeds,
        seed=seed,
        asset_type=asset_type,
        quality=quality,
        blind=blind or None,
    )
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        if dry_run:
            _print_plan(studio.comparisons.plan(**wish), as_json)
            return
        check_folder(Path() if sheet is None else sheet.parent, "sheet")
        ended = _draw(studio, wish, quiet or (as_json and not stderr.is_terminal))
        _deliver(studio, ended, sheet, as_json, quiet)


def pick(
    comparison_id: Annotated[
        str, typer.Argument(metavar="ID", parser=options.an_id, help="As `atelier compare` says.", show_default=False)
    ],
    choices: Annotated[
        str,
        typer.Argument(
            metavar="LABEL,…",
            parser=options.a_text,
            help="A side's label, or none; of a set 1=A,2=B.",
            show_default=False,
        ),
    ],
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Say which side of a comparison is best; blind ones are named once every prompt is judged."""
    said = [_read(choice.strip()) for choice in choices.split(",")]
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        found = studio.comparisons.get(comparison_id)
        for number, label in said:
            found = studio.comparisons.pick(comparison_id, label, number - 1)
        _print(found, as_json)


def _read_arm(arm: str) -> dict[str, Any]:
    """`as-today={}` changes nothing."""
    id, equals, said = arm.partition("=")
    try:
        overlay = json.loads(said) if equals and id else None
    except (ValueError, RecursionError):
        overlay = None
    if not isinstance(overlay, dict):
        hint = """is not ID=JSON, as in few='{"steps": {"standard": 10}}'"""
        raise typer.BadParameter(f"'{arm}' {hint}", param_hint="--arm")
    return {"id": id, "overlay": overlay}


def _read(choice: str) -> tuple[int, str]:
    """`A` is of the first prompt, `2=A` of the second, as the sheet counts them."""
    number, equals, label = choice.rpartition("=")
    if not equals:
        return 1, choice
    if not number.isdecimal() or int(number) < 1 or not label:
        raise typer.BadParameter(f"'{choice}' is not LABEL or PROMPT=LABEL, as in 2=A", param_hint="LABEL")
    return int(number), label


def _draw(studio: Atelier, wish: CompareOptions, silent: bool) -> Comparison:
    """To its end; an interrupt cancels it."""
    key = new_key()
    accepted: ComparisonAccepted | None = None
    try:
        accepted = studio.comparisons.submit(idempotency_key=key, **wish)
        if silent:
            return studio.comparisons.wait(accepted)
        with BatchDisplay(stderr, accepted.pictures, accepted.estimated_time_seconds) as display:
            return studio.comparisons.wait(accepted, display)
    except KeyboardInterrupt as stop:
        accepted = accepted or studio.comparisons.submit(idempotency_key=key, **wish)
        studio.batches.cancel(accepted.comparison_id)
        say(f"Canceled comparison {accepted.comparison_id}")
        raise typer.Exit(interrupted(stop)) from None


def _deliver(studio: Atelier, ended: Comparison, sheet: Path | None, as_json: bool, quiet: bool) -> None:
    """The sheet, the table unless it is to be `quiet`, and an end as it had."""
    paths = list(_write_sheets(studio, ended, sheet or Path(f"{ended.comparison_id}.png")))
    if as_json or not quiet:
        _print(ended, as_json, paths)
    else:
        for path in paths:
            print_path(path)
    if ended.counts.failed:
        say(f"{ended.counts.failed} pictures could not be drawn: see {command('batches', ended.comparison_id)}")
    if ended.counts.failed or ended.status == "canceled":
        raise typer.Exit(ExitCode.FAILED)


def _write_sheets(studio: Atelier, ended: Comparison, first: Path) -> Iterator[Path]:
    """`house.png`, then `house-2.png`: a sheet holds a hundred pictures."""
    with suppress(NotFound):  # after the last one
        for page in itertools.count(1):
            path = first if page == 1 else first.with_stem(f"{first.stem}-{page}")
            yield studio.comparisons.sheet(ended, path, page)


def _print(found: Comparison, as_json: bool, sheets: Sequence[Path] = ()) -> None:
    if as_json:
        print_json(found.model_dump(mode="json") | ({"sheets": [str(path) for path in sheets]} if sheets else {}))
        return
    rows = [(*_row(row, side), row.text) for row in found.prompts for side in row.sides]
    print_table(Table(("no", "side", "drawn by", "pictures", "picked"), rows, prose="prompt"))
    for path in sheets:
        print_path(path)
    if found.revealed and any(row.picked for row in found.prompts):
        say(", ".join(f"{way}: {count}" for way, count in found.picks.items()))
    elif not found.revealed:
        first = next((row for row in found.prompts if row.picked is None), found.prompts[0])
        labels = ", ".join(found.labels)
        say(f"Which is best, {labels} or none? {command('pick', found.comparison_id)} {first.prompt + 1}=A")


def _row(row: ComparedPrompt, side: Side) -> tuple[str, ...]:
    best = "best" if row.picked == side.label else "-"
    return str(row.prompt + 1), side.label, side.way or "?", str(len(side.pictures)), best


def _print_plan(planned: ComparisonPlan, as_json: bool) -> None:
    if as_json:
        print_json(planned.model_dump(mode="json"))
        return
    print_facts(
        [
            Fact("prompts", f"{planned.prompts:,}"),
            Fact("compared", ", ".join(planned.ways)),
            Fact("pictures", f"{planned.pictures:,}"),
            Fact("time", estimate(planned.estimated_time_seconds)),
        ]
    )
