"""The options that commands share, and the exit codes, in one place so that help and README tell the same."""

from __future__ import annotations

import math
import os
from enum import IntEnum
from pathlib import Path
from typing import Annotated, Literal

import typer

from atelier.session import DEFAULT_URL


class ExitCode(IntEnum):
    """What scripts may rely on."""

    OK = 0
    FAILED = 1
    USAGE = 2
    UNREACHABLE = 3
    CLOSED = 141


EXIT_CODES = (
    "Exit codes: 0 done; 1 the job or the studio failed, or a file could not be written; 2 wrong usage or an invalid "
    "request; 3 the studio cannot be reached; 130 interrupted (143 by SIGTERM, 129 by SIGHUP); 141 nobody read the "
    "output."
)


def finite(text: str) -> float:
    """A number that JSON can carry: neither infinite nor not-a-number. Raises ValueError."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is not a finite number")
    return number


def a_number(text: str) -> float:
    try:
        return finite(text)
    except ValueError:
        raise typer.BadParameter(f"'{text}' is not a number") from None


def a_text(text: str) -> str:
    """What the API can carry: the argument's bytes, whatever the locale, as UTF-8. Others are refused by name."""
    try:
        return os.fsencode(text).decode()
    except UnicodeError:
        raise typer.BadParameter(f"'{text}' is not UTF-8 text") from None


def an_id(text: str) -> str:
    id = a_text(text)
    if not id.strip("."):
        raise typer.BadParameter(f"'{id}' is not an id")
    return id


def a_key(text: str) -> str:
    """An API key as a header carries it, without the newline that a file ends with."""
    key = text.strip()
    if not (key.isascii() and key.isprintable()):
        raise typer.BadParameter("an API key has only ASCII letters, digits and signs")
    return key


Url = Annotated[
    str, typer.Option("--url", envvar="ATELIER_URL", parser=a_text, metavar="URL", help="The studio's address.")
]
ApiKey = Annotated[
    str | None,
    typer.Option("--api-key", envvar="ATELIER_API_KEY", parser=a_key, metavar="KEY", help="For a studio with sign-in."),
]
Json = Annotated[bool, typer.Option("--json", help="Print exactly one JSON object on stdout.")]
Out = Annotated[
    Path, typer.Option("--out", "-o", metavar="FOLDER", help="Folder for the files; made if it is not there.")
]
Use = Annotated[
    Literal["reference", "internal", "product"] | None,
    typer.Option("--use", help="What the pictures are for; what their licences do not allow is refused."),
]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress; print only the paths.")]
Open = Annotated[bool, typer.Option("--open", help="Show the job in the browser.")]
JobId = Annotated[
    str, typer.Argument(metavar="JOB_ID", parser=an_id, help="As `atelier jobs` shows it.", show_default=False)
]
Limit = Annotated[int, typer.Option("--limit", "-l", min=1, max=100_000, metavar="N", help="How many, newest first.")]

AssetType = Annotated[
    str | None,
    typer.Option("--asset-type", "-t", parser=a_text, metavar="ID", help="Of `atelier asset-types`; or ID@VERSION."),
]
Style = Annotated[
    str | None, typer.Option("--style", parser=a_text, metavar="ID", help="One of the asset type's styles.")
]
Slots = Annotated[
    list[str] | None,
    typer.Option("--slot", metavar="NAME=WORDS", help="Words for a slot of the asset type, as setting=...; repeat it."),
]
BrandKit = Annotated[
    str | None,
    typer.Option("--brand-kit", parser=a_text, metavar="ID", help="A brand kit, or none; the asset type's if absent."),
]
Model = Annotated[
    str | None, typer.Option("--model", "-m", parser=a_text, metavar="ID", help="One of `atelier models`.")
]
Quality = Annotated[
    str | None, typer.Option("--quality", "-q", parser=a_text, metavar="ID", help="draft, standard, high or ultra.")
]
Count = Annotated[
    int, typer.Option("-n", "--num-variations", metavar="N", help="How many pictures, each with its own seed.")
]
BestOf = Annotated[
    int | None,
    typer.Option("--best-of", metavar="N", help="Draw N, score them, and finish the best: as many as --keep says."),
]
Keep = Annotated[
    int | None, typer.Option("--keep", metavar="N", help="How many of --best-of are finished; 1 if absent.")
]
RetryBelow = Annotated[
    list[str] | None,
    typer.Option(
        "--retry-below",
        metavar="SCORE=VALUE",
        help="Draw again what scores less, as in fidelity=0.5; repeat it.",
    ),
]
MaxTries = Annotated[
    int | None, typer.Option("--max-tries", metavar="N", help="Rounds of drawing with --retry-below; 3 if absent.")
]
Seed = Annotated[
    int | None, typer.Option("--seed", "-s", metavar="N", help="Seed of the first picture; the others count up.")
]
Size = Annotated[
    str | None,
    typer.Option("--size", parser=a_text, metavar="WIDTHxHEIGHT", help="One of the asset type's sizes."),
]
Sizes = Annotated[
    list[str] | None,
    typer.Option(
        "--also-size",
        parser=a_text,
        metavar="WIDTHxHEIGHT",
        help="A further size that the files come in, too; repeat it.",
    ),
]
Formats = Annotated[
    list[str] | None,
    typer.Option(
        "--format",
        "-f",
        parser=a_text,
        metavar="FORMAT",
        help="png, webp, jpeg or avif, and svg or pdf for flat art; repeat it. The asset type's if absent.",
    ),
]
Avoid = Annotated[str | None, typer.Option("--negative-prompt", parser=a_text, metavar="TEXT", help="What to avoid.")]
Steps = Annotated[int | None, typer.Option("--steps", metavar="N", help="Denoising steps; the quality's if absent.")]
Guidance = Annotated[
    float | None, typer.Option("--guidance-scale", parser=a_number, metavar="NUMBER", help="The model's if absent.")
]
Sampler = Annotated[
    str | None,
    typer.Option("--sampler", parser=a_text, metavar="ID", help="One of the model's in `atelier models`, as euler."),
]
Schedule = Annotated[
    str | None,
    typer.Option("--schedule", parser=a_text, metavar="ID", help="Where the sampler's steps lie, as karras."),
]
Loras = Annotated[
    list[str] | None,
    typer.Option(
        "--lora",
        parser=a_text,
        metavar="ID[@STRENGTH]",
        help="As in icons@0.8, or icons@1.2.0@0.8 of a version; repeat it.",
    ),
]
StartImage = Annotated[
    str | None,
    typer.Option("--image", "-i", metavar="FILE|NAME", help="A picture to begin with; NAME is pic_… or JOB_ID/INDEX."),
]
Right = Annotated[
    Literal["own", "bought", "unknown"] | None,
    typer.Option("--right", help="Whose the pictures are that you bring; of unknown right, they are for no product."),
]
Source = Annotated[
    str, typer.Option("--source", parser=a_text, metavar="TEXT", help="Where they come from, with --right.")
]
Mask = Annotated[
    str | None,
    typer.Option("--mask", metavar="FILE|NAME", help="White (or a hole) is redrawn, black kept; with --image."),
]
Redrawn = Annotated[
    float | None,
    typer.Option("--strength", parser=a_number, metavar="NUMBER", help="How much of --image is redrawn, up to 1."),
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
Stages = Annotated[
    list[str] | None,
    typer.Option(
        "--stage",
        metavar="KIND=JSON",
        help='Settings of a stage, as in palette=\'{"colours": ["#d13438"]}\', or refine=false; repeat it.',
    ),
]
Deadline = Annotated[
    float | None,
    typer.Option("--deadline", parser=a_number, metavar="SECONDS", help="Fail instead of drawing later than this."),
]
Private = Annotated[
    bool, typer.Option("--private", help="Keep the prompt out of the files; what was asked for stays in the studio.")
]

__all__ = ["DEFAULT_URL"]
