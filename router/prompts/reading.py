"""A request as it is meant: its prompts in plain words, the LoRAs that they name among its own, and what is unread."""

from __future__ import annotations

import re
from dataclasses import dataclass

from configs.catalog import Catalog
from configs.errors import InvalidRequest
from router.job_request import JobRequest
from router.notes import Note, NoteCode
from router.prompts.loras import find_loras, merge
from router.prompts.syntax import read_syntax

_MUTE = re.compile(r"[\s()\[\]{}<>（）|,]*")
_NAMED = 6  # pieces of syntax that a note quotes
_LONGEST = 40


@dataclass(frozen=True, slots=True)
class ReadWish:
    """`request` has prompts without syntax, and every LoRA."""

    request: JobRequest
    notes: tuple[Note, ...]


def read_prompts(request: JobRequest, catalog: Catalog) -> ReadWish:
    """Raises `UnknownName` and `InvalidRequest`, naming the field, for a LoRA that is not here and for a prompt that
    says nothing in words."""
    prompt, negative = read_syntax(request.prompt), read_syntax(request.negative_prompt or "")
    if _MUTE.fullmatch(prompt.text):
        raise InvalidRequest("the prompt has no words beside its syntax: say what the picture shows", "prompt")
    loras, notes = merge(request.loras, find_loras(prompt.loras, catalog.loras))
    notes += _ignored("prompt", prompt.ignored)
    notes += _ignored("negative prompt", (*negative.ignored, *(f"<lora:{one.name}>" for one in negative.loras)))
    changes = {"prompt": prompt.text, "loras": loras}
    if request.negative_prompt is not None:
        changes["negative_prompt"] = negative.text
    return ReadWish(request.model_copy(update=changes), notes)


def _ignored(where: str, pieces: tuple[str, ...]) -> tuple[Note, ...]:
    if not pieces:
        return ()
    quoted = [piece if len(piece) <= _LONGEST else f"{piece[: _LONGEST - 1]}…" for piece in pieces[:_NAMED]]
    more = f" and {len(pieces) - _NAMED} more" if len(pieces) > _NAMED else ""
    options = any(piece.startswith(("--", "—", "–")) for piece in pieces)
    hint = "; sizes, seeds and negative prompts are fields of the request" if options else ""
    message = f"the {where} has syntax of other programs, which is not understood: {' '.join(quoted)}{more}. The model "
    return (Note(code=NoteCode.PROMPT_SYNTAX, message=f"{message}reads the words without it{hint}"),)
