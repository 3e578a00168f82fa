"""The files of a job: whether they can be written, asked before anything is drawn, and writing them."""

from __future__ import annotations

import os
import shlex
import tempfile
from contextlib import suppress
from pathlib import Path

from atelier.cli.answers import file_problem, sentence
from atelier.client import Atelier
from atelier.errors import AtelierError
from atelier.models import Job
from atelier.naming import slug, storable, write_picture
from atelier.pictures import Use


def check_folder(folder: Path, prompt: str) -> None:
    """Try what `write` will do, with a name as long as its names will be, and leave nothing behind.

    Raises OSError with the place and the reason.
    """
    try:
        missing = [one for one in (folder, *folder.parents) if not one.exists()]
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=folder, prefix=f".{storable(slug(prompt))}-", suffix=".webp.part"):
                pass
        finally:
            for one in missing:
                with suppress(OSError):
                    one.rmdir()
    except OSError as error:
        raise OSError(error.errno, _reason(error, folder), str(folder)) from error


def _reason(error: OSError, folder: Path) -> str:
    """In words that fit a folder: making one where a file is, or a link to nothing, says `File exists`."""
    dangling = next((one for one in (folder, *folder.parents) if one.is_symlink() and not one.exists()), None)
    if dangling is not None:
        return f"{'this' if dangling == folder else dangling} is a link to {os.readlink(dangling)}, which is not there"
    if isinstance(error, FileExistsError | NotADirectoryError):
        return "this is a file, not a folder"
    return error.strerror or os.strerror(error.errno or 0)


class NotWritten(AtelierError):
    """Pictures were drawn and are not all in the folder; the message says why, and what writes them after all."""

    def __init__(self, job_id: str, folder: Path, cause: AtelierError | OSError) -> None:
        if isinstance(cause, OSError):
            reason = f"Cannot write {file_problem(cause, folder)}"
        else:
            reason = sentence(cause).rstrip(".")
        super().__init__(f"{reason}. {again(job_id)}")


def write(studio: Atelier, job: Job, folder: Path, use: Use | None = None) -> tuple[list[Path], NotWritten | None]:
    """Fetch and write the pictures of a job: the paths that were written, and what went wrong if something did."""
    paths: list[Path] = []
    try:
        for image in job.images:
            contents = {format: studio.content(image, format, use) for format in image.renditions}
            paths += write_picture(folder, job.prompt, image.seed, contents)
    except (AtelierError, OSError) as error:
        return paths, NotWritten(job.job_id, folder, error)
    return paths, None


def again(job_id: str) -> str:
    """How the files of a job are written later."""
    return f"The studio keeps the pictures; this writes them: {command('job', job_id)} --out FOLDER"


def command(name: str, job_id: str) -> str:
    """`atelier NAME JOB_ID` as it is typed: the id comes from the studio and is quoted for a shell."""
    return f"atelier {name} {shlex.quote(job_id)}"
