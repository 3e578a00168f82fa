"""`atelier loras`: which LoRAs there are; `atelier loras add`: one more, without a restart."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from atelier.cli import options
from atelier.cli.answers import answering
from atelier.cli.draw import PATIENCE
from atelier.cli.help import Commands
from atelier.cli.layout import Fact
from atelier.cli.options import DEFAULT_URL
from atelier.cli.printing import print_entry, print_facts, print_json, print_line, say
from atelier.client import Atelier
from atelier.library import LoraAdded, LoraFields, LoraReport

app = Commands(help="List the LoRAs that `generate --lora` takes, or add one.", invoke_without_command=True)


@app.callback()
def loras(
    context: typer.Context,
    model: Annotated[
        str | None,
        typer.Option("--model", "-m", parser=options.a_text, metavar="ID", help="Only those that fit this model."),
    ] = None,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """List the LoRAs that `generate --lora` takes, or add one."""
    if context.invoked_subcommand is not None:
        _refuse_options(context, context.invoked_subcommand)
        return
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        found = studio.loras(model)
        if as_json:
            print_json({"loras": [lora.model_dump(mode="json") for lora in found]})
        elif not found:
            say("No LoRAs yet. Add one with `atelier loras add`, or under configs/loras in Atelier's folder.")
        for lora in () if as_json else found:
            words = f"; adds: {', '.join(lora.trigger_words)}" if lora.trigger_words else ""
            fits = ", ".join(lora.models) or f"no model of this studio (made for {lora.family})"
            use = f"fits {fits}; usual strength {lora.default_strength:g}{words}; product use: {lora.licence.product}"
            about = lora.description or lora.name
            print_entry(lora.id, *([Fact("", about, prose=True)] if about else []), Fact("", use))


def _refuse_options(context: typer.Context, command: str) -> None:
    """Those that stand before a subcommand are of the list, and nobody means them so."""
    for parameter in context.command.params:
        source = context.get_parameter_source(str(parameter.name))
        if source is not None and source.name == "COMMANDLINE":
            raise typer.BadParameter(f"write it after '{command}'", param_hint=parameter.opts[0])


@app.command("add", epilog=options.EXIT_CODES)
def add(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A .safetensors file.")],
    id: Annotated[str, typer.Option("--id", parser=options.an_id, metavar="ID", help="How requests will name it.")],
    licences: Annotated[
        list[str],
        typer.Option(
            "--licence",
            parser=options.a_text,
            metavar="PART=ID",
            help='One for adapter and one for "training data", as in adapter=apache-2.0; repeat it.',
        ),
    ],
    version: Annotated[
        str, typer.Option("--version", parser=options.a_text, metavar="VERSION", help="Higher than those before.")
    ] = "1.0.0",
    name: Annotated[str, typer.Option("--name", parser=options.a_text, metavar="TEXT", help="For people.")] = "",
    description: Annotated[str, typer.Option("--description", parser=options.a_text, metavar="TEXT")] = "",
    words: Annotated[
        list[str] | None,
        typer.Option(
            "--trigger",
            parser=options.a_text,
            metavar="WORD",
            help="'' for none; as the file says if absent; repeat it.",
        ),
    ] = None,
    strength: Annotated[
        float, typer.Option("--strength", parser=options.a_number, metavar="NUMBER", help="The usual one, -2 to 2.")
    ] = 1.0,
    family: Annotated[
        str | None, typer.Option("--family", parser=options.a_text, metavar="ID", help="As its layers tell if absent.")
    ] = None,
    models: Annotated[
        list[str] | None,
        typer.Option("--model", "-m", parser=options.a_text, metavar="ID", help="That it is for; repeat it."),
    ] = None,
    notes: Annotated[
        str, typer.Option("--note", parser=options.a_text, metavar="TEXT", help="What is new in it.")
    ] = "",
    mark: Annotated[
        str, typer.Option("--mark", parser=options.a_text, metavar="MARK", help="live, candidate, or none.")
    ] = "live",
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Add a LoRA: the studio tries it with its models, and can draw with it at once."""
    fields: LoraFields = {"version": version, "name": name, "description": description, "strength": strength}
    fields |= {"family": family, "models": models or (), "notes": notes, "mark": None if mark == "none" else mark}
    fields |= {"trigger_words": None if words is None else list(filter(None, words))}
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        if not as_json:
            say(f"Sending {Path(file).name}; the studio tries it with its models")
        added = studio.add_lora(file, id=id, licences=dict(map(_licence, licences)), **fields)
        if as_json:
            print_json(added.model_dump(mode="json"))
        else:
            _print(added)


def _licence(given: str) -> tuple[str, str]:
    part, equals, licence = given.rpartition("=")
    if not (part and equals):
        raise typer.BadParameter(f"'{given}' is not PART=ID, for example adapter=apache-2.0", param_hint="--licence")
    return part.strip(), licence.strip()


def _print(added: LoraAdded) -> None:
    if added.report is not None:
        print_facts(_facts(added.report))
    for note in added.notes:
        say(f"Note: {note}")
    marked = f", {' and '.join(added.entry.marks)}" if added.entry.marks else ""
    print_line(f"{added.entry.id} {added.entry.version} is in the library{marked}")


def _facts(report: LoraReport) -> list[Fact]:
    """What `python -m deployments.loras check` would say of it."""
    facts = [
        Fact("format", report.format),
        Fact("made for", report.made_for or "not stated"),
        Fact("keys matched", f"{report.matched} of {report.total}"),
        Fact("scale", report.scale),
        Fact("rank", str(report.rank or "none")),
    ]
    for trial in report.trials:
        changes = f"weights by up to {trial.effect:.2g}, prediction by {trial.prediction:.2g} of its size"
        facts.append(Fact(f"changes {trial.model}", changes))
        facts.append(
            Fact(f"runs on {trial.model}", f"alone: {trial.exclusive}" if trial.exclusive else "mixed, in slots")
        )
    facts.append(Fact("trigger words", ", ".join(report.trigger_words) or "none"))
    return facts
