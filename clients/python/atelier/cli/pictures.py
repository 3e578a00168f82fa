"""Pictures on the command line: read from arguments, and uploaded before the job is submitted."""

from __future__ import annotations

from pathlib import Path

import typer

from atelier.cli.options import finite
from atelier.cli.printing import say
from atelier.client import Atelier
from atelier.pictures import ControlWish, GenerateOptions, ImagePromptWish, Right, file_name, local_pictures, with_names


def read_control(text: str) -> ControlWish:
    """`canny=edges.png`, or `canny=edges.png@0.6` to follow it less closely."""
    kind, equals, rest = text.partition("=")
    if not (kind and equals and rest):
        hint = f"'{text}' is not KIND=FILE or KIND=FILE@SCALE, for example canny=edges.png"
        raise typer.BadParameter(hint, param_hint="--control")
    picture, scale = _scaled(rest)
    return {"kind": kind, "image": picture} if scale is None else {"kind": kind, "image": picture, "scale": scale}


def read_image_prompt(text: str) -> ImagePromptWish:
    """`mood.png`, or `mood.png@0.6` for less of it."""
    picture, scale = _scaled(text)
    return {"image": picture} if scale is None else {"image": picture, "scale": scale}


def upload_pictures(
    studio: Atelier, wish: GenerateOptions, silent: bool, right: Right | None = None
) -> GenerateOptions:
    """The wish with the studio's names for its pictures, so that sending it again is the same request. `right` is said
    of all that are uploaded; raises BadParameter where there are none."""
    uploaded = {}
    if right is not None and not local_pictures(wish):
        hint = "no picture is uploaded here: say it of one that the studio has by `atelier pictures ID --right …`"
        raise typer.BadParameter(hint, param_hint="--right")
    for picture in local_pictures(wish):
        if not silent:
            say(f"Uploading {file_name(picture)}")
        uploaded[picture] = studio.upload(picture, right=right)
        for note in uploaded[picture].notes if not silent else ():
            say(f"Note: {note.message}")
    return with_names(wish, uploaded)


def _scaled(text: str) -> tuple[str, float | None]:
    """A picture and what follows its last @, where that is a number: `icon@2x.png` is a file like any other."""
    picture, at, number = text.rpartition("@")
    if not at or Path(text).exists():
        return text, None
    try:
        return picture, finite(number)
    except ValueError:
        return text, None
