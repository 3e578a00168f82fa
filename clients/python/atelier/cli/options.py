"""The options that commands share, and the exit codes, in one place so that help and README tell the same."""

from __future__ import annotations

import math
from enum import IntEnum
from pathlib import Path
from typing import Annotated

import typer

from atelier.session import DEFAULT_URL


class ExitCode(IntEnum):
    """What scripts may rely on."""

    OK = 0
    FAILED = 1
    USAGE = 2
    UNREACHABLE = 3
    INTERRUPTED = 130


EXIT_CODES = (
    "Exit codes: 0 done; 1 the job or the studio failed; 2 wrong usage or an invalid request; "
    "3 the studio cannot be reached; 130 interrupted."
)


def finite(text: str) -> float:
    """A number that JSON can carry: neither infinite nor not-a-number."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is not a finite number")
    return number


Url = Annotated[str, typer.Option("--url", envvar="ATELIER_URL", help="The studio's address.")]
ApiKey = Annotated[
    str | None, typer.Option("--api-key", envvar="ATELIER_API_KEY", help="For a studio with sign-in.", show_envvar=True)
]
Json = Annotated[bool, typer.Option("--json", help="Print exactly one JSON object on stdout.")]
Out = Annotated[Path, typer.Option("--out", "-o", help="Folder for the files; made if it is not there.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress; print only the paths.")]
Open = Annotated[bool, typer.Option("--open", help="Show the job in the browser.")]

AssetType = Annotated[str | None, typer.Option("--asset-type", "-t", help="An id of `atelier asset-types`.")]
Model = Annotated[str | None, typer.Option("--model", "-m", help="An id of `atelier models`.")]
Quality = Annotated[str | None, typer.Option("--quality", "-q", help="draft, standard or high.")]
Count = Annotated[int, typer.Option("-n", "--num-variations", help="How many pictures, each with its own seed.")]
Seed = Annotated[int | None, typer.Option("--seed", "-s", help="Seed of the first picture; the others count up.")]
Size = Annotated[str | None, typer.Option("--size", help="WIDTHxHEIGHT, one of the asset type's sizes.")]
Formats = Annotated[
    list[str] | None, typer.Option("--format", "-f", help="png, webp or svg; repeat it for several. All if absent.")
]
Avoid = Annotated[str | None, typer.Option("--negative-prompt", help="What to avoid.")]
Steps = Annotated[int | None, typer.Option("--steps", help="Denoising steps; the quality's if absent.")]
Guidance = Annotated[
    float | None, typer.Option("--guidance-scale", parser=finite, metavar="NUMBER", help="The model's if absent.")
]
Loras = Annotated[
    list[str] | None, typer.Option("--lora", metavar="ID[@STRENGTH]", help="As in icons@0.8; repeat it for several.")
]
StartImage = Annotated[
    str | None,
    typer.Option("--image", "-i", metavar="FILE|NAME", help="A picture to begin with; NAME is pic_… or JOB_ID/INDEX."),
]
Mask = Annotated[
    str | None,
    typer.Option("--mask", metavar="FILE|NAME", help="White (or a hole) is redrawn, black kept; with --image."),
]
Redrawn = Annotated[
    float | None,
    typer.Option("--strength", parser=finite, metavar="NUMBER", help="How much of --image is redrawn, up to 1."),
]
References = Annotated[
    list[str] | None,
    typer.Option("--reference", metavar="FILE|NAME", help="A picture that an editing model changes; repeat it."),
]
Controls = Annotated[
    list[str] | None,
    typer.Option("--control", metavar="KIND=FILE[@SCALE]", help="Follow a picture, as in canny=edges.png; repeat it."),
]
ImagePrompts = Annotated[
    list[str] | None,
    typer.Option("--image-prompt", metavar="FILE[@SCALE]", help="A picture as a prompt; repeat it for several."),
]
Deadline = Annotated[
    float | None,
    typer.Option("--deadline", parser=finite, metavar="SECONDS", help="Fail instead of drawing later than this."),
]

__all__ = ["DEFAULT_URL"]
