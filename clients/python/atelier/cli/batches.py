"""`atelier batch` and `atelier batches`: many pictures in one call, followed, fetched and canceled as one."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from atelier.batches import Batch, BatchAccepted, BatchOptions, BatchPlan
from atelier.cli import options
from atelier.cli.answers import answering, refuse_rows
from atelier.cli.draw import PATIENCE
from atelier.cli.files import check_folder, command
from atelier.cli.jobs import age
from atelier.cli.layout import Fact, Table
from atelier.cli.options import DEFAULT_URL, ExitCode
from atelier.cli.printing import print_facts, print_json, print_line, print_path, print_table, say, stderr
from atelier.cli.progress import BatchDisplay, estimate
from atelier.cli.signals import interrupted
from atelier.client import Atelier
from atelier.errors import AtelierError, InvalidRows, LicenceRestricted
from atelier.models import RowError
from atelier.pictures import Use
from atelier.session import new_key


def _listed(help: str, *names: str, metavar: str = "ID,…") -> Any:
    return typer.Option(*names, parser=options.a_text, metavar=metavar, help=help)


Several = list[str] | None
Sheet = Annotated[
    Path | None, typer.Option("--sheet", metavar="FILE", help="Write its pictures side by side to this PNG, too.")
]

LeaveOut = Annotated[
    bool, typer.Option("--leave-out", help="Leave out what may not be used so; the manifest says which and why.")
]


def batch(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", parser=Path, help="A CSV file with a column `prompt`.", show_default=False),
    ] = None,
    prompts: Annotated[Several, _listed("In place of FILE; repeat it.", "--prompt", "-p", metavar="TEXT")] = None,
    asset_types: Annotated[
        Several, _listed("Asset types, or `all`: each row once in each.", "--asset-type", "-t")
    ] = None,
    models: Annotated[Several, _listed("Models: each row once with each.", "--model", "-m")] = None,
    qualities: Annotated[Several, _listed("Qualities: each row once in each.", "--quality", "-q")] = None,
    loras: Annotated[
        Several, _listed("LoRA settings, as in icons@0.4,icons@1.2.0@0.8: each row once with each.", "--lora")
    ] = None,
    seeds: Annotated[Several, _listed("Seeds: each row once with each.", "--seeds", metavar="N,…")] = None,
    name: Annotated[str | None, _listed("To know the batch by.", "--name", metavar="TEXT")] = None,
    out: options.Out = Path(),
    archive: Annotated[
        Path | None, typer.Option("--zip", metavar="FILE", help="Write one zip file, in place of a folder.")
    ] = None,
    sheet: Sheet = None,
    use: options.Use = None,
    leave_out: LeaveOut = False,
    skip_invalid: Annotated[bool, typer.Option("--skip-invalid", help="Leave out rows that are wrong.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check every row and draw nothing.")] = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Draw many pictures: a CSV file or prompts, times what is listed. Ctrl-C cancels what is left.

    Every row is checked before any is drawn: those that are wrong are printed by their line, and nothing is started.
    """
    if (file is None) == (not prompts):
        raise typer.BadParameter("give a CSV file, or --prompt, one of them", param_hint="FILE")
    wish = BatchOptions(
        file=file,
        prompts=prompts or None,
        asset_types=_split(asset_types),
        models=_split(models),
        qualities=_split(qualities),
        loras=_split(loras),
        seeds=_numbers(_split(seeds)),
        name=name,
        skip_invalid=skip_invalid or None,
    )
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        if not dry_run:
            check_folder(out if archive is None else archive.parent, "batch")
        try:
            if dry_run:
                _print_plan(studio.batches.plan(**wish), as_json)
                return
            ended = _Drawing(studio, wish, quiet or (as_json and not stderr.is_terminal)).run()
        except InvalidRows as error:
            refuse_rows(error, as_json)
            return
        _Delivery(studio, ended, out, archive, sheet, False, use, leave_out).run(as_json)
        if ended.status == "canceled":
            say(f"Batch {ended.batch_id} was canceled")
            raise typer.Exit(ExitCode.FAILED)


def batches(
    batch_id: Annotated[
        str | None,
        typer.Argument(
            metavar="BATCH_ID", parser=options.an_id, help="One of them; all if absent.", show_default=False
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FOLDER", help="Write its pictures into this folder.")
    ] = None,
    archive: Annotated[Path | None, typer.Option("--zip", metavar="FILE", help="Write it as one zip file.")] = None,
    sheet: Sheet = None,
    use: options.Use = None,
    leave_out: LeaveOut = False,
    partial: Annotated[bool, typer.Option("--partial", help="What is finished will do.")] = False,
    cancel: Annotated[bool, typer.Option("--cancel", help="Cancel what is left of it.")] = False,
    limit: options.Limit = 20,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """List your batches, newest first; show, fetch or cancel one."""
    if batch_id is None and (out or archive or sheet or partial or cancel):
        raise typer.BadParameter("say which, as `atelier batches` lists them", param_hint="BATCH_ID")
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        if batch_id is None:
            _print_list(list(itertools.islice(studio.batches.all(min(limit, 200)), limit)), as_json)
            return
        if out is not None or archive is not None:
            check_folder(out or (archive or Path()).parent, "batch")
        found = studio.batches.cancel(batch_id) if cancel else studio.batches.get(batch_id)
        if out is not None or archive is not None:
            _Delivery(studio, found, out or Path(), archive, sheet, partial, use, leave_out).run(as_json)
        elif sheet is not None:
            print_path(studio.batches.sheet(found, sheet, use=use))
        elif as_json:
            print_json(found.model_dump(mode="json"))
        else:
            _print_batch(found)


class _Drawing:
    """One batch from submission to its end. An interrupt cancels it, even one that comes before its id is known."""

    def __init__(self, studio: Atelier, wish: BatchOptions, silent: bool) -> None:
        self._studio, self._wish, self._silent = studio, wish, silent
        self._key = new_key()
        self._accepted: BatchAccepted | None = None

    def run(self) -> Batch:
        try:
            self._accepted = self._submit()
            if not self._silent:
                for row in self._accepted.skipped:
                    say(f"Skipped {row}")
            return self._follow(self._accepted)
        except InvalidRows:
            raise
        except AtelierError:
            if self._accepted is not None:
                again = command("batches", self._accepted.batch_id)
                say(f"Batch {self._accepted.batch_id} was accepted, and is drawn; this writes it: {again} --out FOLDER")
            raise
        except KeyboardInterrupt as stop:
            accepted = self._accepted or self._submit()  # the same key finds the batch whose id was kept from us
            left = self._studio.batches.cancel(accepted)
            done = left.counts.complete
            again = f"{command('batches', left.batch_id)} --out FOLDER"
            kept = f"; {done} of {left.jobs} jobs were finished, this writes them: {again}" if done else ""
            say(f"Canceled batch {left.batch_id}{kept}")
            raise typer.Exit(interrupted(stop)) from None

    def _submit(self) -> BatchAccepted:
        return self._studio.batches.submit(idempotency_key=self._key, **self._wish)

    def _follow(self, accepted: BatchAccepted) -> Batch:
        if self._silent:
            return self._studio.batches.wait(accepted)
        with BatchDisplay(stderr, accepted.jobs, accepted.estimated_time_seconds) as display:
            return self._studio.batches.wait(accepted, display)


@dataclass(frozen=True, slots=True)
class _Delivery:
    """What is to be written of a batch, and for what."""

    studio: Atelier
    found: Batch
    out: Path
    archive: Path | None
    sheet: Path | None
    partial: bool
    use: Use | None
    leave_out: bool

    def run(self, as_json: bool) -> None:
        """Write the files, print their paths, and end as the batch did."""
        try:
            paths = list(self._write())
        except LicenceRestricted:
            wanted = f" --use {self.use}" if self.use else ""
            again = f"{command('batches', self.found.batch_id)} --out FOLDER{wanted} --leave-out"
            say(f"Batch {self.found.batch_id} is drawn; this writes what may be used so: {again}")
            raise
        found = self.found
        if as_json:
            print_json(found.model_dump(mode="json") | {"files": [str(path) for path in paths]})
        else:
            for path in paths:
                print_path(path)
        for failure in found.failures:
            say(f"line {failure.line}: {failure.message}")
        if found.counts.failed:
            say(f"{found.counts.failed} of {found.jobs} jobs failed")
            raise typer.Exit(ExitCode.FAILED)

    def _write(self) -> Iterator[Path]:
        batches, found = self.studio.batches, self.found
        if self.archive is not None:
            yield batches.download(found, self.archive, self.partial, self.use, self.leave_out)
        else:
            yield from batches.save(found, self.out, self.partial, self.use, self.leave_out)
        if self.sheet is not None and found.counts.complete:
            yield batches.sheet(found, self.sheet, use=self.use)


def _print_plan(planned: BatchPlan, as_json: bool) -> None:
    if as_json:
        print_json(planned.model_dump(mode="json"))
        return
    facts = [
        Fact("rows", f"{planned.lines:,}"),
        Fact("jobs", f"{planned.jobs:,}"),
        Fact("pictures", f"{planned.pictures:,}"),
        Fact("time", estimate(planned.estimated_time_seconds)),
    ]
    print_facts([*facts, *_skipped(planned.skipped)])


def _print_list(found: list[Batch], as_json: bool) -> None:
    if as_json:
        print_json({"batches": [one.model_dump(mode="json") for one in found]})
    elif found:
        names = ("batch", "status", "done", "failed", "age")
        rows = [
            (one.batch_id, one.status, f"{one.counts.complete}/{one.jobs}", str(one.counts.failed), age(one.created_at))
            for one in found
        ]
        print_table(Table(names, [(*row, one.name) for row, one in zip(rows, found, strict=True)], prose="name"))
    else:
        print_line("No batches yet. Try: atelier batch prompts.csv --asset-type icon")


def _print_batch(one: Batch) -> None:
    counts = ", ".join(f"{count} {status}" for status, count in one.counts.model_dump().items() if count)
    facts = [
        Fact("batch", one.batch_id),
        *([Fact("name", one.name, prose=True)] if one.name else []),
        Fact("status", f"{one.status}, {one.progress:.0%}"),
        Fact("jobs", f"{one.jobs:,} from {one.lines:,} rows: {counts}"),
    ]
    if not one.ended:
        facts.append(Fact("remaining", estimate(one.estimated_time_seconds)))
    facts += _skipped(one.skipped)
    facts += [Fact(f"line {row.line}", row.message, prose=True) for row in one.failures]
    print_facts(facts)


def _skipped(rows: tuple[RowError, ...]) -> list[Fact]:
    return [Fact("skipped", str(row), prose=True) for row in rows]


def _split(values: Several) -> list[str] | None:
    """`a,b` as two, however often the option is given."""
    return [part.strip() for value in values or [] for part in value.split(",") if part.strip()] or None


def _numbers(values: list[str] | None) -> list[int] | None:
    try:
        return None if values is None else [int(value) for value in values]
    except ValueError:
        raise typer.BadParameter("seeds are whole numbers, as in 1,2", param_hint="--seeds") from None
