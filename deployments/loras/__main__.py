"""`python -m deployments.loras import FILE` takes a LoRA in, `check FILE` only reports. Both try it with a model."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.table import Table

from configs.catalog import Catalog
from configs.errors import AtelierError, ConfigError
from configs.load import ROOT, load_catalog
from configs.semver import FIRST, following
from configs.text import one_line
from configs.weights import Weights
from deployments.checkpoints.kinds import identify, missing
from deployments.checkpoints.source import display
from deployments.loras import files, origin
from deployments.loras.inspection import Findings, choose_models, examine
from deployments.loras.intake import describe, take_in
from deployments.terminal import plain_console, run


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Exit code 0 when the LoRA is fine (and taken in), 1 when it is refused, 2 for arguments that are not known."""
    options = _parser().parse_args(arguments)
    try:
        (_import if options.command == "import" else _check)(options, root)
    except AtelierError as error:
        plain_console(stderr=True).print(f"refused: {error}", soft_wrap=True)
        return 1
    return 0


def _check(options: argparse.Namespace, root: Path) -> None:
    contents = _read(options.file)
    models = choose_models(contents, load_catalog(root), options.family, options.model)
    findings = examine(options.file, contents, models, one_line(options.file.name))
    plain_console().print(_table(findings, findings.trigger_words))


def _import(options: argparse.Namespace, root: Path) -> None:
    """What can fail comes before the file is taken in, the report included: a closed pipe must not leave half."""
    catalog = load_catalog(root)
    contents = _read(options.file)
    models = choose_models(contents, catalog, options.family, options.model)
    words = origin.trigger_words(contents.metadata) if options.trigger is None else tuple(filter(None, options.trigger))
    fields: dict[str, object] = {
        "id": options.id,
        "version": options.version or _next_version(catalog, options.id),
        "name": options.name or options.id,
        "description": options.description,
        "family": models[0].family,
        "models": tuple(model.id for model in models),
        "weights": Weights(path=str(options.file)),
        "trigger_words": words,
        "default_strength": options.strength,
    }
    config = describe(fields, dict(map(_licence, options.licence)), catalog, options.replace)
    findings = examine(options.file, contents, models, f"LoRA '{config.id}'")
    out = plain_console()
    out.print(_table(findings, config.trigger_words))
    taken = take_in(config, options.file, contents, root)
    out.print(f"taken in as configs/loras/{taken.id}.yaml, its weights as {taken.weights.path}", soft_wrap=True)


def _next_version(catalog: Catalog, id: str) -> str:
    """Above that of the LoRA that is replaced, if one is: studios go on with what they know under a version."""
    return following(catalog.loras[id].version) if id in catalog.loras else FIRST


def _read(file: Path) -> files.Contents:
    if file.is_file() and file.suffix.lower() != ".safetensors":
        kind = missing(file) or identify(file) or "is not called .safetensors: rename it if it is such a file."
        raise ConfigError(f"{display(file)} {kind}")
    return files.read(file, one_line(file.name))


def _licence(given: str) -> tuple[str, str]:
    part, _, licence = given.rpartition("=")
    if not part:
        raise ConfigError(f"--licence {given}: write PART=ID, for example adapter=apache-2.0", "licence_parts")
    return part.strip(), licence.strip()


def _table(findings: Findings, words: Sequence[str]) -> Table:
    table = Table(show_header=False)
    report = findings.trials[0].report
    table.add_row("format", report.format)
    table.add_row("made for", findings.made_for or "not stated")
    table.add_row("keys matched", f"{report.matched} of {report.total} ({report.matched / report.total:.0%})")
    if report.skipped:
        why = "of rank 0, of zeros, or embeddings bundled with it, which are not used: they change nothing"
        table.add_row("keys skipped", f"{report.skipped}, {why}")
    table.add_row("scale", report.scale)
    table.add_row("rank", str(report.rank or "none"))
    for trial in findings.trials:
        changed = f"weights by up to {trial.report.effect:.2g}, prediction by {trial.prediction:.2g}"
        table.add_row(f"changes {trial.model}", f"{changed} of its size")
        table.add_row(f"runs on {trial.model}", f"alone: {e}" if (e := trial.report.exclusive) else "mixed, in slots")
    table.add_row("trigger words", ", ".join(words) or "none")
    if findings.frequent_tags and not words:
        table.add_row("seen most", ", ".join(findings.frequent_tags) + " (perhaps one is a trigger word)")
    return table


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deployments.loras", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check", help="report what a file is, and whether it does anything")
    bring = commands.add_parser("import", help="check a file, copy it to the weights folder and write its YAML")
    for command in (check, bring):
        command.add_argument("file", type=Path)
        command.add_argument("--family", help="guessed from the file's keys if absent")
        command.add_argument(
            "--model",
            action="append",
            default=[],
            metavar="ID",
            help="to try it with, and that it is for; may be repeated; all of the family that are here if absent",
        )
    bring.add_argument("--id", required=True)
    bring.add_argument("--name")
    bring.add_argument("--description", default="")
    bring.add_argument("--licence", action="append", default=[], metavar="PART=ID", help="of the adapter, …")
    bring.add_argument("--trigger", action="append", metavar="WORD", help="'' for none; as the file states if absent")
    bring.add_argument("--strength", type=float, default=1.0)
    bring.add_argument("--replace", action="store_true", help="a LoRA of that id")
    bring.add_argument("--version", help="1.0.0 if absent; one above that of a LoRA that is replaced")
    return parser


if __name__ == "__main__":
    sys.exit(run(main))
