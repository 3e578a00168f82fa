"""`atelier experiments votes`: the votes of an experiment as a file, out and in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from atelier.cli import options
from atelier.cli.answers import answering, refuse_rows
from atelier.cli.draw import PATIENCE
from atelier.cli.findings import Id, Phase, check_suffix
from atelier.cli.options import DEFAULT_URL
from atelier.cli.printing import print_json, print_line, print_path
from atelier.client import Atelier
from atelier.errors import InvalidRows

_FORMATS = ("csv", "parquet")


def votes(
    id: Id,
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FILE", help="The file to write, .csv or .parquet.")
    ] = Path("votes.csv"),
    taken: Annotated[
        Path | None,
        typer.Option(
            "--import",
            metavar="FILE",
            help="Take in votes that were cast elsewhere instead: CSV with left, right, choice, rater, prompt.",
        ),
    ] = None,
    phase: Phase = None,
    as_json: options.Json = False,
    url: options.Url = DEFAULT_URL,
    api_key: options.ApiKey = None,
) -> None:
    """Write its ballots and votes to a file, one a row (raters are pseudonyms), or take in some from a file."""
    if taken is not None:
        _take_in(id, taken, as_json, url, api_key)
        return
    check_suffix(out, _FORMATS, "--out")
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        write = studio.experiments.votes_csv if out.suffix.lower() == ".csv" else studio.experiments.votes_parquet
        write(id, out, phase)
        if as_json:
            print_json({"files": [str(out)]})
        else:
            print_path(out)


def _take_in(id: str, file: Path, as_json: bool, url: str, api_key: str | None) -> None:
    with answering(as_json), Atelier(url, api_key, retry=PATIENCE) as studio:
        try:
            count = studio.experiments.import_votes(id, file)
        except InvalidRows as error:
            refuse_rows(error, as_json)
            return
        if as_json:
            print_json({"votes": count})
        else:
            print_line("1 vote was taken in" if count == 1 else f"{count} votes were taken in")
