"""LoRAs that a prompt names in the syntax of other programs, as LoRAs of the request."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from configs.errors import InvalidRequest, UnknownName
from configs.schema import LoraConfig
from router.job_request import LoraRequest
from router.notes import Note, NoteCode
from router.prompts.syntax import NamedLora, read_syntax

_STRONGEST = 2.0  # as everywhere


def named_versions(prompt: str) -> Iterator[str]:
    """ID@VERSION of each LoRA that a prompt names by version (`<lora:ID@VERSION:0.8>`), whether it is there or not."""
    for one in read_syntax(prompt).loras if "@" in prompt else ():
        id, version = _split(one.name)
        if version:
            yield f"{id}@{version}"


def is_named(prompt: str, id: str) -> bool:
    """Whether a prompt names a LoRA, in whatever version."""
    named = read_syntax(prompt).loras if "<" in prompt else ()
    return any(_plain(_split(one.name)[0]) == _plain(id) for one in named)


def find_loras(named: Sequence[NamedLora], loras: Mapping[str, LoraConfig]) -> list[LoraRequest]:
    """The LoRAs of the catalogue that are meant: those that are named by version are in it in that version. Raises
    `UnknownName`, listing them, and `InvalidRequest`."""
    return [_find(one, loras) for one in named]


def merge(
    asked: Sequence[LoraRequest], written: Sequence[LoraRequest]
) -> tuple[tuple[LoraRequest, ...], tuple[Note, ...]]:
    """Both, those that are asked for first; of one that is there twice the request's own version and strength count."""
    first = {one.id: one for one in asked}
    added = tuple(one for one in written if one.id not in first)
    return (*asked, *added), tuple(_notes(first, written))


def _notes(first: Mapping[str, LoraRequest], written: Sequence[LoraRequest]) -> Iterator[Note]:
    for one in written:
        if one.id not in first:
            at = "its usual strength" if one.strength is None else f"strength {one.strength:g}"
            yield Note(code=NoteCode.PROMPT_LORA, message=f"the prompt names the LoRA {one.id}: it takes part at {at}")
        elif first[one.id] != one:
            message = f"the prompt names the LoRA {one.id} otherwise: that of the request counts"
            yield Note(code=NoteCode.PROMPT_LORA, message=message)


def _find(named: NamedLora, loras: Mapping[str, LoraConfig]) -> LoraRequest:
    if named.strength is not None and abs(named.strength) > _STRONGEST:
        message = f"the prompt names the LoRA '{named.name}' at {named.strength:g}: a strength is -2 to 2"
        raise InvalidRequest(message, "prompt")
    wanted, version = _split(named.name)
    for id, lora in loras.items():
        if wanted == id if version else _plain(wanted) in (_plain(id), _plain(lora.name)):
            return LoraRequest(id=id, strength=named.strength)
    known = tuple(loras)
    choice = f"known are {', '.join(known)}" if known else "none is installed"
    message = f"the prompt names the LoRA '{named.name[:64]}', which is not here; {choice}. Take it out of the prompt"
    raise UnknownName(f"{message}, or install it" if not known else f"{message}, or name one of these", "prompt", known)


def _split(name: str) -> tuple[str, str]:
    """Id or name, and version, of `stamps@1.1.0`: none of a name alone."""
    id, _, version = re.sub(r"\.safetensors$", "", name.casefold()).partition("@")
    return id.strip(), version.strip()


def _plain(name: str) -> str:
    """As files and ids are compared: `Pixel_Art` is `pixel-art`."""
    return re.sub(r"[\s_-]+", "-", name.strip().casefold())
