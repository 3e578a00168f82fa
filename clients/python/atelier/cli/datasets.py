"""`atelier datasets`: pictures to learn from: brought, looked at, captioned, checked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from atelier.cli import options
from atelier.cli.answers import answering
from atelier.cli.draw import PATIENCE
from atelier.cli.help import Commands
from atelier.cli.layout import Fact, Table
from atelier.cli.loras import _refuse_options
from atelier.cli.options import DEFAULT_URL, ExitCode
from atelier.cli.printing import print_entry, print_facts, print_json, print_line, print_path, print_table, say, stderr
from atelier.client import Atelier
from atelier.dataset_files import read_captions
from atelier.datasets import Dataset, DatasetPicture, Finding, Preflight, captions_table
from atelier.errors import BadInput

app = Commands(help="Pictures to learn from: list, add, show, caption and check them.", invoke_without_command=True)
Id = Annotated[
    str, typer.Argument(metavar="ID", parser=options.an_id, help="As `atelier datasets` lists it.", show_default=False)
]
Version = Annotated[
    str | None,
    typer.Option("--version", parser=options.a_text, metavar="VERSION", help="What is in use if absent."),
]


@app.callback()
def datasets(
    context: typer.Context,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Pictures to learn from: list, add, show, caption and check them."""
    if context.invoked_subcommand is not None:
        _refuse_options(context, context.invoked_subcommand)
        return
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        found = studio.datasets.all()
        if as_json:
            print_json({"datasets": [one.model_dump(mode="json") for one in found]})
            return
        if not found:
            say("No datasets yet. Add one with `atelier datasets add FOLDER --id ID`.")
        for one in found:
            of = f" of {one.asset_type}" if one.asset_type else ""
            said = f"{one.pictures} pictures{of}, {one.captioned} captioned; trigger: {one.trigger or 'none'}"
            print_entry(f"{one.id} {one.version}", Fact("", one.name, prose=True), Fact("", said))


@app.command("add", epilog=options.EXIT_CODES)
def add(
    place: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER|ZIP|CSV", parser=Path, help="Pictures, each with NAME.txt beside it, or a table."
        ),
    ],
    id: Annotated[str, typer.Option("--id", parser=options.an_id, metavar="ID", help="How trainings will name it.")],
    name: Annotated[str, typer.Option("--name", parser=options.a_text, metavar="TEXT", help="For people.")] = "",
    asset_type: options.AssetType = None,
    trigger: Annotated[
        str,
        typer.Option(
            "--trigger", parser=options.a_text, metavar="WORD", help="What captions call the look or subject."
        ),
    ] = "",
    right: Annotated[
        Literal["own", "bought", "generated", "unknown"] | None,
        typer.Option("--right", help="Whose they are; a table may say so of each. Unknown ones are for no product."),
    ] = None,
    source: Annotated[
        str,
        typer.Option(
            "--source", parser=options.a_text, metavar="TEXT", help="Where from; the model's id if generated."
        ),
    ] = "",
    notes: Annotated[
        str, typer.Option("--note", parser=options.a_text, metavar="TEXT", help="About this version.")
    ] = "",
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Make a dataset of pictures that lie here. `check` says then what is wrong with it."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        made = studio.datasets.add(
            place,
            id=id,
            name=name,
            asset_type=asset_type,
            trigger=trigger,
            right=right,
            source=source,
            notes=notes,
            report=None if as_json else _sent,
        )
        if as_json:
            print_json(made.model_dump(mode="json"))
            return
        for one in made.left_out:
            say(f"Left out: {one.file}: {one.reason}")
        captioned = sum(bool(one.caption) for one in made.pictures)
        print_line(f"{made.id} {made.version}: {len(made.pictures)} pictures, {captioned} captioned")
        say(f"Next: atelier datasets check {made.id}")


def _sent(done: int, total: int) -> None:
    if stderr.is_terminal and (done == total or done % 10 == 0):
        say(f"{done} of {total} pictures sent")


@app.command("show", epilog=options.EXIT_CODES)
def show(
    id: Id,
    version: Version = None,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Show a dataset: its pictures, captions and rights."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        found = studio.datasets.get(id, version)
        if as_json:
            print_json(found.model_dump(mode="json"))
        else:
            _print(found)


def _print(dataset: Dataset) -> None:
    print_facts(
        [
            Fact("dataset", f"{dataset.id} {dataset.version}, {dataset.name}"),
            Fact("asset type", dataset.asset_type or "none"),
            Fact("trigger", dataset.trigger or "none"),
            Fact("product use", dataset.licence.product),
        ]
    )
    rows = (
        (one.picture, one.name, f"{one.width}x{one.height}", one.right, one.caption or "(no caption)")
        for one in dataset.pictures
    )
    print_table(Table(("PICTURE", "FILE", "SIZE", "RIGHT", "CAPTION"), tuple(rows)))


@app.command("captions", epilog=options.EXIT_CODES)
def captions(
    id: Id,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", parser=Path, help="Write them as CSV, to be edited.")
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(
            "--file", "-f", metavar="FILE", parser=Path, help="Take them from a CSV: picture or file, caption."
        ),
    ] = None,
    suggest: Annotated[
        bool,
        typer.Option("--suggest", help="Suggest captions for pictures without one; `check` counts them as unread."),
    ] = False,
    by: Annotated[
        str | None,
        typer.Option(
            "--by",
            parser=options.a_text,
            metavar="CAPTIONER",
            help="Who suggests; the studio's captioner if absent, “draft”: the names of files.",
        ),
    ] = None,
    find: Annotated[str, typer.Option("--find", parser=options.a_text, metavar="TEXT", help="In all captions …")] = "",
    replace: Annotated[str, typer.Option("--replace", parser=options.a_text, metavar="TEXT", help="… becomes.")] = "",
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Read captions, or write them: each change is a new version."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        found = studio.datasets.get(id)
        before = found.version
        if file is not None:
            found = studio.datasets.caption(id, _by_picture(found, file))
        if find:
            found = studio.datasets.change(id, find=find, replacement=replace)
        if suggest:
            written = studio.datasets.suggest(id, by=by, report=None if as_json else _captioned).captions
            said = [one.model_dump(mode="json") for one in written]
            found = studio.datasets.change(id, captions=said) if said else found
        if out is not None:
            out.write_text(captions_table(found), "utf-8")
            print_path(out)
        elif as_json:
            print_json(found.model_dump(mode="json"))
        elif found.version != before:
            print_line(f"{found.id} {found.version}")
        else:
            rows = ((one.name or one.picture, _writer(one), one.caption) for one in found.pictures)
            print_table(Table(("FILE", "BY", "CAPTION"), tuple(rows)))


def _captioned(done: int, total: int) -> None:
    if stderr.is_terminal and total:
        say(f"{done} of {total} pictures looked at")


def _writer(picture: DatasetPicture) -> str:
    return f"{picture.caption_by} (unsure)" if picture.unsure else picture.caption_by


def _by_picture(dataset: Dataset, file: Path) -> dict[str, str]:
    """By the ids of pictures; a table may name their files. Raises BadInput for a name that is of none."""
    ids = {one.name: one.picture for one in dataset.pictures} | {one.picture: one.picture for one in dataset.pictures}
    said = read_captions(file)
    strange = next((name for name in said if name not in ids), None)
    if strange is not None:
        raise BadInput(f"file: {file.name} names {strange}, which is no picture of {dataset.id}")
    return {ids[name]: caption for name, caption in said.items()}


@app.command("check", epilog=options.EXIT_CODES)
def check(
    id: Id,
    version: Version = None,
    model: options.Model = None,
    steps: Annotated[int | None, typer.Option("--steps", metavar="N", help="Of training, for the cost.")] = None,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Say what is wrong with a dataset before anything is learned from it. Exit code 1 where it is refused."""
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        report = studio.datasets.check(id, version, model=model, steps=steps)
        names = {one.picture: one.name or one.picture for one in studio.datasets.get(id, report.version).pictures}
        if as_json:
            print_json(report.model_dump(mode="json"))
        else:
            _print_report(report, names)
        if report.refused:
            raise typer.Exit(ExitCode.FAILED)


def _print_report(report: Preflight, names: dict[str, str]) -> None:
    for one in report.findings:
        print_entry(f"{one.severity}: {one.code}", *_facts(one, names))
    score = report.score
    facts = (
        [Fact("score", f"{score.total} of 100 ({', '.join(f'{k} {v}' for k, v in score.parts.items())})")]
        if score
        else []
    )
    if report.cost is not None:
        money = "" if report.cost.amount is None else f", {report.cost.amount:.2f} {report.cost.currency}"
        hours = f", {report.cost.gpu_hours:.2g} GPU hours" if report.cost.gpu_hours else ""
        about = (
            f"{report.cost.seconds / 60:.1f} minutes for {report.cost.steps} steps on {report.cost.model}{hours}{money}"
        )
        facts.append(Fact("learning takes", about))
    verdict = "refused: mend the errors first" if report.refused else "can be learned from"
    print_facts([Fact("dataset", f"{report.id} {report.version} {verdict}"), *facts])


def _facts(finding: Finding, names: dict[str, str]) -> list[Fact]:
    facts = [Fact("", finding.reason, prose=True), Fact("", f"→ {finding.remedy}", prose=True)]
    if finding.pictures:
        shown = [names.get(one, one) for one in finding.pictures[:8]]
        facts.append(Fact("", ", ".join(shown) + (" …" if len(finding.pictures) > 8 else "")))
    return facts
